"""Unknown counts, their bounds, and the sums between them: everything that an attacker can use.

A count is a whole number from 0. Each relation states that one count is the sum of others. `narrowed` propagates bounds
along the relations until nothing changes; it never claims more than follows, and it records what each bound follows
from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Ints = NDArray[np.int64]
# Means "no upper bound": far above any count of people, but too small for sums of it to overflow.
UNBOUNDED = 10**9


@dataclass(frozen=True)
class Constraints:
    """`lowest` and `highest` of each count as published, both inclusive; `relations`: pairs of (whole, its parts).

    made: the matrix, if it was made before.
    """

    lowest: Ints
    highest: Ints
    relations: Sequence[tuple[int, Sequence[int]]]
    made: sp.csr_array | None = None

    def matrix(self) -> sp.csr_array:
        """Return the relations as rows that equal 0: 1 for the parts, -1 for the whole."""
        if self.made is not None:
            return self.made
        lines = np.repeat(np.arange(len(self.relations)), [1 + len(parts) for _, parts in self.relations])
        columns = np.fromiter((cell for whole, parts in self.relations for cell in (whole, *parts)), np.int64)
        signs = np.fromiter((s for _, parts in self.relations for s in (-1, *(1,) * len(parts))), np.int64)
        return sp.csr_array((signs, (lines, columns)), shape=(len(self.relations), len(self.lowest)))


# One pass along the relations: the relation that changed each bound.
_Pass = dict[int, int]


@dataclass(frozen=True)
class Narrowed:
    """The bounds that follow from a system by propagating them along its relations, and the source of each bound."""

    system: Constraints
    lowest: Ints
    highest: Ints
    _passes_low: Sequence[_Pass]
    _passes_high: Sequence[_Pass]

    def published_behind(self, cell: int) -> frozenset[int]:
        """Return the published counts from which the bounds of `cell` follow: they hold unless one is withheld."""
        seen: set[tuple[int, bool, int]] = set()
        published: set[int] = set()
        last = len(self._passes_low)
        stack = [(cell, False, last), (cell, True, last)]
        while stack:
            count, high, before = stack.pop()
            pass_number, relation = self._latest(count, high=high, before=before)
            if (count, high, pass_number) in seen:
                continue
            seen.add((count, high, pass_number))
            if relation is None:
                if (high and self.system.highest[count] < UNBOUNDED) or (not high and self.system.lowest[count] > 0):
                    published.add(count)
                continue
            whole, parts = self.system.relations[relation]
            if count == whole:
                stack.extend((part, high, pass_number) for part in parts)
            else:
                stack.append((whole, high, pass_number))
                stack.extend((part, not high, pass_number) for part in parts if part != count)
        return frozenset(published)

    def _latest(self, cell: int, *, high: bool, before: int) -> tuple[int, int | None]:
        """Return the last pass before `before` that changed a bound, and its relation; None for a published bound."""
        passes = self._passes_high if high else self._passes_low
        for pass_number in range(before - 1, -1, -1):
            if (relation := passes[pass_number].get(cell)) is not None:
                return pass_number, relation
        return -1, None


def narrowed(system: Constraints) -> Narrowed:
    """Propagate bounds along the relations until none changes.

    A whole is between the sums of its parts' bounds; a part is between the differences of the whole's bounds and the
    other parts'. Every possible set of counts is within the bounds, which may be wider than the tightest ones
    (`mip_bounds.tightest` finds those). If bounds contradict each other, it stops with a lowest above its highest.
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
    """Return the relation behind each bound that changed."""
    entries = np.nonzero((candidate == new[cell]) & (new[cell] != old[cell]))[0]
    return dict(zip(cell[entries].tolist(), line[entries].tolist(), strict=True))
