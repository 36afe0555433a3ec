"use strict";
const nodes = new Map([...document.querySelectorAll(".node")].map((node) => [node.dataset.asset, node]));
const edges = [...document.querySelectorAll(".edge")];
const cards = [...document.querySelectorAll(".card")];
const chosenNote = document.getElementById("chosen");
const showAll = document.getElementById("show-all");
const unchosen = chosenNote.textContent;

// Every table that can be reached along the lines, from `near` to `far`: "to" to "from" leads back to the files.
function reached(start, near, far) {
  const tables = new Set([start]);
  for (const name of tables) {
    edges.filter((edge) => edge.dataset[near] === name).forEach((edge) => tables.add(edge.dataset[far]));
  }
  return tables;
}

function mark(element, before, after, chosen) {
  element.classList.toggle("before", before);
  element.classList.toggle("after", after);
  element.classList.toggle("aside", chosen && !before && !after);
}

function draw(name) {
  const before = name ? reached(name, "to", "from") : new Set();
  const after = name ? reached(name, "from", "to") : new Set();
  for (const [table, node] of nodes) {
    const chosen = table === name;
    node.classList.toggle("chosen", chosen);
    mark(node, !chosen && before.has(table), !chosen && after.has(table), Boolean(name) && !chosen);
  }
  for (const edge of edges) {
    const { from, to } = edge.dataset;
    mark(edge, before.has(from) && before.has(to), after.has(from) && after.has(to), Boolean(name));
  }
  return [before.size - 1, after.size - 1];
}

function choose(name) {
  const [before, after] = draw(name);
  cards.forEach((card) => {
    card.hidden = Boolean(name) && card.dataset.asset !== name;
    if (card.dataset.asset === name) card.open = true;
  });
  document.body.classList.toggle("chosen-only", Boolean(name));
  showAll.hidden = !name;
  chosenNote.textContent = name
    ? `${name}: made from ${before} table${before === 1 ? "" : "s"}, directly or through others; ${after} ${after === 1 ? "is" : "are"} made from it.`
    : unchosen;
}

function chooseFromAddress() {
  const name = decodeURIComponent(location.hash.slice("#table-".length));
  if (location.hash.startsWith("#table-") && nodes.has(name)) choose(name);
}

for (const [name, node] of nodes) {
  node.addEventListener("focus", () => choose(name));
  node.addEventListener("click", (event) => {
    event.preventDefault();
    choose(name);
    // A click by keyboard moves on to the table's details; a pointer user sees them already.
    if (event.detail === 0) document.getElementById(`table-${name}`).focus();
  });
}
showAll.addEventListener("click", () => choose(""));
addEventListener("keydown", (event) => { if (event.key === "Escape") choose(""); });
addEventListener("hashchange", () => {
  chooseFromAddress();
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
});
document.querySelectorAll(".scripted").forEach((element) => { element.hidden = false; });
chooseFromAddress();
