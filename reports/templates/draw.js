"use strict";
const charts = [...document.querySelectorAll(".chart")];
for (const element of charts) {
  const figure = JSON.parse(document.getElementById(element.dataset.figure).textContent);
  Plotly.newPlot(element, figure.data, figure.layout, { displayModeBar: false, responsive: true });
}
// Paper is narrower than the window: redraw to the width that print gives, and open what is folded away.
const folded = [...document.querySelectorAll("details")];
let wasOpen = [];
addEventListener("beforeprint", () => {
  wasOpen = folded.map((element) => element.open);
  folded.forEach((element) => { element.open = true; });
  charts.forEach((element) => Plotly.relayout(element, { width: 330, autosize: false }));
});
addEventListener("afterprint", () => {
  folded.forEach((element, index) => { element.open = wasOpen[index]; });
  charts.forEach((element) => Plotly.relayout(element, { width: null, autosize: true }));
});
