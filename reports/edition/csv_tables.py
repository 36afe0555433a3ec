"""Published tables as CSV that a spreadsheet opens without running anything in it.

A spreadsheet takes a cell that begins with one of a few signs for a formula, in a CSV too. Such a text, say a
department named "=cmd", gets an apostrophe before it (OWASP, CSV injection). Numbers are left as they are.
"""

import polars as pl

_FORMULA = r"^([=+\-@\t\r])"
_MARKED = r"^'([=+\-@\t\r])"


def csv_text(rows: pl.DataFrame) -> str:
    """A table as CSV, no text of which is a formula."""
    return rows.with_columns(pl.col(pl.String).str.replace(_FORMULA, "'${1}")).write_csv()


def without_marks(rows: pl.DataFrame) -> pl.DataFrame:
    """A table that was read from such a CSV, its texts as they were."""
    return rows.with_columns(pl.col(pl.String).str.replace(_MARKED, "${1}"))
