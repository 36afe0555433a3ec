"""tables.xlsx: every published table on its own sheet, and a first sheet of notes that explains them.

The same figures give the same bytes: publishing compares files with the edition before, so nothing here reads the
clock. Texts are written as texts, whatever they begin with: a department called "=1+1" is not a formula, even if
somebody edits its cell.
"""

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from equity_audit.contracts import Column, Table
from reports.cells.not_shown import cell
from reports.edition.made_once import once
from reports.edition.record import Edition
from reports.exports import workbook_notes

# The file format requires a date: it gets the earliest one that a ZIP archive can hold.
NO_DATE = datetime(1980, 1, 1)  # noqa: DTZ001 - written as it is
AS_WRITTEN = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_NUMBERS = {
    "applications": "#,##0",
    "rows": "#,##0",
    "share": "0.0%",
    "ratio": "0.00",
    "log": "0.00",
    "probability": "0.0000",
}
_PARTS_OF_PEOPLE = "#,##0.0"  # a shortfall is a difference from what a rate would give
_DATES, _WHOLE, _OTHER = "yyyy-mm-dd", "0", "0.00"
_STYLE = "Table Style Light 1"
FIRST_SIGNS = tuple("=+-@\t\r")
_WIDEST, _FILTER_BUTTON = 60, 3
_NOTES_WIDTHS = (30, 110, 24, 22)


@once
def write_workbook(edition: Edition) -> bytes:
    """Return the workbook of an edition. A table without rows has no sheet: an Excel table needs at least one row."""
    buffer = io.BytesIO()
    with Workbook(buffer, AS_WRITTEN) as book:
        book.set_properties({"title": workbook_notes.TITLE, "created": NO_DATE})
        formats = _Formats(book)
        tables = workbook_notes.sheets(edition)
        _write_notes(book.add_worksheet(workbook_notes.SHEET), edition, tables, formats)
        for name, table in tables.items():
            sheet = book.add_worksheet(name)
            _write_table(sheet, table, edition.tables[table.name], edition.settings["disclosure"], formats)
    return buffer.getvalue()


class _Formats:
    """Cell formats, each created once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def __call__(self, **properties: Any) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"valign": "top", **properties})
        return self._made[key]


def _write_notes(sheet: Worksheet, edition: Edition, tables: Mapping[str, Table], formats: _Formats) -> None:
    for column, width in enumerate(_NOTES_WIDTHS):
        sheet.set_column(column, column, width)
    on_paper(sheet)
    sheet.write_string(0, 0, workbook_notes.TITLE, formats(bold=True, font_size=16))
    line = 2
    for heading, sentence in workbook_notes.facts(edition):
        _write(sheet, (line, 0), heading, formats, bold=True)
        _write(sheet, (line, 1), sentence, formats, text_wrap=True)
        line += 1
    present = {name: rows.columns for name, rows in edition.tables.items()}
    for listing in workbook_notes.listings(edition, tables, present):
        line += 1
        for row_number, row in enumerate(listing.rows, line + 1):
            for column, text in enumerate(row):
                _write(sheet, (row_number, column), text, formats, text_wrap=column == 1)
        _as_table(sheet, (line, len(listing.rows)), f"notes_{listing.name}", listing.header, formats)
        line += len(listing.rows) + 1


def _write_table(
    sheet: Worksheet, table: Table, rows: pl.DataFrame, policy: Mapping[str, Any], formats: _Formats
) -> None:
    columns = [table.column(name) for name in rows.columns if name in table.column_names]
    widths = [len(column.name) + _FILTER_BUTTON for column in columns]
    for line, row in enumerate(rows.iter_rows(named=True), 1):
        for index, column in enumerate(columns):
            shown = cell(table, column, row, policy)
            is_mark = row[column.name] is None and column.type != "varchar"
            style = {"align": "right", "italic": True} if is_mark else number_format(column)
            _write(sheet, (line, index), shown, formats, **style)
            if isinstance(shown, str):
                widths[index] = max(widths[index], len(shown) + 1)
    for index, width in enumerate(widths):
        sheet.set_column(index, index, min(width, _WIDEST))
    _as_table(sheet, (0, rows.height), table.name, [column.name for column in columns], formats)
    sheet.freeze_panes(1, 0)
    on_paper(sheet)


def _as_table(
    sheet: Worksheet, place: tuple[int, int], name: str, header: tuple[str, ...] | list[str], formats: _Formats
) -> None:
    """Make the rows below `place` a table. place: the line of its header, and its number of rows."""
    line, height = place
    bold = formats(bold=True, bottom=1)
    columns = [{"header": text, "header_format": bold} for text in header]
    options = {"name": name, "columns": columns, "style": _STYLE}
    sheet.add_table(line, 0, line + height, len(header) - 1, options)


def _write(sheet: Worksheet, place: tuple[int, int], value: Any, formats: _Formats, **style: Any) -> None:
    if isinstance(value, str):
        if value.startswith(FIRST_SIGNS):
            style["quote_prefix"] = True
        sheet.write_string(*place, value, formats(**style))
    elif isinstance(value, bool):
        sheet.write_boolean(*place, value, formats(**style))
    elif isinstance(value, (int, float)):
        sheet.write_number(*place, value, formats(**style))
    else:
        sheet.write_datetime(*place, value, formats(**style))


def number_format(column: Column) -> dict[str, str]:
    """Return the format of a column's numbers."""
    if column.unit == "applications" and column.type == "double":
        return {"num_format": _PARTS_OF_PEOPLE}
    if column.unit in _NUMBERS:
        return {"num_format": _NUMBERS[column.unit]}
    kinds = {"date": _DATES, "tinyint": _WHOLE, "integer": _WHOLE, "bigint": _WHOLE, "double": _OTHER}
    return {"num_format": kinds[column.type]} if column.type in kinds else {}


def on_paper(sheet: Worksheet) -> None:
    """Print on A4, landscape, fitted to the page width."""
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
