"""Rows of counts with a blank label: an unnamed total, or people whose ethnicity is not known.

For a single application a blank means that no ethnicity was stated. In a table of counts it far more often means a
total, and reading that as people would count everyone twice. So a row with a blank label is a total if its numbers are
the sum of the rows that it could be the total of; otherwise the file is refused, since nothing is guessed.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from equity_audit.errors import Problem
from equity_audit.intake.mapping import Mapping
from equity_audit.vocabulary import fold

Numbers = Sequence[int | None]
_Row = TypeVar("_Row")
_LISTED = 20


def is_blank(label: str, mapping: Mapping) -> bool:
    """Return whether a label has nothing but punctuation, or is one of the mapping's words for an empty field."""
    return fold(label) in {fold(word) for word in ("", *mapping.source.blanks)}


def means_people(mapping: Mapping) -> bool:
    """Return whether the mapping gives blank labels a meaning: one that is not a total is then a group like others."""
    return any(not fold(label) for label in mapping.ethnicity_labels)


def is_sum(stated: Numbers, parts: Sequence[Numbers]) -> bool:
    """Return whether every number of a row is given and is the sum of those of the parts; False without parts.

    >>> is_sum((700, 68), [(600, 60), (100, 8)]), is_sum((700, None), [(600, 60), (100, 8)])
    (True, False)
    """
    if not parts:
        return False
    # A file with a missing number is refused elsewhere.
    added = [sum(number or 0 for number in column) for column in zip(*parts, strict=True)]
    return all(number is not None and number == total for number, total in zip(stated, added, strict=True))


def counts_nobody(numbers: Numbers) -> bool:
    """Return whether a row has only zeros: whether a group or a total, it changes nothing."""
    return all(number == 0 for number in numbers)


def sort_unlabelled(
    blank: Sequence[_Row],
    labelled: Sequence[_Row],
    numbers: Callable[[_Row], Numbers],
    scopes: Callable[[_Row], Sequence[Sequence[_Row]]],
) -> list[_Row]:
    """Return the rows with a blank label that are not totals.

    scopes: the sets of labelled rows that a row could be the total of. Two rows can be equal by chance, so a row that
    equals a single other row is a total only if there is no other row, or if another blank row is a sum of several.
    """
    sums, equal_to_one, not_sums = [], [], []
    for row in blank:
        if counts_nobody(numbers(row)):
            continue
        fitting = [parts for parts in scopes(row) if is_sum(numbers(row), [numbers(part) for part in parts])]
        if not fitting:
            not_sums.append(row)
        elif max(map(len, fitting)) > 1 or len(labelled) == 1:
            sums.append(row)
        else:
            equal_to_one.append(row)
    return [] if sums and not not_sums else [*not_sums, *equal_to_one]


def unlabelled_problem(rows: Sequence[int], column: str) -> Problem:
    """Return a problem with rows whose blank label is ambiguous, counted from 1 below the header."""
    listed = ", ".join(map(str, rows[:_LISTED])) + (f" and {len(rows) - _LISTED} more" if len(rows) > _LISTED else "")
    return Problem(
        f"there is no label in row{'s' if len(rows) > 1 else ''} {listed}, and the numbers are not the sum of the "
        "other rows: this may be a total, or people whose ethnicity is not known",
        f"column {column}",
        'write "Total" or "Not stated" in the row or, if every blank means people, add "" = "Not known" under '
        "[ethnicity_labels] in the mapping",
    )
