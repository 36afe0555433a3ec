"""A walk through tables that would have been published the same: from each, every small change that is as good.

The walk goes from table to table by random changes (`moves`), as exact tests of contingency tables do (Diaconis and
Sturmfels, Ann Statist 1998;26:363-397). At each stop thousands of changes are tried at once, each with every pair of
outcomes. Whatever leaves all published counts as they are is another table that proves what nobody can tell.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from equity_audit.disclosure.suppression.attacker_knowledge import Knowledge
from equity_audit.disclosure.suppression.moves import Changes, Moves
from equity_audit.disclosure.table.constraints import Ints
from equity_audit.disclosure.table.suppression_status import Flags

# How many changes of each kind the walk tries between two stops, and how many of them at once.
_STEPS, _AT_ONCE = 400, 16
# Applicants who change together: two for counts at the end of what would be published the same.
_TOGETHER = (1, 2)
_Bits = NDArray[np.uint64]


class Walk:
    """`counts`: rows by outcomes of the table that the walk is at."""

    def __init__(self, known: Knowledge, moves: Moves, counts: Ints, random: np.random.Generator) -> None:
        people = known.published.people
        self.counts = counts
        self._membership, self._lowest, self._highest = people.membership.T, known.lowest, known.highest
        self._moves, self._random = moves, random
        # One outcome more, not to be there at all: whoever comes or goes.
        outcomes = np.vstack([self._membership, np.zeros_like(self._membership[:1])])
        self._outcomes = len(outcomes)
        changed = (outcomes[None] - outcomes[:, None]).reshape(-1, outcomes.shape[1])
        self._up, self._down = (changed > 0).astype(np.float32), (changed < 0).astype(np.float32)

    def stop(self, rows: Ints) -> tuple[Ints, Ints]:
        """The smallest and largest value of each quantity over the tables one change away, then walk on.

        `rows` that changes are wanted for. Shapes: rows by quantities.
        """
        changes = list(self._moves.draw(rows, self._random))
        values = self.counts @ self._membership
        lowest, highest = values.copy(), values.copy()
        for applicants in _TOGETHER:
            up, down = self._reached(changes, applicants)
            lowest, highest = np.where(down, values - applicants, lowest), np.where(up, values + applicants, highest)
        self._go(changes)
        values = self.counts @ self._membership
        return np.minimum(lowest, values), np.maximum(highest, values)

    def _reached(self, changes: Iterable[Changes], applicants: int) -> tuple[Flags, Flags]:
        """Which quantities some change moves up, and down."""
        there, back = self._both_ways(np.arange(len(self.counts)), applicants)
        found = np.zeros((2, len(there), there.shape[1]), np.uint64)
        for each in changes:
            possible = _all_of(there, each.there) & _all_of(back, each.back)
            some = possible.any(axis=1)
            for side, rows in enumerate((each.there[some], each.back[some])):
                for place in rows.T:
                    np.bitwise_or.at(found[side], place, possible[some])
        forth, reverse = (self._pairs(side[:-1]) for side in found)
        pairs = (forth | reverse.transpose(0, 2, 1)).reshape(len(forth), -1).astype(np.float32)
        return pairs @ self._up > 0, pairs @ self._down > 0

    def _go(self, changes: Iterable[Changes]) -> None:
        """Make changes, a few at a time that have no row in common, with outcomes drawn from those possible by then."""
        there, back = self._both_ways(np.arange(len(self.counts)), 1)
        for each in changes:
            drawn = self._random.permutation(len(each.there))[:_STEPS]
            for lines in np.array_split(drawn, -(-len(drawn) // _AT_ONCE)) if len(drawn) else ():
                possible = _all_of(there, each.there[lines]) & _all_of(back, each.back[lines])
                touched: set[int] = set()
                for line, pairs in zip(lines, possible, strict=True):
                    rows = [side[line][side[line] < len(self.counts)] for side in (each.there, each.back)]
                    if pairs.any() and touched.isdisjoint(mine := np.concatenate(rows).tolist()):
                        self._change(rows, pairs)
                        touched.update(mine)
                if touched:
                    again = np.array(sorted(touched))
                    for table, now in zip((there, back), self._both_ways(again, 1), strict=True):
                        table[again] = now[:-1]

    def _change(self, rows: Sequence[Ints], pairs: _Bits) -> None:
        """One applicant of each of some rows, and of others in reverse, ends otherwise: a pair of outcomes is drawn."""
        possible = np.flatnonzero(self._pairs(pairs[None]))
        first, second = divmod(int(possible[self._random.integers(len(possible))]), self._outcomes)
        for mine, (lost, won) in zip(rows, ((first, second), (second, first)), strict=True):
            self.counts[mine, lost : lost + 1] -= 1
            self.counts[mine, won : won + 1] += 1

    def _both_ways(self, rows: Ints, applicants: int) -> tuple[_Bits, _Bits]:
        """For each row, packed, the pairs of outcomes that so many may swap there; and the same pairs reversed.

        The last line stands for no row: there everything may.
        """
        counts = self.counts[rows]
        values = counts @ self._membership
        full = (values + applicants > self._highest[rows]).astype(np.float32)
        empty = (values - applicants < self._lowest[rows]).astype(np.float32)
        may = (full @ self._up.T + empty @ self._down.T == 0).reshape(len(rows), self._outcomes, self._outcomes)
        may[:, :-1] &= (counts >= applicants)[:, :, None]
        may[:, np.arange(self._outcomes), np.arange(self._outcomes)] = False
        return _packed(may), _packed(may.transpose(0, 2, 1))

    def _pairs(self, packed: _Bits) -> Flags:
        flags = np.unpackbits(packed.view(np.uint8), axis=1, bitorder="little")[:, : self._outcomes**2]
        return flags.astype(bool).reshape(-1, self._outcomes, self._outcomes)


def _packed(pairs: Flags) -> _Bits:
    """Pairs of outcomes as 64-bit words, one line more with all of them."""
    flags = pairs.reshape(len(pairs), -1)
    padded = np.zeros((len(flags), -(-flags.shape[1] // 64) * 64), bool)
    padded[:, : flags.shape[1]] = flags
    words = np.packbits(padded, axis=1, bitorder="little").view(np.uint64)
    return np.vstack([words, np.full((1, words.shape[1]), np.iinfo(np.uint64).max, np.uint64)])


def _all_of(table: _Bits, rows: Ints) -> _Bits:
    """What every row of each line allows."""
    found = table[rows[:, 0]]
    for place in rows[:, 1:].T:
        found &= table[place]
    return found
