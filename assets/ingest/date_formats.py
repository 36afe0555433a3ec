"""How the dates of an export are written: from its first rows, and from all where they could be read in two ways."""

import duckdb

from assets.ingest.source_files import SourceFile
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.dates import ISO, date_format, may_be_read_two_ways
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.steps import Cells

# So many rows are looked at first.
_DATE_ROWS = 20_000


def written_dates(connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping) -> str:
    """How the first rows write their dates. Raises InputRefused where that can be read two ways."""
    columns = [column for column in mapping.date_columns() if file.types[column] == "VARCHAR"]
    if not columns:
        return ISO
    where = f"columns {', '.join(columns)}"
    form = date_format(_days(connection, file, mapping, columns, _DATE_ROWS), where)
    if isinstance(form, str) and may_be_read_two_ways(form):
        # One file may have been put together from two systems: what the first rows prove, a later one may deny.
        form = date_format(_days(connection, file, mapping, columns, None), where)
    if isinstance(form, Problem):
        raise InputRefused(form)
    return form


def cells_of(connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping) -> Cells:
    """How the cells of an export are read. Raises InputRefused where its dates leave open on which day they are."""
    written = mapping.source.date_format or written_dates(connection, file, mapping)
    cells = Cells(file.types, written, mapping.source.blanks, file.serial_epoch, mapping.time_zone)
    if mapping.time_zone is None and (columns := zoned_columns(connection, file, mapping, cells)):
        raise InputRefused(
            Problem(
                "times are given with a time zone, and on which day they were depends on where",
                f"column{'s' if len(columns) > 1 else ''} {', '.join(columns)}",
                'say in the mapping where the days are counted, such as source.time_zone = "America/New_York"',
            )
        )
    return cells


def zoned_columns(connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping, cells: Cells) -> list[str]:
    """The columns of dates that have times with a zone of their own, in any row."""
    columns = list(dict.fromkeys(mapping.date_columns()))
    if not columns:
        return []
    any_zoned = ", ".join(f"coalesce(bool_or({cells.zoned(column)}), false)" for column in columns)
    with file.rows(connection) as source:
        found = connection.sql(f"select {any_zoned} from {source}").fetchone() or ()
    return [column for column, zoned in zip(columns, found, strict=True) if zoned]


def _days(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping, columns: list[str], rows: int | None
) -> list[str]:
    """The different days in the first rows, or in all, as they are written."""
    cells = Cells(file.types, ISO, mapping.source.blanks)
    texts = ", ".join(cells.text(column) for column in columns)
    limit = f"limit {rows}" if rows else ""
    with file.rows(connection) as source:
        found = connection.sql(f"select distinct unnest([{texts}]) as day from (from {source} {limit}) order by day")
        days = [day for (day,) in found.fetchall() if day]
    if file.kind == "xlsx":
        # A cell that is a date or its number can be read in one way only.
        return [day for day in days if not day.replace(".", "").isdigit() and ":" not in day]
    return days
