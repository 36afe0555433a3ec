"""Every cell of a CSV and of the workbook, read with a standard reader, compared with the shown table's value."""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

import fastexcel
import polars as pl

from equity_audit.contracts import Table
from reports.cells.not_shown import cell, is_note
from reports.edition.record import Edition
from reports.exports import workbook_notes
from reports.exports.data_package import WORKBOOK
from reports.release_check.finding import MOST, Finding

_PRECISION = 1e-9  # the precision of the workbook reader; comparing bytes covers the rest


def values_not_shown(
    file: str, content: bytes, tables: Mapping[str, pl.DataFrame], edition: Edition | None
) -> Iterator[Finding]:
    """Yield cells that differ from the shown table; nothing for files that are not tables.

    edition: the one whose workbook it may be, which has notes and marks in words.
    """
    if file.endswith(".csv"):
        rows = tables.get(PurePosixPath(file).stem)
        if rows is not None:
            cells = csv.reader(io.StringIO(content.decode(errors="replace")))
            yield from _differing(file, "", list(cells), rows.columns, rows.rows(), 0.0)
    elif file == WORKBOOK and edition is not None:
        try:
            sheets = _sheets(content)
        except fastexcel.FastExcelError:
            yield Finding(file, "whole file", "a workbook that cannot be read")
            return
        policy = edition.settings["disclosure"]
        for name, table in workbook_notes.sheets(edition).items():
            rows = edition.tables[table.name]
            expected = [
                [_expected(table, row, column, policy) for column in rows.columns] for row in rows.iter_rows(named=True)
            ]
            yield from _differing(file, f"{name}, ", sheets.get(name, []), rows.columns, expected, _PRECISION)


def texts_of(file: str, content: bytes) -> str:
    """Return a file as text, for a search; for a workbook, the text of its cells."""
    if file != WORKBOOK:
        return content.decode(errors="replace")
    try:
        return "\n".join(str(value) for rows in _sheets(content).values() for row in rows for value in row)
    except fastexcel.FastExcelError:
        return ""


def _sheets(content: bytes) -> dict[str, list[Sequence[str]]]:
    book = fastexcel.read_excel(content)
    return {
        name: [*book.load_sheet(name, header_row=None, dtypes="string").to_polars().iter_rows()]
        for name in book.sheet_names
    }


def _expected(table: Table, row: Mapping[str, Any], name: str, policy: Mapping[str, Any]) -> Any:
    """Return the table's own value; words only for a note and in place of a missing value."""
    column = table.column(name)
    return cell(table, column, row, policy) if row[name] is None or is_note(column) else row[name]


def _differing(*table: Any) -> Iterator[Finding]:
    return islice(_cells(*table), MOST)


def _cells(
    file: str,
    sheet: str,
    rows: Sequence[Sequence[str]],
    header: Sequence[str],
    expected: Sequence[Sequence[Any]],
    precision: float,
) -> Iterator[Finding]:
    for line, (cells, values) in enumerate(zip(rows, [header, *expected], strict=False), 1):
        if len(cells) != len(header):
            yield Finding(file, f"{sheet}row {line}", "more or fewer cells than the table")
        for column, written, value in zip(header, cells, values, strict=False):
            if not _same(written, value, precision):
                yield Finding(file, f"{sheet}row {line}, {column}", "not the table's value")
    if len(rows) != len(expected) + 1:
        yield Finding(file, f"{sheet}whole table", "more or fewer rows than the table")


def _same(written: str | None, value: Any, precision: float) -> bool:
    if value is None:
        return not written
    if isinstance(value, bool):
        return written == str(value).lower()
    if isinstance(value, (int, float)):
        try:
            return math.isclose(float(written or ""), value, rel_tol=0, abs_tol=precision)
        except ValueError:
            return False
    if isinstance(value, date):
        return (written or "").removesuffix(" 00:00:00") == value.isoformat()
    # In a CSV, a text that a spreadsheet would treat as a formula begins with an apostrophe.
    return (written or "") in (value, f"'{value}")
