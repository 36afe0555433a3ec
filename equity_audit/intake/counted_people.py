"""Staff headcounts and survey answers counted by their source: a row for each group of people and date.

Like tables of applicants (counted_applicants.py) they are used completely or not at all: a missing row makes every
share wrong.
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
# A file has few distinct texts, but each of its totals is compared with all of its rows.
_folded = lru_cache(maxsize=10_000)(fold)
# Characters of the longest question: longer text is likely to be a respondent's own words.
_LONGEST_ITEM = 200


@dataclass(frozen=True)
class NumbersRow:
    """One row of the file, counted from 1 below the header.

    day: None if it cannot be read. texts and numbers: in the order of the columns; None for a blank, and for a number
    that is not whole.
    """

    row: int
    day: date | None
    label: str
    texts: tuple[str | None, ...]
    numbers: tuple[int | None, ...]


@dataclass(frozen=True)
class NumbersColumns:
    """The columns of the file that were read."""

    day: str
    ethnicity: str
    texts: tuple[str, ...]
    numbers: tuple[str, ...]


def could_be_part(row: NumbersRow, total: NumbersRow) -> bool:
    """Return whether a row may be part of a total: a date or text that the total leaves blank matches any."""
    same_day = total.day is None or row.day == total.day
    texts = zip(row.texts, total.texts, strict=True)
    return same_day and all(not whole or _folded(part or "") == _folded(whole) for part, whole in texts)


def row_problems(rows: Sequence[NumbersRow], columns: NumbersColumns, first: date, today: date) -> list[Problem]:
    """Return what makes the rows unusable: impossible dates, cells that are not numbers, people counted twice.

    first: the first day that policy covers.
    """
    problems = []
    if undated := [row for row in rows if row.day is None]:
        problems.append(
            Problem(
                f"there is no readable date in {_rows(undated)}",
                f"column {columns.day}",
                "write the date in each row, or set source.date_format in the mapping",
            )
        )
    if outside := [row for row in rows if row.day and not first <= row.day <= today]:
        problems.append(
            Problem(
                f"there are dates before {first} or in the future in {_rows(outside)}",
                f"column {columns.day}",
                "correct the dates, or the date format in the mapping",
            )
        )
    for index, column in enumerate(columns.numbers):
        if without_number := [row for row in rows if row.numbers[index] is None]:
            problems.append(
                Problem(
                    f"there is no whole number (0 or more) in {_rows(without_number)}",
                    f"column {column}",
                    "give numbers of people: full-time equivalents, negative numbers and marks for withheld numbers "
                    "cannot be used",
                )
            )
    keys = Counter(map(_key, rows))
    if repeated := [row for row in rows if keys[_key(row)] > 1]:
        problems.append(
            Problem(
                f"the same people are in more than one row: {_rows(repeated)}",
                f"columns {', '.join((columns.day, columns.ethnicity, *columns.texts))}",
                "keep one row, or add the rows together; a column that distinguishes them must be mapped and, if it is "
                "a detail, listed in intake.details of the settings",
            )
        )
    return problems


def answer_problems(rows: Sequence[NumbersRow], columns: NumbersColumns) -> list[Problem]:
    """Return what else makes rows of answers unusable.

    texts: the question; numbers: how many answered, and how many of them agreed.
    """
    (column,), (answered, agreed) = columns.texts, columns.numbers
    items = [(row, row.texts[0] or "") for row in rows]
    problems = []
    if blank := [row for row, item in items if not item]:
        problems.append(
            Problem(f"there is no question in {_rows(blank)}", f"column {column}", "write a short question in each row")
        )
    if too_long := [row for row, item in items if len(item) > _LONGEST_ITEM]:
        problems.append(
            Problem(
                f"there are more than {_LONGEST_ITEM} characters in {_rows(too_long)}",
                f"column {column}",
                "shorten the question; what respondents wrote themselves does not belong here",
            )
        )
    problems += personal_problems([(row.row, item) for row, item in items], column)
    kind = kind_by_values({item for _, item in items})
    # A question may be as long as a comment.
    if kind and kind != "free_text":
        problems.append(
            Problem(
                f"may hold {KINDS[kind]}, by its content",
                f"column {column}",
                "give only questions, and nothing about individual people",
            )
        )
    spellings: dict[str, set[str]] = {}
    for _, item in items:
        spellings.setdefault(fold(item), set()).add(item)
    if varied := [row for row, item in items if len(spellings[fold(item)]) > 1]:
        problems.append(
            Problem(
                f"the same question is written in different ways in {_rows(varied)}",
                f"column {column}",
                "write each question in one way",
            )
        )
    if excess := [row for row in rows if None not in row.numbers and (row.numbers[1] or 0) > (row.numbers[0] or 0)]:
        problems.append(
            Problem(
                f"more people agreed than answered in {_rows(excess)}",
                f"columns {answered}, {agreed}",
                "give the number who answered the question, and how many of them agreed",
            )
        )
    return problems


def personal_problems(texts: Iterable[tuple[int, str]], column: str) -> list[Problem]:
    """Return a problem if any of a column's texts, each with its row number, points to a person; else an empty list."""
    personal = [(row, kind) for row, text in texts if (kind := personal_kind(text))]
    return [personal_problem([kind for _, kind in personal], [row for row, _ in personal], column)] if personal else []


def _key(row: NumbersRow) -> tuple[object, ...]:
    return row.day, fold(row.label), *(fold(text or "") for text in row.texts)


def _rows(rows: Iterable[NumbersRow]) -> str:
    numbers = [str(row.row) for row in rows]
    more = f" and {len(numbers) - _LISTED} more" if len(numbers) > _LISTED else ""
    return f"row{'s' if len(numbers) > 1 else ''} {', '.join(numbers[:_LISTED])}{more}"
