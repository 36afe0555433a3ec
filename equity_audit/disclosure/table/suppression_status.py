"""How each count is published, and the range of exact counts that each published count allows.

A count is shown, rounded; or marked "fewer than"; or withheld to protect another. Shown and "fewer than" follow only
from the count itself, so a mark discloses nothing about its neighbours, even withheld ones: it allows a range of
counts, which is calculated only here. A withheld count may be any whole number.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from equity_audit.disclosure.table.constraints import UNBOUNDED, Ints
from equity_audit.disclosure.table.count_table import People, Quantity
from equity_audit.settings import DisclosurePolicy
from equity_audit.vocabulary import is_broad

Flags = NDArray[np.bool_]


class Mark(IntEnum):
    """How a count appears. An `UNPUBLISHED` count does not appear at all, but others may still disclose it."""

    SHOWN = 0
    FEWER_THAN = 1
    PROTECTS = 2
    UNPUBLISHED = 3


@dataclass(frozen=True)
class Published:
    """`shown`: rounded counts, rows by quantities, valid if `mark` is SHOWN."""

    people: People
    shown: Ints
    mark: NDArray[np.int8]

    def sha256(self) -> str:
        """Return a fingerprint of everything published: if it is the same, the tables match what was proven safe."""
        visible = np.where(self.mark == Mark.SHOWN, self.shown, -1)
        text = json.dumps([self.people.rows, self.people.quantities, self.mark.tolist(), visible.tolist()])
        return hashlib.sha256(text.encode()).hexdigest()

    def withholding(self, cells: list[tuple[int, int]]) -> "Published":
        """Return the same with more counts withheld to protect others."""
        mark = self.mark.copy()
        for row, column in cells:
            mark[row, column] = Mark.PROTECTS
        return replace(self, mark=mark)

    def silent(self) -> "Published":
        """Return the same with every count withheld: what the table discloses by its rows alone."""
        withheld = np.where(self.mark == Mark.UNPUBLISHED, self.mark, np.int8(Mark.PROTECTS))
        return replace(self, mark=withheld)


def first_marks(people: People, policy: DisclosurePolicy) -> Published:
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
    """Return the smallest and largest count that each mark allows, taken alone: all counts published the same way.

    Every group of a classification is listed, even if it is empty. A part of a split is listed only if somebody is in
    it, so its row for everyone counts at least 1; the same holds for an organisation, and for a broad label.
    """
    people, shown = published.people, published.shown
    zeros = [policy.zeros_of(row.breakdown) for row in people.rows]
    fewest = np.array([0 if rule == "suppress" else 1 for rule in zeros])[:, None]
    most_at_zero = np.array([(policy.round_to - 1) // 2 if rule == "round" else 0 for rule in zeros])[:, None]
    least = np.maximum(shown - policy.round_to // 2, policy.withhold_below)
    most = shown + (policy.round_to - 1) // 2
    fewer, visible = published.mark == Mark.FEWER_THAN, published.mark == Mark.SHOWN
    lowest = np.where(fewer, fewest, np.where(visible & (shown > 0), least, 0))
    highest = np.where(fewer, policy.withhold_below - 1, np.where(shown == 0, most_at_zero, most))
    highest = np.where(fewer | visible, highest, UNBOUNDED)
    listed = [
        index
        for index, row in enumerate(people.rows)
        if row.level == "all" or (row.breakdown == "all" and is_broad(row.group_name))
    ]
    column = people.column[Quantity("reached", 0, 0)]
    lowest[listed, column] = np.maximum(lowest[listed, column], 1)
    return lowest, highest


def _is_step(quantity: Quantity) -> bool:
    """Return whether a count is published in every row; single outcomes are only in the row of all applicants."""
    return quantity.name in ("reached", "decided")
