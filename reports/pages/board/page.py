"""The board's page about a programme: one answer, one chart per question. It knows nothing but published editions."""

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
from reports.pages.programme.words import cards, found_sure, series_rows, sides, step_of
from reports.pages.shell import PLOTLY, Page, render

# Sums of rounded numbers, and of middles of what small ones may be.
_ABOUT = "about "


def render_board(edition: ProgrammeEdition, revisions: tuple[int, int | None]) -> Page:
    """The page, as HTML. The same editions and programme file give the same page."""
    answer, told = edition.review.judged[0], edition.told
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
        programme=told.programme,
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
        like=[likeness([one.alike]) for one in answer.effect.like_posts],
        against=answer.effect.comparison,
        same_path=same_path(answer),
        placebos=tried(answer.effect.placebos),
        without=tried(answer.effect.without_a_quarter),
        tried=tried_chart(answer),
        sure=found_sure(answer),
        steps=_steps_chart(steps) if len(steps) > 1 else None,
        step_rows=[_step_row(each) for each in steps],
        workforce=workforce_over_time(edition.editions, answer.effect.timeline, told),
        survey=answers_over_time(edition.editions, edition.settings),
        milestones=[(when_words(one), name(one.label)) for one in told.milestones],
        drawn=edition.settings.programme.tables_drawn,
        trial_below=edition.settings.trend.trial_below,
        nearest=edition.settings.disclosure.round_to,
        day=day_words,
    )


def _at_steps(edition: ProgrammeEdition, answer: Judged) -> list[Judged]:
    """The answer's groups at each step, the whole path first."""
    wanted = (answer.comparison.level, answer.comparison.group)
    return [each for each in edition.review.judged if (each.comparison.level, each.comparison.group) == wanted]


def _series(edition: ProgrammeEdition, each: Judged) -> dict[str, Any]:
    names = [period_words(day, each.series.by) for day in each.series.periods]
    title = "Impact ratio over time"
    return {
        "chart": series_chart("answer", title, each.series, each.effect.timeline, edition.told, names),
        "rows": series_rows(each.series, names),
        "judged": each,
        "step": step_of(each),
        "trial": each.series.chart.trial[0],
    }


def _rates(edition: ProgrammeEdition, answer: Judged) -> Any:
    """A chart of each side's selection rates, with why it is of its kind."""
    comparison = answer.comparison
    own = edition.review.trend.filter(
        pl.col("level") == comparison.level,
        pl.col("from_stage") == comparison.from_stage,
        pl.col("to_stage") == comparison.to_stage,
    )
    for place, side in enumerate((comparison.group, comparison.reference)):
        rows = own.filter(pl.col("group_name") == side)
        chart = rates_chart(f"rates-{place}", rows, answer.effect.timeline, edition.told)
        yield {"chart": chart, "name": sentence(people(side)), "kind": KINDS[rows["rate_chart"][0]]}


def _ways(answer: Judged) -> list[Effect]:
    effect, like = answer.effect, answer.effect.like_posts
    found = [
        Effect("Before and after", *effect.plain.change),
        effect_of("Earlier path", effect.overall, WHY_NONE.get(effect.verdict, "cannot tell")),
    ]
    years = [("Years, all posts", one.all_posts) for one in like[:1]]
    years += [(f"Years, same {likeness([one.alike])}", one.within) for one in like]
    found += [Effect(name, estimate.ratio, estimate.low, estimate.high) for name, estimate in years]
    return found + against_units(answer)


def _steps_chart(steps: Sequence[Judged]) -> Chart:
    lines = [effect_of(step_of(each), each.main, WHY_NONE.get(each.effect.verdict, "cannot tell")) for each in steps]
    return effects_chart("steps", "Each step", AXIS, lines)


def _step_row(each: Judged) -> dict[str, Any]:
    figure = effect_of(step_of(each), each.main, WHY_NONE.get(each.effect.verdict, "cannot tell"))
    return {
        "name": figure.name,
        "figure": figure,
        "said": sentence(IN_SHORT[each.effect.verdict]),
        "sides": sides(each, _ABOUT),
    }
