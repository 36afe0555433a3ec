"use strict";
// Without this script every table is present, folded; with it, only the chosen one is shown.
const filters = document.querySelector(".filters");
const [level, part] = filters.querySelectorAll("select");
const comparisons = [...document.querySelectorAll("details[data-level]")];
const chosen = (element) => element.dataset.level === level.value && element.dataset.part === part.value;
const show = (open) => {
  comparisons.forEach((element) => {
    element.classList.toggle("unchosen", !chosen(element));
    if (open) element.open = chosen(element);
  });
  const names = [level, part].map((select) => select.selectedOptions[0].text);
  filters.querySelector("[role=status]").textContent = comparisons.some(chosen)
    ? "" : `${names[0]}: not published for ${names[1]}, too few people.`;
};
[level, part].forEach((select) => select.addEventListener("change", () => show(true)));
filters.hidden = false;
show(false);
