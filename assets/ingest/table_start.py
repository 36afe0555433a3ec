"""Where the table of a sheet or small text begins and ends: titles, notes and two rows of names around its rows.

Nothing is dropped silently: what was skipped is said by row. A row that could be a record is never skipped.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

Row = Sequence[str]

# The row of names is among the first rows, below titles and logos.
ROWS_SEARCHED = 40
# A title with two commas fills three cells. More are names, even if rows have more cells than names.
_TITLE_CELLS = 3
# What is below headings over several columns.
_UNDER_HEADING = re.compile(
    r"(number|no|n|counts?|headcount|people|#|%|per ?cent(age)?|proportion|share|rate)( \(?(%|n|no)\)?| of .+)?\.?",
    re.IGNORECASE,
)
# How notes begin that follow a table without a blank line. Others could be the rest of a file that was cut off.
_NOTE = re.compile(
    r"(sources?|notes?|figures|data|percentages|counts|numbers)\b.*\s.*|[*\u2020\u00a9\[(].*", re.IGNORECASE
)
_VALUE = re.compile(r"[\d.,:/%£$€<>*\s+-]*\d[\d.,:/%£$€<>*\s+-]*|[-*]|\[[a-z]\]")


@dataclass(frozen=True)
class Table:
    """The names of the columns, and the rows of the table: from `first` up to, not including, `last`.

    skipped: what was left out above and below, for people. titles: the texts above, which may name a year.
    """

    names: tuple[str, ...]
    first: int
    last: int
    skipped: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


def find_table(rows: Sequence[Row], needed: frozenset[str] = frozenset(), *, whole: bool = True) -> Table | None:
    """Return the table in the rows of a text, if it does not simply begin in the first row; None if it does.

    needed: the columns that a mapping names. whole: the rows are all of the text, so notes may follow the table.
    """
    header = _header(rows, needed)
    if header is None:
        return None
    names, first = tuple(cell.strip() for cell in rows[header]), header + 1
    if first < len(rows) and is_second_row(names, rows[first]):
        names, first = joined_names(names, rows[first]), first + 1
    last = _end(rows, first, len(names)) if whole else len(rows)
    skipped = (*said(0, header, "above the column names"), *said(last, len(rows), "below the table"))
    titles = tuple(cell.strip() for row in rows[:header] for cell in row if cell.strip())
    return Table(names, first, last, skipped, titles) if skipped or first > 1 else None


def is_second_row(above: Row, here: Row) -> bool:
    """Return whether a row continues the names in the row above: headings over several columns, as "Number" and "%"."""
    given = [cell.strip() for cell in here if cell.strip()]
    pairs = list(zip(here, above, strict=False))
    filled = any(cell.strip() and not over.strip() for cell, over in pairs)
    return len(here) == len(above) and filled and len(given) > 1 and all(map(_UNDER_HEADING.fullmatch, given))


def joined_names(above: Row, here: Row) -> tuple[str, ...]:
    """Return names of two rows as one: "Applied Number", "Applied %". A heading covers the blank cells to its right."""
    names, heading = [], ""
    for over, cell in zip(above, here, strict=True):
        heading = over.strip() or heading
        names.append(f"{heading} {cell.strip()}".strip() if cell.strip() else over.strip())
    return tuple(names)


def said(start: int, stop: int, where: str) -> tuple[str, ...]:
    """Return words for rows that were skipped, counted from 0; none if there are none."""
    if start >= stop:
        return ()
    one = stop == start + 1
    return (f"row{'' if one else 's'} {start + 1}{'' if one else f' to {stop}'} {where} skipped",)


def _header(rows: Sequence[Row], needed: frozenset[str]) -> int | None:
    """Return the row of names; None if it cannot be told.

    Above it are only titles. Without a mapping none of its cells may be a number or date, as in a row of the table.
    """
    searched = rows[:ROWS_SEARCHED]
    known = [len(needed & {cell.strip() for cell in row}) for row in searched]
    for index, row in enumerate(searched):
        if needed and known[index] == max(known) > 0:
            return index
        if not _is_title(row, searched[index + 1 :]):
            values = [cell for cell in row if _is_value(cell.strip())]
            return None if index and values else index
    return None


def _is_title(row: Row, below: Sequence[Row]) -> bool:
    """Return whether a row is blank or a title: text in one cell, or in half as many as the names below it.

    A title with a comma fills two cells. A row as long as those below it fills one cell only, or it is a row of names.
    """
    widest = max((_width(other) for other in below[:4]), default=0)
    if _width(row) < 2:
        return widest > 1 or not _width(row)
    return len(row) < widest and _width(row) <= min(widest / 2, _TITLE_CELLS)


def _end(rows: Sequence[Row], first: int, width: int) -> int:
    """Return the end of the table: below it are only rows that are shorter than its own, with text in the first cell.

    They are notes if a blank row comes first, or if they begin as notes do.
    """
    last = len(rows)
    while last > first and len(rows[last - 1]) < width and _width(rows[last - 1][1:]) == 0:
        last -= 1
    notes = [row for row in rows[last:] if _width(row)]
    if width < 2 or not notes or (_width(rows[last]) and not _NOTE.fullmatch(rows[last][0].strip())):
        return len(rows)
    return last


def _width(row: Row) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _is_value(cell: str) -> bool:
    return bool(_VALUE.fullmatch(cell))
