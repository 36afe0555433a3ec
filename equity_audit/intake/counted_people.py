"""Numbers that a source has counted itself, a row for each group of people and day: staff, answers to a survey.

Like tables of applicants (aggregated.py) they are used whole or not at all: a row left out makes every share wrong.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from equity_audit.errors import Problem
from equity_audit.intake.identifiers import KINDS, kind_by_values
from equity_audit.intake.personal_values import personal_kind, personal_problem
from equity_audit.vocabulary import fold

_LISTED = 20
# A file has few different texts, and each of its totals is held against all of its rows.
_folded = lru_cache(maxsize=10_000)(fold)
# Signs of the longest question: what is longer is somebody's own words.
_LONGEST_ITEM = 200


@dataclass(frozen=True)
class NumbersRow:
    """One row of the file, counted from 1 below the header.

    day: None where it cannot be read. texts and numbers: as the columns asked for; None is a blank, and of numbers what
    is no whole number.
    """

    row: int
    day: date | None
    label: str
    texts: tuple[str | None, ...]
    numbers: tuple[int | None, ...]


@dataclass(frozen=True)
class NumbersColumns:
    """Which columns of the file were read."""

    day: str
    ethnicity: str
    texts: tuple[str, ...]
    numbers: tuple[str, ...]


def could_be_part(row: NumbersRow, total: NumbersRow) -> bool:
    """Whether a row is among those that a total is of: a day or text that the total leaves blank is any."""
    same_day = total.day is None or row.day == total.day
    texts = zip(row.texts, total.texts, strict=True)
    return same_day and all(not whole or _folded(part or "") == _folded(whole) for part, whole in texts)


def row_problems(rows: Sequence[NumbersRow], columns: NumbersColumns, first: date, today: date) -> list[Problem]:
    """What makes the rows unusable: days that cannot be, numbers that are none, the same people twice.

    first: the first day that policy covers.
    """
    problems = []
    if found := [row for row in rows if row.day is None]:
        problems.append(
            Problem(
                f"no date that can be read in {_rows(found)}",
                f"column {columns.day}",
                "write the day in each row, or say source.date_format in the mapping",
            )
        )
    if found := [row for row in rows if row.day and not first <= row.day <= today]:
        problems.append(
            Problem(
                f"dates before {first} or in the future in {_rows(found)}",
                f"column {columns.day}",
                "correct the dates, or the format that they are read in",
            )
        )
    for place, column in enumerate(columns.numbers):
        if found := [row for row in rows if row.numbers[place] is None]:
            problems.append(
                Problem(
                    f"no whole number from 0 up in {_rows(found)}",
                    f"column {column}",
                    "give numbers of people: full-time equivalents, negative numbers and marks for numbers that were "
                    "withheld cannot be worked with",
                )
            )
    keys = Counter(map(_key, rows))
    if found := [row for row in rows if keys[_key(row)] > 1]:
        problems.append(
            Problem(
                f"the same people in more than one row: {_rows(found)}",
                f"columns {', '.join((columns.day, columns.ethnicity, *columns.texts))}",
                "leave one of them, or add up what belongs together; a column that tells rows apart must be mapped "
                "and, if it is a detail, listed in intake.details of the settings",
            )
        )
    return problems


def answer_problems(rows: Sequence[NumbersRow], columns: NumbersColumns) -> list[Problem]:
    """What else makes rows of answers unusable. texts: the question; numbers: who answered, and who of these agreed."""
    (column,), (answered, agreed) = columns.texts, columns.numbers
    items = [(row, row.texts[0] or "") for row in rows]
    problems = []
    if found := [row for row, item in items if not item]:
        problems.append(
            Problem(f"no question in {_rows(found)}", f"column {column}", "write the question in short in each row")
        )
    if found := [row for row, item in items if len(item) > _LONGEST_ITEM]:
        problems.append(
            Problem(
                f"more than {_LONGEST_ITEM} signs in {_rows(found)}",
                f"column {column}",
                "write the question in short; what people wrote themselves has no place here",
            )
        )
    problems += personal_problems([(row.row, item) for row, item in items], column)
    kind = kind_by_values({item for _, item in items})
    # A question may be as long as a note.
    if kind and kind != "free_text":
        problems.append(
            Problem(f"may hold {KINDS[kind]}, by its content", f"column {column}", "give questions, nothing of persons")
        )
    ways: dict[str, set[str]] = {}
    for _, item in items:
        ways.setdefault(fold(item), set()).add(item)
    if found := [row for row, item in items if len(ways[fold(item)]) > 1]:
        problems.append(
            Problem(f"one question written in several ways in {_rows(found)}", f"column {column}", "write it one way")
        )
    if found := [row for row in rows if None not in row.numbers and (row.numbers[1] or 0) > (row.numbers[0] or 0)]:
        problems.append(
            Problem(
                f"more agreed than answered in {_rows(found)}",
                f"columns {answered}, {agreed}",
                "give all who answered the question, and how many of these agreed",
            )
        )
    return problems


def personal_problems(texts: Iterable[tuple[int, str]], column: str) -> list[Problem]:
    """The refusal of a column's texts, each with its row, that point to somebody; nothing if none does."""
    found = [(row, kind) for row, text in texts if (kind := personal_kind(text))]
    return [personal_problem([kind for _, kind in found], [row for row, _ in found], column)] if found else []


def _key(row: NumbersRow) -> tuple[object, ...]:
    return row.day, fold(row.label), *(fold(text or "") for text in row.texts)


def _rows(rows: Iterable[NumbersRow]) -> str:
    numbers = [str(row.row) for row in rows]
    more = f" and {len(numbers) - _LISTED} more" if len(numbers) > _LISTED else ""
    return f"row{'s' if len(numbers) > 1 else ''} {', '.join(numbers[:_LISTED])}{more}"
