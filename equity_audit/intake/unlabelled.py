"""Rows of numbers whose label is blank: a total that its source left without a name, or people of unknown ethnicity.

In a row of one application a blank says that nobody stated an ethnicity. In a table of numbers it stands far more often
beside a total, and taking that for people would count everybody twice. So a blank is a total where its numbers are the
sum of the rows that it could be the total of, and else the file is refused: nobody guesses.
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
    """Whether a label is nothing but marks, or one of the mapping's words for an empty field."""
    return fold(label) in {fold(word) for word in ("", *mapping.source.blanks)}


def means_people(mapping: Mapping) -> bool:
    """Whether the mapping says what a blank label means: then one that is no total is a group like any other."""
    return any(not fold(label) for label in mapping.ethnicity_labels)


def is_sum(stated: Numbers, parts: Sequence[Numbers]) -> bool:
    """Whether every number of a row is given and is the sum of those of the parts; never of no parts.

    >>> is_sum((700, 68), [(600, 60), (100, 8)]), is_sum((700, None), [(600, 60), (100, 8)])
    (True, False)
    """
    if not parts:
        return False
    # A number that a part lacks refuses the file elsewhere.
    added = [sum(number or 0 for number in column) for column in zip(*parts, strict=True)]
    return all(number is not None and number == total for number, total in zip(stated, added, strict=True))


def counts_nobody(numbers: Numbers) -> bool:
    """Whether a row has nobody in it: as a group or as a total it changes nothing."""
    return all(number == 0 for number in numbers)


def sort_unlabelled(
    blank: Sequence[_Row],
    labelled: Sequence[_Row],
    numbers: Callable[[_Row], Numbers],
    scopes: Callable[[_Row], Sequence[Sequence[_Row]]],
) -> list[_Row]:
    """The rows with a blank label that are no totals.

    scopes: the sets of labelled rows that a row could be the total of. One person can equal one other person by chance,
    so a sum of a single row counts only where that is all there is, or where another blank row is a sum of several.
    """
    sums, lone, others = [], [], []
    for row in blank:
        if counts_nobody(numbers(row)):
            continue
        fitting = [parts for parts in scopes(row) if is_sum(numbers(row), [numbers(part) for part in parts])]
        if not fitting:
            others.append(row)
        elif max(map(len, fitting)) > 1 or len(labelled) == 1:
            sums.append(row)
        else:
            lone.append(row)
    return others if sums and not others else [*others, *lone]


def unlabelled_problem(rows: Sequence[int], column: str) -> Problem:
    """The refusal of rows whose blank label could mean either; rows are counted from 1 below the header."""
    listed = ", ".join(map(str, rows[:_LISTED])) + (f" and {len(rows) - _LISTED} more" if len(rows) > _LISTED else "")
    return Problem(
        f"no label in row{'s' if len(rows) > 1 else ''} {listed}, whose numbers are not the sum of the others: a total "
        "perhaps, perhaps people whose ethnicity is not known",
        f"column {column}",
        'write "Total" or "Not stated" in the row, or, if every blank is people, say under [ethnicity_labels] in the '
        'mapping: "" = "Not known"',
    )
