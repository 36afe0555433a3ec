"""Tables of applicants counted by their source: a row for each ethnic group, a column of numbers for each stage.

Such a table does not distinguish applicants who withdrew from those who were rejected: everyone who reached a stage but
not the next counts as rejected, and figures made from it are flagged as aggregated.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Labels
from dataclasses import dataclass, replace

from equity_audit.errors import Problem
from equity_audit.intake.mapping import Mapping
from equity_audit.vocabulary import UNKNOWN, WHITE_BRITISH, Ethnicity, fold, says_total, several_whites

# Thousands may be separated by commas or spaces, including no-break and narrow ones. A single zero may follow a point,
# if whole numbers were stored as decimals; not three, since 2.000 is two thousand in half of Europe. Marks such as *,
# "c" or "<5" mean withheld numbers.
_BETWEEN = r"[, \u00a0\u2009\u202f]"
_NUMBER = re.compile(rf"[0-9]{{1,3}}({_BETWEEN}[0-9]{{3}})+|[0-9]+(\.0)?")
# A percentage in brackets after the number.
_ITS_PERCENT = re.compile(r"\s*\(\s*[0-9]{1,3}([.,][0-9]+)?\s*%\s*\)$")


@dataclass(frozen=True)
class GroupCount:
    """How many people with one label reached each stage, in order.

    row: of the file, from 1 below the header. split: what distinguishes rows of one group, such as the sex.
    """

    row: int
    label: str
    reached: tuple[int, ...]
    split: tuple[str, ...] = ()


@dataclass(frozen=True)
class Total:
    """The number that a row of totals states for each stage, in order; None if it is withheld or left out.

    label: the group of a total over the values of the split; None for one over all groups. split: None for each value
    that it is a total over.
    """

    row: int
    stated: tuple[int | None, ...]
    label: str | None = None
    split: tuple[str | None, ...] = ()

    def parts(self, rows: Iterable[GroupCount]) -> list[GroupCount]:
        """Return the rows that it is the total of."""
        return [
            row
            for row in rows
            if (self.label is None or fold(row.label) == fold(self.label))
            and all(
                whole is None or fold(whole) == fold(part) for whole, part in zip(self.split, row.split, strict=True)
            )
        ]


def read_count(text: str) -> int | None:
    """Read a whole number as published tables write it; None for anything else, such as a mark for a withheld count.

    >>> read_count("1,204"), read_count("60 (8.5%)"), read_count("8.5%"), read_count("<5")
    (1204, 60, None, None)
    """
    text = _ITS_PERCENT.sub("", text.strip())
    return int(re.sub(rf"{_BETWEEN}|\.0$", "", text)) if _NUMBER.fullmatch(text) else None


def labels_in(mapping: Mapping) -> str:
    """Return words for where the labels of groups are."""
    across = mapping.source.orientation == "groups across"
    return "names of the columns" if across else f"column {mapping.columns.ethnicity}"


def table_problems(
    rows: list[GroupCount], totals: list[Total], meanings: Labels[str, Ethnicity], mapping: Mapping
) -> list[Problem]:
    """Return what makes a table of counts unusable: growing numbers, people who may be counted twice, wrong totals.

    rows: without those that are the sum of others (see without_sums).
    """
    where, across = labels_in(mapping), mapping.source.orientation == "groups across"
    growing = [str(row.row) for row in rows if any(b > a for a, b in zip(row.reached, row.reached[1:], strict=False))]
    problems = []
    if growing:
        problems.append(
            Problem(
                f"more people reached a stage than the stage before it, in {'columns' if across else 'rows'} "
                f"{', '.join(growing)}",
                "",
                "check these numbers at the source, and the order of source.stages in the mapping",
            )
        )
    rows_of = Counter((fold(row.label), tuple(map(fold, row.split))) for row in rows)
    if repeated := sorted({row.label for row in rows if rows_of[fold(row.label), tuple(map(fold, row.split))] > 1}):
        listed = "; ".join(f'"{label}"' for label in repeated)
        problems.append(
            Problem(
                f"these groups have more than one row: {listed}",
                where,
                "give one row for each group. If a column distinguishes them, such as sex, department or year, name it "
                'in the mapping, as in source.sum_over = ["Sex"]: its rows are then added together',
            )
        )
    elif not mapping.source.add_same_labels and not confirmed(rows, totals):
        problems += _same_meaning(rows, meanings, where)
    return [*problems, *wholes_beside_parts({row.label: meanings[row.label] for row in rows}, where)]


def confirmed(rows: Sequence[GroupCount], totals: Sequence[Total]) -> bool:
    """Return whether a total over everybody is exactly the sum of the rows at every stage: nobody is counted twice."""
    added = tuple(map(sum, zip(*(row.reached for row in rows), strict=True)))
    return any(total.label is None and not any(total.split) and total.stated == added for total in totals)


def _same_meaning(rows: list[GroupCount], meanings: Labels[str, Ethnicity], where: str) -> Iterator[Problem]:
    seen: dict[Ethnicity, str] = {}
    for label in dict.fromkeys(row.label for row in rows):
        meaning = meanings[label]
        if meaning in seen:
            yield Problem(
                f'"{seen[meaning]}" and "{label}" mean the same group, and no total shows that nobody is in both',
                where,
                "if they are different people, set source.add_same_labels = true in the mapping: they are then added "
                "together. If one is the sum of the others, leave it out",
            )
        seen.setdefault(meaning, label)


def without_sums(
    rows: list[GroupCount], totals: list[Total], meanings: Labels[str, Ethnicity]
) -> tuple[list[GroupCount], list[GroupCount]]:
    """Return the rows of groups, and those that are the sum of a group's categories, as "Asian total" beside Indian.

    A whole is a sum if it is exactly that of two or more of its parts at every stage and either its label says so or
    the table's total, without it, is right. Others stay, and wholes_beside_parts refuses them.
    """
    kept, sums = list(rows), []
    for whole in rows:
        meaning = meanings[whole.label]
        if meaning.category is not None or meaning.group in (None, UNKNOWN) or several_whites(whole.label):
            continue
        parts = [
            row
            for row in rows
            if meanings[row.label].group == meaning.group and meanings[row.label].category and row.split == whole.split
        ]
        added = tuple(map(sum, zip(*(part.reached for part in parts), strict=True)))
        if len(parts) > 1 and any(added) and whole.reached == added:
            sums.append(whole)
    kept = [row for row in rows if row not in sums]
    if confirmed(kept, totals) or all(says_total(row.label) for row in sums):
        return kept, sums
    return list(rows), []


def wholes_beside_parts(meanings: Labels[str, Ethnicity], where: str) -> list[Problem]:
    """Return a problem for each label that is given with its own parts, as Asian with Indian: it may be their sum."""
    parts = {part.group for part in meanings.values() if part.category} - {None}
    doubled = [
        label
        for label, whole in meanings.items()
        if whole.category is None and whole.group in parts - {"Unknown"} and not _some_whites(label, meanings)
    ]
    if any(part.group and part.wres == "BME" for part in meanings.values()):
        doubled += [label for label, whole in meanings.items() if whole.group is None]
    return [
        Problem(
            f'"{label}" is given as well as its own parts: if it is their sum, people would be counted twice',
            where,
            "leave the sum out, or give the label another meaning under [ethnicity_labels] in the mapping",
        )
        for label in doubled
    ]


def without_split_sums(rows: list[GroupCount]) -> tuple[list[GroupCount], list[Total]]:
    """Return the rows without those that add up all values of a column that divides the table, and these as totals.

    Whatever they are called ("Persons", "Both sexes"): for every group they are exactly the sum of two or more others.
    """
    totals: list[Total] = []
    for place in range(len(rows[0].split) if rows else 0):

        def key(row: GroupCount, place: int = place) -> tuple[str, ...]:
            others = (value for index, value in enumerate(row.split) if index != place)
            return (fold(row.label), *map(fold, others))

        values = sorted({fold(row.split[place]) for row in rows})
        for value in values if len(values) > 2 else ():
            wholes = {key(row): row for row in rows if fold(row.split[place]) == value}
            parts: dict[tuple[str, ...], tuple[int, ...]] = {}
            for row in rows:
                if fold(row.split[place]) != value:
                    before = parts.get(key(row), (0,) * len(row.reached))
                    parts[key(row)] = tuple(map(sum, zip(before, row.reached, strict=True)))
            if len(wholes) > 1 and {name: row.reached for name, row in wholes.items()} == parts:
                totals += [
                    Total(
                        row.row,
                        row.reached,
                        row.label,
                        tuple(None if index == place else text for index, text in enumerate(row.split)),
                    )
                    for row in wholes.values()
                ]
                rows = [row for row in rows if fold(row.split[place]) != value]
                break
    return rows, totals


def _some_whites(label: str, meanings: Labels[str, Ethnicity]) -> bool:
    """Return whether a label means several categories of White, none of which the table has separately."""
    if not several_whites(label):
        return False
    others = {other: meaning.category for other, meaning in meanings.items() if other != label and meaning.category}
    if "gypsy" in fold(label):
        return not any("gyps" in fold(other) or category == "White: Roma" for other, category in others.items())
    return not any(category.startswith("White: ") and category != WHITE_BRITISH for category in others.values())


def total_problems(
    totals: list[Total], rows: list[GroupCount], columns: list[str], *, across: bool = False
) -> list[Problem]:
    """Return a problem for each total that is not the sum of its rows: one is missing, counts twice or was misread.

    A table in which every number is a multiple of 5 or of 10 was rounded, so each number may be off by half of that:
    with n rows, the sum and the total may differ by (n + 1) / 2 times the multiple. Others must agree exactly.
    """
    given = [
        number for line in (*(row.reached for row in rows), *(total.stated for total in totals)) for number in line
    ]
    line = "column" if across else "row"
    rounded_to = next((base for base in (10, 5) if all((number or 0) % base == 0 for number in given)), 0)
    problems = []
    for total in totals:
        parts = total.parts(rows)
        tolerance = rounded_to * (len(parts) + 1) / 2
        for stage, (column, stated) in enumerate(zip(columns, total.stated, strict=True)):
            added = sum(row.reached[stage] for row in parts)
            if stated is None or (abs(stated - added) <= tolerance and (parts or not stated)):
                continue
            problems.append(
                Problem(
                    f"the total in {line} {total.row} is {stated:,}, but the other {line}s add up to {added:,}: "
                    f"{abs(stated - added):,} {'more' if added > stated else 'fewer'}",
                    f"column {column}",
                    "check whether a group is missing or counted twice; if the total includes people in no row, leave "
                    "it out",
                )
            )
    return problems


def added_together(rows: Iterable[GroupCount]) -> list[GroupCount]:
    """Return one row for each label: the rows of a group that differ in the split are added together."""
    added: dict[str, GroupCount] = {}
    for row in rows:
        before = added.get(fold(row.label))
        reached = tuple(map(sum, zip(before.reached, row.reached, strict=True))) if before else row.reached
        added[fold(row.label)] = GroupCount(before.row, before.label, reached) if before else replace(row, split=())
    return list(added.values())


def cells(row: GroupCount) -> list[tuple[int, str | None, int]]:
    """Return (stage order, outcome, applications) for one row: progressed and rejected at each stage, and the last."""
    outcomes: list[tuple[int, str | None, int]] = []
    for order, (reached, progressed) in enumerate(zip(row.reached, row.reached[1:], strict=False)):
        outcomes += [(order, "progressed", progressed), (order, "rejected", reached - progressed)]
    return [*outcomes, (len(row.reached) - 1, None, row.reached[-1])]
