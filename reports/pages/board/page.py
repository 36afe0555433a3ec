"""The board's page about a programme: one answer, one chart per question. It reads published editions alone."""

from collections.abc import Sequence
from datetime import date
from math import isfinite, isnan
from typing import Any

import polars as pl

from equity_audit.programme.comparisons import Judged
from equity_audit.programme.timeline import Timeline
from equity_audit.programme.verdict_words import YEARLY_IN_SHORT
from reports.cells.words import day_words, period_words, when_words
from reports.charts.effects import Effect, effects_chart
from reports.charts.rates import KINDS, rates_chart
from reports.charts.series import Ends, Points, series_chart
from reports.charts.stage_charts import Chart
from reports.edition.programme_review import ProgrammeEdition
from reports.figures.printable import between, likeness, name, people, sentence, setting_percent
from reports.figures.shown_numbers import modelled, shown_rows
from reports.pages.board.survey import answers_over_time
from reports.pages.board.workforce import workforce_over_time
from reports.pages.programme.answer import beside_the_verdict, cards, headline, sides, subject, year_name
from reports.pages.programme.effects import AXIS, YEAR_AXIS, same_path, tried, tried_chart, ways, yearly_effect
from reports.pages.programme.words import power_and_spread, series_rows, step_of
from reports.pages.shell import PLOTLY, Page, render

# Precedes sums of rounded numbers, in which small ones count as the middle of what they may be.
_ABOUT = "about "
# What a year is made of.
_PARTS = {"year": "", "quarter": "quarters", "month": "months"}


def render_board(edition: ProgrammeEdition, revisions: tuple[int, int | None]) -> Page:
    """Return the page as HTML. The same editions and programme file give the same page."""
    answer, programme_file = edition.review.answer, edition.programme_file
    steps = _at_steps(edition, answer)
    looks = ways(answer)
    group, reference = people(answer.comparison.group), people(answer.comparison.reference)
    timeline = _timeline(edition)
    return render(
        "board/board.html.j2",
        (PLOTLY, "draw.js"),
        "programme.css",
        edition=edition,
        revision=revisions[0],
        replaces=revisions[1],
        programme=programme_file.programme,
        answer=answer,
        by=answer.series.by if answer.series else "year",
        by_words=sentence(answer.series.by if answer.series else "year"),
        headline=headline(answer),
        subject=subject(answer),
        beside=beside_the_verdict(answer, edition.settings),
        years=_years(edition, answer),
        left_out=[year_name(year) for year in edition.review.left_out],
        parts=_PARTS[edition.settings.period.unit],
        group=group,
        reference=reference,
        sentence_group=sentence(group),
        step=step_of(answer),
        cards=cards(answer, _ABOUT),
        series=_series(edition, answer),
        rates=list(_rates(edition, answer, timeline)),
        ways=effects_chart("ways", "Each way of looking", AXIS, looks),
        ways_rows=looks,
        like=[likeness([estimate.alike]) for estimate in answer.like],
        against=answer.against,
        same_path=same_path(answer),
        placebos=tried(answer.effect.placebos if answer.effect else ()),
        without=tried(answer.effect.without_a_quarter if answer.effect else ()),
        tried=tried_chart(answer),
        power=power_and_spread(answer),
        steps=_steps_chart(steps) if len(steps) > 1 else None,
        step_rows=[_step_row(step) for step in steps],
        workforce=workforce_over_time(edition.editions, timeline, programme_file),
        survey=answers_over_time(edition.editions, edition.settings),
        milestones=[(when_words(milestone), name(milestone.label)) for milestone in programme_file.milestones],
        drawn=edition.settings.programme.tables_drawn,
        trial_below=edition.settings.trend.trial_below,
        nearest=edition.settings.disclosure.round_to,
        confidence=setting_percent(edition.settings.comparison.confidence),
        day=day_words,
    )


def _at_steps(edition: ProgrammeEdition, answer: Judged) -> list[Judged]:
    """Return the answer's groups at each step, the whole path first."""
    wanted = (answer.comparison.level, answer.comparison.group)
    return [judged for judged in edition.review.judged if (judged.comparison.level, judged.comparison.group) == wanted]


def _timeline(edition: ProgrammeEdition) -> Timeline:
    programme = edition.programme_file.programme
    return Timeline([earlier.period for earlier in edition.editions], programme.start, programme.lead_in_months)


def _years(edition: ProgrammeEdition, answer: Judged) -> dict[str, Any]:
    """Return the chart of the impact ratio of each reporting year, with its rows."""
    rows = [
        Effect(year_name(year), value, low, high, why=_why(value, low, high))
        for year, (value, low, high) in edition.review.by_year
    ]
    return {"chart": effects_chart("years", f"Impact ratio: {step_of(answer).lower()}", YEAR_AXIS, rows), "rows": rows}


def _why(value: float, low: float, high: float) -> str:
    """Return the words for a figure that is not drawn: that it is not shown, or a range that begins at 0."""
    if isnan(low):
        return "not shown"
    if low > 0 or value > 0:
        return ""
    return f"{between(modelled(low), modelled(high) if isfinite(high) else None)} times"


def _series(edition: ProgrammeEdition, answer: Judged) -> dict[str, Any] | None:
    """Return the chart over time of the second look; None if only years are published."""
    if answer.series is None or answer.effect is None:
        return None
    names = [period_words(day, answer.series.by) for day in answer.series.periods]
    title, ranges = "Impact ratio over time", _ranges_alone(edition, answer)
    points = Points(names, [ranges.get(day) for day in answer.series.periods])
    return {
        "chart": series_chart("answer", title, answer.series, answer.effect.timeline, edition.programme_file, points),
        "rows": series_rows(answer.series, points),
        "ranges": any(points.ranges),
        "judged": answer,
        "step": step_of(answer),
        "trial": answer.series.chart.trial[0],
    }


def _ranges_alone(edition: ProgrammeEdition, answer: Judged) -> dict[date, Ends]:
    """Return the ranges of the periods in which the answer's ratio is not true enough to be a single number."""
    rows = _of_step(edition, answer).filter(
        pl.col("group_name") == answer.comparison.group, pl.col("impact_ratio_reason").is_not_null()
    )
    return {row["period"]: (row["impact_ratio_low"], row["impact_ratio_high"]) for row in shown_rows(rows, "trend")}


def _of_step(edition: ProgrammeEdition, answer: Judged) -> pl.DataFrame:
    comparison = answer.comparison
    return edition.review.trend.filter(
        pl.col("level") == comparison.level,
        pl.col("from_stage") == comparison.from_stage,
        pl.col("to_stage") == comparison.to_stage,
    )


def _rates(edition: ProgrammeEdition, answer: Judged, timeline: Timeline) -> Any:
    """Yield a chart of each side's selection rates, with the reason for its kind of chart."""
    comparison, of_step = answer.comparison, _of_step(edition, answer)
    for position, side in enumerate((comparison.group, comparison.reference)):
        rows = of_step.filter(pl.col("group_name") == side)
        chart = rates_chart(f"rates-{position}", rows, timeline, edition.programme_file)
        yield {"chart": chart, "name": sentence(people(side)), "kind": KINDS[rows["rate_chart"][0]]}


def _steps_chart(steps: Sequence[Judged]) -> Chart:
    lines = [yearly_effect(step_of(step), step) for step in steps]
    return effects_chart("steps", "Each step", AXIS, lines)


def _step_row(step: Judged) -> dict[str, Any]:
    figure = yearly_effect(step_of(step), step)
    return {
        "name": figure.name,
        "figure": figure,
        "verdict": sentence(YEARLY_IN_SHORT[step.verdict]),
        "sides": sides(step, _ABOUT),
    }
