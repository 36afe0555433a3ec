"""The rows of a file that could not be used, as a CSV for the analyst to mend them at the source."""

import csv
import io
import os
from pathlib import Path

import duckdb

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
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEADER)
    writer.writerows((row, _plain(column), rule, RULES[rule]) for row, column, rule in faults)
    folder.mkdir(parents=True, exist_ok=True)
    # With a byte order mark, or a spreadsheet takes it for another encoding.
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    partial.write_bytes(text.getvalue().encode("utf-8-sig"))
    partial.replace(target)
    return target


def _plain(name: str) -> str:
    """A column's name that no spreadsheet takes for a formula."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name
