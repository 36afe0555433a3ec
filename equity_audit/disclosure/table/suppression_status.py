"""What is published of each count, and what each published count leaves possible.

A count is shown, rounded; or marked "fewer than"; or withheld to protect another. Shown and "fewer than" follow from
the count itself and from nothing beside it, so that a mark says nothing of its neighbours, withheld ones
included: whatever it leaves possible is an interval (possible_counts). A withheld count may be any
whole number.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from equity_audit.disclosure.table.constraints import UNBOUNDED, Ints
from equity_audit.disclosure.table.count_table import CountTable, Quantity
from equity_audit.disclosure.table.possible_counts import possible_counts
from equity_audit.settings import DisclosurePolicy
from equity_audit.vocabulary import is_broad

Flags = NDArray[np.bool_]


class Mark(IntEnum):
    """How a count appears. `UNPUBLISHED` is one that nothing is said of, which others may still give away."""

    SHOWN = 0
    FEWER_THAN = 1
    PROTECTS = 2
    UNPUBLISHED = 3


@dataclass(frozen=True)
class Published:
    """`shown`: rounded counts, rows by quantities, where `mark` is SHOWN. `withheld`: what PROTECTS was put on.

    counted: the people with all rows that were counted, those that are left out included; None if none is.
    """

    people: CountTable
    shown: Ints
    mark: NDArray[np.int8]
    counted: CountTable | None = None

    def sha256(self) -> str:
        """Fingerprint of all that is published: where it is the same, what stands in the tables was proven."""
        seen = np.where(self.mark == Mark.SHOWN, self.shown, -1)
        text = json.dumps([self.people.rows, self.people.quantities, self.mark.tolist(), seen.tolist()])
        return hashlib.sha256(text.encode()).hexdigest()

    def withholding(self, cells: list[tuple[int, int]]) -> "Published":
        """The same with more counts withheld to protect others."""
        mark = self.mark.copy()
        for row, column in cells:
            mark[row, column] = Mark.PROTECTS
        return replace(self, mark=mark)

    def silent(self) -> "Published":
        """The same with every count withheld: what the table says by its rows alone."""
        withheld = np.where(self.mark == Mark.UNPUBLISHED, self.mark, np.int8(Mark.PROTECTS))
        return replace(self, mark=withheld)


def first_marks(people: CountTable, policy: DisclosurePolicy) -> Published:
    """Round every published count and mark the small ones, before any is withheld to protect another."""
    exact = people.values
    shown = (2 * exact + policy.round_to) // (2 * policy.round_to) * policy.round_to
    smallest = np.array([1 if policy.zeros_of(row.breakdown) != "suppress" else 0 for row in people.rows])
    small = (exact >= smallest[:, None]) & (exact < policy.withhold_below)
    mark = np.where(small, Mark.FEWER_THAN, Mark.SHOWN).astype(np.int8)
    for quantity, column in people.column.items():
        if quantity.name in ("rejected", "left"):
            mark[:, column] = Mark.UNPUBLISHED
        elif not _is_step(quantity):
            mark[np.arange(len(people.rows)) != people.first_row, column] = Mark.UNPUBLISHED
    return Published(people, shown, mark)


def possible(published: Published, policy: DisclosurePolicy) -> tuple[Ints, Ints]:
    """The smallest and largest count that each mark leaves possible, taken alone: all counts that are published so.

    Every group of a classification is listed, whether anybody is in it or not. A part of a split is listed only where
    somebody is in it, so that its row of everybody counts at least 1; so is an organisation, and a broad label.
    """
    people = published.people
    fewer, seen = published.mark == Mark.FEWER_THAN, published.mark == Mark.SHOWN
    zeros = (policy.zeros_of(row.breakdown) for row in people.rows)
    lowest, highest = possible_counts(published.shown, fewer, zeros, policy)
    lowest, highest = np.where(fewer | seen, lowest, 0), np.where(fewer | seen, highest, UNBOUNDED)
    listed = [
        place
        for place, row in enumerate(people.rows)
        if row.level == "all" or (row.breakdown == "all" and is_broad(row.group_name))
    ]
    column = people.column[Quantity("reached", 0, 0)]
    lowest[listed, column] = np.maximum(lowest[listed, column], 1)
    return lowest, highest


def _is_step(quantity: Quantity) -> bool:
    """Whether a count stands in every row; outcomes one by one stand in that of everybody alone."""
    return quantity.name in ("reached", "decided")
