"""The effect of one comparison as lines of charts: every way it was looked at, and at other times."""

from collections.abc import Sequence
from typing import Any

from equity_audit.programme.comparisons import Judged
from equity_audit.programme.difference_in_differences import DifferenceInDifferences
from equity_audit.programme.interrupted_series import InterruptedSeries
from equity_audit.programme.ratio_model import Estimate
from equity_audit.programme.sensitivity import Tried
from reports.cells.words import day_words
from reports.charts.effects import Effect, effects_chart
from reports.charts.stage_charts import Chart
from reports.figures.printable import likely_range, name, ratio, tally
from reports.figures.shown_numbers import modelled

AXIS = name("times; 1 is no change")
# Why a comparison has no effect, where a chart has room for few words.
WHY_NONE = {
    "too_soon": "too soon to say",
    "too_few_periods_before": "too few months before",
    "too_few_selected": "too few people",
}


def ways(each: Judged) -> list[Effect]:
    """The change, every way it was looked at."""
    effect = each.effect
    why = WHY_NONE.get(effect.verdict, "")
    ways = [
        Effect("Before and after", *effect.plain.change),
        effect_of("Earlier path", effect.overall, why),
    ]
    if effect.alike:
        ways.append(effect_of("Like posts", effect.within, why))
    return ways + against_units(each)


def against_units(each: Judged) -> list[Effect]:
    """The change over that of units without the programme, or why there is none; nothing where none are named."""
    comparison = each.effect.comparison
    if isinstance(comparison, DifferenceInDifferences):
        return [_line("Without it", comparison.difference)]
    return [Effect("Without it", *[float("nan")] * 3, why="too few units")] if comparison else []


def same_path(each: Judged) -> str:
    """What the check of earlier trends found, in a sentence; nothing where there is no comparison of units."""
    comparison = each.effect.comparison
    if not isinstance(comparison, DifferenceInDifferences):
        return ""
    found, (with_it, without) = comparison.trend_difference, comparison.units
    many = "departments" if with_it > 1 else "department"
    compared = f"{tally(with_it)} {many} with the programme and {tally(without)} without it are compared."
    trends = (
        f"Before it began, the yearly trend of the first was {ratio(modelled(found.ratio))} times that of the others"
    )
    wide = f"(likely range {likely_range(modelled(found.low), modelled(found.high))})"
    if comparison.on_the_same_path:
        return f"{compared} {trends} {wide}: not clearly different, as such a comparison needs."
    return f"{compared} {trends} {wide}: they were on different paths anyway, so the comparison shows little."


def effect_of(name: str, found: InterruptedSeries | None, why: str) -> Effect:
    """An effect against the earlier path, or why there is none."""
    return _line(name, found.effect) if found else Effect(name, *[float("nan")] * 3, why=why)


def tried(tried: Sequence[Tried]) -> dict[str, Any]:
    """How many of the effects found otherwise are clear, their ends and each of them."""
    rows = [_line(day_words(each.day), each.effect) for each in tried]
    ratios = [row.value for row in rows] or [float("nan")]
    clear = sum(each.effect.direction != 0 for each in tried)
    return {
        "rows": rows,
        "clear_ones": clear,
        "lowest": ratio(modelled(min(ratios))),
        "highest": ratio(modelled(max(ratios))),
    }


def tried_chart(each: Judged) -> Chart | None:
    """The change had the programme begun at other times, over the true one."""
    if each.main is None or not each.effect.placebos:
        return None
    real = _line(name(f"Real: {each.effect.timeline.start:%b %Y}"), each.main.effect)
    before = [_line(name(f"{tried.day:%b %Y}"), tried.effect) for tried in each.effect.placebos]
    return effects_chart("tried", "Had it begun at another time", AXIS, [*before, real])


def _line(name: str, found: Estimate) -> Effect:
    return Effect(name, found.ratio, found.low, found.high)
