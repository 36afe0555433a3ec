"use strict";
// Plotly takes longer to start than everything else on the page, so the page is shown and usable first. Then charts are
// drawn one after another, those in view first, with a pause in between for scrolling and clicking.
const charts = [...document.querySelectorAll(".chart")];
const figureOf = (element) => JSON.parse(document.getElementById(element.dataset.figure).textContent);
// Space is kept for each chart, so that nothing moves when it appears.
charts.forEach((element) => { element.style.minHeight = `${figureOf(element).layout.height}px`; });
const start = () => {
  if (window.Plotly) return;
  const library = document.getElementById("plotly");
  library.type = "text/javascript";
  document.body.append(library);  // inserted again, it runs at once
};
const waiting = new Set(charts);
// A chart in a folded part has no width: it is drawn when the part is opened.
const hidden = (element) => element.closest("details:not([open])") !== null;
const draw = (element) => {
  start();
  waiting.delete(element);
  const { data, layout } = figureOf(element);
  Plotly.newPlot(element, data, layout, { displayModeBar: false, responsive: true });
};
const inView = (element) => {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
};
const due = () => charts.filter((element) => waiting.has(element) && !hidden(element));
let drawing = true;
const step = (done) => {
  const next = due();
  drawing = next.length > 0;
  if (!drawing) return done();
  draw(next.find(inView) ?? next[0]);
  setTimeout(step, 0, done);
};
const allDrawn = new Promise((done) => {
  // A frame is painted between the two.
  requestAnimationFrame(() => setTimeout(() => { start(); setTimeout(step, 0, done); }));
});
// This event does not bubble, but it can be caught on its way down.
addEventListener("toggle", () => { if (!drawing) step(() => {}); }, true);
// A4 without its margins is 680 px wide: redraw charts to fit one, two or three in a row. What is folded is opened, but
// not on a page that is kept short.
const onPaper = (element) => {
  if (element.closest(".whole")) return { width: 680, height: 0.8 * figureOf(element).layout.height };
  return { width: element.closest(".small") ? 215 : 330 };
};
const folded = document.body.classList.contains("brief") ? [] : [...document.querySelectorAll("details:not(.on-screen)")];
let wasOpen = [];
const drawn = () => charts.filter((element) => !waiting.has(element) && !hidden(element));
addEventListener("beforeprint", () => {
  wasOpen = folded.map((element) => element.open);
  folded.forEach((element) => { element.open = true; });
  due().forEach(draw);
  drawn().forEach((element) => Plotly.relayout(element, { ...onPaper(element), autosize: false }));
});
addEventListener("afterprint", () => {
  drawn().forEach((element) => Plotly.relayout(element, { width: null, height: figureOf(element).layout.height, autosize: true }));
  folded.forEach((element, index) => { element.open = wasOpen[index]; });
});
