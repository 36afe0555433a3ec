"use strict";
const nodes = new Map([...document.querySelectorAll(".node")].map((node) => [node.dataset.asset, node]));
const edges = [...document.querySelectorAll(".edge")];
const cards = [...document.querySelectorAll(".card")];
const said = document.getElementById("chosen");
const showAll = document.getElementById("show-all");
const unchosen = said.textContent;

// Every table that can be reached along the lines, from `near` to `far`: "to" to "from" is back to the files.
function reached(start, near, far) {
  const found = new Set([start]);
  for (const name of found) {
    edges.filter((edge) => edge.dataset[near] === name).forEach((edge) => found.add(edge.dataset[far]));
  }
  return found;
}

function mark(element, before, after, chosen) {
  element.classList.toggle("before", before);
  element.classList.toggle("after", after);
  element.classList.toggle("aside", chosen && !before && !after);
}

function draw(name) {
  const before = name ? reached(name, "to", "from") : new Set();
  const after = name ? reached(name, "from", "to") : new Set();
  for (const [one, node] of nodes) {
    const own = one === name;
    node.classList.toggle("chosen", own);
    mark(node, !own && before.has(one), !own && after.has(one), Boolean(name) && !own);
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
  said.textContent = name
    ? `${name}: made from ${before} table${before === 1 ? "" : "s"}, directly or through others; ${after} ${after === 1 ? "is" : "are"} made from it.`
    : unchosen;
}

function asked() {
  const name = decodeURIComponent(location.hash.slice("#table-".length));
  if (location.hash.startsWith("#table-") && nodes.has(name)) choose(name);
}

for (const [name, node] of nodes) {
  node.addEventListener("focus", () => choose(name));
  node.addEventListener("click", (event) => {
    event.preventDefault();
    choose(name);
    // A click by keyboard goes on to what is said of the table; the pointer is there already.
    if (event.detail === 0) document.getElementById(`table-${name}`).focus();
  });
}
showAll.addEventListener("click", () => choose(""));
addEventListener("keydown", (event) => { if (event.key === "Escape") choose(""); });
addEventListener("hashchange", () => {
  asked();
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
});
document.querySelectorAll(".scripted").forEach((element) => { element.hidden = false; });
asked();
