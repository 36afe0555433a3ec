"""Published counts by the plain rule, for tests of what is made from them: nothing is withheld to protect another."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from equity_audit.contracts import DISCLOSED_STAGE_COUNTS
from equity_audit.disclosure.table.rounding import disclosed_count
from equity_audit.settings import Settings

_COUNTS = ("reached", "decided", "progressed")


def as_published(rows: Sequence[dict[str, Any]], policy: Settings) -> pl.DataFrame:
    """Rows of disclosed.stage_counts without notes and with exact counts, rounded and marked; splits by their rule."""
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
    return counted.with_columns(notes).select(DISCLOSED_STAGE_COUNTS.column_names)
