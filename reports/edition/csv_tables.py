"""Published tables as CSV that a spreadsheet opens without executing anything in it.

A spreadsheet treats a cell that begins with certain characters as a formula, even in a CSV. An apostrophe is put before
such a text, say a department named "=cmd" (OWASP, CSV injection). Numbers are left as they are.
"""

import polars as pl

_FORMULA = r"^([=+\-@\t\r])"
_MARKED = r"^'([=+\-@\t\r])"


def csv_text(rows: pl.DataFrame) -> str:
    """Write a table as CSV in which no text is a formula."""
    return rows.with_columns(pl.col(pl.String).str.replace(_FORMULA, "'${1}")).write_csv()


def without_marks(rows: pl.DataFrame) -> pl.DataFrame:
    """Restore the texts of a table read from such a CSV."""
    return rows.with_columns(pl.col(pl.String).str.replace(_MARKED, "${1}"))
