"""Choosing counts to withhold within one block: what falls, what could be withheld for it, and the cheapest of that.

Each count that falls rests on a few published ones; a cheapest set with one of each such reason is withheld, until none
falls (the implicit hitting set method, see `secondary_suppression`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from equity_audit.disclosure.suppression.attacker_knowledge import AttackerKnowledge
from equity_audit.disclosure.suppression.feasible_tables import FeasibleTables
from equity_audit.disclosure.table.count_table import CountTable
from equity_audit.disclosure.table.suppression_status import Flags

Cell = tuple[int, int]
# Branches of one choice; beyond it the best found so far is taken. Counted, not timed: the same on every machine.
_NODES = 5_000


@dataclass
class Choice:
    """The counts withheld so far, and why. costs: of the counts that may be withheld.

    excused: counts of which earlier revisions left no more values than are left now.
    """

    withheld: frozenset[Cell]
    costs: Mapping[Cell, float]
    fell: dict[Cell, frozenset[Cell]] = field(default_factory=dict)
    exact: bool = True
    stuck: bool = False
    excused: frozenset[Cell] = frozenset()
    _reasons: set[frozenset[Cell]] = field(default_factory=set)
    _kept: frozenset[Cell] = frozenset()

    def __post_init__(self) -> None:
        self._kept = self.withheld

    def goes_on(self, known: AttackerKnowledge, feasible_tables: FeasibleTables) -> bool:
        """Look for counts that fall and withhold others for them; False where none falls.

        Stuck where none helps, or where that is not known after all the work that is done for it.
        """
        disclosed_cells = disclosed_in(known)
        enough = not disclosed_cells
        if enough:
            # Other tables are looked for: they stay good only while all that is withheld stays so.
            self._kept = self.withheld
            unshown = feasible_tables.search(known)
            if unshown and feasible_tables.exhausted:
                self.stuck = True
                return True
            disclosed_cells = _unproven(known, unshown, self.costs)
        if not disclosed_cells:
            return False
        self.fell = disclosed_cells | self.fell
        self.exact &= not enough
        free = {cell: self._free(reason) for cell, reason in disclosed_cells.items()}
        same = _same_people(known.published.people)
        alike = (
            self._free(other)
            for reason in disclosed_cells.values()
            for rows in same
            for other in _said_elsewhere(known, reason, rows)
        )
        new = {reason for reason in (*free.values(), *alike) if reason} - self._reasons
        helpless = [cell for cell, reason in free.items() if not reason]
        if helpless:
            # Whatever else is withheld they fall, unless nothing was left of them before.
            excused = feasible_tables.known_before(known, helpless) if enough else frozenset()
            self.excused |= excused
            self.stuck = len(excused) < len(helpless)
        elif not new:
            self.stuck = True
        if new and not self.stuck:
            self._reasons |= new
            more, solved = cheapest({reason for reason in self._reasons if not reason & self._kept}, self.costs)
            self.withheld = self._kept | more
            self.exact &= solved
        return True

    def _free(self, reason: frozenset[Cell]) -> frozenset[Cell]:
        """Of the counts that something rests on those that may be withheld."""
        return frozenset(cell for cell in reason - self.withheld if cell in self.costs)


def disclosed_in(known: AttackerKnowledge) -> dict[Cell, frozenset[Cell]]:
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


def _unproven(
    known: AttackerKnowledge, found: Mapping[int, frozenset[int] | None], costs: Mapping[Cell, float]
) -> dict[Cell, frozenset[Cell]]:
    """Counts that were not shown to be safe, some of them, each with what to withhold one of."""
    published = known.published_in({row for row, _ in costs})
    return {
        known.cells[place]: _nearest(known, place, published)
        if behind is None
        else frozenset(known.cells[c] for c in behind)
        for place, behind in found.items()
    }


def _said_elsewhere(known: AttackerKnowledge, reason: frozenset[Cell], rows: set[int]) -> Iterator[frozenset[Cell]]:
    """The same reason from other rows of the same people: "not known" of White and BME is "not known" of the groups.

    Who withholds a count in one of them has to withhold it in all, or something else: so choices are weighed at once.
    """
    columns = {column for row, column in reason if row in rows}
    for row in rows if columns else ():
        said = {(row, column) for column in columns}
        if all(cell in known.index and known.told[known.index[cell]] for cell in said):
            yield frozenset({cell for cell in reason if cell[0] not in rows} | said)


def _same_people(people: CountTable) -> list[set[int]]:
    """Rows that are the only part of another, with it."""
    found: list[set[int]] = []
    for whole, parts in people.ties:
        if len(parts) == 1:
            alike = [rows for rows in found if rows & {whole, *parts}]
            found = [rows for rows in found if rows not in alike] + [{whole, *parts}.union(*alike)]
    return found


def _nearest(known: AttackerKnowledge, place: int, published: Flags) -> frozenset[Cell]:
    """What to withhold one of for a count that falls to whole numbers alone: itself, or the nearest along the sums.

    published: the counts that may be withheld.
    """
    seen, around = set[int](), {place}
    while around - seen and not _of(known, around, published):
        seen, around = around, _around(known, around)
    return frozenset(_of(known, around, published))


def _around(known: AttackerKnowledge, places: set[int]) -> set[int]:
    """All counts that stand in a sum with one of these, and these."""
    lines = np.unique(known.matrix[:, sorted(places)].nonzero()[0])
    return places | set(known.matrix[lines].nonzero()[1].tolist())


def _of(known: AttackerKnowledge, places: Iterable[int], flags: Flags) -> set[Cell]:
    return {known.cells[place] for place in places if flags[place]}
