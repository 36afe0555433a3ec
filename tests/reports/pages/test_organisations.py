"""Organisations side by side on the index of all: where enough of them published the same, by name, nobody ranked."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reports.edition.published_editions import Listed
from reports.edition.record import Earlier
from reports.pages.index.organisations import side_by_side_of
from reports.pages.index.page import render_organisations
from reports.release_check import unexpected_in_index
from tests.reports.conftest import make_edition
from tests.reports.pages.test_cell_words import visible

# Applied, shortlisted, appointed. Elsewhere 20 of 100 Black applicants are shortlisted, at the last one 60 of 100.
USUAL = {"Black": (100, 20, 10), "White": (200, 60, 20)}
OTHER = {"Black": (100, 60, 30), "White": (200, 60, 20)}
NAMES = ("Ash", "Birch", "Cedar 7", "Elm", "Oak")


def listed(name: str, groups: dict[str, tuple[int, int, int]], year: int = 2023) -> Listed:
    edition = make_edition(groups=groups, categories={}, organisation=name)
    label = f"1 April {year} to 31 March {year + 1}"
    published = Earlier(date(year, 4, 1), label, 1, "a" * 64, edition.settings, edition.tables)
    return Listed(f"{year}-04-01", name, label, "26 November 2026", None, "", ("panel.html",), published)


@pytest.fixture(scope="module")
def organisations() -> dict[str, list[Listed]]:
    return {name.lower(): [listed(name, OTHER if name == "Oak" else USUAL)] for name in NAMES}


def test_five_organisations_stand_side_by_side_and_four_do_not(organisations: dict[str, list[Listed]]) -> None:
    text = visible(render_organisations(organisations))
    assert "Each point is one of 5 organisations with an edition of applications made from 1 April 2023" in text
    assert "95% of organisations would lie between the inner lines and 99.8% between the outer" in text
    assert "5 of 5 organisations can be shown." in text
    four = {name: editions for name, editions in organisations.items() if name != "oak"}
    assert "How organisations vary" not in render_organisations(four)


def test_rates_of_all_of_them_together_are_the_target(organisations: dict[str, list[Listed]]) -> None:
    found = side_by_side_of(organisations)
    assert found is not None
    rows = [row for row in found.rows.to_dicts() if (row["step_order"], row["group_name"]) == (0, "BME")]
    assert [row["breakdown_value"] for row in rows] == list(NAMES)
    # 4 x 20 + 60 of 500.
    assert {row["target_rate"] for row in rows} == {0.28}


def test_the_latest_period_that_enough_have_and_only_what_was_made_alike(
    organisations: dict[str, list[Listed]],
) -> None:
    both = {
        name: [*editions, listed(editions[0].organisation, USUAL, 2022)] for name, editions in organisations.items()
    }
    found = side_by_side_of(both | {"ash": [listed("Ash", USUAL, 2024), *both["ash"]]})
    assert found is not None
    assert (found.period_label, found.organisations) == ("1 April 2023 to 31 March 2024", 5)
    (oak,) = organisations["oak"]
    assert oak.published is not None
    settings = {**oak.published.settings, "disclosure": {**oak.published.settings["disclosure"], "round_to": 10}}
    otherwise = replace(oak, published=replace(oak.published, settings=settings))
    assert side_by_side_of({**organisations, "oak": [otherwise]}) is None


def test_the_release_check_knows_their_figures_and_no_others(organisations: dict[str, list[Listed]]) -> None:
    page = render_organisations(organisations)
    assert unexpected_in_index("index.html", page, organisations) == []
    for old, new in (
        ("<td>50%", "<td>61%"),
        ("<td>100</td>", "<td>101</td>"),
        ('<path class="alone" d="M', '<path class="alone" d="M9'),
    ):
        assert old in page
        found = unexpected_in_index("index.html", page.replace(old, new, 1), organisations)
        assert "not as the package writes it" in {one.kind for one in found}, new


@pytest.mark.parametrize("width", [360, 1280])
def test_in_a_browser(browser: Any, tmp_path: Path, organisations: dict[str, list[Listed]], width: int) -> None:
    path = tmp_path / "index.html"
    path.write_text(render_organisations(organisations), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((element) => { element.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for drawn in page.locator("svg.funnel").all():
        assert drawn.get_attribute("role") == "img"
        assert "Ash" in drawn.get_attribute("aria-label")
    assert page.locator("svg.funnel").count() == 6
    page.close()
