"""Quarterly counts as editions publish them, and the exact counts that would be published so.

A published count is rounded, marked as small, or not shown. What is calculated from it allows for that by multiple
imputation: the same is calculated from counts drawn at random among those that would be published the same, and ranges
are widened by what differs between them (`widened`). Nothing here knows an exact count, so nothing more can be learnt
from it than the published counts say. D. F. Heitjan and D. B. Rubin, Inference from coarse data via multiple
imputation, J Am Stat Assoc 1990;85:304.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from equity_audit.disclosure.table.possible_counts import with_possible_counts
from equity_audit.settings import Settings
from equity_audit.vocabulary import UNKNOWN

QUARTER = "quarter"
_COUNTS = ("decided", "progressed")
_STEP = ("from_stage", "to_stage")
# At the level of groups.
_NOT_BME = ("White", UNKNOWN)
# Any number, but always the same: the same editions must give the same figures.
_SEED = 20201


def quarterly_counts(stage_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Published counts by quarter as `comparisons` takes them, each with the smallest and the largest that it may be.

    stage_counts: disclosed.stage_counts of one organisation and any number of periods: the rows that are split by
    quarter or, where the periods themselves are quarters or months, those that are not split. A count marked as small
    is given as the middle of what it may be, rounded down; one that was withheld to protect another is null. Where that
    is the count of BME applicants and those of all their groups are shown, it is the sum of these: a reader can
    add up, and a year without it could not be compared at all.

    Columns: period (first day of the quarter or month), level, step_order (the whole path first), from_stage, to_stage,
    group_name, decided and progressed, and for each of the two `_low` and `_high`.
    """
    if settings.period.unit != "year":
        return unsplit_counts(stage_counts, settings)
    first_day = (pl.col("breakdown_value").str.head(7) + "-01").str.to_date()
    return _as_published(stage_counts.filter(pl.col("breakdown") == QUARTER), first_day, settings)


def unsplit_counts(stage_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """The same by reporting period, from the rows that are not split."""
    return _as_published(stage_counts.filter(pl.col("breakdown") == "all"), pl.col("period"), settings)


def yearly_counts(stage_counts: pl.DataFrame, split: str, settings: Settings) -> pl.DataFrame:
    """The same by reporting period and the parts of a split, as pay_band: it is a further column."""
    rows = stage_counts.filter(pl.col("breakdown") == split)
    return _as_published(rows, pl.col("period"), settings, **{split: pl.col("breakdown_value")})


def _as_published(rows: pl.DataFrame, first_day: pl.Expr, settings: Settings, **part: pl.Expr) -> pl.DataFrame:
    own = with_possible_counts(rows.filter(pl.col("level").is_in(["wres", "group"])), _COUNTS, settings.disclosure)
    # Spans before single steps, the whole path being the first of them.
    steps = own.group_by(_STEP).agg((pl.col("step_kind") == "stage").min(), pl.col("step_order").min())
    ordered = (
        steps.sort("step_kind", "step_order", *_STEP)
        .with_row_index("place")
        .select(*_STEP, step_order=pl.col("place").cast(pl.Int8))
    )
    counts = (
        own.drop("step_order")
        .join(ordered, on=_STEP)
        .select(
            "level",
            "step_order",
            *_STEP,
            "group_name",
            *(column for name in _COUNTS for column in _bounded(name)),
            period=first_day,
            **part,
        )
        .sort("period", "level", "step_order", "group_name", *part)
    )
    return _with_sums_of_groups(counts, ("period", *_STEP, *part))


def _with_sums_of_groups(counts: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Return the counts with a withheld count of BME applicants as the sum of their groups', if all are shown."""
    columns = [f"{name}{end}" for name in _COUNTS for end in ("", "_low", "_high")]
    groups = counts.filter(pl.col("level") == "group", ~pl.col("group_name").is_in(_NOT_BME))
    shown = pl.all_horizontal(pl.col(columns).is_not_null().all())
    sums = groups.group_by(key).agg(pl.when(shown).then(pl.col(columns).sum()).name.suffix("_of_groups"))
    of_bme = (pl.col("level") == "wres") & (pl.col("group_name") == "BME")
    filled = (
        pl.when(of_bme).then(pl.coalesce(name, f"{name}_of_groups")).otherwise(pl.col(name)).alias(name)
        for name in columns
    )
    return counts.join(sums, on=key, how="left", maintain_order="left").with_columns(filled).select(counts.columns)


def drawn_counts(counts: pl.DataFrame, number: int) -> Iterator[pl.DataFrame]:
    """So many tables of what the counts may be: each decided, then each progressed, with equal chances in its bounds.

    counts: as quarterly_counts gives them. Null stays null. Nobody progresses who was not decided on. Sums over groups
    or quarters are not kept to: what they would rule out makes ranges wider than they need be, never narrower.
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


def _bounded(name: str) -> Iterator[pl.Expr]:
    """The count, the smallest and the largest that it may be; null where it protects another."""
    count, low, high = pl.col(name), pl.col(f"{name}_low"), pl.col(f"{name}_high")
    known = pl.col(f"{name}_note").ne_missing("protects_another")
    yield pl.when(known).then(count.fill_null((low + high) // 2)).cast(pl.Int64).alias(name)
    yield from (pl.when(known).then(end).name.keep() for end in (low, high))
