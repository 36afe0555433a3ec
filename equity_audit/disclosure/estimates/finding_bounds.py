"""What can be said of tests and findings although only rounded counts are known.

Two worlds bound every comparison with the reference: all groups selected as often as the published counts allow and the
reference as seldom, and the reverse. Whatever is the same in both, and for the largest and the smallest p-value, holds
for the exact counts too. It is a function of the published counts, so that it tells nobody more than they do.
"""

from itertools import product

import numpy as np
import polars as pl

from equity_audit.contracts import STEP_KEY
from equity_audit.measures.clustering import effects_of
from equity_audit.measures.disparity import disparities
from equity_audit.measures.findings import finding
from equity_audit.measures.intervals import Floats
from equity_audit.measures.power import smallest_detectable_ratio
from equity_audit.measures.rates import selection_rates
from equity_audit.measures.references import references
from equity_audit.measures.significance import holm
from equity_audit.settings import Settings

NOT_SETTLED = "not_settled"
_KEY = [*STEP_KEY, "group_name"]
_FAMILY = ("organisation", "period", "family")


def worlds(disclosed_counts: pl.DataFrame, settings: Settings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Counts at both ends: groups selected as often as published counts allow, the reference as seldom; and reversed.

    Withheld counts are bounded by nothing but others of the row. Columns: those of the step, decided, progressed.
    """
    is_reference = _is_reference(disclosed_counts, settings)
    least, most, fewest, all_of = (
        pl.col(f"{count}_{end}") for count in ("progressed", "decided") for end in ("low", "high")
    )
    # As often as possible: most selected of fewest decided on. As seldom: least of all.
    often = {"decided": pl.max_horizontal(fewest, most), "progressed": most}
    seldom = {"decided": all_of, "progressed": pl.min_horizontal(least, all_of)}
    return tuple(  # type: ignore[return-value]
        disclosed_counts.select(
            *_KEY, *(pl.when(is_reference).then(theirs[name]).otherwise(ours[name]).alias(name) for name in ours)
        )
        for ours, theirs in ((often, seldom), (seldom, often))
    )


def settled_findings(
    disclosed_counts: pl.DataFrame, settings: Settings, effects: pl.DataFrame | None = None
) -> pl.DataFrame:
    """For each comparison with the reference: the finding, or "not_settled" where exact counts could give another.

    effects: contracts.DISCLOSED_DESIGN_EFFECTS; None: 1.

    P-values are bounded over both worlds (1 where one world has the group selected more and the other less often), and
    Holm's adjustment, which never falls when a p-value rises, is bounded with them. Columns: the step, the group,
    finding, shortfall_low, shortfall_high; and p_value and p_adjusted, the largest of each.
    """
    reference_only = settings.model_copy(
        update={"comparison": settings.comparison.model_copy(update={"comparators": ("reference",)})}
    )
    level = 1 - settings.comparison.confidence
    often, seldom = (
        disparities(selection_rates(world, reference_only), reference_only, effects).sort(_KEY)
        for world in worlds(disclosed_counts, settings)
    )
    family = often.select(pl.struct(_FAMILY).rank("dense")).to_series().to_numpy().astype(np.int64)
    p = np.vstack([frame["p_value"].fill_null(np.nan).to_numpy() for frame in (often, seldom)])
    across = (often["impact_ratio"] > 1) & (seldom["impact_ratio"] < 1)
    # A comparison with a withheld count may have any p-value, and counts in its family all the same.
    hidden = often.select(*_KEY).join(_hidden(disclosed_counts, settings), on=_KEY, how="left")["hidden"].to_numpy()
    largest = np.where(hidden | across.fill_null(value=True).to_numpy(), 1.0, p.max(axis=0))
    smallest = np.where(hidden, 0.0, p.min(axis=0))
    effect = effects_of(often, effects)
    detectable = _detectable(often, seldom, settings, effect)
    findings = [
        frame.with_columns(
            p_adjusted=pl.Series(holm(bound, family)).fill_nan(None), smallest_detectable_ratio=pl.Series(power)
        ).select(found=finding(level))["found"]
        for frame in (often, seldom)
        for bound in (largest, smallest)
        for power in detectable
    ]
    # On different sides of what is usual, both worlds may be called the same, and what lies between them another.
    sides = [often[name] == seldom[name] for name in ("below_four_fifths", "above_five_fourths")]
    same = [
        all(found == first for found in others) and below is not False and above is not False
        for first, *others, below, above in zip(*findings, *sides, strict=True)
    ]
    return often.select(
        *_KEY,
        finding=pl.when(pl.Series(same, dtype=pl.Boolean)).then(findings[0]).otherwise(pl.lit(NOT_SETTLED)),
        shortfall_low=often["shortfall"],
        shortfall_high=seldom["shortfall"],
        p_value=pl.Series(largest).fill_nan(None),
        p_adjusted=pl.Series(holm(largest, family)).fill_nan(None),
    )


def _detectable(
    often: pl.DataFrame, seldom: pl.DataFrame, settings: Settings, effect: Floats
) -> tuple[pl.Series, pl.Series]:
    """A detectable ratio where any counts have one, and where all have one; else null.

    Over the fewest and the most decided on either side, and the reference's lowest and highest rate; and the rate
    nearest to a half between these, where fewest are needed.
    """
    group, reference = (
        [world[f"{side}_decided"].fill_null(0).to_numpy() / effect for world in (often, seldom)]
        for side in ("group", "reference")
    )
    lowest, highest = (
        (world["reference_selected"] / world["reference_decided"]).fill_null(0).fill_nan(0).to_numpy()
        for world in (often, seldom)
    )
    policy = settings.comparison
    found = np.vstack(
        [
            smallest_detectable_ratio(decided, others, rate, policy.confidence, policy.power)
            for decided, others in product(group, reference)
            for rate in (lowest, np.clip(0.5, lowest, highest), highest)
        ]
    )
    none, some = np.isnan(found).all(axis=0), np.isnan(found).any(axis=0)
    ratio = np.where(none, np.nan, np.nan_to_num(found).max(axis=0))
    return pl.Series(ratio).fill_nan(None), pl.Series(np.where(some, np.nan, ratio)).fill_nan(None)


def _is_reference(disclosed_counts: pl.DataFrame, settings: Settings) -> pl.Expr:
    return (pl.col("group_name") == references(disclosed_counts, settings)).fill_null(value=False)


def _hidden(disclosed_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """For each row, whether a count of it or of its reference is not shown."""
    own = pl.col("progressed").is_null() | pl.col("decided").is_null()
    reference = own.filter(_is_reference(disclosed_counts, settings)).any().over(STEP_KEY)
    return disclosed_counts.select(*_KEY, hidden=own | reference)
