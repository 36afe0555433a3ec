"""Editions published earlier, read back from their folders: of the period before, and the revision before.

An edition is read only if every file matches its record. Anything else is treated as missing: a comparison with figures
that nobody published would be worse than none.
"""

import io
from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl

from equity_audit.contracts import DISCLOSED, Table
from equity_audit.errors import EquityAuditError
from reports.edition.csv_tables import without_marks
from reports.edition.folder import EditionFolder, open_edition
from reports.edition.manifest_hash import MANIFEST_HASH, RECORD, read_record
from reports.edition.record import Earlier

TYPES = {
    "varchar": pl.String,
    "bigint": pl.Int64,
    "integer": pl.Int64,
    "tinyint": pl.Int64,
    "double": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
}


def read_earlier(folder: Path, organisation: str, period: str) -> Earlier | None:
    """Read the edition in a folder; None if there is none, it is another's, or it is not as it was published."""
    try:
        edition = open_edition(folder)
    except EquityAuditError:
        return None
    record = edition.record
    if (record["organisation"], record["period"]) != (organisation, period):
        return None
    return Earlier(
        period=date.fromisoformat(record["period"]),
        period_label=record["period_label"],
        revision=record["revision"],
        record_sha256=record[MANIFEST_HASH],
        settings=record["settings"],
        tables={table.name: read_table(edition, table) for table in DISCLOSED if table.name in record["tables"]},
    )


def replaced_folder(edition: Path, superseded: Path, replaces: int | None) -> Path | None:
    """Return the folder of the revision that another replaces: still in its place, or among the superseded ones."""
    if replaces is None:
        return None
    try:
        current = read_record((edition / RECORD).read_bytes())["revision"]
    except (OSError, ValueError, KeyError):
        current = None
    return edition if current == replaces else superseded / f"r{replaces}"


def read_table(edition: EditionFolder, table: Table) -> pl.DataFrame:
    """Read a table with the types of its contract. Columns of other versions are left out."""
    return _parsed(edition.text(f"tables/{table.name}.csv"), table).clone()


@lru_cache(maxsize=256)
def _parsed(text: str, table: Table) -> pl.DataFrame:
    """Return the table. A run reads an edition for every later year, so what it parsed is remembered by its text."""
    frame = without_marks(pl.read_csv(io.StringIO(text), infer_schema=False))
    kept = [column for column in table.columns if column.name in frame.columns]
    return frame.select(_typed(pl.col(column.name), TYPES[column.type]) for column in kept)


def _typed(text: pl.Expr, kind: pl.DataType | type[pl.DataType]) -> pl.Expr:
    if kind == pl.Boolean:
        return text == "true"
    return text.str.to_date() if kind == pl.Date else text.cast(kind)
