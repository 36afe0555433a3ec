"""Checks of one measure by another: what must hold between figures, whatever the data. Each counts what does not."""

import polars as pl

from equity_audit.vocabulary import UNKNOWN

# Two ways to the same number differ in the last binary places at most.
_TOLERANCE = 1e-9


def contributions_that_do_not_add_up(contributions: pl.DataFrame, paths: pl.DataFrame) -> int:
    """Paths whose stage logarithms do not add up to the logarithm of the overall ratio, or that have no stages."""
    key = ["organisation", "period", "level", "breakdown", "breakdown_value", "withdrawals", "group_name"]
    sums = contributions.group_by(key).agg(pl.col("log_ratio").sum())
    whole = paths.filter(pl.col("overall_ratio") > 0).select(*key, whole=pl.col("overall_ratio").log())
    both = whole.join(sums, on=key, how="full", coalesce=True)
    apart = (pl.col("whole") - pl.col("log_ratio")).abs() <= _TOLERANCE
    return both.filter(~apart.fill_null(value=False)).height


def bounds_that_miss(disparities: pl.DataFrame) -> int:
    """Ratios that lie outside what sharing out the unknown allows; the ratio without them is one of the ways."""
    return _outside(disparities, "impact_ratio", "unknown_low", "unknown_high")


def intervals_that_miss(frame: pl.DataFrame, *figures: str) -> int:
    """Figures outside their own interval; of each, the columns <figure>_low and <figure>_high are looked at."""
    return sum(_outside(frame, figure, f"{figure}_low", f"{figure}_high") for figure in figures)


def mostly_known(stage_counts: pl.DataFrame, share: float, below: int) -> bool:
    """Whether an organisation's published counts show that at most `share` of applicants are of unknown ethnicity.

    stage_counts: disclosed.stage_counts. A count marked as fewer than `below` is taken for the largest that it can be;
    one that is withheld shows nothing, and then the groups that are known have to show it. Nothing else is looked at,
    so whoever has the counts can say the same.
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
