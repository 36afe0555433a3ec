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
const allDrawn = new Promise((done) => {
  const step = () => {
    if (!waiting.size) return done();
    draw([...waiting].find(inView) ?? [...waiting][0]);
    setTimeout(step);
  };
  // A frame is painted between the two.
  requestAnimationFrame(() => setTimeout(() => { start(); setTimeout(step); }));
});
// A4 without its margins is 680 px wide: redraw charts to fit two or three in a row, and open what is folded and
// not for the screen alone.
const paperWidth = (element) => (element.closest(".small") ? 215 : 330);
const folded = [...document.querySelectorAll("details:not(.on-screen)")];
let wasOpen = [];
addEventListener("beforeprint", () => {
  waiting.forEach(draw);
  wasOpen = folded.map((element) => element.open);
  folded.forEach((element) => { element.open = true; });
  charts.forEach((element) => Plotly.relayout(element, { width: paperWidth(element), autosize: false }));
});
addEventListener("afterprint", () => {
  folded.forEach((element, index) => { element.open = wasOpen[index]; });
  charts.forEach((element) => Plotly.relayout(element, { width: null, autosize: true }));
});
