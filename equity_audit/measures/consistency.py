"""Checks of one measure by another: what must hold between figures, whatever the data. Each counts what does not."""

import polars as pl

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


def _outside(frame: pl.DataFrame, figure: str, low: str, high: str) -> int:
    value = pl.col(figure)
    below = (value < pl.col(low) - _TOLERANCE).fill_null(value=False)
    above = (value > pl.col(high) + _TOLERANCE).fill_null(value=False)
    return frame.filter(below | above).height
