"""Unknown counts, what is known of each, and the sums between them: all that an attacker has to work with.

A count is a whole number from 0. Each relation says that one count is the sum of others. `narrowed` passes what is
known along the relations until nothing changes; it never claims more than follows, and names what each bound follows
from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Ints = NDArray[np.int64]
# Stands for "no upper bound": far above any count of people, far below where sums of it would overflow.
UNBOUNDED = 10**9


@dataclass(frozen=True)
class System:
    """`lowest` and `highest` of each count as published, both included; `relations`: lines of (whole, its parts).

    made: the matrix, where it was made before.
    """

    lowest: Ints
    highest: Ints
    relations: Sequence[tuple[int, Sequence[int]]]
    made: sp.csr_array | None = None

    def matrix(self) -> sp.csr_array:
        """Relations as lines that are 0: parts with 1, the whole with -1."""
        if self.made is not None:
            return self.made
        lines = np.repeat(np.arange(len(self.relations)), [1 + len(parts) for _, parts in self.relations])
        columns = np.fromiter((cell for whole, parts in self.relations for cell in (whole, *parts)), np.int64)
        signs = np.fromiter((s for _, parts in self.relations for s in (-1, *(1,) * len(parts))), np.int64)
        return sp.csr_array((signs, (lines, columns)), shape=(len(self.relations), len(self.lowest)))


# One pass along the relations: the relation that moved each bound.
_Pass = dict[int, int]


@dataclass(frozen=True)
class Narrowed:
    """The bounds that follow from a system by passing them along its relations; where each comes from."""

    system: System
    lowest: Ints
    highest: Ints
    _passes_low: Sequence[_Pass]
    _passes_high: Sequence[_Pass]

    def published_behind(self, cell: int) -> frozenset[int]:
        """The counts whose publication the bounds of `cell` rest on. Unless one is withheld, they stand."""
        seen: set[tuple[int, bool, int]] = set()
        published: set[int] = set()
        last = len(self._passes_low)
        stack = [(cell, False, last), (cell, True, last)]
        while stack:
            place, high, before = stack.pop()
            found = self._latest(place, high=high, before=before)
            if (place, high, found[0]) in seen:
                continue
            seen.add((place, high, found[0]))
            when, relation = found
            if relation is None:
                if (high and self.system.highest[place] < UNBOUNDED) or (not high and self.system.lowest[place] > 0):
                    published.add(place)
                continue
            whole, parts = self.system.relations[relation]
            if place == whole:
                stack.extend((part, high, when) for part in parts)
            else:
                stack.append((whole, high, when))
                stack.extend((part, not high, when) for part in parts if part != place)
        return frozenset(published)

    def _latest(self, cell: int, *, high: bool, before: int) -> tuple[int, int | None]:
        """The last pass before `before` in which a bound moved, and its relation; None for a bound as published."""
        passes = self._passes_high if high else self._passes_low
        for when in range(before - 1, -1, -1):
            if (relation := passes[when].get(cell)) is not None:
                return when, relation
        return -1, None


def narrowed(system: System) -> Narrowed:
    """Pass bounds along the relations until none moves.

    A whole lies between the sums of its parts' bounds; a part between the whole's and the others'. Bounds only ever
    follow from what is known, so that every possible set of counts lies within them; they may be wider than the
    tightest (`attacker.tightest` finds those). Where they contradict each other, it stops with a lowest above its
    highest.
    """
    matrix = system.matrix().tocoo()
    line, cell, sign = matrix.coords[0], matrix.coords[1], matrix.data
    lowest, highest = system.lowest.astype(np.int64), np.minimum(system.highest, UNBOUNDED).astype(np.int64)
    lows, highs = [], []
    part = sign > 0
    while True:
        smallest = _sums(line, np.where(part, lowest[cell], -highest[cell]), len(system.relations))
        largest = _sums(line, np.where(part, highest[cell], -lowest[cell]), len(system.relations))
        up = np.where(part, lowest[cell] - smallest[line], lowest[cell] + largest[line])
        down = np.where(part, highest[cell] - largest[line], highest[cell] + smallest[line])
        new_high, new_low = highest.copy(), lowest.copy()
        np.minimum.at(new_high, cell, up)
        np.maximum.at(new_low, cell, down)
        moved_high = _moved(cell, line, up, new_high, highest)
        moved_low = _moved(cell, line, down, new_low, lowest)
        lows.append(moved_low)
        highs.append(moved_high)
        lowest, highest = new_low, new_high
        if not (moved_high or moved_low) or (lowest > highest).any():
            return Narrowed(system, lowest, highest, lows, highs)


def _sums(line: Ints, values: Ints, lines: int) -> Ints:
    sums: Ints = np.bincount(line, weights=values, minlength=lines).astype(np.int64)
    return sums


def _moved(cell: Ints, line: Ints, candidate: Ints, new: Ints, old: Ints) -> _Pass:
    """The relation behind each bound that moved."""
    entries = np.nonzero((candidate == new[cell]) & (new[cell] != old[cell]))[0]
    return dict(zip(cell[entries].tolist(), line[entries].tolist(), strict=True))
