"use strict";
// The table of comparisons is complete without this script, which sorts its rows and hides some. A row's values are read
// from its cells: the first text of a cell counts, the small text below it does not.
const table = document.getElementById("comparisons");
const headings = [...table.tHead.rows[0].cells];
const names = headings.map((heading) => heading.dataset.name);
const rows = [...table.tBodies[0].rows].map((element) => ({
  element,
  values: Object.fromEntries([...element.cells].map((cell, index) => [names[index], cell.firstChild.textContent])),
}));
let sorted = rows;
const selects = [...document.querySelectorAll("select[data-column]")];
// The private page shows everything, and has no such choice.
const onlyShown = document.getElementById("only-shown");
const chosen = Object.fromEntries(selects.map((select) => [select.dataset.column, select]));

// Choices that the page does not list are in the order in which they first occur in the rows.
const listed = new Set(selects.filter((select) => select.options.length > 1));
function offer(select) {
  if (listed.has(select)) return;
  const within = select.dataset.within;
  const wanted = within ? chosen[within].value : "";
  const choices = rows.filter((row) => !wanted || row.values[within] === wanted).map((row) => row.values[select.dataset.column]);
  const before = select.value;
  select.replaceChildren(select.options[0], ...[...new Set(choices)].map((word) => new Option(word, word)));
  select.value = choices.includes(before) ? before : "";
}

function filter() {
  let shown = 0;
  for (const row of rows) {
    const fits = selects.every((select) => !select.value || row.values[select.dataset.column] === select.value);
    row.element.hidden = !fits || (onlyShown?.checked && row.values.finding === "Not shown");
    if (!row.element.hidden) shown += 1;
  }
  document.getElementById("how-many").textContent = `Showing ${shown} of ${rows.length} comparisons`;
}

// Words sort in the order of their choices, numbers by size; what is not shown is last either way.
function rankOf(name) {
  if (!chosen[name]) return (row) => Number.parseFloat(row.values[name].replaceAll(",", ""));
  const order = [...new Set([...[...chosen[name].options].map((option) => option.value), ...rows.map((row) => row.values[name])])];
  const ranks = new Map(order.map((word, rank) => [word, rank]));
  return (row) => (row.values[name] === "Not shown" ? Number.NaN : ranks.get(row.values[name]));
}

function sort(heading) {
  const direction = heading.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
  headings.forEach((other) => other.removeAttribute("aria-sort"));
  heading.setAttribute("aria-sort", direction);
  const sign = direction === "ascending" ? 1 : -1;
  const rank = rankOf(heading.dataset.name);
  // Starts from the present order: rows that are equal keep the order of the heading sorted by before.
  const ranked = sorted.map((row) => [rank(row), row]);
  ranked.sort(([a], [b]) => Number.isNaN(a) - Number.isNaN(b) || (sign * (a - b)) || 0);
  sorted = ranked.map(([, row]) => row);
  table.tBodies[0].append(...sorted.map((row) => row.element));
}

for (const heading of headings) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...heading.childNodes);
  button.addEventListener("click", () => sort(heading));
  heading.append(button);
}
for (const select of selects) {
  offer(select);
  select.addEventListener("change", () => {
    selects.filter((other) => other.dataset.within === select.dataset.column).forEach(offer);
    filter();
  });
}
onlyShown?.addEventListener("change", filter);
document.getElementById("choose-all").addEventListener("click", () => {
  selects.forEach((select) => { select.value = ""; });
  if (onlyShown) onlyShown.checked = false;
  selects.forEach(offer);
  filter();
});
document.querySelector(".filters").hidden = false;
filter();
