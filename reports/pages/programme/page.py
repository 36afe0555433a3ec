"""The analyst's private page about a programme: the answer first, then a chart for each question.

It holds exact figures by quarter and must never be published: see docs/methodology.md, "What is not here yet".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import isnan
from typing import Any

from equity_audit.programme.comparisons import Judged
from equity_audit.programme.like_posts import LIKENESS
from equity_audit.programme.programme_file import ProgrammeFile
from equity_audit.programme.verdict_words import IN_SHORT
from equity_audit.settings import Settings
from reports.cells.words import day_words, period_words, when_words
from reports.charts.effects import effects_chart
from reports.charts.series import series_chart
from reports.figures.printable import likeness, name, people, percent, sentence
from reports.figures.shown_numbers import modelled
from reports.pages.programme.effects import AXIS, WHY_NONE, effect_of, same_path, tried, tried_chart, ways
from reports.pages.programme.words import cards, found_sure, series_rows, sides, step_of
from reports.pages.shell import PLOTLY, Page, render

_UNIT = "times what it would have been"


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


def render_programme(report: ProgrammeReport) -> Page:
    """The page, as HTML."""
    answer = report.judged[0]
    steps = list(dict.fromkeys(map(step_of, report.judged)))
    return render(
        "programme/programme.html.j2",
        (PLOTLY, "draw.js"),
        "programme.css",
        report=report,
        programme=report.told.programme,
        answer=answer,
        headline=f"{sentence(people(answer.comparison.group))}: {IN_SHORT[answer.effect.verdict]}",
        group=people(answer.comparison.group),
        reference=people(answer.comparison.reference),
        step=step_of(answer),
        cards=cards(answer),
        sentence_group=sentence(people(answer.comparison.group)),
        unit=_UNIT,
        posts_told=not set(LIKENESS).isdisjoint(answer.comparison.counts.columns),
        alike=likeness(answer.effect.alike),
        series=_series(report, answer, "answer"),
        ways=effects_chart("ways", "Each way of looking", AXIS, ways(answer)),
        ways_rows=ways(answer),
        same_path=same_path(answer),
        placebos=tried(answer.effect.placebos),
        without=tried(answer.effect.without_a_quarter),
        tried=tried_chart(answer),
        sure=found_sure(answer),
        others=[_series(report, each, f"series-{place}") for place, each in enumerate(_headlines(report)) if place],
        steps=[_step_rows(report, step, place) for place, step in enumerate(steps)],
        milestones=[(when_words(one), name(one.label)) for one in report.told.milestones],
        unknown=None
        if any(map(isnan, report.unknown))
        else tuple(percent(modelled(share)) for share in report.unknown),
        settings_sha256=report.settings.sha256(),
        day=day_words,
    )


def _headlines(report: ProgrammeReport) -> list[Judged]:
    """The answer's groups at each step."""
    level, group = report.judged[0].comparison.level, report.judged[0].comparison.group
    return [each for each in report.judged if (each.comparison.level, each.comparison.group) == (level, group)]


def _series(report: ProgrammeReport, each: Judged, chart_id: str) -> dict[str, Any]:
    """The chart of impact ratios over time, with the table behind it."""
    names = [period_words(day, each.series.by) for day in each.series.periods]
    chart = series_chart(chart_id, step_of(each), each.series, each.effect.timeline, report.told, names)
    return {
        "chart": chart,
        "rows": series_rows(each.series, names),
        "judged": each,
        "step": step_of(each),
        "trial": each.series.chart.trial[0],
    }


def _step_rows(report: ProgrammeReport, step: str, place: int) -> dict[str, Any]:
    """Every group at one step: a chart of effects, and the rows behind it."""
    found = [each for each in report.judged if step_of(each) == step]
    effects = [effect_of(each.comparison.group, each.main, WHY_NONE.get(each.effect.verdict, "")) for each in found]
    rows = [
        {"name": effect.name, "figure": effect, "said": sentence(IN_SHORT[each.effect.verdict]), "sides": sides(each)}
        for each, effect in zip(found, effects, strict=True)
    ]
    return {"step": step, "chart": effects_chart(f"groups-{place}", step, AXIS, effects), "rows": rows}
