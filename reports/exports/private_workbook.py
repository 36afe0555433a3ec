"""A workbook of exact tables for one person: marked private on every sheet, and at the head and foot of paper.

Unlike tables.xlsx of an edition it hides nothing. A column has one format for all its cells, since a format for each
cell takes longer to write than the cells.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from equity_audit.contracts import Column
from reports.exports.workbook import AS_WRITTEN, FIRST_SIGNS, NO_DATE, number_format, on_paper

_HEAD, _WIDEST, _TAB = 2, 48, "#b35900"


def write_private_workbook(
    title: str,
    private: str,
    facts: Sequence[tuple[str, str]],
    sheets: Mapping[str, tuple[pl.DataFrame, Mapping[str, Column]]],
) -> bytes:
    """Return a workbook with a sheet of notes and one for each table.

    private: the words that mark every sheet. facts: headings and sentences of the notes. sheets: rows, and the contract
    of those columns that have one, which says what they mean and how numbers are written.
    """
    buffer = io.BytesIO()
    with Workbook(buffer, AS_WRITTEN) as book:
        book.set_properties({"title": title, "subject": private, "created": NO_DATE})
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        mark = book.add_format({"bold": True, "font_color": _TAB})
        quoted = book.add_format({"quote_prefix": True})
        _notes(_sheet(book, "Notes", private, mark), facts, sheets, bold)
        for name, (rows, columns) in sheets.items():
            sheet = _sheet(book, name, private, mark)
            _table(sheet, rows, [_format(book, columns.get(column)) for column in rows.columns], (bold, quoted))
    return buffer.getvalue()


def _sheet(book: Workbook, name: str, private: str, mark: Format) -> Worksheet:
    """Return a new sheet that is marked at its top, on its tab and on paper."""
    sheet = book.add_worksheet(name)
    sheet.write_string(0, 0, private, mark)
    sheet.set_tab_color(_TAB)
    sheet.set_header(f"&C&B{private}")
    sheet.set_footer(f"&C&B{private}&R&P")
    on_paper(sheet)
    return sheet


def _notes(
    sheet: Worksheet,
    facts: Sequence[tuple[str, str]],
    sheets: Mapping[str, tuple[pl.DataFrame, Mapping[str, Column]]],
    bold: Format,
) -> None:
    sheet.set_column(0, 1, 30)
    sheet.set_column(2, 2, 110)
    lines: list[tuple[str, str, str]] = [(heading, "", sentence) for heading, sentence in facts]
    lines.append(("Sheet", "Column", "Meaning"))
    lines += [
        (name, column, columns[column].meaning)
        for name, (rows, columns) in sheets.items()
        for column in rows.columns
        if column in columns
    ]
    for line, row in enumerate(lines, _HEAD):
        for index, text in enumerate(row):
            sheet.write_string(line, index, text, bold if line == _HEAD + len(facts) else None)


def _table(
    sheet: Worksheet, rows: pl.DataFrame, formats: Sequence[Format | None], styles: tuple[Format, Format]
) -> None:
    bold, quoted = styles
    for index, (values, format_) in enumerate(zip(rows.iter_columns(), formats, strict=True)):
        text = values.dtype == pl.String
        widest = max((len(value) for value in values if value is not None), default=0) if text else 0
        sheet.set_column(index, index, min(max(widest + 1, len(values.name) * 2 // 3 + 3, 9), _WIDEST), format_)
        sheet.write_string(_HEAD, index, values.name.replace("_", " "), bold)
        write = _writer(sheet, values.dtype)
        for line, value in enumerate(values.to_list(), _HEAD + 1):
            if value is not None:
                write(line, index, value, quoted if text and value.startswith(FIRST_SIGNS) else format_)
    sheet.autofilter(_HEAD, 0, _HEAD + rows.height, len(rows.columns) - 1)
    sheet.freeze_panes(_HEAD + 1, 1)
    sheet.repeat_rows(_HEAD)


def _writer(sheet: Worksheet, kind: pl.DataType) -> Callable[..., Any]:
    if kind == pl.String:
        return sheet.write_string
    if kind == pl.Date:
        return sheet.write_datetime
    return sheet.write_boolean if kind == pl.Boolean else sheet.write_number


def _format(book: Workbook, column: Column | None) -> Format | None:
    properties = number_format(column) if column is not None else {}
    return book.add_format(properties) if properties else None
