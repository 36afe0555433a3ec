"""Quarterly counts as editions publish them, and the exact counts that they may represent.

A published count is rounded, marked as small, or not shown. Figures from it allow for this by multiple imputation: they
are also calculated from counts drawn at random among those that would be published the same, and ranges are widened for
the differences (imputation.py). Nothing here uses an exact count, so results disclose no more than the published counts
do. D. F. Heitjan and D. B. Rubin, Inference from coarse data via multiple imputation, J Am Stat Assoc 1990;85:304.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl

from equity_audit.disclosure.table.rounding import highest_possible, lowest_possible
from equity_audit.settings import Settings

QUARTER = "quarter"
_COUNTS = ("decided", "progressed")
_STEP = ("from_stage", "to_stage")
# Fixed, so that the same editions always give the same figures.
_SEED = 20201


def quarterly_counts(stage_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return published counts by quarter as `comparisons` takes them, each with the smallest and largest it may be.

    stage_counts: disclosed.stage_counts of one organisation and any number of periods. The rows split by quarter are
    used or, if the periods are quarters or months themselves, those that are not split. A count marked as small is
    given as the middle of its range, rounded down; one withheld to protect another is null.

    Columns: period (first day of the quarter or month), level, step_order (the whole path first), from_stage, to_stage,
    group_name, decided and progressed, and for each of the two `_low` and `_high`.
    """
    if settings.period.unit != "year":
        return _as_published(stage_counts.filter(pl.col("breakdown") == "all"), pl.col("period"), settings)
    first_day = (pl.col("breakdown_value").str.head(7) + "-01").str.to_date()
    return _as_published(stage_counts.filter(pl.col("breakdown") == QUARTER), first_day, settings)


def yearly_counts(stage_counts: pl.DataFrame, split: str, settings: Settings) -> pl.DataFrame:
    """Return the same by reporting period and the parts of a split such as pay_band, which is a further column."""
    rows = stage_counts.filter(pl.col("breakdown") == split)
    return _as_published(rows, pl.col("period"), settings, **{split: pl.col("breakdown_value")})


def _as_published(rows: pl.DataFrame, first_day: pl.Expr, settings: Settings, **part: pl.Expr) -> pl.DataFrame:
    published = rows.filter(pl.col("level").is_in(["wres", "group"]))
    # Spans before single steps; the whole path is the first span.
    steps = published.group_by(_STEP).agg((pl.col("step_kind") == "stage").min(), pl.col("step_order").min())
    ordered = (
        steps.sort("step_kind", "step_order", *_STEP)
        .with_row_index("index")
        .select(*_STEP, step_order=pl.col("index").cast(pl.Int8))
    )
    return (
        published.drop("step_order")
        .join(ordered, on=_STEP)
        .select(
            "level",
            "step_order",
            *_STEP,
            "group_name",
            *(column for name in _COUNTS for column in _with_bounds(name, settings)),
            period=first_day,
            **part,
        )
        .sort("period", "level", "step_order", "group_name", *part)
    )


def drawn_counts(counts: pl.DataFrame, number: int) -> Iterator[pl.DataFrame]:
    """Yield tables of what the counts may be, drawn uniformly within their bounds: decided first, then progressed.

    counts: as quarterly_counts gives them. Null stays null. Progressed never exceeds decided. Constraints from sums
    over groups or quarters are ignored, which can make ranges wider than necessary but never narrower.
    """
    rng = np.random.default_rng(_SEED)
    low, high = ({name: counts[f"{name}_{end}"].fill_null(0).to_numpy() for name in _COUNTS} for end in ("low", "high"))
    missing = counts.select(pl.any_horizontal(pl.col(_COUNTS).is_null())).to_series()
    for _ in range(number):
        decided = rng.integers(low["decided"], high["decided"], endpoint=True)
        most = np.minimum(high["progressed"], decided)
        progressed = rng.integers(np.minimum(low["progressed"], most), most, endpoint=True)
        yield counts.with_columns(
            pl.when(~missing).then(pl.Series(values)).alias(name)
            for name, values in (("decided", decided), ("progressed", progressed))
        )


def _with_bounds(name: str, settings: Settings) -> Iterator[pl.Expr]:
    """Yield the count, and the smallest and largest that it may be; null if it is withheld to protect another."""
    policy, count, note = settings.disclosure, pl.col(name), pl.col(f"{name}_note")
    # "Fewer than" may hide a zero, by policy.
    low = pl.when(count.is_null()).then(0).otherwise(lowest_possible(count, policy))
    high = highest_possible(count, policy)
    known = note.ne_missing("protects_another")
    yield pl.when(known).then(count.fill_null((low + high) // 2)).cast(pl.Int64).alias(name)
    yield pl.when(known).then(low).cast(pl.Int64).alias(f"{name}_low")
    yield pl.when(known).then(high).cast(pl.Int64).alias(f"{name}_high")
