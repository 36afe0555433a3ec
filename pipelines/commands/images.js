"use strict";
// Each chart of the page as an image for a slide: its section and its own title above, where it comes from below.
(async () => {
  document.querySelectorAll("details").forEach((element) => { element.open = true; });
  await allDrawn;
  const about = [...document.querySelectorAll("header p")].map((element) => element.textContent.trim()).join(" · ");
  const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const images = [];
  let section = "";
  for (const element of document.querySelectorAll("h2, .chart")) {
    if (element.tagName === "H2") { section = element.textContent; continue; }
    const title = element.closest("figure").querySelector("h3").textContent;
    const layout = structuredClone(element.layout);
    const height = layout.height + 130;
    Object.assign(layout, {
      paper_bgcolor: "#ffffff", autosize: false, width: 960, height,
      margin: { ...layout.margin, l: 24, r: 40, t: 78, b: layout.margin.b + 44 },
      title: {
        text: `<b>${escaped(section)}</b><br>${escaped(title)}`, font: { size: 19 },
        x: 24 / 960, xanchor: "left", y: 1 - 24 / height, yref: "container", yanchor: "top",
      },
      annotations: [...(layout.annotations ?? []), {
        text: escaped(about), showarrow: false, xref: "paper", yref: "paper", x: 0, xanchor: "left", y: 0,
        yanchor: "top", yshift: -layout.margin.b - 8, font: { size: 12, color: "#52606d" },
      }],
    });
    const image = await Plotly.toImage({ data: element.data, layout }, { format: "png", scale: 2, width: 960, height });
    images.push({ id: element.id, title, image: image.split(",")[1] });
  }
  const told = document.createElement("pre");
  told.id = "images";
  told.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(images))));
  document.body.replaceChildren(told);
})();
