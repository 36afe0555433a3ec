"""Run the steps of one shape of export in order: load its rows into the warehouse and remove invalid ones again."""

from datetime import date
from types import ModuleType
from typing import Any

import duckdb

from assets.ingest.duplicate_ids import keep_repeated_ids
from assets.ingest.extract import Load
from assets.warehouse.extract_register import purged_before
from equity_audit.intake import wide
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.pseudonyms import hmac_pads

_TEMPORARY = (
    *("incoming", "candidates", "repeated_ids", "repeats", "repeated"),
    *("paths", "endings", "orphans", "suspects", "faults", "ignored", "stage_labels"),
)


def sort_rows(connection: duckdb.DuckDBPyConnection, shape: ModuleType, mapping: Mapping, load: Load) -> None:
    """Put rows that break a rule or are ignored in the temporary tables `faults` and `ignored`, the others in core.

    `shape` is equity_audit.intake.wide or long. Its rows have been received and its labels matched.
    """
    if shape is wide:
        keep_repeated_ids(connection, load.extract_id)
    run_steps(connection, shape.sort_sql(mapping, load.extract_id, _first_rowid(connection, load.extract_id)), load)


def run_steps(connection: duckdb.DuckDBPyConnection, statements: list[str], load: Load) -> None:
    """Run statements in order, with each named parameter bound."""
    values: dict[str, Any] = {
        "organisation": load.organisation,
        "extract_id": load.extract_id,
        "earliest": load.settings.period.earliest,
        "today": load.today,
        "purged_before": purged_before(connection) or date(1, 1, 1),
        **hmac_pads(load.key, load.organisation),
    }
    for statement in statements:
        connection.execute(statement, {name: value for name, value in values.items() if f"${name}" in statement})


def drop_temporary(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop any temporary tables that the steps have left."""
    for table in _TEMPORARY:
        connection.execute(f"drop table if exists temp.{table}")


def _first_rowid(connection: duckdb.DuckDBPyConnection, extract_id: str) -> int:
    """Return the rowid of the first row just received: DuckDB keeps the order of the file, so the others follow it.

    Rows of an open transaction have rowids far above those of stored rows, hence the offset.
    """
    bounds = connection.execute(
        "select min(rowid), max(rowid) - min(rowid) + 1, count(*) from core.applications where extract_id = ?",
        [extract_id],
    ).fetchone()
    first, span, rows = bounds or (None, None, 0)
    if rows and span != rows:
        raise RuntimeError("the rows of an extract are not numbered consecutively")
    return first or 0
