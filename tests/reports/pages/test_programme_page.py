"""The private page about a programme, of a made-up history: what it says, and how it looks in a browser."""

import re
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe

from equity_audit.measures.special_cause import NEAR, OUTSIDE, RUN, TREND
from equity_audit.programme.comparisons import Comparison, judged
from equity_audit.programme.interrupted_series import Unanswerable
from equity_audit.programme.programme_file import Milestone, Programme, ProgrammeFile
from equity_audit.settings import load_settings
from equity_audit.synthetic.history import PROGRAMME_START, Scenario, history
from reports.charts.effects import Effect, effects_chart
from reports.pages.programme.effects import WHY_NONE
from reports.pages.programme.page import ProgrammeReport, render_programme
from reports.pages.programme.words import SIGNALS
from tests.reports.conftest import said_by, wait_for_charts
from tests.reports.test_accessibility import OPENED, RULES

SETTINGS = load_settings()
SCRIPT = "<script>alert(1)</script>"
MILESTONES = (
    Milestone(when=2019, until=2021, label="Champions in teams", kind="champions"),
    Milestone(when=date(2021, 5, 1), label=SCRIPT, kind="training"),
)
PROGRAMME = Programme(
    name="Fair from the start", start=PROGRAMME_START, lead_in_months=6, comparator_units=("Department 01",)
)


def report(scenario: Scenario = "effect", last: date = date(2025, 1, 1)) -> ProgrammeReport:
    """Two steps with two groups each; the second group at the second step has hardly anybody."""
    counts = history(scenario, 1).filter(pl.col("unit") <= "Department 08", pl.col("period") < last)
    few = counts.with_columns(group_selected=0, group_decided=pl.col("group_decided") % 2)
    made = [
        Comparison("wres", "applied", "appointed", "BME", "White", counts),
        Comparison("group", "applied", "appointed", "Asian", "White", counts),
        Comparison("wres", "applied", "shortlisted", "BME", "White", counts),
        Comparison("group", "applied", "shortlisted", "Mixed", "White", few),
    ]
    found = [judged(each, PROGRAMME, SETTINGS) for each in made]
    told = ProgrammeFile(programme=PROGRAMME, milestones=MILESTONES)
    first = date(2015, 1, 1)
    return ProgrammeReport("St Made-Up's", told, "a" * 64, first, last, (0.04, 0.12), found, SETTINGS)


@pytest.fixture(scope="module")
def page() -> str:
    return render_programme(report())


def test_the_answer_comes_first_and_is_marked_private(page: str) -> None:
    body = page[page.index("<body") :]
    order = (
        "Private: not for publication.",
        "<h1>Rose clearly",
        "times as likely",
        "Year by year",
        "A second look, quarter",
    )
    places = [body.index(said) for said in order]
    assert places == sorted(places)
    assert "They do not show why anything changed" in page
    assert "4% were of unknown ethnicity before the programme and 12% since its start" in page
    assert "Champions in teams</strong>: 2019 to 2021" in page
    assert "The review for the board may be passed on instead" in page
    assert "“Without it” compares departments with the programme against those without" in page


def test_labels_are_words_not_code(page: str) -> None:
    assert SCRIPT not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_too_soon_has_no_figures_but_the_plain_ones() -> None:
    page = render_programme(report(last=date(2020, 10, 1)))
    assert "<h1>Too few to tell</h1>" in page
    assert "It is too soon to say" in page
    assert "Does the answer hold up?" not in page
    assert "Earlier path: too soon to say" in page
    assert "nan" not in page[page.index("<body") : page.index("<footer")]


def test_a_programme_from_before_the_records_has_no_limits_and_no_nan() -> None:
    counts = history("none", 1).filter(pl.col("unit") <= "Department 02", pl.col("period") < date(2016, 1, 1))
    programme = Programme(name="Early", start=date(2014, 1, 1), lead_in_months=0)
    comparison = Comparison("wres", "applied", "appointed", "BME", "White", counts.drop("pay_band", "unit"))
    told, found = ProgrammeFile(programme=programme), [judged(comparison, programme, SETTINGS)]
    months = date(2015, 1, 1), date(2015, 12, 1)
    page = render_programme(ProgrammeReport("Trust", told, "a" * 64, *months, (float("nan"), 0.1), found, SETTINGS))
    text = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "<h1>Too few to tell</h1>" in text
    assert "the records cover too few months before the programme" in text
    assert "these are trial limits" in text
    assert "the records name neither pay bands nor staff groups" in text
    assert not re.search(r"\bnan\b|NaN|\binf\b", text)


def test_every_reason_and_rule_has_words() -> None:
    assert set(WHY_NONE) == set(get_args(Unanswerable))
    assert set(SIGNALS) == {OUTSIDE, RUN, TREND, NEAR}


def test_a_range_without_end_and_an_effect_of_nothing() -> None:
    effects = [Effect("A", 1.2, 0.5, float("inf")), Effect("B", 0.0, 0.0, 2.0), Effect("C", *[float("nan")] * 3)]
    chart = said_by(effects_chart, "x", "Title", "times", effects)
    assert (
        chart.alternative
        == "Title, times. A: 1.20 (likely range 0.50 or more); B: 0.00 (likely range 0.00 to 2.00); C: none."
    )
    assert [point for trace in chart.figure["data"] for point in trace["x"]] == [1.2]
    assert [note["text"] for note in chart.figure["layout"]["annotations"]] == [
        "0.00 (likely range 0.00 to 2.00)",
        "none",
    ]


@pytest.fixture(scope="module")
def opened(browser: Any, page: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Any]:
    file = tmp_path_factory.mktemp("programme") / "programme.html"
    file.write_text(page, encoding="utf-8")

    def open_at(width: int) -> tuple[Any, list[str]]:
        tab = browser.new_page(viewport={"width": width, "height": 900}, bypass_csp=True)
        noise: list[str] = []
        tab.on("console", lambda message: noise.append(message.text))
        tab.on("pageerror", lambda error: noise.append(str(error)))
        tab.on("request", lambda request: noise.append(request.url) if not request.url.startswith("file:") else None)
        tab.goto(Path(file).as_uri())
        wait_for_charts(tab)
        return tab, noise

    return open_at


@pytest.mark.parametrize("width", [360, 794, 1280])
def test_in_a_browser(opened: Callable[[int], Any], width: int) -> None:
    tab, noise = opened(width)
    assert noise == []
    # By year; over time at two steps; ways, other dates; groups at two steps.
    assert tab.locator(".chart").count() == 7
    for chart in tab.locator(".chart").all():
        assert chart.get_attribute("role") == "img"
        assert len(chart.get_attribute("aria-label")) > 60
    tab.evaluate(OPENED)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    levels = tab.evaluate("[...document.querySelectorAll('h1,h2,h3')].map((h) => Number(h.tagName[1]))")
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert (
        tab.evaluate(
            """[...document.querySelectorAll('.chart')].flatMap((chart) => {
            const boxes = [...chart.querySelectorAll('.xtick text')].map((t) => t.getBoundingClientRect());
            return boxes.slice(1).filter((box, i) => box.left < boxes[i].right);
        }).length"""
        )
        == 0
    )
    if width == 360:  # its rules take seconds
        found = Axe().run(tab, options=RULES)
        assert found.violations_count == 0, found.generate_report()
    tab.close()
