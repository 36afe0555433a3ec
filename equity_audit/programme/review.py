"""Judge a programme from published editions only, as any reader of them could."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from equity_audit.periods import MONTHS_IN
from equity_audit.programme.comparisons import (
    MONTHS,
    TABLE,
    Comparison,
    Every,
    Judged,
    answer_of,
    comparisons,
    judged,
    with_second_look,
)
from equity_audit.programme.like_posts import LIKENESS, LikePosts, like_posts
from equity_audit.programme.programme_effect import AsPublished
from equity_audit.programme.programme_file import Programme
from equity_audit.programme.published.trend import with_ranges
from equity_audit.programme.published.years import complete_years, ratios_by_year, with_points
from equity_audit.programme.quarterly_counts import drawn_counts, quarterly_counts, unsplit_counts, yearly_counts
from equity_audit.programme.trend import trend
from equity_audit.programme.unit_years import UNIT, yearly_difference
from equity_audit.programme.whole_years import Which
from equity_audit.settings import Settings

_EVERY: dict[str, Every] = {"month": "1mo", "quarter": "3mo", "year": "12mo"}


@dataclass(frozen=True)
class Review:
    """Every comparison, and the one that is the answer; and the trend.

    hidden: the number of quarters, or of periods if these are shorter than a year, of the answer's step in which a
    count was withheld to protect another. left_out: the reporting years without all counts, which the answer is not
    made from. by_year: the answer's impact ratio in each reporting year (published/years.py).
    """

    judged: Sequence[Judged]
    answer: Judged
    trend: pl.DataFrame
    hidden: int
    left_out: Sequence[date]
    by_year: Sequence[tuple[date, tuple[float, float, float]]]


def review(stage_counts: pl.DataFrame, programme: Programme, settings: Settings) -> Review | None:
    """Judge a programme from disclosed.stage_counts of every published period of one organisation.

    settings: those with which the periods were published. The answer compares whole years; the series is a second look
    where quarters or months are published. None if no step has two groups with published counts.
    """
    counts, every = unsplit_counts(stage_counts, settings), _EVERY[settings.period.unit]
    posts = list(_by_year(stage_counts, LIKENESS, settings))
    units = list(_by_year(stage_counts, (UNIT,) if programme.comparator_units else (), settings))
    quarters = quarterly_counts(stage_counts, settings)
    # Only the words of a second look need like posts at every comparison; otherwise the answer alone does.
    judgements = list(_judged(counts, every, programme, settings, posts if quarters.height else [], units))
    if every == "12mo" and quarters.height:
        series = {which(each.comparison): each for each in _judged(quarters, "3mo", programme, settings, posts, units)}
        judgements = [
            with_second_look(each, series[key], settings) if (key := which(each.comparison)) in series else each
            for each in judgements
        ]
    if not judgements:
        return None
    answer = answer_of(judgements, settings)
    if not quarters.height:
        answer = replace(answer, like=list(_alike(posts, answer.comparison, programme, settings)))
    years = complete_years(counts, which(answer.comparison), MONTHS[every], settings)
    source, length = (quarters, "3mo" if every == "12mo" else every) if quarters.height else (counts, every)
    return Review(
        judgements,
        answer,
        with_ranges(trend(source, length, settings), source, settings),
        _hidden(quarters, answer),
        answer.years.left_out if answer.years else years.incomplete,
        list(ratios_by_year(counts, which(answer.comparison), years.whole, settings)),
    )


def _judged(
    counts: pl.DataFrame,
    every: Every,
    programme: Programme,
    settings: Settings,
    posts: Sequence[tuple[pl.DataFrame, list[pl.DataFrame]]],
    units: Sequence[tuple[pl.DataFrame, list[pl.DataFrame]]],
) -> Iterator[Judged]:
    """Judge every comparison of published counts, with tables that may be the exact ones."""
    tables = enumerate(drawn_counts(counts, settings.programme.tables_drawn))
    stacked = pl.concat([table.with_columns(pl.lit(number).alias(TABLE)) for number, table in tables])
    drawn = comparisons(stacked, settings, every)
    for comparison, others in zip(comparisons(counts, settings, every), drawn, strict=True):
        like = _alike(posts, comparison, programme, settings)
        units_apart = (yearly_difference(*tables, which(comparison), programme, settings) for tables in units)
        against = next(units_apart, None)
        # Where a year's own count is withheld, the sum of its quarters shown on both sides replaces it.
        own = MONTHS[every] == MONTHS_IN[settings.period.unit]
        years = complete_years(counts, which(comparison), MONTHS[every], settings) if own else None
        published = AsPublished(_apart(others.counts), list(like), against, years)
        judgement = judged(comparison, programme, settings, every, published)
        change = judgement.years
        yield replace(judgement, years=change and with_points(change, counts, which(comparison), settings))


def _apart(counts: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the tables stacked below one another, in order."""
    return counts.partition_by(TABLE, maintain_order=True, include_key=False)


def _alike(
    posts: Sequence[tuple[pl.DataFrame, list[pl.DataFrame]]],
    comparison: Comparison,
    programme: Programme,
    settings: Settings,
) -> Iterator[LikePosts]:
    """Yield the change among like posts, for each of what makes posts alike."""
    results = (like_posts(*tables, which(comparison), programme, settings) for tables in posts)
    return (result for result in results if result)


def _by_year(
    stage_counts: pl.DataFrame, splits: Collection[str], settings: Settings
) -> Iterator[tuple[pl.DataFrame, list[pl.DataFrame]]]:
    """Yield published yearly counts by each split that has any, with tables that may be the exact ones."""
    for split in splits if settings.period.unit == "year" else ():
        counts = yearly_counts(stage_counts, split, settings)
        if counts.height:
            yield counts, list(drawn_counts(counts, settings.programme.tables_drawn))


def which(comparison: Comparison) -> Which:
    """Return the names that identify a comparison."""
    return comparison.level, comparison.from_stage, comparison.to_stage, comparison.group, comparison.reference


def _hidden(counts: pl.DataFrame, answer: Judged) -> int:
    """Return the number of periods in which a count of the answer was withheld to protect another."""
    level, start, end, *groups = which(answer.comparison)
    withheld = counts.filter(
        pl.col("level") == level,
        pl.col("from_stage") == start,
        pl.col("to_stage") == end,
        pl.col("group_name").is_in(groups),
        pl.col("decided").is_null() | pl.col("progressed").is_null(),
    )
    return withheld["period"].n_unique()
