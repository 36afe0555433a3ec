"""Other truths: tables of counts that would have been published the same. Each proves that nobody can tell them apart.

Small changes of the truth (`walk`), thousands at once, show most of what there is to show. For what is left, linear
programmes near the truth push as many of these counts as they can; their best tables nearly always are of whole
numbers, since people are counted in two directions at a time. The last few have a programme each over all that is
published: either it finds another table, or its bounds prove that there is none, and its multipliers name the published
counts that this rests on. A count is safe once the tables found give it as many values as policy asks for. What cannot
be shown so counts as fallen.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from equity_audit.disclosure.suppression.attacker_knowledge import Knowledge
from equity_audit.disclosure.suppression.mip_bounds import tightest
from equity_audit.disclosure.suppression.moves import Moves
from equity_audit.disclosure.suppression.walk import Walk
from equity_audit.disclosure.table.constraints import UNBOUNDED, Ints, System
from equity_audit.disclosure.table.count_table import People
from equity_audit.disclosure.table.suppression_status import Flags
from equity_audit.measures.intervals import Floats

# How far a count of another table is from the truth at the most; further would be no better a proof.
_FURTHEST = 4
# Changes drawn at a time, for each count that is still to be shown; at the least, and at the most.
_DRAWN, _LEAST_DRAWN, _MOST_DRAWN = 12, 1_500, 60_000
# No more are drawn once they show less than this share of what is left: then programmes do more.
_LEAST_SHOWN = 0.05
# Rows that may vary in one programme, a small organisation's all at once; fewer where that gives no whole numbers.
_ROWS, _LEAST_ROWS = 150, 50
# Programmes for many counts go on until so few are left, or so many in a row (as half of all parts of splits, if that
# is more) show less than this share of theirs.
_FEW, _LEAST_FOUND, _POOR = 10, 0.1, 4
# Programmes of whole numbers for one count, where counts are more than so many; each ends at its first node, or within
# this share of the best.
_TRIES, _SMALL = 2, 1_000
_EFFORT = {"node_limit": 1, "mip_rel_gap": 0.5}
# Counts that are found to fall in one search: once something is withheld for these, others often stand.
_FALLS = 12
_SEED = 20261125
# What is taken for 0 of a solution's last digits.
_TINY = 1e-6


@dataclass
class Witnesses:
    """The smallest and largest value of each quantity of each row over all tables found so far."""

    people: People
    lowest: Ints
    highest: Ints
    _moves: Moves
    _random: np.random.Generator
    # Those that showed something when they were found, as counts of the system.
    _tables: list[Ints] = field(default_factory=list)

    @classmethod
    def of(cls, people: People, seed: int = _SEED) -> "Witnesses":
        """The truth alone: the first table that fits."""
        return cls(people, people.values.copy(), people.values.copy(), Moves(people), np.random.default_rng(seed))

    def among(self, known: Knowledge) -> "Witnesses":
        """Those of the tables found so far that fit this too: where something is shown again, not all may."""
        system, truth = known.system, self.people.values
        fitting = [
            table for table in self._tables if (table >= system.lowest).all() and (table <= system.highest).all()
        ]
        found = replace(self, lowest=truth.copy(), highest=truth.copy(), _tables=[])
        for table in fitting:
            found._take(known, table)
        return found

    def search(self, known: Knowledge) -> dict[int, frozenset[int] | None]:
        """Look for tables until every count has the range that it needs; returns counts that have not, as places.

        Each with the published counts that this rests on, of which one must be withheld; None where that is not known.
        Not all such counts are found at once, but some if there are any. Tables found before stay good when more is
        withheld, since that only takes knowledge away: between two searches of one organisation nothing that was
        withheld may be shown again.
        """
        self._change(known)
        self._push(known)
        return self._one_by_one(known)

    def exactly(self, known: Knowledge, places: Iterable[int]) -> list[int]:
        """The exact attack on single counts, for the few where nothing else helps; returns those that do fall."""
        places = list(places)
        for place in places:
            found = tightest(known.system, [place])
            if found.proven:
                cell = known.cells[place]
                self.lowest[cell] = min(self.lowest[cell], found.lowest[place])
                self.highest[cell] = max(self.highest[cell], found.highest[place])
        return [int(cell) for cell in self._short(known) if cell in places]

    def known_before(self, known: Knowledge, cells: Iterable[tuple[int, int]]) -> frozenset[tuple[int, int]]:
        """Of counts that fall those that have as many values left as they had before this edition."""
        if known.before is None:
            return frozenset()
        before = known.sums.within(*known.before)
        places = {cell: known.index[cell] for cell in cells}
        most = {
            cell: sum(self._end(known, place, sign, before)[0] for sign in (1, -1)) for cell, place in places.items()
        }
        found = {cell for cell, more in most.items() if self.highest[cell] - self.lowest[cell] >= more}
        return frozenset(found | known.known_before(set(places) - found))

    def _change(self, known: Knowledge) -> None:
        """Change the truth in small ways while that shows enough."""
        walk, rows = Walk(known, self._moves, self._random), known.sums.places[0]
        left, shows = self._short(known), True
        while len(left) > _FEW and shows:
            drawn = min(max(_DRAWN * len(left), _LEAST_DRAWN), _MOST_DRAWN)
            lowest, highest = walk.stop(self._random.choice(np.unique(rows[left]), drawn))
            self.lowest, self.highest = np.minimum(self.lowest, lowest), np.maximum(self.highest, highest)
            before, left = len(left), self._short(known)
            shows = len(left) <= (1 - _LEAST_SHOWN) * before

    def _push(self, known: Knowledge) -> None:
        """Programmes for many counts at once while these show enough."""
        rows, poor, room = known.sums.places[0], 0, _ROWS
        left = self._short(known)
        patience = max(_POOR, sum(map(len, self._parts)) // 2)
        while len(left) > _FEW and poor < patience:
            varying = self._neighbourhood(rows, left, room)
            targets = left[varying[left]]
            whole = self._note(known, self._pushed(known, varying, targets))
            left = self._short(known)
            if not whole and room > _LEAST_ROWS:
                # Of fewer rows the best table is more often one of whole numbers.
                room //= 2
                continue
            room = min(2 * room, _ROWS)
            poor = 0 if varying[left].sum() <= (1 - _LEAST_FOUND) * len(targets) else poor + 1

    def _one_by_one(self, known: Knowledge) -> dict[int, frozenset[int] | None]:
        """A programme for each count that is left, until enough are found that fall."""
        found: dict[int, frozenset[int] | None] = {}
        taken: set[int] = set()
        columns = known.matrix.tocsc()
        for place in self._random.permutation(self._short(known)).tolist():
            sums = columns[:, [place]].nonzero()[0].tolist()
            if len(found) >= _FALLS:
                break
            # Once something is withheld for one of a sum, the others often can be shown.
            if not taken.isdisjoint(sums) or not self._is_short(known, place):
                continue
            ends = [self._end(known, place, sign) for sign in (1, -1) if self._is_short(known, place)]
            if not self._is_short(known, place):
                continue
            behind = frozenset[int]().union(*(behind for _, behind in ends))
            if sum(end for end, _ in ends) + 1 < known.to_be_shown[place]:
                found[place] = behind
                taken.update(sums)
            elif not self._shown_whole(known, place):
                found[place] = None
                taken.update(sums)
        return found

    def _shown_whole(self, known: Knowledge, place: int) -> bool:
        """Whether a programme of whole numbers shows what no other has: near the truth, or anywhere in few counts."""
        if len(known.cells) <= _SMALL:
            return not self.exactly(known, [place])
        rows = known.sums.places[0]
        for _ in range(_TRIES):
            varying = self._neighbourhood(rows, np.array([place]), _ROWS)
            self._note(known, self._pushed(known, varying, np.array([place]), whole=True))
            if not self._is_short(known, place):
                return True
        return False

    def _end(self, known: Knowledge, place: int, sign: int, system: System | None = None) -> tuple[int, frozenset[int]]:
        """How far a count can be above (sign 1) or below (-1) the truth, up to what it needs; and what that rests on.

        Whole numbers are no further away than this: the best of a programme that knows nothing of whole numbers.
        system: by default that of what is known.
        """
        system, truth = system or known.system, known.sums.truth
        number, needed = len(truth), int(known.to_be_shown[place]) - 1
        above = np.where(system.highest < UNBOUNDED, system.highest - truth, np.inf)
        room = np.concatenate([above, (truth - system.lowest).astype(float)])
        target, other = (place, place + number) if sign > 0 else (place + number, place)
        own = room[target]
        room[target], room[other] = min(own, needed), 0
        goal = np.zeros(2 * number)
        goal[target] = -1
        sums = known.sums.up_and_down
        found = linprog(
            goal,
            A_eq=sums,
            b_eq=np.zeros(sums.shape[0]),
            bounds=np.column_stack([np.zeros(2 * number), room]),
            method="highs-ds",
            options={"presolve": False},
        )
        if found.x is None:
            return needed, frozenset()
        self._note(known, found.x[:number] - found.x[number:])
        held = np.abs(found.upper.marginals) > _TINY
        # A count is not below 0, whether it is published or not.
        held &= np.concatenate([system.highest < UNBOUNDED, system.lowest > 0])
        held[target] &= own <= needed
        return int(-found.fun + _TINY), frozenset((np.nonzero(held)[0] % number).tolist())

    def _pushed(self, known: Knowledge, varying: Flags, targets: Ints, *, whole: bool = False) -> Floats | None:
        """How a table differs from the truth where `varying`, as much as possible in `targets`; None without one.

        whole: by whole numbers for sure, which takes longer.
        """
        bounds, truth = known.narrowed, known.sums.truth
        free = np.nonzero(varying & (bounds.lowest < bounds.highest))[0]
        matrix = known.matrix[:, free]
        matrix = matrix[np.unique(matrix.nonzero()[0])]
        goal = np.zeros(len(truth))
        goal[targets] = self._directions(known, targets) * self._random.uniform(0.5, 1.5, len(targets))
        # A target that went further than it needs would only keep others from moving.
        far = np.full(len(truth), _FURTHEST)
        far[targets] = known.needed[targets] - 1
        least, most = np.maximum(bounds.lowest - truth, -far), np.minimum(bounds.highest - truth, far)
        found = milp(
            -goal[free],
            integrality=np.full(len(free), int(whole)),
            bounds=Bounds(least[free], most[free]),
            constraints=LinearConstraint(matrix, 0, 0),
            options=_EFFORT if whole else {},
        )
        if found.x is None:
            return None
        change = np.zeros(len(truth))
        change[free] = found.x
        return change

    def _note(self, known: Knowledge, change: Floats | None) -> bool:
        """Take up another table, by what differs from the truth, if it is one of whole numbers and all sums hold."""
        if change is None or np.abs(change - np.rint(change)).max() > _TINY:
            return False
        table = known.sums.truth + np.rint(change).astype(np.int64)
        fits = (table >= known.system.lowest) & (table <= known.system.highest)
        if not fits.all() or (known.matrix @ table).any():
            return False
        self._take(known, table)
        return True

    def _take(self, known: Knowledge, table: Ints) -> None:
        places = known.sums.places
        lowest, highest = self.lowest[places], self.highest[places]
        if (table < lowest).any() or (table > highest).any():
            self.lowest[places], self.highest[places] = np.minimum(lowest, table), np.maximum(highest, table)
            self._tables.append(table)

    def _is_short(self, known: Knowledge, place: int) -> bool:
        cell = known.cells[place]
        seen = self.highest[cell] - self.lowest[cell] + 1
        return bool(seen < known.to_be_shown[place])

    def _short(self, known: Knowledge) -> Ints:
        """The counts that have not been shown to have the range that they need."""
        places = known.sums.places
        return np.nonzero(self.highest[places] - self.lowest[places] + 1 < known.to_be_shown)[0]

    def _directions(self, known: Knowledge, targets: Ints) -> Ints:
        """Up or down for each target: to the side that tables have not reached yet, else either."""
        lowest, highest = (seen[known.sums.places][targets] for seen in (self.lowest, self.highest))
        either = self._random.choice([-1, 1], len(targets))
        bounds = known.narrowed
        return np.where(lowest <= bounds.lowest[targets], 1, np.where(highest >= bounds.highest[targets], -1, either))

    def _neighbourhood(self, rows: Ints, left: Ints, most: int) -> Flags:
        """Which counts may vary together: what is not split, and as many parts of every split as `most` rows have room.

        Those parts first that still have counts to be shown.
        """
        wanted = set(rows[left].tolist())
        whole, *splits = self._parts
        chosen, room = list(whole[0]), most - len(whole[0])
        for parts in splits:
            taken = 0
            order = sorted(self._random.permutation(len(parts)), key=lambda part: wanted.isdisjoint(parts[part]))
            for number, part in enumerate(order):
                # Between two parts people can change places: of one alone hardly anything may change.
                if number > 1 and taken + len(parts[part]) > room / len(splits):
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
