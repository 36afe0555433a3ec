"""Choosing what to withhold so that nothing else can be worked out, at the least cost.

Each count that falls rests on a few published ones (`Narrowed.published_behind`): unless one of them is withheld, it
falls. A cheapest set of counts that takes one from each such reason is the least that can do; if it is not enough, the
counts that still fall give further reasons, until none is left. This is the implicit hitting set method (Moreno-
Centeno and Karp, Oper Res 2013;61:453-468): where every choice was solved to the end, no cheaper protection exists
against what follows by adding up. Of counts that no other table was found for (`witnesses`) some are withheld, or parts
of them within splits, then tables are looked for again: a heuristic, so that the whole is then no longer proven to be
the cheapest.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from equity_audit.disclosure.knowledge import Earlier, Knowledge, knowledge
from equity_audit.disclosure.marks import Mark, Published, first_marks
from equity_audit.disclosure.people import People
from equity_audit.disclosure.witnesses import Witnesses
from equity_audit.errors import DisclosureFailed, Problem
from equity_audit.settings import DisclosurePolicy

Cell = tuple[int, int]
# Branches of one choice; beyond it the best found so far is taken. Counted, not timed: the same on every machine.
_NODES = 5_000


@dataclass(frozen=True)
class Protected:
    """What may be published, and how it came to be.

    fell: counts that could be worked out from what the plain rule publishes, each with the published counts that this
    rests on; a count that no other table was found for rests on itself. withheld: those left out to prevent that.
    exact: whether no cheaper choice exists. lost: their worth to readers (`costs_of_withholding`), as a share of that
    of all published counts.
    """

    published: Published
    fell: Mapping[Cell, frozenset[Cell]]
    withheld: tuple[Cell, ...]
    exact: bool
    lost: float


def protect(people: People, policy: DisclosurePolicy, earlier: Earlier | None = None) -> Protected:
    """Withhold as little as possible so that every count keeps as many possible values as policy asks for.

    Raises DisclosureFailed where nothing helps, and where an earlier edition published splits or levels that this one
    would not: what both say together could not be looked into.
    """
    _check_nothing_is_dropped(people, earlier or {})
    first = first_marks(people, policy)
    costs, witnesses = costs_of_withholding(first, policy), Witnesses.of(people)
    reasons: set[frozenset[Cell]] = set()
    fell: dict[Cell, frozenset[Cell]] = {}
    chosen: frozenset[Cell] = frozenset()
    kept: frozenset[Cell] = frozenset()
    exact = True
    while True:
        known = knowledge(first.withholding(sorted(chosen)), policy, earlier)
        fallen = falls(known) or _unproven(known, witnesses, costs)
        if (known.possible_values >= known.needed).all():
            # Other tables have been looked for: they stay good only while all that is withheld stays so.
            kept = chosen
        if not fallen:
            lost = sum(costs[cell] for cell in chosen) / sum(costs.values())
            return Protected(known.published, fell, tuple(sorted(chosen)), exact, lost)
        fell = fallen | fell
        exact &= bool((known.possible_values < known.needed).any())
        new = {reason for found in fallen.values() if (reason := found - chosen)} - reasons
        reasons |= new or _all_of_rows(known, fallen)
        more, solved = cheapest({reason for reason in reasons if not reason & kept}, costs)
        chosen = kept | more
        exact &= solved


def _check_nothing_is_dropped(people: People, earlier: Earlier) -> None:
    quantities = {(q.name, people.stages[q.start], people.stages[q.end]) for q in people.quantities}
    before = {(row.breakdown, row.level) for row, *quantity in earlier if tuple(quantity) in quantities}
    dropped = before - {(row.breakdown, row.level) for row in people.rows}
    if dropped:
        by = ", ".join(sorted({breakdown for breakdown, _ in dropped}))
        raise DisclosureFailed(
            Problem(
                f"an earlier edition of this period was published by {by}, and this one would not be: together they "
                "could tell what each of them hides",
                "",
                "put it back: into the settings, with its levels (disclosure, workforce: publish_splits, split_levels, "
                "quarter_levels), or into the export if that has lost it; what is published cannot be taken back",
            )
        )


def falls(known: Knowledge) -> dict[Cell, frozenset[Cell]]:
    """The counts of which too few values remain possible, each with the published counts that this rests on."""
    return {
        known.cells[cell]: frozenset(known.cells[c] for c in known.narrowed.published_behind(cell))
        for cell in np.nonzero(known.possible_values < known.needed)[0].tolist()
    }


def costs_of_withholding(published: Published, policy: DisclosurePolicy) -> dict[Cell, float]:
    """What each published count is worth to readers: by level, less within a split, less where it is small anyway.

    A part that parts of another split make up, as bands make up tiers, is a headline like what is not split.
    """
    costs = {}
    for row, line in enumerate(published.people.rows):
        worth = policy.level_cost[line.level] * (1 if line in published.people.headlines else policy.split_cost)
        for column in np.nonzero(published.mark[row] != Mark.UNPUBLISHED)[0]:
            small = published.mark[row, column] == Mark.FEWER_THAN
            costs[row, int(column)] = worth * (policy.small_cost if small else 1)
    return costs


def cheapest(reasons: Iterable[frozenset[Cell]], costs: dict[Cell, float]) -> tuple[frozenset[Cell], bool]:
    """The cheapest set with a member of every reason, and whether it is proven to be (weighted hitting set)."""
    needed = sorted(map(sorted, reasons))
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


def _all_of_rows(known: Knowledge, fallen: Iterable[Cell]) -> set[frozenset[Cell]]:
    """A last resort where no reason is left to be found: every published count of the rows that fall.

    Raises DisclosureFailed where that has been tried.
    """
    rows = {row for row, _ in fallen}
    found = {
        frozenset({cell})
        for cell, shown in zip(known.cells, known.is_published, strict=True)
        if shown and cell[0] in rows
    }
    if not found:
        raise DisclosureFailed(
            Problem(
                "some counts could be worked out whatever else is withheld",
                "",
                "publish fewer splits or levels: settings, disclosure.publish_splits and disclosure.split_levels",
            )
        )
    return found


def _unproven(known: Knowledge, witnesses: Witnesses, costs: Mapping[Cell, float]) -> dict[Cell, frozenset[Cell]]:
    """Counts that were not shown to be safe, some of them, each with what to withhold one of."""
    left = witnesses.search(known)
    given_up = {known.cells[place] for place in left if witnesses.gives_up(known.cells[place])}
    if not any(_instead(known, place, given_up) for place in left):
        left = witnesses.exactly(known, left)
    return _apart(known, left, costs, given_up)


def _apart(
    known: Knowledge, places: Iterable[int], costs: Mapping[Cell, float], given_up: Collection[Cell]
) -> dict[Cell, frozenset[Cell]]:
    """Of counts that were not shown to be safe the cheapest to withhold, no two of them in one sum.

    Once one of a sum is withheld the others often can be shown: so one at a time. Published ones first, since others
    rest on them. Where none can be withheld, all.
    """
    found = {known.cells[place]: _instead(known, place, given_up) for place in places}
    can_be_withheld = [cell for cell, behind in found.items() if behind]
    # Headlines last: mostly it is a split that is too tight.
    people = known.published.people
    within_splits = [cell for cell in can_be_withheld if people.rows[cell[0]] not in people.headlines]
    taken: set[int] = set()
    chosen = []
    for cell in sorted(
        within_splits or can_be_withheld, key=lambda cell: (found[cell] != {cell}, costs.get(cell, 0), cell)
    ):
        sums = known.matrix[:, [known.index[cell]]].nonzero()[0].tolist()
        if taken.isdisjoint(sums):
            chosen.append(cell)
            taken.update(sums)
    return {cell: found[cell] for cell in chosen} or found


def _instead(known: Knowledge, place: int, given_up: Collection[Cell]) -> frozenset[Cell]:
    """What to withhold, one of it, for a count that no second table was found for.

    The count itself; but before a headline, any part of it within a split, unless that has been tried often enough
    (`given_up`). Of a count that is not published, the nearest published ones along the sums.
    """
    rows, headlines = known.published.people.rows, known.published.people.headlines
    cell = known.cells[place]
    around = _around(known, {place})
    parts = {other for other in _published(known, around) if rows[other[0]] not in headlines} - {cell}
    if rows[cell[0]] in headlines and parts and cell not in given_up:
        return frozenset(parts)
    if known.is_published[place]:
        return frozenset({cell})
    seen: set[int] = set()
    while around - seen and not _published(known, around):
        seen, around = around, _around(known, around)
    return frozenset(_published(known, around))


def _around(known: Knowledge, places: set[int]) -> set[int]:
    """All counts that stand in a sum with one of these, and these."""
    lines = np.unique(known.matrix[:, sorted(places)].nonzero()[0])
    return places | set(known.matrix[lines].nonzero()[1].tolist())


def _published(known: Knowledge, places: Iterable[int]) -> set[Cell]:
    return {known.cells[place] for place in places if known.is_published[place]}
