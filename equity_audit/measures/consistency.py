"""Check measures against each other: relations that hold whatever the data. Each function counts the exceptions."""

import polars as pl

from equity_audit.vocabulary import UNKNOWN

# Two ways to calculate the same number differ at most in the last binary places.
_TOLERANCE = 1e-9


def contributions_that_do_not_add_up(contributions: pl.DataFrame, paths: pl.DataFrame) -> int:
    """Count paths without stages, or whose stage logarithms do not add up to the logarithm of the overall ratio."""
    key = ["organisation", "period", "level", "breakdown", "breakdown_value", "withdrawals", "group_name"]
    sums = contributions.group_by(key).agg(pl.col("log_ratio").sum())
    whole = paths.filter(pl.col("overall_ratio") > 0).select(*key, whole=pl.col("overall_ratio").log())
    both = whole.join(sums, on=key, how="full", coalesce=True)
    apart = (pl.col("whole") - pl.col("log_ratio")).abs() <= _TOLERANCE
    return both.filter(~apart.fill_null(value=False)).height


def bounds_that_miss(disparities: pl.DataFrame) -> int:
    """Count ratios outside the bounds for unknown ethnicity, which always include the ratio without the unknown."""
    return _outside(disparities, "impact_ratio", "unknown_low", "unknown_high")


def intervals_that_miss(frame: pl.DataFrame, *figures: str) -> int:
    """Count figures outside their own interval, which is in the columns <figure>_low and <figure>_high."""
    return sum(_outside(frame, figure, f"{figure}_low", f"{figure}_high") for figure in figures)


def mostly_known(stage_counts: pl.DataFrame, share: float, below: int) -> bool:
    """Return whether an organisation's published counts show that at most `share` of applicants have unknown ethnicity.

    stage_counts: disclosed.stage_counts. A count marked as fewer than `below` is taken as the largest that it can be. A
    withheld count shows nothing, so the counts of known groups must show it. Nothing else is used, so anyone who has
    the published counts can reach the same conclusion.
    """
    first = stage_counts.filter(pl.col("breakdown") == "all", pl.col("step_order") == pl.col("step_order").min())
    everyone = first.filter(pl.col("level") == "all")["reached"].to_list()
    if not everyone or everyone[0] is None:
        return False
    groups = first.filter(pl.col("level") == "group")
    unknown = groups.filter(pl.col("group_name") == UNKNOWN).select("reached", "reached_note").rows()
    reached, note = unknown[0] if unknown else (0, None)
    most = below - 1 if note == "fewer_than" else reached
    known = groups.filter(pl.col("group_name") != UNKNOWN)["reached"].sum()
    return bool((most is not None and most <= share * everyone[0]) or known >= (1 - share) * everyone[0])


def _outside(frame: pl.DataFrame, figure: str, low: str, high: str) -> int:
    value = pl.col(figure)
    below = (value < pl.col(low) - _TOLERANCE).fill_null(value=False)
    above = (value > pl.col(high) + _TOLERANCE).fill_null(value=False)
    return frame.filter(below | above).height
