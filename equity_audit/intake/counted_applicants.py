"""Tables that a source has counted itself: a row per ethnic group, a column of numbers per stage.

Such a table does not tell those who withdrew from those who were turned down: everyone who reached a stage and not the
next counts as rejected, and figures made of it are flagged as aggregated.
"""

import re
from collections.abc import Mapping as Labels
from dataclasses import dataclass

from equity_audit.errors import Problem
from equity_audit.vocabulary import Ethnicity

# Commas or spaces, hard and narrow ones among them, may stand between thousands, one zero after a point where whole
# numbers were kept as decimals: 2.000 is two thousand in half of Europe. Marks such as *, "c" or "<5" stand for numbers
# that were withheld.
_BETWEEN = r"[, \u00a0\u2009\u202f]"
_NUMBER = re.compile(rf"[0-9]{{1,3}}({_BETWEEN}[0-9]{{3}})+|[0-9]+(\.0)?")


@dataclass(frozen=True)
class GroupCount:
    """How many of one label reached each stage, in order; `row` is the row of the file, from 1 below the header."""

    row: int
    label: str
    reached: tuple[int, ...]


@dataclass(frozen=True)
class Total:
    """What a row of totals says of each stage, in order; None where its number is withheld or left out."""

    row: int
    stated: tuple[int | None, ...]


def read_count(text: str) -> int | None:
    """A whole number as published tables write it; None for anything else, such as a mark for a withheld count."""
    text = text.strip()
    return int(re.sub(rf"{_BETWEEN}|\.0$", "", text)) if _NUMBER.fullmatch(text) else None


def table_problems(rows: list[GroupCount], meanings: Labels[str, Ethnicity], column: str) -> list[Problem]:
    """What makes a table of counts unusable: a later stage with more people, a label twice, a part beside its whole."""
    growing = [str(row.row) for row in rows if any(b > a for a, b in zip(row.reached, row.reached[1:], strict=False))]
    problems = []
    if growing:
        problems.append(
            Problem(
                f"more people reached a stage than the one before it in rows {', '.join(growing)}", "", "see the source"
            )
        )
    seen: dict[Ethnicity, str] = {}
    for row in rows:
        meaning = meanings[row.label]
        if meaning in seen:
            problems.append(
                Problem(f'"{seen[meaning]}" and "{row.label}" mean the same', f"column {column}", "keep one of them")
            )
        seen[meaning] = row.label
    return [*problems, *wholes_beside_parts(meanings, column)]


def wholes_beside_parts(meanings: Labels[str, Ethnicity], column: str) -> list[Problem]:
    """Labels that stand beside their own parts, as Asian beside Indian: if one is a sum, people would count twice."""
    parts = {part.group for part in meanings.values() if part.category} - {None}
    doubled = [
        label for label, whole in meanings.items() if whole.category is None and whole.group in parts - {"Unknown"}
    ]
    if any(part.group and part.wres == "BME" for part in meanings.values()):
        doubled += [label for label, whole in meanings.items() if whole.group is None]
    return [
        Problem(
            f'"{label}" stands beside its own parts: if it is their sum, people would count twice',
            f"column {column}",
            "leave the sum out, or say under [ethnicity_labels] what else it means",
        )
        for label in doubled
    ]


def total_problems(totals: list[Total], rows: list[GroupCount], columns: list[str]) -> list[Problem]:
    """Where a row of totals is not the sum of the groups: a group is missing, counts twice or was misread.

    A table whose every number is a multiple of 5 or of 10 was rounded, so each of its numbers may be off by half of
    that: with n groups, the sum and the total may lie (n + 1) / 2 times the multiple apart. Others must agree exactly.
    """
    given = [
        number for line in (*(row.reached for row in rows), *(total.stated for total in totals)) for number in line
    ]
    rounded_to = next((base for base in (10, 5) if all((number or 0) % base == 0 for number in given)), 0)
    leeway = rounded_to * (len(rows) + 1) / 2
    return [
        Problem(
            f"the total in row {total.row} is {stated:,}, and the other rows add up to {added:,}: "
            f"{abs(stated - added):,} {'more' if added > stated else 'fewer'}",
            f"column {column}",
            "see whether a group is missing or counts twice, or leave the row out if it counts people of no row",
        )
        for total in totals
        for place, (column, stated) in enumerate(zip(columns, total.stated, strict=True))
        if stated is not None and abs(stated - (added := sum(row.reached[place] for row in rows))) > leeway
    ]


def cells(row: GroupCount) -> list[tuple[int, str | None, int]]:
    """(stage order, outcome, applications) of one row: who went on at each stage, who did not, who reached the last."""
    found: list[tuple[int, str | None, int]] = []
    for order, (here, beyond) in enumerate(zip(row.reached, row.reached[1:], strict=False)):
        found += [(order, "progressed", beyond), (order, "rejected", here - beyond)]
    return [*found, (len(row.reached) - 1, None, row.reached[-1])]
