"""Charts of effects: a range that stands alone has ends, no point, and words without a single figure."""

from math import inf, nan

import pytest

from reports.charts.effects import Effect, effects_chart
from tests.reports.conftest import said_by


@pytest.mark.parametrize(
    ("effect", "figure", "drawn"),
    [
        (Effect("A", 0.7, 0.5, 0.9), "0.70 (likely range 0.50 to 0.90)", True),
        (Effect("A", nan, 0.5, 0.9), "between 0.50 and 0.90 times", True),
        (Effect("A", nan, 0.5, inf), "0.50 or more times", True),
        (Effect("A", nan, nan, nan, why="too few"), "too few", False),
        (Effect("A", nan, nan, nan), "none", False),
    ],
)
def test_what_is_said_of_an_effect(effect: Effect, figure: str, drawn: bool) -> None:
    assert (said_by(lambda: effect.figure), effect.drawn) == (figure, drawn)


def test_a_range_alone_is_a_line_with_ends_and_no_point() -> None:
    effects = [Effect("A", 0.7, 0.5, 0.9), Effect("B", nan, 0.4, 0.9)]
    chart = said_by(effects_chart, "a", "Title", "times", effects)
    shown = {
        name: (trace["marker"]["opacity"], trace["error_x"]["width"])
        for trace in chart.figure["data"]
        for name in trace["y"]
    }
    assert shown == {"A": (1, 0), "B": (0, 5)}
    assert "B: between 0.40 and 0.90 times" in chart.alternative
