"""A programme judged from published editions alone: what anybody can work out who reads them."""

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
    """Every comparison, the answer first; the trend behind it; in how many quarters a count of the answer is hidden."""

    judged: Sequence[Judged]
    trend: pl.DataFrame
    hidden: int


def review(stage_counts: pl.DataFrame, programme: Programme, settings: Settings) -> Review:
    """Judge a programme from disclosed.stage_counts of every published period of one organisation.

    settings: those that the periods were published with. Without quarters there is no comparison.
    """
    quarters = quarterly_counts(stage_counts, settings)
    every: Every = "1mo" if settings.period.unit == "month" else "3mo"
    tables = list(drawn_counts(quarters, settings.programme.tables_drawn))
    posts = list(_by_year(stage_counts, LIKENESS, settings))
    units = list(_by_year(stage_counts, (UNIT,) if programme.comparator_units else (), settings))
    found = []
    others = zip(*(list(comparisons(table, settings, every)) for table in tables), strict=True)
    for comparison, again in zip(comparisons(quarters, settings, every), others, strict=True):
        like = (like_posts(*tables, which(comparison), programme, settings) for tables in posts)
        against = [yearly_difference(*tables, which(comparison), programme, settings) for tables in units]
        beside = AsPublished([other.counts for other in again], [one for one in like if one], *against)
        found.append(judged(comparison, programme, settings, beside))
    return Review(found, trend(quarters, every, settings), _hidden(quarters, found))


def _by_year(
    stage_counts: pl.DataFrame, splits: Collection[str], settings: Settings
) -> Iterator[tuple[pl.DataFrame, list[pl.DataFrame]]]:
    """Published yearly counts by each of the splits that there is, with tables that may be the exact ones."""
    for split in splits if settings.period.unit == "year" else ():
        counts = yearly_counts(stage_counts, split, settings)
        if counts.height:
            yield counts, list(drawn_counts(counts, settings.programme.tables_drawn))


def which(comparison: Comparison) -> Which:
    """The comparison by its names."""
    return comparison.level, comparison.from_stage, comparison.to_stage, comparison.group, comparison.reference


def _hidden(quarters: pl.DataFrame, found: Sequence[Judged]) -> int:
    """In how many quarters a count of the answer, of either side, was withheld to protect another."""
    if not found:
        return 0
    level, start, end, *groups = which(found[0].comparison)
    own = quarters.filter(
        pl.col("level") == level,
        pl.col("from_stage") == start,
        pl.col("to_stage") == end,
        pl.col("group_name").is_in(groups),
        pl.col("decided").is_null() | pl.col("progressed").is_null(),
    )
    return own["period"].n_unique()
