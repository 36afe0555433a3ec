"""The board's page about a programme: one answer, one chart per question. It reads published editions alone."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from equity_audit.programme.comparisons import Judged
from equity_audit.programme.verdict_words import IN_SHORT
from reports.cells.words import day_words, period_words, when_words
from reports.charts.effects import Effect, effects_chart
from reports.charts.rates import KINDS, rates_chart
from reports.charts.series import series_chart
from reports.charts.stage_charts import Chart
from reports.edition.programme_review import ProgrammeEdition
from reports.figures.printable import likeness, name, people, sentence
from reports.pages.board.survey import answers_over_time
from reports.pages.board.workforce import workforce_over_time
from reports.pages.programme.effects import AXIS, WHY_NONE, against_units, effect_of, same_path, tried, tried_chart
from reports.pages.programme.words import cards, power_and_spread, series_rows, sides, step_of
from reports.pages.shell import PLOTLY, Page, render

# Precedes sums of rounded numbers, in which small ones count as the middle of what they may be.
_ABOUT = "about "


def render_board(edition: ProgrammeEdition, revisions: tuple[int, int | None]) -> Page:
    """Return the page as HTML. The same editions and programme file give the same page."""
    answer, programme_file = edition.review.judged[0], edition.programme_file
    steps = _at_steps(edition, answer)
    ways = _ways(answer)
    group, reference = people(answer.comparison.group), people(answer.comparison.reference)
    periods, months = answer.series.periods, 1 if answer.series.by == "month" else 3
    return render(
        "board/board.html.j2",
        (PLOTLY, "draw.js"),
        "programme.css",
        edition=edition,
        revision=revisions[0],
        replaces=revisions[1],
        programme=programme_file.programme,
        answer=answer,
        by=answer.series.by,
        headline=f"{sentence(group)}: {IN_SHORT[answer.effect.verdict]}",
        group=group,
        reference=reference,
        sentence_group=sentence(group),
        step=step_of(answer),
        cards=cards(answer, _ABOUT),
        series=_series(edition, answer),
        first=name(f"{periods[0]:%B %Y}"),
        last=name(f"{date(periods[-1].year, periods[-1].month + months - 1, 1):%B %Y}"),
        rates=list(_rates(edition, answer)),
        ways=effects_chart("ways", "Each way of looking", AXIS, ways),
        ways_rows=ways,
        like=[likeness([estimate.alike]) for estimate in answer.effect.like_posts],
        against=answer.effect.comparison,
        same_path=same_path(answer),
        placebos=tried(answer.effect.placebos),
        without=tried(answer.effect.without_a_quarter),
        tried=tried_chart(answer),
        power=power_and_spread(answer),
        steps=_steps_chart(steps) if len(steps) > 1 else None,
        step_rows=[_step_row(step) for step in steps],
        workforce=workforce_over_time(edition.editions, answer.effect.timeline, programme_file),
        survey=answers_over_time(edition.editions, edition.settings),
        milestones=[(when_words(milestone), name(milestone.label)) for milestone in programme_file.milestones],
        drawn=edition.settings.programme.tables_drawn,
        trial_below=edition.settings.trend.trial_below,
        nearest=edition.settings.disclosure.round_to,
        day=day_words,
    )


def _at_steps(edition: ProgrammeEdition, answer: Judged) -> list[Judged]:
    """Return the answer's groups at each step, the whole path first."""
    wanted = (answer.comparison.level, answer.comparison.group)
    return [judged for judged in edition.review.judged if (judged.comparison.level, judged.comparison.group) == wanted]


def _series(edition: ProgrammeEdition, answer: Judged) -> dict[str, Any]:
    names = [period_words(day, answer.series.by) for day in answer.series.periods]
    title = "Impact ratio over time"
    return {
        "chart": series_chart("answer", title, answer.series, answer.effect.timeline, edition.programme_file, names),
        "rows": series_rows(answer.series, names),
        "judged": answer,
        "step": step_of(answer),
        "trial": answer.series.chart.trial[0],
    }


def _rates(edition: ProgrammeEdition, answer: Judged) -> Any:
    """Yield a chart of each side's selection rates, with the reason for its kind of chart."""
    comparison = answer.comparison
    of_step = edition.review.trend.filter(
        pl.col("level") == comparison.level,
        pl.col("from_stage") == comparison.from_stage,
        pl.col("to_stage") == comparison.to_stage,
    )
    for position, side in enumerate((comparison.group, comparison.reference)):
        rows = of_step.filter(pl.col("group_name") == side)
        chart = rates_chart(f"rates-{position}", rows, answer.effect.timeline, edition.programme_file)
        yield {"chart": chart, "name": sentence(people(side)), "kind": KINDS[rows["rate_chart"][0]]}


def _ways(answer: Judged) -> list[Effect]:
    effect, like = answer.effect, answer.effect.like_posts
    effects = [
        Effect("Before and after", *effect.plain.change),
        effect_of("Earlier path", effect.overall, WHY_NONE.get(effect.verdict, "cannot tell")),
    ]
    years = [("Years, all posts", estimate.all_posts) for estimate in like[:1]]
    years += [(f"Years, same {likeness([estimate.alike])}", estimate.within) for estimate in like]
    effects += [Effect(name, estimate.ratio, estimate.low, estimate.high) for name, estimate in years]
    return effects + against_units(answer)


def _steps_chart(steps: Sequence[Judged]) -> Chart:
    lines = [_step_effect(step) for step in steps]
    return effects_chart("steps", "Each step", AXIS, lines)


def _step_effect(step: Judged) -> Effect:
    return effect_of(step_of(step), step.main, WHY_NONE.get(step.effect.verdict, "cannot tell"))


def _step_row(step: Judged) -> dict[str, Any]:
    figure = _step_effect(step)
    return {
        "name": figure.name,
        "figure": figure,
        "verdict": sentence(IN_SHORT[step.effect.verdict]),
        "sides": sides(step, _ABOUT),
    }
