"""Published counts by the plain rule, for tests of what is made from them: nothing is withheld to protect another."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from equity_audit.contracts import DISCLOSED_STAGE_COUNTS
from equity_audit.settings import DisclosurePolicy, Settings

_COUNTS = ("reached", "decided", "progressed")


def as_published(rows: Sequence[dict[str, Any]], policy: Settings) -> pl.DataFrame:
    """Rows of disclosed.stage_counts without notes and with exact counts, rounded and marked; splits by their rule."""
    unsplit = policy.disclosure
    splits = unsplit.model_copy(update={"zeros": unsplit.zeros_in_splits})
    counted = pl.DataFrame(rows).with_columns(
        pl.when(breakdown="all")
        .then(_published(pl.col(name), unsplit))
        .otherwise(_published(pl.col(name), splits))
        .alias(name)
        for name in _COUNTS
    )
    notes = [
        pl.when(pl.col(name).is_null()).then(pl.lit("fewer_than")).cast(pl.String).alias(f"{name}_note")
        for name in _COUNTS
    ]
    return counted.with_columns(notes).select(DISCLOSED_STAGE_COUNTS.column_names)


def _published(count: pl.Expr, policy: DisclosurePolicy) -> pl.Expr:
    """Null if the count is marked as small, else the nearest multiple of round_to, halves up."""
    smallest = 0 if policy.zeros == "suppress" else 1
    small = (count >= smallest) & (count < policy.withhold_below)
    rounded = (2 * count + policy.round_to) // (2 * policy.round_to) * policy.round_to
    return pl.when(~small).then(rounded)
