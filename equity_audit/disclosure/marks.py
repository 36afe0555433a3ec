"""What is published of each count, and what each published count leaves possible.

A count is shown, rounded; or marked "fewer than"; or withheld to protect another. A count of 0 that is shown says so
exactly, and whoever is in a small group of which nobody went on knows what happened to everyone in it. So a zero
counts as small (`may_hide_zero`) in splits, if policy says so; where fewer than policy's number were decided on; and
at every later stage of such a group. Each rule looks at published figures alone, so that following it tells nothing
more.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from equity_audit.disclosure.people import People, Quantity
from equity_audit.disclosure.system import UNBOUNDED, Ints
from equity_audit.settings import DisclosurePolicy

Flags = NDArray[np.bool_]


class Mark(IntEnum):
    """How a count appears. `UNPUBLISHED` is one that nothing is said of, which others may still give away."""

    SHOWN = 0
    FEWER_THAN = 1
    PROTECTS = 2
    UNPUBLISHED = 3


@dataclass(frozen=True)
class Published:
    """`shown`: rounded counts, rows by quantities, where `mark` is SHOWN. `withheld`: what PROTECTS was put on."""

    people: People
    shown: Ints
    mark: NDArray[np.int8]

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


def first_marks(people: People, policy: DisclosurePolicy) -> Published:
    """Round every published count and mark the small ones, before any is withheld to protect another."""
    exact = people.values
    shown = (2 * exact + policy.round_to) // (2 * policy.round_to) * policy.round_to
    published = Published(people, shown, np.full(exact.shape, Mark.UNPUBLISHED, np.int8))
    for quantity, column in _in_order(people):
        small = (exact[:, column] < policy.withhold_below) & (exact[:, column] > 0)
        small |= (exact[:, column] == 0) & may_hide_zero(published, quantity, policy)
        published.mark[:, column] = np.where(small, Mark.FEWER_THAN, Mark.SHOWN)
        if _is_outcome(quantity):
            others = np.arange(len(people.rows)) != people.first_row
            published.mark[others, column] = Mark.UNPUBLISHED
    return published


def may_hide_zero(published: Published, quantity: Quantity, policy: DisclosurePolicy) -> Flags:
    """For each row, whether a zero of this quantity is told apart from a small count. Reads published figures only."""
    zeros = np.array([policy.zeros_of(row.breakdown) for row in published.people.rows])
    hides: Flags = (zeros == "suppress") | ((zeros == "show") & _small_before(published, quantity, policy))
    return hides


def possible(published: Published, policy: DisclosurePolicy) -> tuple[Ints, Ints]:
    """The smallest and largest count that each mark leaves possible, taken alone."""
    lowest = np.zeros(published.shown.shape, np.int64)
    highest = np.full(published.shown.shape, UNBOUNDED, np.int64)
    rounds = np.array([policy.zeros_of(row.breakdown) == "round" for row in published.people.rows])
    most_at_zero = np.where(rounds, (policy.round_to - 1) // 2, 0)
    for quantity, column in _in_order(published.people):
        mark, shown = published.mark[:, column], published.shown[:, column]
        fewer, seen = mark == Mark.FEWER_THAN, mark == Mark.SHOWN
        lowest[fewer, column] = np.where(may_hide_zero(published, quantity, policy), 0, 1)[fewer]
        highest[fewer, column] = policy.withhold_below - 1
        least = np.maximum(shown - policy.round_to // 2, policy.withhold_below)
        lowest[seen, column] = np.where(shown == 0, 0, least)[seen]
        highest[seen, column] = np.where(shown == 0, most_at_zero, shown + (policy.round_to - 1) // 2)[seen]
    return lowest, highest


def _in_order(people: People) -> Iterator[tuple[Quantity, int]]:
    """The published quantities, each after those that its rule looks at."""
    steps = [q for q in people.quantities if q.name in ("reached", "decided")]
    ordered = sorted(steps, key=lambda q: (q.end - q.start > 1, q.start, q.name == "decided"))
    for quantity in [*ordered, *filter(_is_outcome, people.quantities)]:
        yield quantity, people.column[quantity]


def _is_outcome(quantity: Quantity) -> bool:
    return quantity.name not in ("reached", "decided", "rejected", "left")


def _small_before(published: Published, quantity: Quantity, policy: DisclosurePolicy) -> Flags:
    """Whether what came before in the row was small, or a small number decided on."""
    column, nobody = published.people.column, np.zeros(len(published.people.rows), bool)
    if _is_outcome(quantity) or quantity == Quantity("reached", 0, 0):
        return nobody
    if quantity.name == "decided":
        before = column[Quantity("reached", quantity.start, quantity.start)]
        return _hidden(published, before)
    # Where nobody is decided on there is only going on or not: of all who were there before.
    decided = Quantity("decided", quantity.start - 1, quantity.start)
    before = column[decided if decided in column else Quantity("reached", quantity.start - 1, quantity.start - 1)]
    few = (published.shown[:, before] > 0) & (published.shown[:, before] < policy.same_outcome_below)
    small: Flags = _hidden(published, before) | ((published.mark[:, before] == Mark.SHOWN) & few)
    return small


def _hidden(published: Published, column: int) -> Flags:
    hidden: Flags = np.isin(published.mark[:, column], (Mark.FEWER_THAN, Mark.PROTECTS))
    return hidden
