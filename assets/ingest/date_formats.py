"""Find the date format of an export: from its first rows, or from all rows if those could be read in two ways."""

import duckdb

from assets.ingest.source_files import SourceFile
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.dates import ISO, date_format, may_be_read_two_ways
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.steps import Cells

# Number of rows examined first.
_DATE_ROWS = 20_000


def written_dates(connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping) -> str:
    """Return the format of the dates. Raises InputRefused if they can be read in two ways."""
    columns = [column for column in mapping.date_columns() if file.types[column] == "VARCHAR"]
    if not columns:
        return ISO
    where = f"columns {', '.join(columns)}"
    form = date_format(_days(connection, file, mapping, columns, _DATE_ROWS), where)
    if isinstance(form, str) and may_be_read_two_ways(form):
        # A file may combine exports of two systems: a later row may contradict what the first rows suggest.
        form = date_format(_days(connection, file, mapping, columns, None), where)
    if isinstance(form, Problem):
        raise InputRefused(form)
    return form


def cells_of(connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping) -> Cells:
    """Return how the cells of an export are read. Raises InputRefused if it is not clear which day a date means."""
    written = mapping.source.date_format or written_dates(connection, file, mapping)
    source = mapping.source
    cells = Cells(
        file.types, written, source.blanks, file.serial_epoch, mapping.time_zone, yes=source.yes, no=source.no
    )
    if mapping.time_zone is None and (columns := zoned_columns(connection, file, mapping, cells)):
        raise InputRefused(
            Problem(
                "times have a time zone, so their date depends on where they are counted",
                f"column{'s' if len(columns) > 1 else ''} {', '.join(columns)}",
                'set the time zone of the dates in the mapping, such as source.time_zone = "America/New_York"',
            )
        )
    return cells


def zoned_columns(connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping, cells: Cells) -> list[str]:
    """Return the date columns that contain times with a time zone, in any row."""
    columns = list(dict.fromkeys(mapping.date_columns()))
    if not columns:
        return []
    any_zoned = ", ".join(f"coalesce(bool_or({cells.zoned(column)}), false)" for column in columns)
    with file.rows(connection) as source:
        flags = connection.sql(f"select {any_zoned} from {source}").fetchone() or ()
    return [column for column, zoned in zip(columns, flags, strict=True) if zoned]


def _days(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping, columns: list[str], rows: int | None
) -> list[str]:
    """Return the distinct dates in the first rows, or in all, as they are written."""
    cells = Cells(file.types, ISO, mapping.source.blanks)
    texts = ", ".join(cells.text(column) for column in columns)
    limit = f"limit {rows}" if rows else ""
    with file.rows(connection) as source:
        distinct = connection.sql(f"select distinct unnest([{texts}]) as day from (from {source} {limit}) order by day")
        days = [day for (day,) in distinct.fetchall() if day]
    if file.kind == "xlsx":
        # A cell that holds a date, or its serial number, can be read in one way only.
        return [day for day in days if not day.replace(".", "").isdigit() and ":" not in day]
    return days
