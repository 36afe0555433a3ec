"""Choosing what to withhold so that nothing else can be inferred: headlines first, then what splits leave room for.

Counts are protected block by block (`blocks`): what is not split, category by category, then each split. What stands is
fixed; of a further block only its own counts are withheld, so that nothing of a split costs a headline. A block of
which too large a share would be withheld is left out (`disclosure.most_withheld`).

Within a block, each count that falls rests on a few published ones (`Narrowed.published_behind`): unless one of them is
withheld, it falls. A cheapest set of counts that takes one from each such reason is the least that can do; if it is not
enough, the counts that still fall give further reasons, until none is left. This is the implicit hitting set method
(Moreno-Centeno and Karp, Oper Res 2013;61:453-468). Counts that no other table is found for (`feasible_tables`) give
reasons too, by the multipliers of a linear programme. Whatever is withheld by then stays so, to keep tables good that
were found: so the whole is then no longer proven to be the cheapest.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from equity_audit.disclosure.suppression.attacker_knowledge import AttackerKnowledge, attacker_knowledge
from equity_audit.disclosure.suppression.blocks import Block, blocks_of
from equity_audit.disclosure.suppression.choosing import Cell, Choice
from equity_audit.disclosure.suppression.costs import costs_of_withholding
from equity_audit.disclosure.suppression.earlier_revisions import (
    Earlier,
    by_names,
    check_nothing_is_dropped,
    not_followed,
    of_these,
    told_before,
)
from equity_audit.disclosure.suppression.feasible_tables import FeasibleTables
from equity_audit.disclosure.suppression.keyed_choices import Choices
from equity_audit.disclosure.suppression.showing_again import known_with, shown_again
from equity_audit.disclosure.suppression.tables_found import Ranges
from equity_audit.disclosure.table.constraints import UNBOUNDED
from equity_audit.disclosure.table.count_table import CountTable, Row
from equity_audit.disclosure.table.suppression_status import Mark, Published, first_marks, possible
from equity_audit.errors import DisclosureFailed, Problem
from equity_audit.settings import DisclosurePolicy

# A count that stays the same whatever rows stand beside it: its row, and the place of its quantity.
NamedCell = tuple[Row, int]


@dataclass(frozen=True)
class Protected:
    """What may be published, and how it came to be.

    fell: counts that could be inferred from what the plain rule publishes, each with the published counts that this
    rests on; a count that no other table was found for rests on itself. withheld: those left out to prevent that, and a
    few besides (`choices`). left_out: splits and levels of which too much would have to be withheld. exact: whether no
    cheaper choice exists within each block. lost: the worth to readers (`costs_of_withholding`) of what is withheld, as
    a share of that of all counts that are published.
    """

    published: Published
    fell: Mapping[Cell, frozenset[Cell]]
    withheld: tuple[Cell, ...]
    left_out: tuple[Block, ...]
    exact: bool
    lost: float


@dataclass(frozen=True)
class _Standing:
    """What was settled so far, by names that later blocks do not move."""

    rows: frozenset[Row]
    withheld: frozenset[NamedCell] = frozenset()
    fell: Mapping[NamedCell, frozenset[NamedCell]] = field(default_factory=dict)
    exact: bool = True

    def with_block(self, block: Block, besides: frozenset[NamedCell]) -> "_Standing":
        """The same with the counts of a block, of which none is withheld but for those besides."""
        others = frozenset(cell for cell in self.withheld if cell[0] not in block.rows)
        return replace(self, rows=self.rows | block.rows, withheld=others | besides)


def protect(
    people: CountTable, policy: DisclosurePolicy, earlier: Earlier | None = None, choices: Choices | None = None
) -> Protected:
    """Withhold as little as possible so that every count keeps as many possible values as policy asks for.

    earlier: what every earlier revision left possible. Raises DisclosureFailed where nothing helps, and where an
    earlier edition published splits or levels that this one would not: what both say together could not be looked into.
    """
    earlier = of_these(people, earlier or {})
    if (again := _said_again(people, policy, earlier, choices)) is not None:
        return again
    check_nothing_is_dropped(people, earlier)
    if not people.rows:
        return Protected(first_marks(people, policy), {}, (), (), True, 0.0)
    search = _Search(people, policy, earlier, choices or Choices())
    headlines, *others = blocks_of(people, policy.publish_splits)
    # What an earlier revision said of other blocks is known already: headlines are settled beside it, nothing of these
    # being said anew.
    before, unknown = told_before(earlier), not_followed(people, earlier)
    known = [block for block in others if before & block.parts]
    said = frozenset[Row]().union(*(block.rows for block in known))
    standing = _Standing(headlines.rows | said, search.besides(headlines.rows) | search.published(said))
    settled = search.settled(standing, headlines.rows, 1.0)
    if settled is None and earlier:
        # A correction can always say nothing but that there is one.
        settled = replace(standing, withheld=search.published(standing.rows))
    if settled is None:
        raise DisclosureFailed(
            Problem(
                "some counts could be inferred whatever else is withheld",
                "",
                "publish fewer splits or levels: settings, disclosure.publish_splits and disclosure.split_levels",
            )
        )
    left_out = []
    for block in others:
        added = None
        # Parts of what is not told itself are no table to read.
        new = block.whole <= settled.rows and not unknown & block.parts and not search.mostly_small(block)
        if block in known or new:
            wider = settled.with_block(block, search.besides(block.rows))
            added = search.settled(wider, block.rows, 1.0 if block in known else policy.most_withheld)
        if added is not None:
            settled = added
        elif block not in known:
            left_out.append(block)
    return search.protected(settled, left_out)


def _said_again(
    people: CountTable, policy: DisclosurePolicy, earlier: Earlier, choices: Choices | None
) -> Protected | None:
    """What the latest revision said, where no count has changed since; None where it would not be said again now.

    Beside what it says itself other counts would be cheapest to withhold, and running twice would publish twice.
    """
    now = by_names(people, people.values)
    told = {(row.level, row.breakdown) for row, *_ in earlier}
    new = [cell for cell in now if cell not in earlier and (cell[0].level, cell[0].breakdown) in told]
    if not earlier or new or any(said[-1][2] != now.get(cell, 0) for cell, said in earlier.items()):
        return None
    try:
        done = protect(people, policy, {cell: said[:-1] for cell, said in earlier.items() if said[1:]}, choices)
    except DisclosureFailed:
        return None
    lowest, highest = (by_names(done.published.people, bound) for bound in possible(done.published, policy))
    same = all(
        (lowest[cell], highest[cell]) == said[-1][:2] if cell in lowest else said[-1][1] >= UNBOUNDED
        for cell, said in earlier.items()
    )
    return done if same and lowest.keys() <= earlier.keys() else None


@dataclass(frozen=True)
class _Search:
    """The people and the rules of one choice."""

    people: CountTable
    policy: DisclosurePolicy
    earlier: Earlier
    choices: Choices
    # Tables found for the same rows before: some may do again.
    found: dict[frozenset[Row], FeasibleTables] = field(default_factory=dict)
    # What tables showed of splits that leave all else alone, by whether earlier revisions are known.
    apart: dict[bool, Ranges] = field(default_factory=dict)

    def published(self, rows: Collection[Row]) -> frozenset[NamedCell]:
        """The counts of these rows that a table has a place for."""
        places = np.argwhere(first_marks(self.people, self.policy).mark != Mark.UNPUBLISHED)
        cells = ((self.people.rows[line], column) for line, column in places.tolist())
        return frozenset(cell for cell in cells if cell[0] in rows)

    def besides(self, rows: Collection[Row]) -> frozenset[NamedCell]:
        """Counts that are withheld though nothing needs it."""
        people, shares = self.people, self.policy.withheld_besides
        return frozenset(
            (row, column)
            for row, column in self.published(rows)
            if self.choices.withholds(
                row, people.quantities[column], shares["headline" if row in people.headlines else "other"]
            )
        )

    def mostly_small(self, block: Block) -> bool:
        """Whether a split shows too few numbers to be read: others are small, or withheld besides.

        Whatever the headlines are, nearly everybody may be in one part: so that this says nothing of them.
        """
        if any(row.breakdown == "all" for row in block.rows):
            return False
        first, rows = first_marks(self.people, self.policy), self.people.rows
        marks = first.mark[[row in block.rows for row in rows]]
        return bool((marks == Mark.FEWER_THAN).sum() > self.policy.most_withheld * (marks != Mark.UNPUBLISHED).sum())

    def settled(self, standing: _Standing, free: Collection[Row], most: float) -> _Standing | None:
        """Withhold counts of the free rows until nothing falls, the others standing as they are.

        None where that fails, or takes more than a share `most` of the counts, or, of splits, more work than is done.
        """
        people = self.people.only(standing.rows)
        place = {row: line for line, row in enumerate(people.rows)}
        first = first_marks(people, self.policy)
        withheld = frozenset((place[row], column) for row, column in standing.withheld)
        disclosed_cells: dict[Cell, frozenset[Cell]] = {}
        alike: list[AttackerKnowledge] = []
        exact = standing.exact
        feasible_tables = self.found.get(standing.rows) or FeasibleTables.of(people, self.choices.seed())
        feasible_tables.limited = all(row.breakdown != "all" for row in free)
        # Beside earlier revisions, for somebody who knows all that was corrected; and alone, for everybody else: to
        # these every table is possible that is to the first.
        apart: dict[bool, Ranges] = {}
        for earlier in dict.fromkeys((bool(self.earlier), False)):
            like = attacker_knowledge(first, self.policy, self.earlier if earlier else None)
            costs = self._costs(like, free)
            choice = Choice(withheld, costs)
            if not apart:
                feasible_tables = feasible_tables.among(known_with(like, withheld, choice.excused))
            feasible_tables.taking(self._of_other_splits(earlier, free))
            while choice.goes_on(known_with(like, choice.withheld, choice.excused), feasible_tables):
                too_many = sum(cell in costs for cell in choice.withheld) > most * len(costs)
                if choice.stuck or too_many or feasible_tables.exhausted:
                    return None
            withheld, disclosed_cells, exact = (
                choice.withheld,
                {**choice.fell, **disclosed_cells},
                exact and choice.exact,
            )
            alike.append(like)
            apart[earlier] = feasible_tables.ranges_apart()
        self.found[standing.rows] = feasible_tables
        chosen = [cell for cell in withheld if (people.rows[cell[0]], cell[1]) not in standing.withheld]
        shown = shown_again(withheld, chosen, alike, costs, feasible_tables)
        if shown == withheld:
            self.apart.update(apart)
        withheld = shown

        def named(cells: Iterable[Cell]) -> frozenset[NamedCell]:
            return frozenset((people.rows[row], column) for row, column in cells)

        fell = {(people.rows[cell[0]], cell[1]): named(behind) for cell, behind in disclosed_cells.items()}
        return _Standing(standing.rows, named(withheld), {**fell, **standing.fell}, exact)

    def _of_other_splits(self, earlier: bool, free: Collection[Row]) -> Ranges:
        """What was shown of splits that the free rows have no sum with: with what is not split they have."""
        if self.people.coarser:
            return {}
        added = {row.breakdown for row in free}
        return {row: reach for row, reach in self.apart.get(earlier, {}).items() if row.breakdown not in added}

    def _costs(self, like: AttackerKnowledge, free: Collection[Row]) -> dict[Cell, float]:
        """Of the counts that may be withheld, and of which that would say less than earlier revisions do already."""
        costs = costs_of_withholding(like.published, self.policy, self.choices, free)
        if like.before is None:
            return costs
        more = (like.lowest > like.before[0]) | (like.highest < like.before[1])
        return {cell: cost for cell, cost in costs.items() if more[cell]}

    def protected(self, standing: _Standing, left_out: Iterable[Block]) -> Protected:
        """What stands, as counts of the rows that are published."""
        people = self.people.only(standing.rows)
        place = {row: line for line, row in enumerate(people.rows)}
        first = first_marks(people, self.policy)
        withheld = sorted((place[row], column) for row, column in standing.withheld)
        costs = costs_of_withholding(first, self.policy)
        fell = {
            (place[row], column): frozenset((place[other], c) for other, c in behind)
            for (row, column), behind in standing.fell.items()
        }
        lost = sum(costs[cell] for cell in withheld) / sum(costs.values())
        return Protected(
            first.withholding(withheld), fell, tuple(withheld), tuple(left_out), standing.exact and not left_out, lost
        )
