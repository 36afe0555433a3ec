"""Charts as plain records."""

import json

import pytest

from reports.cells.rate_tables import part_name
from reports.charts.stage_charts import forest_chart, stage_bars
from reports.edition.record import Edition
from reports.figures.printable import name
from reports.figures.shown_numbers import shown_value
from reports.pages.panel.page import _stage_bars
from reports.pages.shell import _as_json
from tests.reports.conftest import said_by


def row(
    group: str, ratio: float | None, low: float = 0.5, high: float | None = 0.9, reason: str | None = None
) -> dict[str, object]:
    reading = None if ratio is None else ("less_often" if high is not None and high < 1 else "not_clear")
    found = {
        "step_kind": "stage",
        "from_stage": "applied",
        "to_stage": "shortlisted",
        "group_name": group,
        "reference_name": "White",
        "impact_ratio": ratio,
        "impact_ratio_low": low,
        "impact_ratio_high": high,
        "reading": reading,
        "finding": "disparity" if reading == "less_often" else None,
        "not_shown_reason": reason,
    }
    return {name: shown_value(v, "t.c") if isinstance(v, float) else v for name, v in found.items()}


def test_a_funnel_shows_shares_of_the_groups_own_applicants() -> None:
    chart = said_by(
        stage_bars,
        "f",
        "Asian",
        [
            ("Applied", shown_value(200, "t.c"), None),
            ("Shortlisted", shown_value(50, "t.c"), None),
            ("Appointed", None, "fewer_than"),
        ],
        5,
    )
    bars = chart.figure["data"][0]
    assert bars["x"] == [1.0, 0.25, 0]
    assert bars["text"] == ["200", "50", "fewer than 5"]
    assert chart.alternative == "Asian: applied 200, shortlisted 50, appointed fewer than 5."


@pytest.mark.parametrize("first", [0, None])
def test_a_funnel_of_nobody_or_of_a_withheld_number_has_no_bars(first: int | None) -> None:
    stages = [("Applied", None if first is None else shown_value(first, "t.c"), None)]
    chart = stage_bars("f", "Roma", [*stages, ("Shortlisted", shown_value(0, "t.c"), None)], 5)
    assert chart.figure["data"][0]["x"] == [0, 0]


def test_a_forest_names_every_group_and_tells_clear_from_not_clear() -> None:
    rows = [row("Asian", 0.7), row("Black", 1.1, 0.8, 1.4), row("Mixed", None, reason="too_few_decided")]
    chart = said_by(forest_chart, "f", rows)
    clear, unclear = chart.figure["data"]
    assert (clear["y"], unclear["y"]) == (["Asian"], ["Black"])
    assert (clear["marker"]["symbol"], unclear["marker"]["symbol"]) == (["circle"], ["circle-open"])
    assert [(a["y"], a["text"]) for a in chart.figure["layout"]["annotations"]] == [("Mixed", "too few")]
    assert chart.figure["layout"]["yaxis"]["tickvals"] == ["Asian", "Black", "Mixed"]
    assert "Mixed: too few" in chart.alternative


def test_the_interval_of_a_point_is_the_published_one() -> None:
    clear, _ = said_by(forest_chart, "f", [row("Asian", 0.7)]).figure["data"]
    assert clear["x"][0] - clear["error_x"]["arrayminus"][0] == pytest.approx(0.5)
    assert clear["x"][0] + clear["error_x"]["array"][0] == pytest.approx(0.9)


def test_a_group_that_was_never_selected_has_words_and_no_point_at_zero() -> None:
    chart = said_by(forest_chart, "f", [row("Asian", 0.0, 0.0, 0.6)])
    assert all(trace["x"] == [] for trace in chart.figure["data"])
    assert chart.figure["layout"]["annotations"][0]["text"] == "none selected"


def test_charts_stand_in_the_order_of_the_tables(edition: Edition) -> None:
    assert [chart.title for chart in _stage_bars(edition)] == [
        "All applicants", "Asian", "Black", "Mixed", "White", "Other", "Unknown",
    ]  # fmt: skip


def test_a_stage_name_cannot_end_the_script_that_holds_its_chart() -> None:
    chart = stage_bars("f", "Asian", [(name("</script><script>alert(1)</script>"), shown_value(10, "t.c"), None)], 5)
    assert "<" not in _as_json(chart)
    assert json.loads(str(_as_json(chart))) == chart.figure


@pytest.mark.parametrize(
    ("breakdown", "value", "said"),
    [
        ("quarter", "2021-04 to 2021-06", "Quarter: April to June 2021"),
        ("quarter", "2023-12 to 2024-02", "Quarter: December 2023 to February 2024"),
        ("pay_band", "Band 5", "Pay band: Band 5"),
    ],
)
def test_a_part_of_a_split_is_called_as_people_call_it(breakdown: str, value: str, said: str) -> None:
    assert said_by(part_name, breakdown, value) == said
