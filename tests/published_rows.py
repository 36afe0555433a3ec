"""Published counts by the plain rule, for tests of what is made from them: nothing is withheld to protect another."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from equity_audit.contracts import DISCLOSED_STAGE_COUNTS
from equity_audit.disclosure.table.possible_counts import with_possible_counts
from equity_audit.settings import DisclosurePolicy, Settings

_COUNTS = ("reached", "decided", "progressed")


def disclosed_count(count: pl.Expr, policy: DisclosurePolicy) -> pl.Expr:
    """The count as published: null where it is small, else the nearest multiple of round_to, halves up."""
    small = (count >= (0 if policy.zeros == "suppress" else 1)) & (count < policy.withhold_below)
    return pl.when(~small).then((2 * count + policy.round_to) // (2 * policy.round_to) * policy.round_to)


def as_published(rows: Sequence[dict[str, Any]], policy: Settings) -> pl.DataFrame:
    """Rows of disclosed.stage_counts from rows without notes and with exact counts, rounded and marked by the rule of
    each split; beside them what the counts stand for.
    """
    own = policy.disclosure
    splits = own.model_copy(update={"zeros": own.zeros_in_splits})
    counted = pl.DataFrame(rows).with_columns(
        pl.when(breakdown="all")
        .then(disclosed_count(pl.col(name), own))
        .otherwise(disclosed_count(pl.col(name), splits))
        .alias(name)
        for name in _COUNTS
    )
    notes = [
        pl.when(pl.col(name).is_null()).then(pl.lit("fewer_than")).cast(pl.String).alias(f"{name}_note")
        for name in _COUNTS
    ]
    return with_possible_counts(
        counted.with_columns(notes).select(DISCLOSED_STAGE_COUNTS.column_names), _COUNTS, policy.disclosure
    )
