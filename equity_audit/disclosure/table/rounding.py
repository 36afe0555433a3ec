"""Withholding and rounding of single counts, and what a published count still allows."""

import polars as pl

from equity_audit.settings import DisclosurePolicy


def withheld(count: pl.Expr, policy: DisclosurePolicy) -> pl.Expr:
    """Whether a count is not shown: from 1 (or 0, where zeros are suppressed) to below the threshold."""
    lowest = 0 if policy.zeros == "suppress" else 1
    return (count >= lowest) & (count < policy.withhold_below)


def disclosed_count(count: pl.Expr, policy: DisclosurePolicy) -> pl.Expr:
    """The count as published: null where withheld, else the nearest multiple of round_to, halves up."""
    rounded = (2 * count + policy.round_to) // (2 * policy.round_to) * policy.round_to
    return pl.when(~withheld(count, policy)).then(rounded)


def lowest_possible(published: pl.Expr, policy: DisclosurePolicy) -> pl.Expr:
    """The smallest count that would be published as this one; for a withheld count (null), the smallest withheld."""
    return (
        pl.when(published.is_null())
        .then(0 if policy.zeros == "suppress" else 1)
        .when(published == 0)
        .then(0)
        .otherwise(pl.max_horizontal(published - policy.round_to // 2, pl.lit(policy.withhold_below)))
    )


def highest_possible(published: pl.Expr, policy: DisclosurePolicy) -> pl.Expr:
    """The largest count that would be published as this one; for a withheld count (null), the largest withheld."""
    return (
        pl.when(published.is_null())
        .then(policy.withhold_below - 1)
        .when(published == 0)
        .then((policy.round_to - 1) // 2 if policy.zeros == "round" else 0)
        .otherwise(published + (policy.round_to - 1) // 2)
    )
