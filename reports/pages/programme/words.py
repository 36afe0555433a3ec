"""Words and table rows of a comparison on the pages about a programme."""

from math import isnan
from typing import Any

from equity_audit.programme.comparisons import Judged
from equity_audit.programme.series import RatioSeries
from reports.charts.series import Ends, Points
from reports.figures.printable import between, number, one_place, ratio, step_name
from reports.figures.shown_numbers import modelled, modelled_count

# The rule that a point breaks, as special_cause names it.
SIGNALS = {
    "outside_limits": "outside the limits",
    "one_side_of_mean": "one of a long run on one side of the mean",
    "trend": "one of a long rise or fall",
    "two_of_three_near_limit": "one of two in three near a limit",
}


def step_of(judged: Judged) -> str:
    """Return the step of a comparison as a heading."""
    return step_name(judged.comparison.from_stage, judged.comparison.to_stage)


def power_and_spread(judged: Judged) -> dict[str, Any]:
    """Return what size of change would have been found, and how much points vary; empty if there is no effect."""
    if judged.main is None:
        return {}
    spread = judged.main.fit.dispersion
    return {
        "spread": one_place(modelled(spread)),
        "widened": round(spread, 1) > 1,
        "detectable": [ratio(modelled(end)) for end in (judged.main.detectable_rise, judged.main.detectable_fall)],
    }


def series_rows(series: RatioSeries, points: Points) -> list[dict[str, Any]]:
    """Return the table behind a chart over time: counts, ratio, and the rules that each point breaks."""
    rows = []
    for period, counts, value, half, broken, ends in zip(
        points.names,
        series.counts.iter_rows(named=True),
        series.chart.values,
        series.adjusted,
        series.chart.signals,
        points.ends,
        strict=True,
    ):
        rows.append(
            {
                "name": period,
                "group": _of(counts["group_selected"], counts["group_decided"]),
                "other": _of(counts["reference_selected"], counts["reference_decided"]),
                "ratio": _ratio(value, half, ends),
                "signals": "cannot tell" if ends else ", ".join(SIGNALS[rule] for rule in broken) or "no",
            }
        )
    return rows


def _ratio(value: float, half: bool, ends: Ends | None) -> str:
    if ends:
        return between(*ends)
    return "none" if isnan(value) else ratio(modelled(value)) + (" (half a person added)" if half else "")


def _of(selected: int, decided: int) -> str:
    return f"{number(modelled_count(selected))} of {number(modelled_count(decided))}"
