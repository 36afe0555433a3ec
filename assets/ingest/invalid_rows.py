"""The rows of a file that could not be used: how many there may be, and a CSV to mend them at the source."""

from pathlib import Path

import duckdb

from assets.ingest.extract import one
from assets.warehouse.private_files import write_listing
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.steps import RULES

_HEADER = ("row_below_header", "column", "rule", "meaning")


def write_rejects(connection: duckdb.DuckDBPyConnection, folder: Path, file_name: str) -> Path | None:
    """Write the faults of the file just sorted to <folder>/<file>.rejected.csv; None, and no such file, without any.

    Rows are counted from 1 below the header. No value of the file is repeated, only names of columns.
    """
    target = folder / f"{file_name}.rejected.csv"
    faults = connection.sql("select source_row, column_name, rule from faults order by all").fetchall()
    if not faults:
        target.unlink(missing_ok=True)
        return None
    write_listing(target, _HEADER, ((row, column, rule, RULES[rule]) for row, column, rule in faults))
    return target


def keep_rejects(connection: duckdb.DuckDBPyConnection, extract_id: str) -> None:
    """Write the faults of the file just sorted down in the warehouse."""
    connection.execute(
        "insert into intake.rejected_rows (extract_id, row_number, rule, column_name) "
        "select ?, source_row, rule, column_name from faults order by source_row, rule",
        [extract_id],
    )


def check_rejected_share(
    connection: duckdb.DuckDBPyConnection, file_name: str, rows_in: int, limit: float, listed: Path | None
) -> None:
    """Raise InputRefused where more than `limit` of the rows are bad, or all: then the mapping is wrong, not the rows.

    What was removed on purpose and comes again is no fault of the file, but a file of nothing else has no use.
    """
    bad = "(select * from faults where rule <> 'purged')"
    rejected = one(connection, f"select count(distinct source_row) from {bad}")
    if rejected > limit * rows_in or one(connection, "select count(distinct source_row) from faults") == rows_in:
        found = connection.sql(
            "select rule, column_name, count(*), min(source_row) from faults group by all order by all"
        ).fetchall()
        raise InputRefused(
            Problem(
                f"{rejected} of {rows_in} rows cannot be used, more than the {limit:.0%} that settings allow "
                "(intake.max_rejected_share)",
                file_name,
            ),
            *(
                Problem(f"{count} rows: {RULES[rule]} (first at data row {first})", f"column {column}")
                for rule, column, count, first in found
            ),
            Problem(
                "nothing of the file was loaded",
                f"each row is listed in {listed}" if listed else "",
                "correct the mapping or the export, then run again",
            ),
        )
