"""The index of editions: published ratios as lines, links, and nothing that the editions do not have."""

import math
import re
from dataclasses import replace
from datetime import date
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.charts.sparkline import Point, span_of, sparkline
from reports.edition.check_results import check_results, checks_in_words
from reports.edition.published_editions import Listed
from reports.edition.record import CheckRecord, Earlier
from reports.pages.index.page import render_editions, render_organisations
from reports.release_check import unexpected_in_index
from tests.reports.pages.test_cell_words import visible

NAME = "</title><script>alert(1)</script> Trust"
FILES = ("datapackage.json", "edition.json", "panel.html", "tables.xlsx")
points = st.builds(
    lambda value, low, high: Point(value, value and value * low, value and high and value * high),
    st.one_of(st.none(), st.just(0.0), st.floats(0.05, 20)),
    st.floats(0.1, 1),
    st.one_of(st.none(), st.floats(1, 10)),
)


def checks(not_met: int) -> str:
    """What an index says of ten checks, some of them not met."""
    records = [CheckRecord(f"check {number}", "t", "warning", number >= not_met, "") for number in range(10)]
    return checks_in_words(check_results(records))


def listed(year: int, ratio: float | None, warnings: int = 0) -> Listed:
    figures = dict.fromkeys(("impact_ratio", "impact_ratio_low", "impact_ratio_high"))
    if ratio is not None:
        figures = {"impact_ratio": ratio, "impact_ratio_low": ratio * 0.8, "impact_ratio_high": ratio * 1.25}
    row = {
        "breakdown": "all", "level": "wres", "group_name": "BME", "step_order": 0, "step_kind": "stage",
        "from_stage": "applied", "to_stage": "shortlisted", "reading": "not_clear" if ratio else None, "finding": None,
        "not_shown_reason": None if ratio else "too_few_decided",
    }  # fmt: skip
    rows = pl.DataFrame([row | figures], schema_overrides=dict.fromkeys(figures, pl.Float64))
    label = f"1 April {year} to 31 March {year + 1}"
    edition = Earlier(date(year, 4, 1), label, 2, "a" * 64, {}, {"disparities": rows})
    return Listed(f"{year}-04-01", NAME, label, "26 November 2026", 1, checks(warnings), FILES, edition)


EDITIONS = [listed(2023, 0.83, 2), listed(2022, None), listed(2021, 0.57)]


def coordinates(drawn: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawn)]


def test_a_line_by_hand() -> None:
    """Between 0.5 and 2 equal is in the middle: 0.5 at the foot, 84 less the edge of 10; 2 at the head."""
    drawn = str(sparkline([Point(0.5, 0.5, 1), Point(1, 0.5, None), Point(2, 1, 2)], (0.5, 2.0), "words"))
    assert coordinates(drawn) == [(10, 74), (130, 42), (250, 10)]
    assert '<path class="line" d="M10 74L130 42L250 10"/>' in drawn
    assert drawn.count('class="range"') == 3
    assert 'class="missing"' not in drawn


def test_a_line_does_not_run_over_what_is_not_shown() -> None:
    shown = Point(1, 0.9, 1.1)
    drawn = str(sparkline([shown, shown, Point(None, None, None), shown], (0.5, 2.0), "words"))
    assert drawn.count('class="missing"') == 1
    assert re.findall(r'class="line" d="([^"]*)"', drawn) == ["M10 42L90 42"]


@given(st.lists(points, min_size=1, max_size=12))
def test_every_point_has_its_mark_inside_the_drawing(line: list[Point]) -> None:
    span = span_of([line])
    drawn = str(sparkline(line, span, "a < b"))
    values = [point.value for point in line if point.value]
    found = coordinates(drawn)
    assert len(found) == len(values)
    assert drawn.count('class="missing"') == len(line) - len(values)
    assert all(0 <= x <= 260 and 0 <= y <= 84 for x, y in found)
    heights = [y for _, y in found]
    # Higher ratios stand higher, and equal steps of the logarithm are equal heights.
    for (value, y), (other, z) in pairwise(zip(values, heights, strict=True)):
        scale = 64 / math.log(span[1] / span[0])
        assert z - y == pytest.approx(scale * math.log(value / other), abs=0.11)
    assert "a &lt; b" in drawn


def test_an_index_says_which_editions_there_are() -> None:
    page = render_editions(EDITIONS)
    text = visible(page)
    for said in (
        "1 April 2023 to 31 March 2024", "0.83 times as likely", "too few",
        "Current: revision 2, replaces revision 1; published on 26 November 2026. 2 of 10 checks not met.",
        "All 10 checks met.",
    ):  # fmt: skip
        assert said in text
    assert "<script" not in page
    assert "script-src 'none'" in unescape(page)
    assert (
        "Applied to shortlisted, BME applicants, times as likely as White applicants. "
        "1 April 2021 to 31 March 2022 0.57; 1 April 2022 to 31 March 2023 not shown; "
        "1 April 2023 to 31 March 2024 0.83." in page
    )
    assert page == render_editions(EDITIONS)


def test_all_organisations() -> None:
    page = render_organisations({"a": EDITIONS, "b": EDITIONS[:1]})
    assert "3 editions; the latest: 1 April 2023 to 31 March 2024" in visible(page)
    assert "1 edition; the latest" in visible(page)
    assert 'href="a/index.html"' in page


def test_the_release_check_knows_what_editions_have_and_finds_what_they_have_not() -> None:
    organisations = {"trust": EDITIONS}
    page, home = render_editions(EDITIONS), render_organisations(organisations)
    assert unexpected_in_index("trust/index.html", page, organisations) == []
    assert unexpected_in_index("index.html", home, organisations) == []
    for old, new in (
        ("0.83", "0.84"),
        ("31 March 2022 0.57", "31 March 2022 0.61"),
        ('<circle cx="10"', '<circle cx="61"'),
        ("2 of 10 checks", "17 of 10 applicants"),
        ("</main>", "<script>1</script></main>"),
    ):
        assert old in page
        found = unexpected_in_index("trust/index.html", page.replace(old, new, 1), organisations)
        assert "not as the package writes it" in {one.kind for one in found}, new


def test_an_organisation_may_be_called_by_a_number_and_its_files_by_any_name() -> None:
    odd = [replace(one, organisation="12", files=("panel.html", "export 1234567890123456.csv")) for one in EDITIONS]
    organisations = {"12": odd, "2019": [replace(one, organisation="<b>3.5</b>") for one in EDITIONS]}
    page, home = render_editions(odd), render_organisations(organisations)
    assert unexpected_in_index("12/index.html", page, organisations) == []
    assert unexpected_in_index("index.html", home, organisations) == []
    assert "<h1>12</h1>" in page
    assert "&lt;b&gt;3.5&lt;/b&gt;" in home


@pytest.mark.parametrize("width", [360, 794, 1280])
def test_in_a_browser(browser: Any, tmp_path: Path, width: int) -> None:
    path = tmp_path / "index.html"
    path.write_text(render_editions(EDITIONS), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text))
    page.on("request", lambda request: noise.append(request.url) if not request.url.startswith("file:") else None)
    page.goto(path.as_uri())
    assert noise == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    (line,) = page.locator("svg.sparkline").all()
    assert line.get_attribute("role") == "img"
    assert line.bounding_box()["width"] > 150
    page.close()
