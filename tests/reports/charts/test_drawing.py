"""Charts of the panel page one after another: when the page answers, which come first, and that none is missing."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from reports.pages.shell import plotly
from tests.reports.conftest import wait_for_charts

# Before the page's own scripts: notes which charts are drawn in what order, and what there was before the library.
WATCHED = """
window.order = [];
let library;
Object.defineProperty(window, "Plotly", {
  get: () => library,
  set: (value) => {
    const newPlot = value.newPlot;
    value.newPlot = (element, ...rest) => {
      order.push(element.id);
      return newPlot(element, ...rest);
    };
    library = value;
  },
});
addEventListener("DOMContentLoaded", () => {
  window.atFirst = {
    library: Boolean(library),
    headline: document.querySelector("h1").textContent.length > 0,
    filters: !document.querySelector(".filters").hidden,
    heights: [...document.querySelectorAll(".chart")].map((chart) => chart.getBoundingClientRect().height),
  };
});
"""
# Scrolled before anything is drawn, and nothing is scrolled after.
SCROLLED = """
addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("details").forEach((element) => { element.open = true; });
  document.getElementById("waterfall-0").scrollIntoView({ block: "end" });
  window.seen = [...document.querySelectorAll(".chart")].filter((chart) => {
    const { top, bottom } = chart.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  }).map((chart) => chart.id);
});
"""
# As if somebody printed before the first chart: no frame comes, so nothing but printing can draw.
HELD = "window.requestAnimationFrame = () => 0;"
IDS = "[...document.querySelectorAll('.chart')].map((chart) => chart.id)"
# As if everything had been opened before the first chart.
ALL_OPEN = """
addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("details").forEach((element) => { element.open = true; });
});
"""


@pytest.fixture
def opened(browser: Any, page_file: Path) -> Callable[..., tuple[Any, list[str]]]:
    def open_with(*scripts: str) -> tuple[Any, list[str]]:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        for script in scripts:
            page.add_init_script(script)
        noise: list[str] = []
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.goto(page_file.as_uri())
        return page, noise

    return open_with


def test_the_page_answers_before_the_library_starts(opened: Callable[..., tuple[Any, list[str]]]) -> None:
    page, noise = opened(WATCHED)
    first = page.evaluate("atFirst")
    assert (first["library"], first["headline"], first["filters"]) == (False, True, True)
    wait_for_charts(page)
    # Nothing moved when charts came: their places were as high as they are.
    heights = page.evaluate("[...document.querySelectorAll('.chart')].map((c) => c.getBoundingClientRect().height)")
    assert first["heights"] == pytest.approx(heights, abs=1)
    assert noise == []
    page.close()


def test_each_chart_is_drawn_once_in_the_order_of_the_page(opened: Callable[..., tuple[Any, list[str]]]) -> None:
    page, noise = opened(WATCHED, ALL_OPEN)
    wait_for_charts(page)
    assert page.evaluate("allDrawn.then(() => order)") == page.evaluate(IDS)
    assert noise == []
    page.close()


def test_charts_in_view_come_first(opened: Callable[..., tuple[Any, list[str]]]) -> None:
    page, noise = opened(WATCHED, SCROLLED)
    wait_for_charts(page)
    ids, order, seen = page.evaluate(IDS), page.evaluate("order"), page.evaluate("seen")
    assert "waterfall-0" in seen
    assert "path-0" not in seen
    assert order == [*seen, *(name for name in ids if name not in seen)]
    assert noise == []
    page.close()


def test_on_paper_is_every_chart_though_none_was_drawn(opened: Callable[..., tuple[Any, list[str]]]) -> None:
    page, noise = opened(WATCHED, HELD, ALL_OPEN)
    assert page.evaluate("order") == []
    paper = page.pdf(format="A4")
    assert page.evaluate("order") == page.evaluate(IDS)
    assert noise == []
    page.close()
    drawn, _ = opened(ALL_OPEN)
    wait_for_charts(drawn)
    # The same paper as of a page that was drawn before; without its charts it would be a third smaller.
    assert len(paper) == pytest.approx(len(drawn.pdf(format="A4")), rel=0.02)
    drawn.close()


def test_the_library_is_the_installed_one_in_brackets() -> None:
    installed = (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    bare = plotly().replace("this, (() => {", "this, () => {", 1).removesuffix("})));") + "}));"
    assert plotly().endswith("})));")
    assert bare == installed.replace("</script", "<\\/script").rstrip()
