"""Which findings hold for certain if only rounded counts are known.

Two extremes bound every comparison with the reference: all groups selected as often as the published counts allow and
the reference as seldom, and the reverse. A finding that is the same at both, and for the largest and the smallest
p-value, holds for the exact counts too. It is a function of the published counts, so it discloses no more than they do.
"""

import numpy as np
import polars as pl

from equity_audit.contracts import STEP_KEY
from equity_audit.disclosure.table.rounding import highest_possible, lowest_possible
from equity_audit.measures.disparity import disparities
from equity_audit.measures.findings import finding
from equity_audit.measures.power import smallest_detectable_ratio
from equity_audit.measures.rates import selection_rates
from equity_audit.measures.significance import holm
from equity_audit.settings import Settings

NOT_SETTLED = "not_settled"
_KEY = [*STEP_KEY, "group_name"]
_FAMILY = ("organisation", "period", "level", "breakdown")


def extreme_counts(disclosed_counts: pl.DataFrame, settings: Settings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return counts at both extremes: groups selected as often as possible and the reference as seldom; the reverse.

    Withheld counts are bounded only by others in the row. Columns: those of the step, decided, progressed.
    """
    policy = settings.disclosure
    is_reference = _is_reference(disclosed_counts, settings)
    s, n = pl.col("progressed"), pl.col("decided")
    least, most = lowest_possible(s, policy), highest_possible(s, policy)
    fewest, largest = lowest_possible(n, policy), highest_possible(n, policy)
    # As often as possible: most selected of fewest decided. As seldom: least selected of the largest number decided.
    often = {"decided": pl.max_horizontal(fewest, most), "progressed": most}
    seldom = {"decided": largest, "progressed": pl.min_horizontal(least, largest)}
    return tuple(  # type: ignore[return-value]
        disclosed_counts.select(
            *_KEY, *(pl.when(is_reference).then(reference[name]).otherwise(group[name]).alias(name) for name in group)
        )
        for group, reference in ((often, seldom), (seldom, often))
    )


def settled_findings(disclosed_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return the finding of each comparison with the reference, or "not_settled" if exact counts could give another.

    P-values are bounded over both extremes (1 if the group is selected more often at one and less often at the other),
    and so is Holm's adjustment, which never falls when a p-value rises. Columns: the step, the group, finding,
    shortfall_low, shortfall_high.
    """
    reference_only = settings.model_copy(
        update={"comparison": settings.comparison.model_copy(update={"comparators": ("reference",)})}
    )
    level = 1 - settings.comparison.confidence
    often, seldom = (
        disparities(selection_rates(counts, reference_only), reference_only).sort(_KEY)
        for counts in extreme_counts(disclosed_counts, settings)
    )
    family = often.select(pl.struct(_FAMILY).rank("dense")).to_series().to_numpy().astype(np.int64)
    p = np.vstack([frame["p_value"].fill_null(np.nan).to_numpy() for frame in (often, seldom)])
    across = (often["impact_ratio"] > 1) & (seldom["impact_ratio"] < 1)
    # A comparison with a withheld count may have any p-value, but still counts in its family.
    hidden = often.select(*_KEY).join(_hidden(disclosed_counts, settings), on=_KEY, how="left")["hidden"].to_numpy()
    largest = np.where(hidden | across.fill_null(value=True).to_numpy(), 1.0, p.max(axis=0))
    smallest = np.where(hidden, 0.0, p.min(axis=0))
    detectable = [_detectable(often, seldom, settings, best=best) for best in (False, True)]
    findings = [
        frame.with_columns(
            p_adjusted=pl.Series(holm(bound, family)).fill_nan(None), smallest_detectable_ratio=pl.Series(power)
        ).select(finding=finding(level))["finding"]
        for frame in (often, seldom)
        for bound in (largest, smallest)
        for power in detectable
    ]
    # If the extremes are on different sides of four fifths to five fourths, they may have the same finding while
    # counts between them have another.
    sides = [often[name] == seldom[name] for name in ("below_four_fifths", "above_five_fourths")]
    same = [
        all(other == first for other in others) and below is not False and above is not False
        for first, *others, below, above in zip(*findings, *sides, strict=True)
    ]
    return often.select(
        *_KEY,
        finding=pl.when(pl.Series(same, dtype=pl.Boolean)).then(findings[0]).otherwise(pl.lit(NOT_SETTLED)),
        shortfall_low=often["shortfall"],
        shortfall_high=seldom["shortfall"],
    )


def _detectable(often: pl.DataFrame, seldom: pl.DataFrame, settings: Settings, *, best: bool) -> pl.Series:
    """Return the smallest detectable ratio with the numbers and the reference's rate at their worst or best."""
    fewest, most = often, seldom
    group = (most if best else fewest)["group_decided"]
    reference = (fewest if best else most)["reference_decided"]
    # The reference is selected as often as possible at the second extreme, and as seldom at the first.
    extreme = seldom if best else often
    rate = (extreme["reference_selected"] / extreme["reference_decided"]).fill_null(0).fill_nan(0)
    policy = settings.comparison
    decided, others = (column.fill_null(0).to_numpy() for column in (group, reference))
    ratio = smallest_detectable_ratio(decided, others, rate.to_numpy(), policy.confidence, policy.power)
    return pl.Series(ratio).fill_nan(None)


def _is_reference(disclosed_counts: pl.DataFrame, settings: Settings) -> pl.Expr:
    levels = disclosed_counts["level"].unique().to_list()
    references = {level: name for level in levels if (name := settings.comparison.reference(level))}
    chosen = pl.col("level").replace_strict(references, default=None, return_dtype=pl.String)
    return (pl.col("group_name") == chosen).fill_null(value=False)


def _hidden(disclosed_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return for each row whether a count in it or in its reference is not shown."""
    in_row = pl.col("progressed").is_null() | pl.col("decided").is_null()
    in_reference = in_row.filter(_is_reference(disclosed_counts, settings)).any().over(STEP_KEY)
    return disclosed_counts.select(*_KEY, hidden=in_row | in_reference)
