"use strict";
const charts = [...document.querySelectorAll(".chart")];
for (const element of charts) {
  const figure = JSON.parse(document.getElementById(element.dataset.figure).textContent);
  Plotly.newPlot(element, figure.data, figure.layout, { displayModeBar: false, responsive: true });
}
// A4 less its margins is 680 px wide: redraw charts to two or three in a row, and open what is folded away.
const paperWidth = (element) => (element.closest(".small") ? 215 : 330);
const folded = [...document.querySelectorAll("details")];
let wasOpen = [];
addEventListener("beforeprint", () => {
  wasOpen = folded.map((element) => element.open);
  folded.forEach((element) => { element.open = true; });
  charts.forEach((element) => Plotly.relayout(element, { width: paperWidth(element), autosize: false }));
});
addEventListener("afterprint", () => {
  folded.forEach((element, index) => { element.open = wasOpen[index]; });
  charts.forEach((element) => Plotly.relayout(element, { width: null, autosize: true }));
});
