"""Tables of applicants counted by their source: a row for each ethnic group, a column of numbers for each stage.

Such a table does not distinguish applicants who withdrew from those who were rejected: everyone who reached a stage but
not the next counts as rejected, and figures made from it are flagged as aggregated.
"""

import re
from collections.abc import Mapping as Labels
from dataclasses import dataclass

from equity_audit.errors import Problem
from equity_audit.vocabulary import Ethnicity

# Thousands may be separated by commas or spaces, including no-break and narrow ones. A single zero may follow a point,
# if whole numbers were stored as decimals; not three, since 2.000 is two thousand in half of Europe. Marks such as *,
# "c" or "<5" mean withheld numbers.
_BETWEEN = r"[, \u00a0\u2009\u202f]"
_NUMBER = re.compile(rf"[0-9]{{1,3}}({_BETWEEN}[0-9]{{3}})+|[0-9]+(\.0)?")


@dataclass(frozen=True)
class GroupCount:
    """How many people with one label reached each stage, in order. `row` counts from 1 below the header."""

    row: int
    label: str
    reached: tuple[int, ...]


@dataclass(frozen=True)
class Total:
    """The number that a row of totals states for each stage, in order; None if it is withheld or left out."""

    row: int
    stated: tuple[int | None, ...]


def read_count(text: str) -> int | None:
    """Read a whole number as published tables write it; None for anything else, such as a mark for a withheld count."""
    text = text.strip()
    return int(re.sub(rf"{_BETWEEN}|\.0$", "", text)) if _NUMBER.fullmatch(text) else None


def table_problems(rows: list[GroupCount], meanings: Labels[str, Ethnicity], column: str) -> list[Problem]:
    """Return what makes a table of counts unusable: growing numbers, labels with one meaning, a group and its parts."""
    growing = [str(row.row) for row in rows if any(b > a for a, b in zip(row.reached, row.reached[1:], strict=False))]
    problems = []
    if growing:
        problems.append(
            Problem(
                f"more people reached a stage than the stage before it, in rows {', '.join(growing)}",
                "",
                "check these rows at the source",
            )
        )
    seen: dict[Ethnicity, str] = {}
    for row in rows:
        meaning = meanings[row.label]
        if meaning in seen:
            problems.append(
                Problem(
                    f'"{seen[meaning]}" and "{row.label}" mean the same group',
                    f"column {column}",
                    "give one row for each group",
                )
            )
        seen[meaning] = row.label
    return [*problems, *wholes_beside_parts(meanings, column)]


def wholes_beside_parts(meanings: Labels[str, Ethnicity], column: str) -> list[Problem]:
    """Return a problem for each label that is given with its own parts, as Asian with Indian: it may be their sum."""
    parts = {part.group for part in meanings.values() if part.category} - {None}
    doubled = [
        label for label, whole in meanings.items() if whole.category is None and whole.group in parts - {"Unknown"}
    ]
    if any(part.group and part.wres == "BME" for part in meanings.values()):
        doubled += [label for label, whole in meanings.items() if whole.group is None]
    return [
        Problem(
            f'"{label}" is given as well as its own parts: if it is their sum, people would be counted twice',
            f"column {column}",
            "leave the sum out, or give the label another meaning under [ethnicity_labels] in the mapping",
        )
        for label in doubled
    ]


def total_problems(totals: list[Total], rows: list[GroupCount], columns: list[str]) -> list[Problem]:
    """Return a problem for each total that is not the sum of the groups: one is missing, counts twice or was misread.

    A table in which every number is a multiple of 5 or of 10 was rounded, so each number may be off by half of that:
    with n groups, the sum and the total may differ by (n + 1) / 2 times the multiple. Others must agree exactly.
    """
    given = [
        number for line in (*(row.reached for row in rows), *(total.stated for total in totals)) for number in line
    ]
    rounded_to = next((base for base in (10, 5) if all((number or 0) % base == 0 for number in given)), 0)
    tolerance = rounded_to * (len(rows) + 1) / 2
    return [
        Problem(
            f"the total in row {total.row} is {stated:,}, but the other rows add up to {added:,}: "
            f"{abs(stated - added):,} {'more' if added > stated else 'fewer'}",
            f"column {column}",
            "check whether a group is missing or counted twice; if the total includes people in no row, leave it out",
        )
        for total in totals
        for stage, (column, stated) in enumerate(zip(columns, total.stated, strict=True))
        if stated is not None and abs(stated - (added := sum(row.reached[stage] for row in rows))) > tolerance
    ]


def cells(row: GroupCount) -> list[tuple[int, str | None, int]]:
    """Return (stage order, outcome, applications) for one row: progressed and rejected at each stage, and the last."""
    outcomes: list[tuple[int, str | None, int]] = []
    for order, (reached, progressed) in enumerate(zip(row.reached, row.reached[1:], strict=False)):
        outcomes += [(order, "progressed", progressed), (order, "rejected", reached - progressed)]
    return [*outcomes, (len(row.reached) - 1, None, row.reached[-1])]
