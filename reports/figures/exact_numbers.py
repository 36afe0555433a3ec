"""Numbers from exact tables, for private pages alone: each knows its column, as numbers from shown tables do.

Nothing that is published may import this module: see docs/adr/0027. The last check of an edition would refuse such a
number too, since no shown table has it.
"""

from typing import Any

import polars as pl

from equity_audit.contracts import Table
from reports.figures.shown_numbers import shown_value


def exact_rows(frame: pl.DataFrame, table: Table) -> list[dict[str, Any]]:
    """Return rows of an exact table as values that know their column; a column of another table counts as its own."""
    numbers = [name for name, kind in frame.schema.items() if kind.is_numeric()]
    return [
        row | {name: shown_value(row[name], f"{table.full_name}.{name}") for name in numbers if row[name] is not None}
        for row in frame.iter_rows(named=True)
    ]
