"""Other truths: tables of counts that would have been published the same. Each proves that nobody can tell them apart.

A walk (`walk`) finds most of what there is to find, and quickly. For what is left, an integer programme near the truth
looks for a table that fits everything published and differs in as many of these counts as it can. It lets the counts of
some rows vary and leaves all others as they are, which keeps each programme small and every table it finds a full one.
A count is safe once the tables found give it as many values as policy asks for. What cannot be shown so counts as
fallen.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from equity_audit.disclosure.suppression.attacker_knowledge import Knowledge
from equity_audit.disclosure.suppression.mip_bounds import tightest
from equity_audit.disclosure.suppression.moves import Moves
from equity_audit.disclosure.suppression.walk import Walk
from equity_audit.disclosure.table.constraints import Ints
from equity_audit.disclosure.table.count_table import People
from equity_audit.disclosure.table.suppression_status import Flags
from equity_audit.measures.intervals import Floats

# How far a count of another table is from the truth at the most; further would be no better a proof.
_FURTHEST = 4
# Changes drawn at each stop of the walk, for each count that is still to be shown; at the least, and at the most.
_DRAWN, _LEAST_DRAWN, _MOST_DRAWN = 12, 3_000, 60_000
# The walk ends when so many stops in a row show less than this share of what is left: then programmes do more.
_LEAST_SHOWN, _POOR_STOPS = 0.02, 3
# Rows that may vary in one programme: a small organisation's all at once.
_ROWS = 150
# Programmes go on while each shows at least this share of what it looks for, and that is more than one in so many of
# all counts: the last few take longest. Counted, not timed: the same on every machine.
_LEAST_FOUND, _ONE_IN = 0.15, 400
# Programmes for one organisation at the most.
_PROGRAMMES = 60
# How often others are withheld for a count before it may be withheld itself. One that is not split has a programme of
# its own from then on: those take seconds, hence one at each search.
_TURNS, _ALONE = 3, 1
# A programme ends at its first node, or within this share of the best: the next one finds what it left.
_EFFORT = {"node_limit": 1, "mip_rel_gap": 0.5}
_SEED = 20261125


@dataclass
class Witnesses:
    """The smallest and largest value of each quantity of each row over all tables found so far."""

    people: People
    lowest: Ints
    highest: Ints
    # The table that the walk is at, rows by outcomes: the next search goes on from there.
    _at: Ints
    _moves: Moves
    _random: np.random.Generator
    _programmes: int = _PROGRAMMES
    # Counts that are not looked for: others, not this edition, leave them no more values.
    excused: set[tuple[int, int]] = field(default_factory=set)
    # In how many searches each count was left.
    missed: Counter[tuple[int, int]] = field(default_factory=Counter)

    @classmethod
    def of(cls, people: People, seed: int = _SEED) -> "Witnesses":
        """The truth alone: the first table that fits."""
        truth, random = people.values, np.random.default_rng(seed)
        return cls(people, truth.copy(), truth.copy(), people.counts.copy(), Moves(people), random)

    def search(self, known: Knowledge) -> list[int]:
        """Look for tables until every count has the range that it needs; returns the counts that have not, as places.

        Tables found before stay good when more is withheld, since that only takes knowledge away: between two searches
        of one organisation nothing that was withheld may be shown again.
        """
        rows, _ = np.array(known.cells).T
        self._walk(known, rows)
        left, shows = self._short(known), True
        while shows and self._programmes > 0:
            varying = self._neighbourhood(rows, left)
            targets = left[varying[left]]
            if len(targets) * _ONE_IN <= len(rows):
                break
            self._programmes -= 1
            self._seek(known, varying, targets)
            left = self._short(known)
            shows = varying[left].sum() <= (1 - _LEAST_FOUND) * len(targets)
        self.missed.update(known.cells[cell] for cell in left)
        unsplit = [cell for cell in left if self.people.rows[rows[cell]].breakdown == "all"]
        for cell in [cell for cell in unsplit if self.gives_up(known.cells[cell])][:_ALONE]:
            self._seek(known, self._neighbourhood(rows, np.array([cell])), np.array([cell]))
        return [int(cell) for cell in self._short(known)]

    def gives_up(self, cell: tuple[int, int]) -> bool:
        """Whether a count was left so often that others need not be withheld for it any more."""
        return self.missed[cell] >= _TURNS

    def exactly(self, known: Knowledge, places: Iterable[int], only: Collection[int] | None = None) -> list[int]:
        """The exact attack on single counts, for the few where nothing else helps; returns those that do fall.

        only: of these; by default of all.
        """
        for place in places:
            found = tightest(known.system, [place])
            if found.proven:
                cell = known.cells[place]
                self.lowest[cell] = min(self.lowest[cell], found.lowest[place])
                self.highest[cell] = max(self.highest[cell], found.highest[place])
        return [int(cell) for cell in self._short(known) if only is None or cell in only]

    def _walk(self, known: Knowledge, rows: Ints) -> None:
        """Stop at one table after the other while that shows enough."""
        walk = Walk(known, self._moves, self._at, self._random)
        left, poor = self._short(known), 0
        while len(left) and poor < _POOR_STOPS:
            drawn = min(max(_DRAWN * len(left), _LEAST_DRAWN), _MOST_DRAWN)
            lowest, highest = walk.stop(self._random.choice(np.unique(rows[left]), drawn))
            self.lowest, self.highest = np.minimum(self.lowest, lowest), np.maximum(self.highest, highest)
            before, left = len(left), self._short(known)
            poor = poor + 1 if len(left) > (1 - _LEAST_SHOWN) * before else 0

    def _short(self, known: Knowledge) -> Ints:
        """The counts that have not been shown to have the range that they need."""
        rows, columns = np.array(known.cells).T
        short = self.highest[rows, columns] - self.lowest[rows, columns] + 1 < known.to_be_shown
        short[[known.index[cell] for cell in self.excused]] = False
        return np.nonzero(short)[0]

    def _seek(self, known: Knowledge, varying: Flags, targets: Ints) -> None:
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
        found = _whole_solution(-goal[free], matrix[lines], sums, Bounds(least[free], most[free]))
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

    def _neighbourhood(self, rows: Ints, left: Ints) -> Flags:
        """Which counts may vary together: what is not split, and as many parts of every split as there is room for.

        Those parts first that still have counts to be shown.
        """
        wanted = set(rows[left].tolist())
        whole, *splits = self._parts
        chosen, room = list(whole[0]), _ROWS - len(whole[0])
        for parts in splits:
            taken = 0
            order = sorted(self._random.permutation(len(parts)), key=lambda part: wanted.isdisjoint(parts[part]))
            for part in order:
                if taken and taken + len(parts[part]) > room / len(splits):
                    break
                chosen += parts[part]
                taken += len(parts[part])
        return np.isin(rows, chosen)

    @cached_property
    def _parts(self) -> list[list[list[int]]]:
        """The rows that are not split, as one part; then those of each part of each split."""
        found: dict[str, dict[str, list[int]]] = {"all": {}}
        for place, row in enumerate(self.people.rows):
            found.setdefault(row.breakdown, {}).setdefault(row.breakdown_value, []).append(place)
        return [list(parts.values()) for parts in found.values()]


def _whole_solution(goal: Floats, matrix: sp.csr_array, sums: Ints, bounds: Bounds) -> Ints | None:
    """Whole numbers within bounds, with those sums, for which the goal is low; None where none were found."""
    sums_hold = LinearConstraint(matrix, sums, sums)
    found = milp(goal, integrality=np.ones(len(goal)), bounds=bounds, constraints=sums_hold, options=_EFFORT)
    if found.x is None:
        return None
    # Its sums are then checked in whole numbers.
    table: Ints = np.rint(found.x).astype(np.int64)
    return table
