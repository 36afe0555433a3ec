"""Pair each group with its comparators: counts of both, one row for each group and comparator of policy."""

import polars as pl

from equity_audit.contracts import STEP_KEY
from equity_audit.measures.references import references
from equity_audit.settings import Settings
from equity_audit.vocabulary import ALL_APPLICANTS, UNKNOWN

EVERYONE_ELSE = "Everyone else"
# The counts of a pair: those of the group, of its comparator, and of unknown ethnicity.
PAIR = (
    *("group_selected", "group_decided", "reference_selected", "reference_decided"),
    *("unknown_selected", "unknown_decided"),
)
_COUNTS = ("progressed", "decided")


def pairs(selection_rates: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return each group with its comparator's counts, for every comparator that policy names.

    - reference: the group that policy, or the classification, fixes for the level; it has no row of its own
    - everyone_else: all other groups of the step whose ethnicity is known
    - overall: all applicants of the step, including the group itself and unknown ethnicity
    - highest_rate: among groups with at least highest_rate_min_share of the decisions on known ethnicity, the one with
      the highest rate (of equals the larger, then the first by name); it has no row of its own

    Adds comparator, reference_name and the columns of PAIR; reference counts are null if there is no reference.
    """
    groups = selection_rates.filter(pl.col("group_name") != ALL_APPLICANTS)
    known = groups.filter(pl.col("group_name") != UNKNOWN)
    unknown = groups.filter(pl.col("group_name") == UNKNOWN).select(
        *STEP_KEY, unknown_selected="progressed", unknown_decided="decided"
    )
    makers = {
        "reference": lambda: _with_reference(groups, known, settings),
        "everyone_else": lambda: _with_everyone_else(groups, known),
        "overall": lambda: _with_overall(groups),
        "highest_rate": lambda: _with_highest(groups, known, settings.comparison.highest_rate_min_share),
    }
    return (
        pl.concat(makers[name]().with_columns(comparator=pl.lit(name)) for name in settings.comparison.comparators)
        .join(unknown, on=STEP_KEY, how="left", maintain_order="left")
        .with_columns(pl.col("unknown_selected", "unknown_decided").fill_null(0))
        .rename({"progressed": "group_selected", "decided": "group_decided"})
    )


def _with_reference(groups: pl.DataFrame, known: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    return _beside(groups.with_columns(reference_name=references(groups, settings)), known)


def _with_highest(groups: pl.DataFrame, known: pl.DataFrame, least_share: float) -> pl.DataFrame:
    share = pl.col("decided") / pl.col("decided").sum().over(STEP_KEY)
    highest = (
        known.filter(pl.col("decided") > 0, share >= least_share)
        .sort(pl.col("progressed") / pl.col("decided"), "decided", "group_name", descending=[True, True, False])
        .unique(STEP_KEY, keep="first", maintain_order=True)
        .select(*STEP_KEY, reference_name="group_name")
    )
    return _beside(groups.join(highest, on=STEP_KEY, how="left", maintain_order="left"), known)


def _beside(named: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Join each group with the group of its reference_name, which gets no row of its own."""
    reference = known.select(
        *STEP_KEY, reference_name="group_name", reference_selected="progressed", reference_decided="decided"
    )
    return named.filter(pl.col("group_name").ne_missing(pl.col("reference_name"))).join(
        reference, on=(*STEP_KEY, "reference_name"), how="left", maintain_order="left"
    )


def _with_everyone_else(groups: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    totals = known.group_by(STEP_KEY).agg(pl.col(name).sum().alias(f"all_{name}") for name in _COUNTS)
    included = {name: pl.when(pl.col("group_name") == UNKNOWN).then(0).otherwise(pl.col(name)) for name in _COUNTS}
    return (
        groups.join(totals, on=STEP_KEY, how="left", maintain_order="left")
        .with_columns(
            reference_name=pl.lit(EVERYONE_ELSE),
            reference_selected=pl.col("all_progressed").fill_null(0) - included["progressed"],
            reference_decided=pl.col("all_decided").fill_null(0) - included["decided"],
        )
        .drop("all_progressed", "all_decided")
    )


def _with_overall(groups: pl.DataFrame) -> pl.DataFrame:
    return groups.with_columns(
        reference_name=pl.lit(ALL_APPLICANTS),
        reference_selected=pl.col("progressed").sum().over(STEP_KEY),
        reference_decided=pl.col("decided").sum().over(STEP_KEY),
    )
