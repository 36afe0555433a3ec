"""A finished workbook against the disclosed tables, cell for cell, and whatever is no cell against the package's own.

What a workbook can hold beside cells is endless: comments, hidden sheets, names, properties, pictures, old versions of
texts. So it is not looked for: the workbook is made again from the disclosed tables, and every part must be the same.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from equity_audit.contracts import Table
from reports import notes
from reports.last_check.finding import Finding
from reports.last_check.sheets import UNREADABLE, Sheet, archive_parts, read_sheets
from reports.marks import cell, is_note
from reports.record import Edition
from reports.workbook import write_workbook

_FIRST_DAY = date(1899, 12, 30)  # day 0 of a spreadsheet, counted back from 1 March 1900
_SAME = 1e-14  # a spreadsheet keeps 15 digits, a file of it 16


def strange_in_workbook(file: str, content: bytes, edition: Edition) -> Iterator[Finding]:
    """Cells that the disclosed tables and the notes have not, or have elsewhere; and parts that were not due."""
    try:
        sheets, parts = read_sheets(content), archive_parts(content)
    except UNREADABLE:
        yield Finding(file, "whole file", "a workbook that cannot be read")
        return
    due = notes.sheets(edition)
    for place, sheet in enumerate(sheets, 1):
        if sheet.hidden or sheet.name not in (notes.SHEET, *due):
            yield Finding(file, f"sheet {place}", "a sheet that is hidden or that the workbook has not")
        elif sheet.name == notes.SHEET:
            yield from _strange_notes(file, sheet, edition)
        else:
            yield from _strange_cells(file, sheet, due[sheet.name], edition)
    yield from _strange_parts(file, content, parts, write_workbook(edition))


def texts_in_workbook(content: bytes) -> str:
    """Every text of every cell, a line each; nothing of a workbook that cannot be read."""
    try:
        sheets = read_sheets(content)
    except UNREADABLE:
        return ""
    return "\n".join(value for sheet in sheets for value in sheet.cells.values() if isinstance(value, str))


def _strange_notes(file: str, sheet: Sheet, edition: Edition) -> Iterator[Finding]:
    """Texts that the notes do not have. They are made of an edition whose tables are empty: they know no figure."""
    empty = replace(edition, tables={name: rows.clear() for name, rows in edition.tables.items()})
    present = {name: rows.columns for name, rows in empty.tables.items()}
    lists = notes.listings(empty, notes.sheets(edition), present)
    words = {notes.TITLE, *(text for fact in notes.facts(empty) for text in fact)}
    words |= {text for one in lists for row in (one.header, *one.rows) for text in row}
    for (row, column), value in sheet.cells.items():
        if value not in words:
            yield Finding(file, f"{sheet.name}, row {row}, column {column}", "not among the words of the notes")


def _strange_cells(file: str, sheet: Sheet, table: Table, edition: Edition) -> Iterator[Finding]:
    rows, policy = edition.tables[table.name], edition.settings["disclosure"]
    wanted: dict[tuple[int, int], Any] = {(1, place): name for place, name in enumerate(rows.columns, 1)}
    for line, row in enumerate(rows.iter_rows(named=True), 2):
        wanted |= {(line, place): _due(table, row, name, policy) for place, name in enumerate(rows.columns, 1)}
    for (line, place), value in sheet.cells.items():
        if (line, place) not in wanted:
            yield Finding(file, f"{sheet.name}, row {line}, column {place}", "a cell that the table has not")
        elif not _same(value, wanted[line, place]):
            yield Finding(file, f"{sheet.name}, row {line}, {rows.columns[place - 1]}", "not the table's value")
    for line, place in wanted.keys() - sheet.cells.keys():
        yield Finding(file, f"{sheet.name}, row {line}, {rows.columns[place - 1]}", "no cell for the table's value")


def _due(table: Table, row: Mapping[str, Any], name: str, policy: Mapping[str, Any]) -> Any:
    """The table's own value; words only for a note and in place of a value that is not there."""
    column = table.column(name)
    return cell(table, column, row, policy) if row[name] is None or is_note(column) else row[name]


def _same(found: Any, due: Any) -> bool:
    if isinstance(due, (str, bool)):
        return type(found) is type(due) and bool(found == due)
    number = (due - _FIRST_DAY).days if isinstance(due, date) else due
    return isinstance(found, float) and math.isclose(found, number, rel_tol=_SAME)


def _strange_parts(file: str, content: bytes, parts: list[tuple[str, bytes]], again: bytes) -> Iterator[Finding]:
    """What differs from the workbook made again from the disclosed tables. Names of others' parts are not repeated."""
    due = dict(archive_parts(again))
    strange = [(place, name) for place, (name, part) in enumerate(parts, 1) if due.get(name) != part]
    for place, name in strange:
        yield Finding(file, name if name in due else f"part {place}", "not as the package writes it")
    for name in due.keys() - {name for name, _ in parts}:
        yield Finding(file, name, "a part that is not there")
    if content != again and not strange:
        yield Finding(file, "archive", "not as the package writes it")
