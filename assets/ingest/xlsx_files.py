"""XLSX and ODS workbooks: the sheet, its row of names under titles and merged cells, and the rows below, as text."""

import re
from collections import Counter
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import fastexcel
import polars as pl

from assets.ingest.table_start import ROWS_SEARCHED, is_second_row, joined_names, said
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.mapping import Mapping

WORKBOOKS = (".xlsx", ".xlsm", ".ods")
# The properties of a workbook are near its beginning, before its sheets.
_PROPERTIES_BYTES = 1 << 20
_SYSTEM_OF_1904 = re.compile(rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904\s*=\s*[\"'](?:1|true|on)[\"']")


def sheets_of(path: Path) -> list[str]:
    """Return the names of a workbook's sheets. Raises InputRefused."""
    try:
        return list(fastexcel.read_excel(path).sheet_names)
    except fastexcel.FastExcelError:
        raise _unreadable(path) from None


def read_workbook(
    path: Path, mapping: Mapping | None, sheet: str | None = None
) -> tuple[pl.DataFrame, tuple[str, ...], tuple[str, ...]]:
    """Return the rows of one sheet, what was skipped in words, and the texts of titles. Raises InputRefused.

    The sheet is the one given, the one that the mapping names, or the only one. The row of names is the one with the
    most of the mapping's columns; without a mapping, the first of those with the most names. A name may be in the row
    above, as in a merged cell, or in both, as under a heading over several columns.
    """
    cells = _cells(path, sheet or (mapping.source.sheet if mapping else None))
    needed = set(mapping.needed_columns()) if mapping else set()
    rows = [_names(cells, index) for index in range(min(ROWS_SEARCHED, cells.height))]
    if not rows:
        raise InputRefused(Problem("the sheet is empty", path.name, "choose the sheet with the applications"))

    def fits(index: int) -> tuple[int, int, int]:
        given = [name for name in rows[index] if name]
        return len(needed & set(given)), len(given), -index

    header = max(range(len(rows)), key=fits)
    names, below = rows[header], cells.slice(header + 1)
    kept = [(column, name) for column, name in zip(cells.columns, names, strict=True) if name]
    counts = Counter(name for _, name in kept)
    duplicates = sorted({str(1 + index) for index, (_, name) in enumerate(kept) if counts[name] > 1})
    if duplicates:
        raise InputRefused(
            Problem(
                f"columns {', '.join(duplicates)} do not have unique names",
                path.name,
                "give each column a different name",
            )
        )
    # Two rows of names are skipped as one row of names, not as a title.
    titles = header - (header > 0 and any(cell and cell in names for cell in _texts(cells, header - 1)))
    filled = [index for index in range(titles) if any(_texts(cells, index))]
    skipped = said(0, titles, "above the column names") if filled else ()
    texts = tuple(text for index in range(titles) for text in _texts(cells, index) if text)
    return below.select(pl.col(column).alias(name) for column, name in kept), skipped, texts


def serial_epoch(path: Path) -> date:
    """Return the day from which a workbook counts dates stored as numbers (ECMA-376, 18.17.4.1).

    30 December 1899, so that dates from March 1900 are right; 1 January 1904 in a workbook with the 1904 date system,
    as older versions of Excel for the Mac wrote: there the same number means a date four years and a day later.
    """
    with ZipFile(path) as parts:
        names = [name for name in parts.namelist() if re.search(r"(?:^|/)workbook\.xml$", name)]
        text = b"".join(parts.read(name)[:_PROPERTIES_BYTES] for name in names)
    return date(1904, 1, 1) if _SYSTEM_OF_1904.search(text) else date(1899, 12, 30)


def _cells(path: Path, sheet: str | None) -> pl.DataFrame:
    sheets = sheets_of(path)
    try:
        if sheet is None and len(sheets) > 1:
            raise InputRefused(
                Problem(
                    f"the workbook has several sheets: {', '.join(sheets)}",
                    path.name,
                    "name the sheet to read as source.sheet in the mapping",
                )
            )
        if sheet is not None and sheet not in sheets:
            raise InputRefused(
                Problem(
                    f'there is no sheet "{sheet}"; the workbook has {", ".join(sheets)}',
                    path.name,
                    "correct source.sheet in the mapping",
                )
            )
        return pl.read_excel(
            path,
            sheet_name=sheet or sheets[0],
            has_header=False,
            infer_schema_length=0,
            drop_empty_rows=False,
            drop_empty_cols=False,
            raise_if_empty=False,
        )
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError):
        raise _unreadable(path) from None


def _unreadable(path: Path) -> InputRefused:
    return InputRefused(
        Problem("this is not a readable XLSX or ODS workbook", path.name, "save it again as XLSX, without a password")
    )


def _names(cells: pl.DataFrame, index: int) -> list[str]:
    """Return the names in a row; an empty cell takes the text of the cell above, as in a cell merged downwards."""
    here = _texts(cells, index)
    above = _texts(cells, index - 1) if index else [""] * cells.width
    if is_second_row(above, here):
        return list(joined_names(above, here))
    return [cell or over for cell, over in zip(here, above, strict=True)]


def _texts(cells: pl.DataFrame, index: int) -> list[str]:
    return [str(cell or "").strip() for cell in cells.row(index)]
