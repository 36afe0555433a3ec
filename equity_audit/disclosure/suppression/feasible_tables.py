"""Other truths: tables of counts that would have been published the same. Each proves that nobody can tell them apart.

Small changes of the truth, and of tables a few steps from it (`walk`), thousands at once, show most of what there is to
show. For what is left, linear programmes near the truth push as many of these counts as they can, in what is not
split and a few parts of each split: of so few rows the best table is mostly one of whole numbers, since people are
counted in two directions at a time. The last few have a programme each over all that is published: either it finds
another table, or its bounds prove that there is none, and its multipliers name the published counts that this rests on.
A count is safe once the tables found give it as many values as policy asks for. What cannot be shown so counts as
fallen. For a split the work is limited: what that leaves open counts as fallen too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from equity_audit.disclosure.suppression.attacker_knowledge import AttackerKnowledge
from equity_audit.disclosure.suppression.mip_bounds import tightest
from equity_audit.disclosure.suppression.moves import Moves
from equity_audit.disclosure.suppression.tables_found import TINY, TablesFound
from equity_audit.disclosure.suppression.walk import Walk
from equity_audit.disclosure.table.constraints import UNBOUNDED, Constraints, Ints
from equity_audit.disclosure.table.count_table import CountTable
from equity_audit.disclosure.table.suppression_status import Flags
from equity_audit.measures.intervals import Floats

# How far a count of another table is from the truth at the most; further would be no better a proof.
_FURTHEST = 4
# Changes drawn at a time, for each count that is still to be shown; at the least, and at the most.
_DRAWN, _LEAST_DRAWN, _MOST_DRAWN = 12, 1_500, 15_000
# Steps of one walk; for fewer counts than so many, programmes do more.
_STEPS, _MANY = 4, 1_000
# No more are drawn once they show less than this share of what is left: then programmes do more.
_LEAST_SHOWN = 0.05
# Rows that may vary in one programme, and after one that gave no whole numbers; in one of whole numbers for one count.
_ROWS, _LEAST_ROWS, _MOST_ROWS = 60, 30, 150
# Programmes for many counts go on until so few are left, or so many in a row (as half of all parts of splits, if that
# is more) show less than this share of theirs.
_FEW, _LEAST_FOUND, _POOR = 10, 0.1, 4
# Programmes of whole numbers for one count, where counts are more than so many; each ends at its first node, or within
# this share of the best.
_TRIES, _SMALL = 2, 1_000
_EFFORT = {"node_limit": 1, "mip_rel_gap": 0.5}
# The work of programmes, in counts that vary in them: for one set of rows, and an eighth of it for each further search.
# Beyond it counts are withheld. Whole numbers are so much harder. Counted, not timed: the same on every machine.
_WORK, _HARDER = 400_000, 15
# Counts that are found to fall in one search: once something is withheld for these, others often stand.
_FALLS = 12
_SEED = 20261125


@dataclass
class FeasibleTables(TablesFound):
    """The search for other tables of one organisation, and what those found so far show.

    limited: whether its work is, as that for a split, which can be left out.
    """

    _moves: Moves
    _random: np.random.Generator
    limited: bool = False
    # The work of programmes so far, and where the present search ends.
    _spent: int = 0
    _until: int = UNBOUNDED

    @property
    def exhausted(self) -> bool:
        """Whether searches have done so much work that no more should follow."""
        return self.limited and self._spent > _WORK * 3 // 2

    @classmethod
    def of(cls, people: CountTable, seed: int = _SEED) -> "FeasibleTables":
        """The truth alone: the first table that fits."""
        return cls(people, people.values.copy(), people.values.copy(), Moves(people), np.random.default_rng(seed))

    def search(self, known: AttackerKnowledge) -> dict[int, frozenset[int] | None]:
        """Look for tables until every count has the range that it needs; returns counts that have not, as places.

        Each with the published counts that this rests on, of which one must be withheld; None where that is not known.
        Not all such counts are found at once, but some if there are any. Once programmes have done as much work as one
        search may do, every count that is left is taken to fall. Tables found before stay good when more is withheld,
        since that only takes knowledge away: between two searches nothing that was withheld may be shown again.
        """
        self._until = max(_WORK, self._spent + _WORK // 8) if self.limited else UNBOUNDED
        self._change(known)
        self._walk_away(known)
        self._push(known)
        return self._one_by_one(known)

    def known_before(self, known: AttackerKnowledge, cells: Iterable[tuple[int, int]]) -> frozenset[tuple[int, int]]:
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

    def _change(self, known: AttackerKnowledge) -> None:
        """Change the truth in small ways while that shows enough."""
        walk, left, shows = Walk(known, self._moves, self._random), self._short(known), True
        while len(left) > _FEW and shows:
            self._look(known, walk, left)
            before, left = len(left), self._short(known)
            shows = len(left) <= (1 - _LEAST_SHOWN) * before

    def _walk_away(self, known: AttackerKnowledge) -> None:
        """Walk away from the truth and look around there while that shows enough."""
        left, shows = self._short(known), True
        while len(left) > _MANY and shows:
            before = len(left)
            self._walk(known, Walk(known, self._moves, self._random))
            left = self._short(known)
            shows = len(left) <= (1 - _LEAST_FOUND) * before

    def _walk(self, known: AttackerKnowledge, walk: Walk) -> None:
        """Take some steps to where more can be shown, and look around after each."""
        places, left = known.sums.places, self._short(known)
        wanted = np.zeros_like(self.lowest)
        wanted[places[0][left], places[1][left]] = self._directions(known, left)
        for _ in range(_STEPS):
            walk.step(self._drawn(known, left), wanted)
            self._take(known, walk.table)
            self._look(known, walk, left)
            shown, left = np.setdiff1d(left, self._short(known)), self._short(known)
            wanted[places[0][shown], places[1][shown]] = 0
            if not len(left):
                return

    def _look(self, known: AttackerKnowledge, walk: Walk, left: Ints) -> None:
        """Try changes of the table that a walk has come to."""
        lowest, highest = walk.stop(self._drawn(known, left))
        self.lowest, self.highest = np.minimum(self.lowest, lowest), np.maximum(self.highest, highest)

    def _drawn(self, known: AttackerKnowledge, left: Ints) -> Ints:
        """Rows that changes are wanted for, some of them more than once."""
        drawn: Ints = self._random.choice(
            np.unique(known.sums.places[0][left]), min(max(_DRAWN * len(left), _LEAST_DRAWN), _MOST_DRAWN)
        )
        return drawn

    def _push(self, known: AttackerKnowledge) -> None:
        """Programmes for many counts at once while these show enough."""
        rows, poor, room = known.sums.places[0], 0, _ROWS
        left = self._short(known)
        patience = max(_POOR, sum(map(len, self._parts)) // 2)
        while len(left) > _FEW and poor < patience and self._spent < self._until:
            varying = self._neighbourhood(rows, left, room)
            targets = left[varying[left]]
            whole = self._note(known, self._pushed(known, varying, targets))
            left = self._short(known)
            if not whole and room > _LEAST_ROWS:
                # Of fewer rows the best table is more often one of whole numbers.
                room = _LEAST_ROWS
                continue
            room = _ROWS
            poor = 0 if varying[left].sum() <= (1 - _LEAST_FOUND) * len(targets) else poor + 1

    def _one_by_one(self, known: AttackerKnowledge) -> dict[int, frozenset[int] | None]:
        """A programme for each count that is left, until enough are found that fall."""
        found: dict[int, frozenset[int] | None] = {}
        taken: set[int] = set()
        columns, left = known.sums.columns, self._short(known)
        for place in self._random.permutation(left).tolist():
            sums = columns[:, [place]].nonzero()[0].tolist()
            if self._spent >= self._until:
                return {place: found.get(place) for place in self._short(known).tolist()}
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

    def _shown_whole(self, known: AttackerKnowledge, place: int) -> bool:
        """Whether a programme of whole numbers shows what no other has: near the truth, or anywhere in few counts."""
        if len(known.cells) <= _SMALL:
            exact = tightest(known.system, [place])
            return exact.proven and exact.highest[place] - exact.lowest[place] + 1 >= known.to_be_shown[place]
        rows = known.sums.places[0]
        for _ in range(_TRIES):
            varying = self._neighbourhood(rows, np.array([place]), _MOST_ROWS)
            self._note(known, self._pushed(known, varying, np.array([place]), whole=True))
            if not self._is_short(known, place):
                return True
        return False

    def _end(
        self, known: AttackerKnowledge, place: int, sign: int, system: Constraints | None = None
    ) -> tuple[int, frozenset[int]]:
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
        self._spent += number // 4
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
        held = np.abs(found.upper.marginals) > TINY
        # A count is not below 0, whether it is published or not.
        held &= np.concatenate([system.highest < UNBOUNDED, system.lowest > 0])
        held[target] &= own <= needed
        return int(-found.fun + TINY), frozenset((np.nonzero(held)[0] % number).tolist())

    def _pushed(self, known: AttackerKnowledge, varying: Flags, targets: Ints, *, whole: bool = False) -> Floats | None:
        """How a table differs from the truth where `varying`, as much as possible in `targets`; None without one.

        whole: by whole numbers for sure, which takes longer.
        """
        bounds, truth = known.narrowed, known.sums.truth
        free = np.nonzero(varying & (bounds.lowest < bounds.highest))[0]
        matrix = known.sums.columns[:, free].tocsr()
        matrix = matrix[np.diff(matrix.indptr) > 0]
        goal = np.zeros(len(truth))
        goal[targets] = self._directions(known, targets) * self._random.exponential(size=len(targets))
        # A target that went further than it needs would only keep others from moving.
        far = np.full(len(truth), _FURTHEST)
        far[targets] = known.needed[targets] - 1
        least, most = np.maximum(bounds.lowest - truth, -far), np.minimum(bounds.highest - truth, far)
        self._spent += len(free) * (_HARDER if whole else 1)
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

    def _directions(self, known: AttackerKnowledge, targets: Ints) -> Ints:
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
