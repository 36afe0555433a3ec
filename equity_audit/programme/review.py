"""Judge a programme from published editions only, as any reader of them could."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from equity_audit.programme.comparisons import Comparison, Every, Judged, comparisons, judged
from equity_audit.programme.like_posts import LIKENESS, like_posts
from equity_audit.programme.programme_effect import AsPublished
from equity_audit.programme.programme_file import Programme
from equity_audit.programme.quarterly_counts import drawn_counts, quarterly_counts, yearly_counts
from equity_audit.programme.trend import trend
from equity_audit.programme.unit_years import UNIT, yearly_difference
from equity_audit.programme.whole_years import Which
from equity_audit.settings import Settings


@dataclass(frozen=True)
class Review:
    """Every comparison, the main result first; the trend; and how many quarters have a hidden count in the main one."""

    judged: Sequence[Judged]
    trend: pl.DataFrame
    hidden: int


def review(stage_counts: pl.DataFrame, programme: Programme, settings: Settings) -> Review:
    """Judge a programme from disclosed.stage_counts of every published period of one organisation.

    settings: those with which the periods were published. Without quarters there is no comparison.
    """
    quarters = quarterly_counts(stage_counts, settings)
    every: Every = "1mo" if settings.period.unit == "month" else "3mo"
    tables = list(drawn_counts(quarters, settings.programme.tables_drawn))
    posts = list(_by_year(stage_counts, LIKENESS, settings))
    units = list(_by_year(stage_counts, (UNIT,) if programme.comparator_units else (), settings))
    results = []
    drawn = zip(*(list(comparisons(table, settings, every)) for table in tables), strict=True)
    for comparison, others in zip(comparisons(quarters, settings, every), drawn, strict=True):
        like = (like_posts(*tables, which(comparison), programme, settings) for tables in posts)
        against = [yearly_difference(*tables, which(comparison), programme, settings) for tables in units]
        published = AsPublished([other.counts for other in others], [result for result in like if result], *against)
        results.append(judged(comparison, programme, settings, published))
    return Review(results, trend(quarters, every, settings), _hidden(quarters, results))


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


def _hidden(quarters: pl.DataFrame, results: Sequence[Judged]) -> int:
    """Return the number of quarters in which a count of the main result was withheld to protect another."""
    if not results:
        return 0
    level, start, end, *groups = which(results[0].comparison)
    withheld = quarters.filter(
        pl.col("level") == level,
        pl.col("from_stage") == start,
        pl.col("to_stage") == end,
        pl.col("group_name").is_in(groups),
        pl.col("decided").is_null() | pl.col("progressed").is_null(),
    )
    return withheld["period"].n_unique()
