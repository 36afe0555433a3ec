"""Other truths: tables of counts that would have been published the same. Each proves that nobody can tell them apart.

Small changes of the truth, and of tables a few steps from it (`walk`), thousands at once, show most of what there is to
show. For what is left, linear programmes near the truth push as many of these counts as they can, in what is not
split and a few parts of each split: of so few rows the best table is mostly one of whole numbers, since people are
counted in two directions at a time. The last few have a programme each over all that is published: either it finds
another table, or its bounds prove that there is none, and its multipliers name the published counts that this rests on.
A count is safe once the tables found give it as many values as policy asks for. What cannot be shown so counts as
fallen. For a split the work is limited: what that leaves open counts as fallen too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from equity_audit.disclosure.suppression.attacker_knowledge import AttackerKnowledge
from equity_audit.disclosure.suppression.ends import Ends
from equity_audit.disclosure.suppression.mip_bounds import tightest
from equity_audit.disclosure.suppression.moves import Moves
from equity_audit.disclosure.suppression.programme import Programme
from equity_audit.disclosure.suppression.tables_found import TINY, TablesFound
from equity_audit.disclosure.suppression.walk import Walk
from equity_audit.disclosure.table.constraints import UNBOUNDED, Ints
from equity_audit.disclosure.table.count_table import CountTable
from equity_audit.disclosure.table.suppression_status import Flags

# How far a count of another table is from the truth at the most; further would be no better a proof.
_FURTHEST = 4
# Changes drawn at a time, for each count that is still to be shown; at the least, and at the most.
_DRAWN, _LEAST_DRAWN, _MOST_DRAWN = 12, 1_500, 15_000
# Steps of one walk; for fewer counts than so many, programmes do more.
_STEPS, _MANY = 4, 1_000
# No more are drawn once they show less than this share of what is left: then programmes do more.
_LEAST_SHOWN = 0.05
# Rows of a split that vary in one programme, whole parts of it, one number after the other.
_ROWS = (40, 80)
# Of so many rows at the most, all vary in one programme in the end.
_ALL_ROWS = 200
# One programme is asked until so many answers in a row show less than the share above of its counts; the next as
# many parts until all together show less than this share; then there are few left.
_POOR, _LEAST_FOUND, _FEW = 2, 0.1, 10
# What it costs that a leaf changes: tables of few changes are mostly of whole numbers.
_DEAR = 0.01
# Other ways to change little that are tried for one count; where counts are no more than so many, any way at all.
_TRIES, _SMALL = 3, 1_000
# The work of programmes (`Programme.work`): for one set of rows, and an eighth of it for each further search. Beyond it
# counts are withheld. Where walks leave more counts than so many, no such work would do, and none is begun. Counted,
# not timed: the same on every machine.
_WORK, _TOO_MANY = 300_000, 1_400
# Counts that are found to fall in one search, and where rows are more than that: once something is withheld for these,
# others often stand.
_FALLS, _FALLS_OF_MANY = 40, 12
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
    _hopeless: bool = False

    @property
    def exhausted(self) -> bool:
        """Whether searches have done so much work that no more should follow."""
        return self.limited and (self._hopeless or self._spent > _WORK * 3 // 2)

    @classmethod
    def of(cls, people: CountTable, seed: int = _SEED) -> "FeasibleTables":
        """The truth alone: the first table that fits."""
        lowest, highest, *apart = (people.values.copy() for _ in range(4))
        return cls(people, lowest, highest, (apart[0], apart[1]), Moves(people), np.random.default_rng(seed))

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
        if self.limited and len(left := self._short(known)) > _TOO_MANY:
            self._hopeless = True
            return dict.fromkeys(left.tolist())
        self._push(known)
        return self._one_by_one(known)

    def known_before(self, known: AttackerKnowledge, cells: Iterable[tuple[int, int]]) -> frozenset[tuple[int, int]]:
        """Of counts that fall those that have as many values left as they had before this edition."""
        if known.before is None:
            return frozenset()
        before = Ends(known, known.sums.within(*known.before))
        places = {cell: known.index[cell] for cell in cells}
        most = {
            cell: sum(self._end(known, before, place, sign)[0] for sign in (1, -1)) for cell, place in places.items()
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
        reach, apart = walk.stop(self._drawn(known, left))
        self._widen(slice(None), *reach)
        self.apart = np.minimum(self.apart[0], apart[0]), np.maximum(self.apart[1], apart[1])

    def _drawn(self, known: AttackerKnowledge, left: Ints) -> Ints:
        """Rows that changes are wanted for, some of them more than once."""
        drawn: Ints = self._random.choice(
            np.unique(known.sums.places[0][left]), min(max(_DRAWN * len(left), _LEAST_DRAWN), _MOST_DRAWN)
        )
        return drawn

    def _push(self, known: AttackerKnowledge) -> None:
        """Programmes for many counts at once, of ever more parts of splits, while these show enough."""
        for size, whole in self._sizes:
            left, shows = self._short(known), True
            while len(left) > _FEW and shows and self._spent < self._until:
                for rows in self._neighbourhoods(known, left, size, whole=whole):
                    self._ask(known, rows)
                before, left = len(left), self._short(known)
                shows = len(left) <= (1 - _LEAST_FOUND) * before

    def _ask(self, known: AttackerKnowledge, rows: Flags) -> None:
        """Ask one programme again and again to show counts of these rows while it does."""
        bounds, truth, leaves = known.narrowed, known.sums.truth, known.sums.leaves
        mine = rows[known.sums.places[0]]
        left = self._short(known)
        targets = left[mine[left]]
        if not len(targets) or self._spent >= self._until:
            return
        # A target that went further than it needs would only keep others from moving.
        far = np.full(len(truth), _FURTHEST)
        far[targets] = known.needed[targets] - 1
        told = known.told.copy()
        told[leaves.places] = True
        below = np.where(told, np.minimum(truth - bounds.lowest, far), np.inf)
        above = np.where(told, np.minimum(bounds.highest - truth, far), np.inf)
        programme, poor = Programme(leaves, below, above, varying=mine[leaves.places]), 0
        while poor < _POOR and len(targets):
            goal = np.zeros(len(truth))
            goal[targets] = self._directions(known, targets) * self._random.exponential(size=len(targets))
            answer = programme.best(goal, _DEAR)
            self._note(known, answer.change if answer else None)
            before, left = len(targets), self._short(known)
            targets = left[mine[left]]
            poor = 0 if len(targets) <= (1 - _LEAST_SHOWN) * before else poor + 1
        self._spent += programme.work

    def _one_by_one(self, known: AttackerKnowledge) -> dict[int, frozenset[int] | None]:
        """A question for each count that is left, until enough are found that fall."""
        found: dict[int, frozenset[int] | None] = {}
        taken: set[int] = set()
        columns, left = known.sums.columns, self._short(known)
        ends = Ends(known, known.system) if len(left) else None
        for place in self._random.permutation(left).tolist():
            sums = columns[:, [place]].nonzero()[0].tolist()
            if self._spent >= self._until:
                return {place: found.get(place) for place in self._short(known).tolist()}
            if len(found) >= (_FALLS if len(self.people.rows) <= _ALL_ROWS else _FALLS_OF_MANY):
                break
            if not self._is_short(known, place) or ends is None:
                continue
            reached = [self._end(known, ends, place, sign) for sign in (1, -1) if self._is_short(known, place)]
            if not self._is_short(known, place):
                continue
            behind = frozenset[int]().union(*(behind for _, behind in reached))
            if sum(end for end, _ in reached) + 1 < known.to_be_shown[place]:
                # One of these has to be withheld, whatever else is: the more that is known, the cheaper the choice.
                found[place] = behind
            # Once something is withheld for one of a sum, the others often can be shown.
            elif not taken.isdisjoint(sums) or self._shown_whole(known, ends, place):
                continue
            else:
                found[place] = None
            taken.update(sums)
        return found

    def _shown_whole(self, known: AttackerKnowledge, ends: Ends, place: int) -> bool:
        """Whether other ways to change little show what the first did not, or in few counts any way at all."""
        needed = int(known.to_be_shown[place]) - 1
        for _ in range(_TRIES):
            for sign in (1, -1):
                answer = ends.furthest(place, sign, needed, self._random.exponential(_DEAR, ends.columns))
                self._note(known, answer.change if answer else None)
            if not self._is_short(known, place):
                return True
        if len(known.cells) <= _SMALL:
            exact = tightest(known.system, [place])
            return exact.proven and exact.highest[place] - exact.lowest[place] + 1 >= known.to_be_shown[place]
        return False

    def _end(self, known: AttackerKnowledge, ends: Ends, place: int, sign: int) -> tuple[int, frozenset[int]]:
        """How far a count can be above (sign 1) or below (-1) the truth, up to what it needs; and what that rests on.

        Whole numbers are no further away than this: the best of a programme that knows nothing of whole numbers.
        """
        needed, before = int(known.to_be_shown[place]) - 1, ends.work
        for dearness in (_DEAR, 0):
            answer = ends.furthest(place, sign, needed, dearness)
            self._note(known, answer.change if answer else None)
            if answer is None or sign * answer.change[place] > needed - TINY:
                break
        self._spent += ends.work - before
        if answer is None:
            return needed, frozenset()
        return int(sign * answer.change[place] + TINY), ends.behind(answer)

    def _directions(self, known: AttackerKnowledge, targets: Ints) -> Ints:
        """Up or down for each target: to the side that tables have not reached yet, else either."""
        lowest, highest = (seen[known.sums.places][targets] for seen in (self.lowest, self.highest))
        either = self._random.choice([-1, 1], len(targets))
        bounds = known.narrowed
        return np.where(lowest <= bounds.lowest[targets], 1, np.where(highest >= bounds.highest[targets], -1, either))

    @cached_property
    def _sizes(self) -> list[tuple[int, bool]]:
        """How many parts of splits vary together, and whether what is not split does too."""
        splits = self._parts[1:]
        if not splits:
            return [(0, True)]
        most = max(map(len, splits))
        rows = max(len(part) for parts in splits for part in parts)
        # Between two parts people can change places: of one alone hardly anything may change.
        sizes = [max(2, room // rows) for room in _ROWS if room // rows < most]
        found = [(sizes[0] if sizes else most, False), *((size, True) for size in sizes)]
        return [*found, (most, True)] if len(self.people.rows) <= _ALL_ROWS or not sizes else found

    def _neighbourhoods(self, known: AttackerKnowledge, left: Ints, size: int, *, whole: bool) -> Iterator[Flags]:
        """Rows that may vary together: so many parts of a split that have counts to be shown; whole: and the rest."""
        rows = np.zeros(len(self.people.rows), bool)
        rows[known.sums.places[0][left]] = True
        unsplit, *splits = self._parts
        if not splits:
            yield np.ones_like(rows)
        for parts in splits:
            wanted = [part for part in parts if rows[part].any()]
            wanted = [wanted[k] for k in self._random.permutation(len(wanted))]
            for first in range(0, len(wanted), size):
                chosen = wanted[first : first + size]
                others = [parts[k] for k in self._random.permutation(len(parts))]
                chosen += [part for part in others if part not in chosen][: size - len(chosen)]
                for beside in splits if whole else []:
                    if beside is not parts:
                        chosen += [beside[k] for k in self._random.permutation(len(beside))[:size]]
                chosen += unsplit if whole else []
                varying = np.zeros(len(rows), bool)
                varying[[row for part in chosen for row in part]] = True
                yield varying

    @cached_property
    def _parts(self) -> list[list[list[int]]]:
        """The rows that are not split, as one part; then those of each part of each split."""
        found: dict[str, dict[str, list[int]]] = {"all": {}}
        for place, row in enumerate(self.people.rows):
            found.setdefault(row.breakdown, {}).setdefault(row.breakdown_value, []).append(place)
        return [list(parts.values()) for parts in found.values()]
