"""The analyst's private page about a programme: the answer first, then a chart for each question.

It holds exact figures by quarter and must never be published: see docs/methodology.md, "What is not here yet".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import isnan
from typing import Any

from markupsafe import Markup

from equity_audit.programme.comparators import DifferenceInDifferences
from equity_audit.programme.comparisons import Judged
from equity_audit.programme.interrupted_series import InterruptedSeries
from equity_audit.programme.programme_file import DayOrYear, Milestone, ProgrammeFile
from equity_audit.programme.ratio_model import Estimate
from equity_audit.programme.sensitivity import Tried
from equity_audit.programme.series import RatioSeries
from equity_audit.programme.verdict import IN_SHORT
from equity_audit.settings import Settings
from equity_audit.wording import likely_range, number, people, percent, ratio, sentence, step_name
from reports.figures import Chart
from reports.programme_charts import Effect, effects_chart, series_chart
from reports.shell import PLOTLY, render, template_text

_NO_RATIO = "no ratio"
_UNIT = "times what it would have been"
_AXIS = "times; 1 is no change"
# What a point breaks, as special_cause names it.
_SIGNALS = {
    "outside_limits": "outside the limits",
    "one_side_of_mean": "one of a long run on one side of the mean",
    "trend": "one of a long rise or fall",
    "two_of_three_near_limit": "one of two in three near a limit",
}
_WHY_NONE = {
    "too_soon": "too soon to say",
    "too_few_periods_before": "too few months before",
    "too_few_selected": "too few people",
}


@dataclass(frozen=True)
class ProgrammeReport:
    """What the page says. judged: every comparison, the answer first; first, last: months of the records.

    unknown: the share of unknown ethnicity before the start and since.
    """

    organisation: str
    told: ProgrammeFile
    file_sha256: str
    first: date
    last: date
    unknown: tuple[float, float]
    judged: Sequence[Judged]
    settings: Settings


def render_programme(report: ProgrammeReport) -> str:
    """The page, as HTML."""
    answer = report.judged[0]
    steps = list(dict.fromkeys(map(_step, report.judged)))
    return render(
        "programme.html.j2",
        (PLOTLY, "draw.js"),
        report=report,
        programme=report.told.programme,
        answer=answer,
        headline=f"{sentence(people(answer.comparison.group))}: {IN_SHORT[answer.effect.verdict]}",
        group=people(answer.comparison.group),
        reference=people(answer.comparison.reference),
        step=_step(answer),
        cards=_cards(answer),
        own_style=Markup(template_text("programme.css")),
        sentence_group=sentence(people(answer.comparison.group)),
        unit=_UNIT,
        banded="stratum" in answer.comparison.counts.columns,
        series=_series(report, answer, "answer"),
        ways=effects_chart("ways", "Each way of looking", _AXIS, _ways(answer)),
        ways_rows=_ways(answer),
        placebos=_tried(answer.effect.placebos),
        without=_tried(answer.effect.without_a_quarter),
        tried=_tried_chart(answer),
        others=[_series(report, each, f"series-{place}") for place, each in enumerate(_headlines(report)) if place],
        steps=[_step_rows(report, step, place) for place, step in enumerate(steps)],
        milestones=[(_when(one), one.label) for one in report.told.milestones],
        unknown=None if any(map(isnan, report.unknown)) else tuple(map(percent, report.unknown)),
        settings_sha256=report.settings.sha256(),
        day=_day,
    )


def _step(each: Judged) -> str:
    return step_name(each.comparison.from_stage, each.comparison.to_stage)


def _headlines(report: ProgrammeReport) -> list[Judged]:
    """The answer's groups at each step."""
    level, group = report.judged[0].comparison.level, report.judged[0].comparison.group
    return [each for each in report.judged if (each.comparison.level, each.comparison.group) == (level, group)]


def _cards(each: Judged) -> list[dict[str, str]]:
    """The answer in three figures; the last only where there is one."""
    group, reference = people(each.comparison.group), people(each.comparison.reference)
    cards = [
        {
            "when": side["when"],
            "figure": side["ratio"] if side["ratio"] == _NO_RATIO else f"{side['ratio']} times as likely",
            "said": f"{side['group']} {group} decided on were selected, {side['other']} {reference}",
        }
        for side in _sides(each)
    ]
    if each.main:
        effect = each.main.effect
        said = f"what the path before led to; likely range {likely_range(effect.low, effect.high)}"
        cards.append({"when": "Against the earlier path", "figure": f"{ratio(effect.ratio)} times", "said": said})
    return cards


def _sides(each: Judged) -> list[dict[str, str]]:
    """Before and since, in numbers."""
    plain = each.effect.plain
    return [
        {"when": when, "ratio": _NO_RATIO if isnan(value) else ratio(value), "group": _of(*c[:2]), "other": _of(*c[2:])}
        for when, (value, *_), c in (
            ("Before the programme", plain.before, plain.counts_before),
            ("Since its lead-in", plain.after, plain.counts_after),
        )
    ]


def _of(selected: int, decided: int) -> str:
    return f"{number(selected)} of {number(decided)}"


def _ways(each: Judged) -> list[Effect]:
    """The change, every way it was looked at."""
    effect = each.effect
    why = _WHY_NONE.get(effect.verdict, "")
    ways = [
        Effect("Before and after", *effect.plain.change),
        _effect("Earlier path", effect.overall, why),
    ]
    if "stratum" in each.comparison.counts.columns:
        ways.append(_effect("Within pay bands", effect.within, why))
    if isinstance(effect.comparison, DifferenceInDifferences):
        ways.append(_line("Without it", effect.comparison.difference))
    elif effect.comparison:
        ways.append(Effect("Without it", *[float("nan")] * 3, why="too few units"))
    return ways


def _effect(name: str, found: InterruptedSeries | None, why: str) -> Effect:
    return _line(name, found.effect) if found else Effect(name, *[float("nan")] * 3, why=why)


def _line(name: str, found: Estimate) -> Effect:
    return Effect(name, found.ratio, found.low, found.high)


def _tried(tried: Sequence[Tried]) -> dict[str, Any]:
    """How many of the effects found otherwise are clear, their ends and each of them."""
    rows = [_line(_day(each.day), each.effect) for each in tried]
    ratios = [row.value for row in rows] or [float("nan")]
    clear = sum(each.effect.direction != 0 for each in tried)
    return {"rows": rows, "clear_ones": clear, "lowest": ratio(min(ratios)), "highest": ratio(max(ratios))}


def _tried_chart(each: Judged) -> Chart | None:
    """The change had the programme begun at other times, over the true one."""
    if each.main is None or not each.effect.placebos:
        return None
    real = _line(f"Real: {each.effect.timeline.start:%b %Y}", each.main.effect)
    before = [_line(f"{tried.day:%b %Y}", tried.effect) for tried in each.effect.placebos]
    return effects_chart("tried", "Had it begun at another time", _AXIS, [*before, real])


def _series(report: ProgrammeReport, each: Judged, chart_id: str) -> dict[str, Any]:
    """The chart of impact ratios over time, with the table behind it."""
    names = [_period(day, each.series.by) for day in each.series.periods]
    chart = series_chart(chart_id, _step(each), each.series, each.effect.timeline, report.told, names)
    return {
        "chart": chart,
        "rows": _series_rows(each.series, names),
        "judged": each,
        "step": _step(each),
        "trial": each.series.chart.trial[0],
    }


def _series_rows(series: RatioSeries, names: Sequence[str]) -> list[dict[str, Any]]:
    rows = []
    for name, counts, value, half, broken in zip(
        names,
        series.counts.iter_rows(named=True),
        series.chart.values,
        series.adjusted,
        series.chart.signals,
        strict=True,
    ):
        rows.append(
            {
                "name": name,
                "group": _of(counts["group_selected"], counts["group_decided"]),
                "other": _of(counts["reference_selected"], counts["reference_decided"]),
                "ratio": "none" if isnan(value) else ratio(value) + (" (half a person added)" if half else ""),
                "signals": ", ".join(_SIGNALS[rule] for rule in broken) or "chance",
            }
        )
    return rows


def _step_rows(report: ProgrammeReport, step: str, place: int) -> dict[str, Any]:
    """Every group at one step: a chart of effects, and the rows behind it."""
    found = [each for each in report.judged if _step(each) == step]
    effects = [_effect(each.comparison.group, each.main, _WHY_NONE.get(each.effect.verdict, "")) for each in found]
    rows = [
        {"name": effect.name, "figure": effect, "said": sentence(IN_SHORT[each.effect.verdict]), "sides": _sides(each)}
        for each, effect in zip(found, effects, strict=True)
    ]
    return {"step": step, "chart": effects_chart(f"groups-{place}", step, _AXIS, effects), "rows": rows}


def _period(day: date, by: str) -> str:
    if by == "month":
        return f"{day:%B %Y}"
    return f"{day:%b} to {date(day.year, day.month + 2, 1):%b %Y}"


def _day(day: DayOrYear) -> str:
    return str(day) if isinstance(day, int) else f"{day.day} {day:%B %Y}"


def _when(milestone: Milestone) -> str:
    first = _day(milestone.when)
    return first if milestone.until is None else f"{first} to {_day(milestone.until)}"
