"""The analyst's private page about a programme: the answer first, then a chart for each question.

It holds exact figures by quarter and must never be published: see docs/methodology.md, "What is not published".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import isnan
from typing import Any

from equity_audit.programme.comparisons import Judged, answer_of
from equity_audit.programme.like_posts import LIKENESS
from equity_audit.programme.programme_file import ProgrammeFile
from equity_audit.programme.verdict_words import YEARLY_IN_SHORT
from equity_audit.programme.yearly_change import ratios_by_year
from equity_audit.settings import Settings
from reports.cells.words import day_words, period_words, when_words
from reports.charts.effects import Effect, effects_chart
from reports.charts.series import Points, series_chart
from reports.figures.printable import likeness, name, people, percent, sentence
from reports.figures.shown_numbers import modelled
from reports.pages.programme.answer import beside_the_verdict, cards, headline, sides, subject, year_name
from reports.pages.programme.effects import AXIS, YEAR_AXIS, same_path, tried, tried_chart, ways, yearly_effect
from reports.pages.programme.words import power_and_spread, series_rows, step_of
from reports.pages.shell import PLOTLY, Page, render

_UNIT = "times what it was"


@dataclass(frozen=True)
class ProgrammeReport:
    """What the page says. judged: every comparison; first, last: months.

    unknown: the share of unknown ethnicity before the start and since.
    """

    organisation: str
    programme_file: ProgrammeFile
    file_sha256: str
    first: date
    last: date
    unknown: tuple[float, float]
    judged: Sequence[Judged]
    settings: Settings

    @property
    def answer(self) -> Judged:
        """The comparison that answers whether the programme worked."""
        return answer_of(self.judged, self.settings)


def render_programme(report: ProgrammeReport) -> Page:
    """Return the page as HTML."""
    answer = report.answer
    effect = answer.effect
    assert effect is not None  # records have months
    steps = list(dict.fromkeys(map(step_of, report.judged)))
    return render(
        "programme/programme.html.j2",
        (PLOTLY, "draw.js"),
        "programme.css",
        report=report,
        programme=report.programme_file.programme,
        answer=answer,
        headline=headline(answer),
        subject=subject(answer),
        beside=beside_the_verdict(answer, report.settings),
        years=_years(report, answer),
        group=people(answer.comparison.group),
        reference=people(answer.comparison.reference),
        step=step_of(answer),
        cards=cards(answer),
        sentence_group=sentence(people(answer.comparison.group)),
        unit=_UNIT,
        by_posts=not set(LIKENESS).isdisjoint(answer.comparison.counts.columns),
        alike=likeness(effect.alike),
        series=_series(report, answer, "answer"),
        ways=effects_chart("ways", "Each way of looking", AXIS, ways(answer)),
        ways_rows=ways(answer),
        same_path=same_path(answer),
        placebos=tried(effect.placebos),
        without=tried(effect.without_a_quarter),
        tried=tried_chart(answer),
        power=power_and_spread(answer),
        others=[
            _series(report, judged, f"series-{number}")
            for number, judged in enumerate(_headlines(report))
            if judged.comparison is not answer.comparison
        ],
        steps=[_step_rows(report, step, number) for number, step in enumerate(steps)],
        milestones=[(when_words(milestone), name(milestone.label)) for milestone in report.programme_file.milestones],
        unknown=None
        if any(map(isnan, report.unknown))
        else tuple(percent(modelled(share)) for share in report.unknown),
        settings_sha256=report.settings.sha256(),
        day=day_words,
    )


def _headlines(report: ProgrammeReport) -> list[Judged]:
    """Return the comparisons of the answer's groups at each step."""
    level, group = report.answer.comparison.level, report.answer.comparison.group
    return [judged for judged in report.judged if (judged.comparison.level, judged.comparison.group) == (level, group)]


def _years(report: ProgrammeReport, answer: Judged) -> dict[str, Any]:
    """Return the chart of the impact ratio of each reporting year, with its rows."""
    policy, confidence = report.settings.period, report.settings.comparison.confidence
    rows = [
        Effect(year_name(day), value, low, high, "" if value > 0 else "no ratio")
        for day, (value, low, high) in ratios_by_year(answer.comparison.counts, policy, confidence)
    ]
    return {"chart": effects_chart("years", "Impact ratio of each year", YEAR_AXIS, rows), "rows": rows}


def _series(report: ProgrammeReport, judged: Judged, chart_id: str) -> dict[str, Any]:
    """Return the chart of impact ratios over time, with the table behind it."""
    assert judged.series is not None  # records have months
    assert judged.effect is not None
    points = Points([period_words(day, judged.series.by) for day in judged.series.periods])
    chart = series_chart(
        chart_id, step_of(judged), judged.series, judged.effect.timeline, report.programme_file, points
    )
    return {
        "chart": chart,
        "rows": series_rows(judged.series, points),
        "judged": judged,
        "step": step_of(judged),
        "trial": judged.series.chart.trial[0],
    }


def _step_rows(report: ProgrammeReport, step: str, number: int) -> dict[str, Any]:
    """Return every group at one step: a chart of effects, and the rows behind it."""
    groups = [judged for judged in report.judged if step_of(judged) == step]
    effects = [yearly_effect(judged.comparison.group, judged) for judged in groups]
    rows = [
        {
            "name": effect.name,
            "figure": effect,
            "verdict": sentence(YEARLY_IN_SHORT[judged.verdict]),
            "sides": sides(judged),
        }
        for judged, effect in zip(groups, effects, strict=True)
    ]
    return {"step": step, "chart": effects_chart(f"groups-{number}", step, AXIS, effects), "rows": rows}
