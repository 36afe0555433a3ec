"""Other truths: tables of counts that would have been published the same. Each proves that nobody can tell them apart.

A walk (`walk`) finds most of what there is to find, and quickly. For what is left, a small linear programme near the
truth looks for a table that fits everything published and differs in as many counts as it can. It lets the counts of a
few rows vary and leaves all others as they are, which keeps each programme small and every table it finds a full one.
Sums of this kind mostly have whole solutions; others are thrown away. A count is safe once the tables found give it as
many values as policy asks for. What cannot be shown so counts as fallen.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from equity_audit.disclosure.attacker import tightest
from equity_audit.disclosure.knowledge import Knowledge
from equity_audit.disclosure.marks import Flags
from equity_audit.disclosure.moves import Moves
from equity_audit.disclosure.people import People
from equity_audit.disclosure.system import Ints
from equity_audit.disclosure.walk import Walk
from equity_audit.measures.intervals import Floats

# How far a count of another table is from the truth at the most; further would be no better a proof.
_FURTHEST = 4
# Rows that may vary for one table: what is small is solved at once, and whole.
_ROWS = 100
# Parts of each split that follow when what is not split varies.
_ALONG = (1, 2, 3)
# Changes drawn at each stop of the walk, for each count that is still to be shown; and at the most.
_DRAWN, _MOST_DRAWN = 12, 60_000
# The walk ends when a stop shows less than this share of what is left: then programmes do more in the same time.
_LEAST_SHOWN = 0.25
# A kind of programme is given up after a round through all rows that shows less than this share of what is left.
_LEAST_GAIN = 0.2
# A solution is whole if no count is further from a whole number. Its sums are then checked in whole numbers.
_WHOLE = 1e-6
# An integer programme ends at its first node, or within this share of the best.
_EFFORT = {"node_limit": 1, "mip_rel_gap": 0.5}
_SEED = 20261125


@dataclass
class Witnesses:
    """The smallest and largest value of each quantity of each row over all tables found so far."""

    people: People
    lowest: Ints
    highest: Ints
    _moves: Moves
    _random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(_SEED))

    @classmethod
    def of(cls, people: People) -> "Witnesses":
        """The truth alone: the first table that fits."""
        return cls(people, people.values.copy(), people.values.copy(), Moves(people))

    def search(self, known: Knowledge) -> list[int]:
        """Look for tables until every count has the range that it needs; returns the counts that have not, as places.

        Tables found before stay good when more is withheld, since that only takes knowledge away.
        """
        rows, _ = np.array(known.cells).T
        self._walk(known, rows)
        left = self._short(known)
        unsplit = np.array([row.breakdown == "all" for row in self.people.rows])[rows]
        # Integer programmes take long and linear ones show most of what there is: they are tried once, for headlines.
        for whole in (False, True):
            gained = True
            while gained and (unsplit[left].any() if whole else len(left)):
                before = len(left)
                for varying in self._neighbourhoods(rows):
                    targets = self._short(known)
                    targets = targets[varying[targets]]
                    if len(targets):
                        self._seek(known, varying, targets, whole=whole)
                left = self._short(known)
                gained = not whole and len(left) <= (1 - _LEAST_GAIN) * before
        return [int(cell) for cell in left]

    def exactly(self, known: Knowledge, places: Iterable[int]) -> list[int]:
        """The exact attack on single counts, for the few where nothing else helps; returns those that do fall."""
        for place in places:
            found = tightest(known.system, [place])
            if found.proven:
                cell = known.cells[place]
                self.lowest[cell] = min(self.lowest[cell], found.lowest[place])
                self.highest[cell] = max(self.highest[cell], found.highest[place])
        return [int(cell) for cell in self._short(known)]

    def _walk(self, known: Knowledge, rows: Ints) -> None:
        """Stop at one table after the other while that shows enough."""
        walk = Walk(known, self._moves, self.people.counts.copy(), self._random)
        left = self._short(known)
        while len(left):
            drawn = min(_DRAWN * len(left), _MOST_DRAWN)
            lowest, highest = walk.stop(self._random.choice(np.unique(rows[left]), drawn))
            self.lowest, self.highest = np.minimum(self.lowest, lowest), np.maximum(self.highest, highest)
            before, left = len(left), self._short(known)
            if len(left) > (1 - _LEAST_SHOWN) * before:
                break

    def _short(self, known: Knowledge) -> Ints:
        """The counts that have not been shown to have the range that they need."""
        rows, columns = np.array(known.cells).T
        return np.nonzero(self.highest[rows, columns] - self.lowest[rows, columns] + 1 < known.to_be_shown)[0]

    def _seek(self, known: Knowledge, varying: Flags, targets: Ints, *, whole: bool) -> None:
        """Look for a table that differs from the truth where `varying`, as much as possible in `targets`."""
        rows, columns = np.array(known.cells).T
        bounds, truth = known.narrowed, self.people.values[rows, columns]
        free = np.nonzero(varying & (bounds.lowest < bounds.highest))[0]
        matrix = known.matrix[:, free]
        lines = np.unique(matrix.nonzero()[0])
        sums = matrix[lines] @ truth[free]
        goal = np.zeros(len(truth))
        goal[targets] = self._directions(targets, rows, columns, bounds.lowest, bounds.highest)
        # A target that went further than it needs would only keep others from moving.
        far = np.full(len(truth), _FURTHEST)
        far[targets] = known.needed[targets] - 1
        least, most = np.maximum(bounds.lowest, truth - far), np.minimum(bounds.highest, truth + far)
        found = _whole_solution(-goal[free], matrix[lines], sums, Bounds(least[free], most[free]), whole=whole)
        if found is None:
            return
        table = truth.copy()
        table[free] = found
        if not (known.matrix @ table).any():
            self.lowest[rows, columns] = np.minimum(self.lowest[rows, columns], table)
            self.highest[rows, columns] = np.maximum(self.highest[rows, columns], table)

    def _directions(self, targets: Ints, rows: Ints, columns: Ints, lowest: Ints, highest: Ints) -> Ints:
        """Up or down for each target: to the side that tables have not reached yet, else either."""
        seen_low, seen_high = self.lowest[rows, columns][targets], self.highest[rows, columns][targets]
        either = self._random.choice([-1, 1], len(targets))
        return np.where(seen_low <= lowest[targets], 1, np.where(seen_high >= highest[targets], -1, either))

    def _neighbourhoods(self, rows: Ints) -> Iterator[Flags]:
        """Which counts may vary together: what is not split with some parts of every split; then parts of one split."""
        parts: dict[str, dict[str, list[int]]] = {}
        for place, row in enumerate(self.people.rows):
            parts.setdefault(row.breakdown, {}).setdefault(row.breakdown_value, []).append(place)
        whole = parts.pop("all")["all"]
        if not parts:
            yield np.isin(rows, whole)
        for split in parts.values():
            some = self._drawn(split, len(split))
            for first in range(0, len(some), _ROWS):
                yield np.isin(rows, some[first : first + _ROWS])
                along = self._random.choice(_ALONG)
                others = [row for its in parts.values() for row in self._drawn(its, along)]
                yield np.isin(rows, [*whole, *others])

    def _drawn(self, split: dict[str, list[int]], number: int) -> list[int]:
        """The rows of so many parts of a split, drawn at random."""
        return [row for part in self._random.permutation(list(split))[:number] for row in split[part]]


def _whole_solution(goal: Floats, matrix: sp.csr_array, sums: Ints, bounds: Bounds, *, whole: bool) -> Ints | None:
    """Numbers within bounds, with those sums, for which the goal is low; None where they are not whole.

    `whole`: look for whole ones then, and take what there is once it is within a share of the best.
    """
    sums_hold = LinearConstraint(matrix, sums, sums)
    for kind in (0, 1) if whole else (0,):
        found = milp(goal, integrality=np.full(len(goal), kind), bounds=bounds, constraints=sums_hold, options=_EFFORT)
        if found.x is not None and np.abs(found.x - np.rint(found.x)).max() <= _WHOLE:
            table: Ints = np.rint(found.x).astype(np.int64)
            return table
    return None
