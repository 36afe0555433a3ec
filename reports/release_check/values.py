"""Every cell of a CSV and of the workbook, read as others read it, against the value of the shown table."""

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

_PLACES = 1e-9  # what the reader of workbooks keeps of a number; that all of it is right, the bytes say


def values_not_shown(
    file: str, content: bytes, tables: Mapping[str, pl.DataFrame], edition: Edition | None
) -> Iterator[Finding]:
    """Cells that the shown table has not, or has elsewhere; nothing of files that are no tables.

    edition: whose workbook it can be, with notes and marks in words.
    """
    if file.endswith(".csv"):
        rows = tables.get(PurePosixPath(file).stem)
        if rows is not None:
            found = csv.reader(io.StringIO(content.decode(errors="replace")))
            yield from _differing(file, "", list(found), rows.columns, rows.rows(), 0.0)
    elif file == WORKBOOK and edition is not None:
        try:
            sheets = _sheets(content)
        except fastexcel.FastExcelError:
            yield Finding(file, "whole file", "a workbook that cannot be read")
            return
        policy = edition.settings["disclosure"]
        for name, table in workbook_notes.sheets(edition).items():
            rows = edition.tables[table.name]
            due = [[_due(table, row, column, policy) for column in rows.columns] for row in rows.iter_rows(named=True)]
            yield from _differing(file, f"{name}, ", sheets.get(name, []), rows.columns, due, _PLACES)


def texts_of(file: str, content: bytes) -> str:
    """A file as text, for a search; of a workbook, what stands in its cells."""
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


def _due(table: Table, row: Mapping[str, Any], name: str, policy: Mapping[str, Any]) -> Any:
    """The table's own value; words only for a note and in place of a value that is not there."""
    column = table.column(name)
    return cell(table, column, row, policy) if row[name] is None or is_note(column) else row[name]


def _differing(*table: Any) -> Iterator[Finding]:
    return islice(_cells(*table), MOST)


def _cells(
    file: str,
    sheet: str,
    found: Sequence[Sequence[str]],
    header: Sequence[str],
    due: Sequence[Sequence[Any]],
    places: float,
) -> Iterator[Finding]:
    for line, (cells, values) in enumerate(zip(found, [header, *due], strict=False), 1):
        if len(cells) != len(header):
            yield Finding(file, f"{sheet}row {line}", "more or fewer cells than the table")
        for column, written, value in zip(header, cells, values, strict=False):
            if not _same(written, value, places):
                yield Finding(file, f"{sheet}row {line}, {column}", "not the table's value")
    if len(found) != len(due) + 1:
        yield Finding(file, f"{sheet}whole table", "more or fewer rows than the table")


def _same(written: str | None, value: Any, places: float) -> bool:
    if value is None:
        return not written
    if isinstance(value, bool):
        return written == str(value).lower()
    if isinstance(value, (int, float)):
        try:
            return math.isclose(float(written or ""), value, rel_tol=0, abs_tol=places)
        except ValueError:
            return False
    if isinstance(value, date):
        return (written or "").removesuffix(" 00:00:00") == value.isoformat()
    # A text that a spreadsheet would take for a formula has an apostrophe before it in a CSV.
    return (written or "") in (value, f"'{value}")
