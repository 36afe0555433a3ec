"""The rows of a file that could not be used, as a CSV for the analyst to mend them at the source."""

from pathlib import Path

import duckdb

from assets.listing import write_listing
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
