"use strict";
// The table of comparisons is whole without this script, which sorts its rows and hides some. What a row says is read
// from its cells: the first text of a cell counts, what stands below it in small does not.
const table = document.getElementById("comparisons");
const headings = [...table.tHead.rows[0].cells];
const names = headings.map((heading) => heading.dataset.name);
const rows = [...table.tBodies[0].rows].map((element) => ({
  element,
  said: Object.fromEntries([...element.cells].map((cell, place) => [names[place], cell.firstChild.textContent])),
}));
let sorted = rows;
const selects = [...document.querySelectorAll("select[data-column]")];
const onlyShown = document.getElementById("only-shown");
const chosen = Object.fromEntries(selects.map((select) => [select.dataset.column, select]));

// Choices that the page does not list stand in the order in which the rows have them.
const listed = new Set(selects.filter((select) => select.options.length > 1));
function offer(select) {
  if (listed.has(select)) return;
  const within = select.dataset.within;
  const wanted = within ? chosen[within].value : "";
  const found = rows.filter((row) => !wanted || row.said[within] === wanted).map((row) => row.said[select.dataset.column]);
  const before = select.value;
  select.replaceChildren(select.options[0], ...[...new Set(found)].map((word) => new Option(word, word)));
  select.value = found.includes(before) ? before : "";
}

function filter() {
  let shown = 0;
  for (const row of rows) {
    const fits = selects.every((select) => !select.value || row.said[select.dataset.column] === select.value);
    row.element.hidden = !fits || (onlyShown.checked && row.said.finding === "Not shown");
    if (!row.element.hidden) shown += 1;
  }
  document.getElementById("how-many").textContent = `Showing ${shown} of ${rows.length} comparisons`;
}

// Words sort in the order of their choices, numbers by size; what is not shown stands last, either way.
function placeOf(name) {
  if (!chosen[name]) return (row) => Number.parseFloat(row.said[name].replaceAll(",", ""));
  const order = [...new Set([...[...chosen[name].options].map((option) => option.value), ...rows.map((row) => row.said[name])])];
  const places = new Map(order.map((word, place) => [word, place]));
  return (row) => (row.said[name] === "Not shown" ? Number.NaN : places.get(row.said[name]));
}

function sort(heading) {
  const direction = heading.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
  headings.forEach((other) => other.removeAttribute("aria-sort"));
  heading.setAttribute("aria-sort", direction);
  const sign = direction === "ascending" ? 1 : -1;
  const place = placeOf(heading.dataset.name);
  // From how the rows stand now: those alike stay as the heading before this one sorted them.
  const placed = sorted.map((row) => [place(row), row]);
  placed.sort(([one], [other]) => Number.isNaN(one) - Number.isNaN(other) || (sign * (one - other)) || 0);
  sorted = placed.map(([, row]) => row);
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
onlyShown.addEventListener("change", filter);
document.getElementById("choose-all").addEventListener("click", () => {
  selects.forEach((select) => { select.value = ""; });
  onlyShown.checked = false;
  selects.forEach(offer);
  filter();
});
document.querySelector(".filters").hidden = false;
filter();
