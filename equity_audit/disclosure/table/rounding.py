"""The range of exact counts that a published count allows."""

import polars as pl

from equity_audit.settings import DisclosurePolicy


def lowest_possible(published: pl.Expr, policy: DisclosurePolicy) -> pl.Expr:
    """Return the smallest count that would be published as this one; for null, the smallest count marked as small."""
    return (
        pl.when(published.is_null())
        .then(0 if policy.zeros == "suppress" else 1)
        .when(published == 0)
        .then(0)
        .otherwise(pl.max_horizontal(published - policy.round_to // 2, pl.lit(policy.withhold_below)))
    )


def highest_possible(published: pl.Expr, policy: DisclosurePolicy) -> pl.Expr:
    """Return the largest count that would be published as this one; for null, the largest count marked as small."""
    return (
        pl.when(published.is_null())
        .then(policy.withhold_below - 1)
        .when(published == 0)
        .then((policy.round_to - 1) // 2 if policy.zeros == "round" else 0)
        .otherwise(published + (policy.round_to - 1) // 2)
    )
