"""Whether a ratio has changed between two periods, using only each ratio and its interval.

The ratio of two ratios r2 / r1, on the log scale. Each standard error is recovered from its interval, as half its
length on that scale / z, and the two concern different applications, so their squares add up. D. G. Altman and J. M.
Bland, Interaction revisited: the difference between two estimates, BMJ 2003;326:219.

Score intervals are not quite symmetrical on that scale, and those of published figures are widened to allow for
rounding. Wider intervals give wider ones here: a change that is called clear is clear despite the rounding, and
although many are looked at.
"""

import numpy as np
import polars as pl
from scipy.special import ndtr, ndtri

from equity_audit.measures.significance import holm

# Identifies a comparison in every period.
_COMPARISON = ("level", "breakdown", "breakdown_value", "step_kind", "from_stage", "to_stage", "group_name")


def ratio_changes(now: pl.DataFrame, before: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """Return the impact ratios of two periods side by side, with the change between them.

    Both frames have the columns of contracts.DISCLOSED_DISPARITIES, for one organisation and one period each. The
    result has one row for each comparison of `now`, in its order, with the columns of _COMPARISON, step_order,
    reference_name, impact_ratio, its _low and _high, the same with the prefix `before_`, and

    - change_ratio = impact_ratio / before_impact_ratio; below 1: selected less often, compared with the reference, than
      in the period before;
    - change_low, change_high: exp(log change_ratio -+ z se), where se^2 is the sum of the two squares of
      (log high - log low) / (2 z);
    - change_reading: "fell" or "rose" if p, adjusted by Holm's method for all changes of the level, is below
      1 - confidence, else "not_clear". p is two-sided, from log change_ratio / se.

    If only the range of a ratio is shown, its middle on the log scale is used, and change_ratio is null. All
    four are null if nothing is shown of either ratio, or if either is 0 or has no upper limit.
    """
    z = float(ndtri(0.5 + confidence / 2))
    figures = ("impact_ratio", "impact_ratio_low", "impact_ratio_high")
    earlier = before.select(*_COMPARISON, "reference_name", **{f"before_{name}": name for name in figures})
    now_at, before_at = _at(""), _at("before_")
    change = now_at / before_at
    both_shown = pl.all_horizontal(pl.col("impact_ratio", "before_impact_ratio").is_not_null())
    error = (_half_length("") ** 2 + _half_length("before_") ** 2).sqrt() / z
    # The logarithm of 0, or of a missing limit, is not a finite number.
    known = error.is_finite() & (now_at > 0) & (before_at > 0)
    low, high = change * (-z * error).exp(), change * (z * error).exp()
    changes = (
        now.select(*_COMPARISON, "step_order", "reference_name", *figures)
        .join(earlier, on=[*_COMPARISON, "reference_name"], how="left", maintain_order="left")
        .with_columns(
            pl.when(known).then(value).alias(name)
            for name, value in (
                ("change_ratio", pl.when(both_shown).then(change)),
                ("change_low", low),
                ("change_high", high),
                ("errors_from_none", change.log() / error),
            )
        )
    )
    return changes.with_columns(change_reading=_reading(changes, confidence)).drop("errors_from_none")


def _reading(changes: pl.DataFrame, confidence: float) -> pl.Expr:
    """Return which changes are clear after Holm's adjustment for all of their level, and their direction."""
    p = 2 * ndtr(-np.abs(changes["errors_from_none"].fill_null(np.nan).to_numpy()))
    family = changes.select(pl.col("level").rank("dense")).to_series().to_numpy().astype(np.int64)
    adjusted = pl.Series("adjusted", holm(p, family)).fill_nan(None)
    clear = (adjusted < 1 - confidence).fill_null(value=False)
    return (
        pl.when(pl.col("errors_from_none").is_null())
        .then(None)
        .when(~clear)
        .then(pl.lit("not_clear"))
        .when(pl.col("errors_from_none") < 0)
        .then(pl.lit("fell"))
        .otherwise(pl.lit("rose"))
    )


def _at(prefix: str) -> pl.Expr:
    """Return an impact ratio or, if only its range is shown, the middle of the range on the log scale."""
    low, high = pl.col(f"{prefix}impact_ratio_low"), pl.col(f"{prefix}impact_ratio_high")
    return pl.coalesce(f"{prefix}impact_ratio", (low * high).sqrt())


def _half_length(prefix: str) -> pl.Expr:
    """Return half the length of an interval on the log scale."""
    return (pl.col(f"{prefix}impact_ratio_high").log() - pl.col(f"{prefix}impact_ratio_low").log()) / 2
