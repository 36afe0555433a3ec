"""A walk among tables that would have been published the same, by small changes of one and of many rows.

Changes are drawn at random (`moves`), as exact tests of contingency tables do (Diaconis and Sturmfels, Ann Statist
1998;26:363-397). Thousands are tried at once, each with every pair of outcomes. Whatever leaves all published counts as
they are is another table that proves what nobody can tell. Changes that share no row can be made together: so a step
leads far from the truth, and changes of the table there show what no change of the truth does.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from equity_audit.disclosure.suppression.attacker_knowledge import AttackerKnowledge
from equity_audit.disclosure.suppression.moves import Changes, Moves
from equity_audit.disclosure.table.constraints import UNBOUNDED, Ints
from equity_audit.disclosure.table.count_table import CountTable
from equity_audit.disclosure.table.suppression_status import Flags

# Changes of each kind that are compared for one step: the first of those possible.
_CONSIDERED = 2_500
# Applicants who change together: two for counts at the end of what would be published the same.
_TOGETHER = (1, 2)
_Bits = NDArray[np.uint64]
# The smallest and the largest value of each quantity.
Reach = tuple[Ints, Ints]


class Walk:
    """A walk among tables that are published as one organisation's is, from the truth or from another of them.

    table: where it begins, as counts of the system.
    """

    def __init__(
        self, known: AttackerKnowledge, moves: Moves, random: np.random.Generator, table: Ints | None = None
    ) -> None:
        people = self._people = known.published.people
        self._places, self._moves, self._random = known.sums.places, moves, random
        self._values = people.values.copy()
        # A count that the system leaves out is in no sum: it may be anything.
        self._lowest, self._highest = np.full((2, *self._values.shape), UNBOUNDED)
        self._lowest *= -1
        self._lowest[self._places], self._highest[self._places] = known.narrowed.lowest, known.narrowed.highest
        if table is not None:
            self._values[self._places] = table
        # One outcome more, not to be there at all: whoever comes or goes.
        outcomes = np.vstack([_told_apart(people), np.zeros_like(people.membership.T[:1])])
        self._outcomes = len(outcomes)
        self._changed = (outcomes[None] - outcomes[:, None]).reshape(-1, outcomes.shape[1]).astype(np.float32)
        self._up, self._down = (self._changed > 0).astype(np.float32), (self._changed < 0).astype(np.float32)
        self._reversed = np.arange(len(self._changed)).reshape(self._outcomes, -1).T.ravel()

    @property
    def table(self) -> Ints:
        """The table it has come to, as counts of the system."""
        table: Ints = self._values[self._places]
        return table

    def step(self, rows: Ints, wanted: Ints) -> None:
        """Go on by many changes at once, no two of them in one row, first those that move most counts as wanted.

        rows: those that changes are drawn for. wanted: 1 or -1 where a count should become larger or smaller, else 0;
        rows by quantities.
        """
        there, back = self._both_ways(1)
        forth = np.vstack([wanted @ self._changed.T, np.zeros(len(self._changed))]).astype(np.float32)
        reverse = forth[:, self._reversed]
        found: list[tuple[float, int, list[int], list[int]]] = []
        for each in self._moves.draw(rows, self._random):
            possible = _all_of(there, each.there) & _all_of(back, each.back)
            some = np.nonzero(possible.any(axis=1))[0][:_CONSIDERED]
            score = np.zeros((len(some), len(self._changed)), np.float32)
            for side, gain in ((each.there, forth), (each.back, reverse)):
                for place in side[some].T:
                    score += gain[place]
            score[~self._pairs(possible[some]).reshape(score.shape)] = 0
            best = score.argmax(axis=1)
            most = score[np.arange(len(some)), best]
            better = most > 0
            sides = (side[some][better].tolist() for side in (each.there, each.back))
            found += zip(most[better].tolist(), best[better].tolist(), *sides, strict=True)
        self._apply(sorted(found, key=lambda change: -change[0]))

    def _apply(self, changes: Iterable[tuple[float, int, list[int], list[int]]]) -> None:
        """Change outcomes as each says, but for changes that touch a row that an earlier one has changed."""
        nowhere = len(self._values)
        touched = {nowhere}
        for _, pair, there, back in changes:
            rows = {*there, *back} - {nowhere}
            if touched.isdisjoint(rows):
                touched |= rows
                change = self._changed[pair].astype(np.int64)
                for side, sign in ((there, 1), (back, -1)):
                    self._values[[row for row in side if row != nowhere]] += sign * change

    def stop(self, rows: Ints) -> tuple[Reach, Reach]:
        """The smallest and largest value of each quantity over tables one change away: rows by quantities.

        `rows` that changes are wanted for. First of all such tables, then of those that leave what is not split alone.
        """
        changes, values = list(self._moves.draw(rows, self._random)), self._values
        reached = [self._reached(changes, applicants) for applicants in _TOGETHER]
        reach = []
        for some in zip(*reached, strict=True):
            lowest, highest = values, values
            for applicants, (up, down) in zip(_TOGETHER, some, strict=True):
                lowest = np.where(down, values - applicants, lowest)
                highest = np.where(up, values + applicants, highest)
            reach.append((lowest, highest))
        return reach[0], reach[1] if self._whole_is_true() else (values, values)

    def _whole_is_true(self) -> bool:
        """Whether what is not split is as in the truth."""
        unsplit = [row.breakdown == "all" for row in self._people.rows]
        return bool((self._values[unsplit] == self._people.values[unsplit]).all())

    def _reached(self, changes: Iterable[Changes], applicants: int) -> list[tuple[Flags, Flags]]:
        """Which quantities some change moves up, and down; then which of them some change within a split."""
        there, back = self._both_ways(applicants)
        # By whether changes are within a split.
        found = np.zeros((2, 2, len(there), there.shape[1]), np.uint64)
        for each in changes:
            possible = _all_of(there, each.there) & _all_of(back, each.back)
            some = possible.any(axis=1)
            for side, rows in enumerate((each.there[some], each.back[some])):
                _add(found[int(each.within_a_split), side], rows, possible[some])
        found[0] |= found[1]
        reached = []
        for kind in found:
            forth, reverse = (self._pairs(side[:-1]) for side in kind)
            pairs = (forth | reverse.transpose(0, 2, 1)).reshape(len(forth), -1).astype(np.float32)
            reached.append((pairs @ self._up > 0, pairs @ self._down > 0))
        return reached

    def _both_ways(self, applicants: int) -> tuple[_Bits, _Bits]:
        """For each row, packed, the pairs of outcomes that so many may swap there; and the same pairs reversed.

        The last line stands for no row: there everything may.
        """
        full = (self._values + applicants > self._highest).astype(np.float32)
        empty = (self._values - applicants < self._lowest).astype(np.float32)
        may = (full @ self._up.T + empty @ self._down.T == 0).reshape(-1, self._outcomes, self._outcomes)
        may[:, np.arange(self._outcomes), np.arange(self._outcomes)] = False
        return _packed(may), _packed(may.transpose(0, 2, 1))

    def _pairs(self, packed: _Bits) -> Flags:
        flags = np.unpackbits(packed.view(np.uint8), axis=1, bitorder="little")[:, : self._outcomes**2]
        return flags.astype(bool).reshape(-1, self._outcomes, self._outcomes)


def _told_apart(people: CountTable) -> Ints:
    """What each outcome counts towards; of those that only the row of everybody tells apart the most frequent."""
    alone = [people.column[part] for _, parts in people.relations_of_outcomes() for part in parts]
    frequent = np.argsort(-people.counts.sum(axis=0), kind="stable")
    outcomes = people.membership.T[frequent]
    _, first = np.unique(np.delete(outcomes, alone, axis=1), axis=0, return_index=True)
    found: Ints = outcomes[np.sort(first)]
    return found


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


def _add(found: _Bits, rows: Ints, possible: _Bits) -> None:
    """Add to what each row allows what every line with it does."""
    if not len(rows):
        return
    # Places of 16 bits are sorted by their digits, several times as fast.
    places = rows.ravel().astype(np.min_scalar_type(len(found)))
    order = np.argsort(places, kind="stable")
    ordered = places[order]
    first = np.concatenate([[0], np.nonzero(ordered[1:] != ordered[:-1])[0] + 1])
    found[ordered[first]] |= np.bitwise_or.reduceat(possible[order // rows.shape[1]], first)
