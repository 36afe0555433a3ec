"""The invalid rows of a file: how many are allowed, and a CSV that lists them for correction at the source."""

from pathlib import Path

import duckdb

from assets.ingest.extract import count_of
from assets.warehouse.private_files import write_listing
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.faults import RULES

_HEADER = ("row_below_header", "column", "rule", "meaning")


def write_invalid_rows(connection: duckdb.DuckDBPyConnection, folder: Path, file_name: str) -> Path | None:
    """Write the faults of the file just validated to <folder>/<file>.rejected.csv and return its path.

    Return None, and remove any earlier list, if there are none. Rows are counted from 1 below the header. The list
    repeats no value of the file, only names of columns.
    """
    target = folder / f"{file_name}.rejected.csv"
    faults = connection.sql("select source_row, column_name, rule from faults order by all").fetchall()
    if not faults:
        target.unlink(missing_ok=True)
        return None
    write_listing(target, _HEADER, ((row, column, rule, RULES[rule]) for row, column, rule in faults))
    return target


def keep_invalid_rows(connection: duckdb.DuckDBPyConnection, extract_id: str) -> None:
    """Keep the faults of the file just validated in the warehouse."""
    connection.execute(
        "insert into intake.rejected_rows (extract_id, row_number, rule, column_name) "
        "select ?, source_row, rule, column_name from faults order by source_row, rule",
        [extract_id],
    )


def check_invalid_share(
    connection: duckdb.DuckDBPyConnection, file_name: str, rows_in: int, limit: float, listed: Path | None
) -> None:
    """Raise InputRefused if more than `limit` of the rows are invalid, or all: then the mapping is wrong, not the rows.

    Records that were purged and come again do not count towards the limit, but a file of nothing else is refused.
    """
    not_purged = "(select * from faults where rule <> 'purged')"
    invalid = count_of(connection, f"select count(distinct source_row) from {not_purged}")
    if invalid > limit * rows_in or count_of(connection, "select count(distinct source_row) from faults") == rows_in:
        by_rule = connection.sql(
            "select rule, column_name, count(*), min(source_row) from faults group by all order by all"
        ).fetchall()
        raise InputRefused(
            Problem(
                f"{invalid} of {rows_in} rows cannot be used, more than the {limit:.0%} that the settings allow "
                "(intake.max_rejected_share)",
                file_name,
            ),
            *(
                Problem(f"{count} rows: {RULES[rule]} (first at data row {first})", f"column {column}")
                for rule, column, count, first in by_rule
            ),
            Problem(
                "no part of the file was loaded",
                f"each row is listed in {listed}" if listed else "",
                "correct the mapping or the export, then run again",
            ),
        )
