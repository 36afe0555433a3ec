"""What earlier revisions of an edition said, which whoever has kept them knows for good."""

from collections.abc import Mapping, Sequence

import numpy as np

from equity_audit.disclosure.table.constraints import UNBOUNDED, Ints
from equity_audit.disclosure.table.count_table import CountTable, Row
from equity_audit.disclosure.table.suppression_status import Published, possible
from equity_audit.errors import DisclosureFailed, Problem
from equity_audit.settings import DisclosurePolicy

# What each earlier revision, in their order, left possible of a count and what it was then (lowest, highest, exact), by
# row, quantity and its first and last stage. A count that was withheld is unbounded, but not below 0.
CellNames = tuple[Row, str, str, str]
Earlier = Mapping[CellNames, Sequence[tuple[int, int, int]]]
# A split or none, and a level.
Part = tuple[str, str]


def bounds_before(
    published: Published, policy: DisclosurePolicy, earlier: Earlier
) -> tuple[tuple[Ints, Ints] | None, Ints | None]:
    """The bounds that earlier revisions left, moved by what has changed since, and by how much counts have grown."""
    if not earlier:
        return None, None
    people = published.people
    lowest, highest = possible(published.silent(), policy)
    rows = {row: place for place, row in enumerate(people.rows)}
    columns = {(q.name, people.stages[q.start], people.stages[q.end]): c for q, c in people.column.items()}
    grown = np.zeros_like(lowest)
    for (row, *quantity), said in earlier.items():
        cell = rows.get(row, -1), columns.get((quantity[0], quantity[1], quantity[2]), -1)
        for low, high, exact in said if min(cell) >= 0 else ():
            moved = int(people.values[cell]) - exact
            grown[cell] = max(grown[cell], moved)
            # Of a count that was withheld then, no more than that it was not below 0.
            lowest[cell] = max(lowest[cell], low + moved)
            highest[cell] = min(highest[cell], high + moved) if high < UNBOUNDED else highest[cell]
    return (lowest, highest), grown


def by_names(people: CountTable, values: Ints) -> dict[CellNames, int]:
    """Values of these people's counts by names that no other row or quantity moves."""
    names = [(q.name, people.stages[q.start], people.stages[q.end]) for q in people.quantities]
    return {
        (row, *name): int(values[line, column])
        for line, row in enumerate(people.rows)
        for column, name in enumerate(names)
    }


def of_these(people: CountTable, earlier: Earlier) -> Earlier:
    """What earlier revisions said of these people; staff, say, may be split in the same way as applicants."""
    quantities = {(q.name, people.stages[q.start], people.stages[q.end]) for q in people.quantities}
    return {cell: said for cell, said in earlier.items() if cell[1:] in quantities}


def told_before(earlier: Earlier) -> set[Part]:
    """The splits and levels that an earlier revision said anything of; one that it left out is not among them."""
    return {
        (row.breakdown, row.level)
        for (row, *_), said in earlier.items()
        if any(low > 0 or high < UNBOUNDED for low, high, _ in said)
    }


def not_followed(people: CountTable, earlier: Earlier) -> set[Part]:
    """The splits and levels that no earlier revision said anything of, where counts have changed since.

    They stay left out: what somebody who knows the corrections would learn of them is not looked into.
    """
    now = by_names(people, people.values)
    changed = any(exact != now.get(cell, 0) for cell, said in earlier.items() for *_, exact in said)
    parts = {(row.breakdown, row.level) for row in people.rows}
    return parts - told_before(earlier) if changed else set()


def check_nothing_is_dropped(people: CountTable, earlier: Earlier) -> None:
    """Raise DisclosureFailed where an earlier edition has a split or level that this one would not have.

    earlier: of these people alone.
    """
    dropped = told_before(earlier) - {(row.breakdown, row.level) for row in people.rows}
    if dropped:
        by = ", ".join(sorted({breakdown for breakdown, _ in dropped}))
        raise DisclosureFailed(
            Problem(
                f"an earlier edition of this period was published by {by}, and this one would not be: together they "
                "could tell what each of them hides",
                "",
                "put it back: into the settings, with its levels (disclosure, workforce: publish_splits, split_levels, "
                "quarter_levels), or into the export if that has lost it; what is published cannot be taken back",
            )
        )
