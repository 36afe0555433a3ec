"""The effect of one comparison as lines of charts: each way of estimating it, and at other dates."""

from collections.abc import Sequence
from math import isnan
from typing import Any

from equity_audit.programme.comparisons import Judged
from equity_audit.programme.difference_in_differences import DifferenceInDifferences
from equity_audit.programme.interrupted_series import InterruptedSeries
from equity_audit.programme.ratio_model import Estimate
from equity_audit.programme.sensitivity import Tried
from reports.cells.words import day_words
from reports.charts.effects import Effect, effects_chart
from reports.charts.stage_charts import Chart
from reports.figures.printable import likely_range, likeness, name, ratio, tally
from reports.figures.shown_numbers import modelled

AXIS = name("times; 1 is no change")
YEAR_AXIS = name("times as likely; 1 is equally likely")
# Why a comparison has no effect, where a chart has room for few words.
WHY_NONE = {
    "too_soon": "too soon to say",
    "too_few_periods_before": "too few months before",
    "too_few_selected": "too few people",
}


def ways(judged: Judged) -> list[Effect]:
    """Return the change, estimated in each way."""
    effects = [yearly_effect("Before and after", judged)]
    if judged.effect:
        why = WHY_NONE.get(judged.effect.verdict, "")
        effects.append(effect_of("Earlier path", judged.effect.overall, why))
        if judged.effect.alike:
            effects.append(effect_of("Like posts", judged.effect.within, why))
    years = [("Years, all posts", estimate.all_posts) for estimate in judged.like[:1]]
    years += [(f"Years, same {likeness([estimate.alike])}", estimate.within) for estimate in judged.like]
    effects += [_line(name, estimate) for name, estimate in years]
    return effects + against_units(judged)


def yearly_effect(name: str, judged: Judged) -> Effect:
    """Return the change between whole years, or why there is none."""
    if judged.years is None or isnan(judged.years.change.ratio):
        return Effect(name, *[float("nan")] * 3, why="too few")
    return _line(name, judged.years.change, enough=judged.years.true_enough[2])


def against_units(judged: Judged) -> list[Effect]:
    """Return the change relative to units without the programme, or why there is none; empty if none are named."""
    comparison = judged.against
    if isinstance(comparison, DifferenceInDifferences):
        return [_line("Without it", comparison.difference)]
    return [Effect("Without it", *[float("nan")] * 3, why="too few units")] if comparison else []


def same_path(judged: Judged) -> str:
    """Say what the check of earlier trends found; empty if units are not compared."""
    comparison = judged.against
    if not isinstance(comparison, DifferenceInDifferences):
        return ""
    trend, (with_it, without) = comparison.trend_difference, comparison.units
    departments = "departments" if with_it > 1 else "department"
    compared = f"{tally(with_it)} {departments} with the programme and {tally(without)} without it are compared."
    trends = (
        f"Before it began, the yearly trend of the first was {ratio(modelled(trend.ratio))} times that of the others"
    )
    likely = f"(likely range {likely_range(modelled(trend.low), modelled(trend.high))})"
    if comparison.on_the_same_path:
        return f"{compared} {trends} {likely}: not clearly different, as such a comparison requires."
    return f"{compared} {trends} {likely}: they were on different paths anyway, so the comparison shows little."


def effect_of(name: str, series: InterruptedSeries | None, why: str) -> Effect:
    """Return the effect against the earlier path, or why there is none."""
    return _line(name, series.effect) if series else Effect(name, *[float("nan")] * 3, why=why)


def tried(tried: Sequence[Tried]) -> dict[str, Any]:
    """Return the effects at other dates or without a quarter: each, how many are clear, the lowest and highest."""
    rows = [_line(day_words(trial.day), trial.effect) for trial in tried]
    ratios = [row.value for row in rows] or [float("nan")]
    clear = sum(trial.effect.direction != 0 for trial in tried)
    return {
        "rows": rows,
        "clear_ones": clear,
        "lowest": ratio(modelled(min(ratios))),
        "highest": ratio(modelled(max(ratios))),
    }


def tried_chart(judged: Judged) -> Chart | None:
    """Draw the change had the programme begun at other times, above the real one; None if there are none."""
    if judged.effect is None or judged.main is None or not judged.effect.placebos:
        return None
    real = _line(name(f"Real: {judged.effect.timeline.start:%b %Y}"), judged.main.effect)
    before = [_line(name(f"{placebo.day:%b %Y}"), placebo.effect) for placebo in judged.effect.placebos]
    return effects_chart("tried", "Had it begun at another time", AXIS, [*before, real])


def _line(name: str, estimate: Estimate, *, enough: bool = True) -> Effect:
    return Effect(name, estimate.ratio if enough else float("nan"), estimate.low, estimate.high)
