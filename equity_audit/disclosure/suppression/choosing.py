"""Choosing counts to withhold within one block: what falls, what could be withheld for it, and the cheapest of that.

Each count that falls rests on a few published ones; a cheapest set with one of each such reason is withheld, until none
falls (the implicit hitting set method, see `protection`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from equity_audit.disclosure.suppression.attacker_knowledge import Knowledge
from equity_audit.disclosure.suppression.feasible_tables import Witnesses
from equity_audit.disclosure.table.suppression_status import Flags

Cell = tuple[int, int]
# Branches of one choice; beyond it the best found so far is taken. Counted, not timed: the same on every machine.
_NODES = 5_000
# So few counts that were not shown to be safe, in a system of so many counts at the most, meet the exact attack at
# once: it takes less than another search, and shows what that has missed.
FEW, SMALL = 12, 1_000


@dataclass
class Choice:
    """The counts withheld so far, and why. costs: of the counts that may be withheld."""

    withheld: frozenset[Cell]
    costs: Mapping[Cell, float]
    fell: dict[Cell, frozenset[Cell]] = field(default_factory=dict)
    exact: bool = True
    stuck: bool = False
    _reasons: set[frozenset[Cell]] = field(default_factory=set)
    _kept: frozenset[Cell] = frozenset()

    def __post_init__(self) -> None:
        self._kept = self.withheld

    def goes_on(self, known: Knowledge, witnesses: Witnesses) -> bool:
        """Look for counts that fall and withhold others for them; False where none falls. Stuck where none helps."""
        fallen = falls(known) or _unproven(known, witnesses, self.costs)
        enough = bool((known.possible_values >= known.needed).all())
        if enough:
            # Other tables have been looked for: they stay good only while all that is withheld stays so.
            self._kept = self.withheld
        if not fallen:
            return False
        self.fell = fallen | self.fell
        self.exact &= not enough
        free = {frozenset(c for c in reason - self.withheld if c in self.costs) for reason in fallen.values()}
        new = {reason for reason in free if reason} - self._reasons
        if enough and not new:
            # Before a last resort: the exact attack may show what no search has.
            places = [known.index[cell] for cell in fallen]
            if len(witnesses.exactly(known, places, only=places)) < len(places):
                return True
        new = new or self._all_of_rows(fallen)
        if not new:
            excused = known.known_before(fallen) if enough else set()
            witnesses.excused |= excused
            self.stuck = not excused
            return True
        self._reasons |= new
        more, solved = cheapest({reason for reason in self._reasons if not reason & self._kept}, self.costs)
        self.withheld = self._kept | more
        self.exact &= solved
        return True

    def _all_of_rows(self, fallen: Iterable[Cell]) -> set[frozenset[Cell]]:
        """A last resort where no reason is left to be found: every count of the rows that fall."""
        rows = {row for row, _ in fallen}
        return {frozenset({cell}) for cell in self.costs if cell[0] in rows and cell not in self.withheld}


def falls(known: Knowledge) -> dict[Cell, frozenset[Cell]]:
    """The counts of which too few values remain possible, each with the published counts that this rests on."""
    return {
        known.cells[cell]: frozenset(known.cells[c] for c in known.narrowed.published_behind(cell))
        for cell in np.nonzero(known.possible_values < known.needed)[0].tolist()
    }


def cheapest(reasons: Iterable[frozenset[Cell]], costs: Mapping[Cell, float]) -> tuple[frozenset[Cell], bool]:
    """The cheapest set with a member of every reason, and whether it is proven to be (weighted hitting set)."""
    needed = sorted(map(sorted, reasons))
    if not needed:
        return frozenset(), True
    cells = sorted({cell for reason in needed for cell in reason})
    place = {cell: index for index, cell in enumerate(cells)}
    lines = np.repeat(np.arange(len(needed)), [len(reason) for reason in needed])
    columns = [place[cell] for reason in needed for cell in reason]
    hits = sp.csr_array((np.ones(len(columns)), (lines, columns)), shape=(len(needed), len(cells)))
    found = milp(
        [costs[cell] for cell in cells],
        integrality=np.ones(len(cells)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(hits, lb=1),
        options={"node_limit": _NODES},
    )
    if found.x is None:
        return frozenset(cells), False
    return frozenset(cell for cell, taken in zip(cells, found.x, strict=True) if taken > 0.5), found.status == 0


def _unproven(known: Knowledge, witnesses: Witnesses, costs: Mapping[Cell, float]) -> dict[Cell, frozenset[Cell]]:
    """Counts that were not shown to be safe, some of them, each with what to withhold one of."""
    left = witnesses.search(known)
    published = known.published_in({row for row, _ in costs})
    given_up = {known.cells[place] for place in left if witnesses.gives_up(known.cells[place])}
    few = len(left) <= FEW and len(known.cells) <= SMALL
    if few or not any(_instead(known, place, published, given_up) for place in left):
        left = witnesses.exactly(known, left)
    return _apart(known, left, published, costs, given_up)


def _apart(
    known: Knowledge,
    places: Iterable[int],
    published: Flags,
    costs: Mapping[Cell, float],
    given_up: Collection[Cell],
) -> dict[Cell, frozenset[Cell]]:
    """Of counts that were not shown to be safe the cheapest to withhold, no two of them in one sum.

    Once one of a sum is withheld the others often can be shown: so one at a time. Published ones first, since others
    rest on them. Where none can be withheld, all.
    """
    found = {known.cells[place]: _instead(known, place, published, given_up) for place in places}
    can_be_withheld = [cell for cell, behind in found.items() if behind]
    taken: set[int] = set()
    chosen = []
    for cell in sorted(can_be_withheld, key=lambda cell: (found[cell] != {cell}, costs.get(cell, 0), cell)):
        sums = known.matrix[:, [known.index[cell]]].nonzero()[0].tolist()
        if taken.isdisjoint(sums):
            chosen.append(cell)
            taken.update(sums)
    return {cell: found[cell] for cell in chosen} or found


def _instead(known: Knowledge, place: int, published: Flags, given_up: Collection[Cell]) -> frozenset[Cell]:
    """What to withhold, one of it, for a count that no second table was found for.

    published: the counts that may be. The count itself, if it is one of them; but before a headline any part of it
    within a split, unless that has been tried often enough (`given_up`). Else the nearest of them along the sums.
    """
    rows, headlines = known.published.people.rows, known.published.people.headlines
    cell = known.cells[place]
    around = _around(known, {place})
    parts = {other for other in _of(known, around, published) if rows[other[0]] not in headlines} - {cell}
    if rows[cell[0]] in headlines and parts and cell not in given_up:
        return frozenset(parts)
    if published[place]:
        return frozenset({cell})
    seen: set[int] = set()
    while around - seen and not _of(known, around, published):
        seen, around = around, _around(known, around)
    return frozenset(_of(known, around, published))


def _around(known: Knowledge, places: set[int]) -> set[int]:
    """All counts that stand in a sum with one of these, and these."""
    lines = np.unique(known.matrix[:, sorted(places)].nonzero()[0])
    return places | set(known.matrix[lines].nonzero()[1].tolist())


def _of(known: Knowledge, places: Iterable[int], flags: Flags) -> set[Cell]:
    return {known.cells[place] for place in places if flags[place]}
