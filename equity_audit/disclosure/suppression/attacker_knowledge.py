"""All that somebody knows who has the published figures and these rules, as a system of counts and sums."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from equity_audit.disclosure.suppression.mip_bounds import tightest
from equity_audit.disclosure.table.constraints import UNBOUNDED, Ints, Narrowed, System, narrowed
from equity_audit.disclosure.table.count_table import Row
from equity_audit.disclosure.table.suppression_status import Flags, Mark, Published, possible
from equity_audit.settings import DisclosurePolicy

# What each earlier revision, in their order, left possible of a count and what it was then (lowest, highest, exact), by
# row, quantity and its first and last stage. A count that was withheld is unbounded, but not below 0.
CellNames = tuple[Row, str, str, str]
Earlier = Mapping[CellNames, Sequence[tuple[int, int, int]]]


@dataclass(frozen=True)
class Knowledge:
    """Bounds on every quantity of every row, taken alone, and what follows from them together.

    before: the bounds that stood already, from earlier revisions and what was corrected since; None without any.
    """

    published: Published
    policy: DisclosurePolicy
    lowest: Ints
    highest: Ints
    before: tuple[Ints, Ints] | None = None

    @cached_property
    def cells(self) -> list[tuple[int, int]]:
        """The counts of the system: row and quantity of each."""
        people = self.published.people
        outcomes = {people.column[part] for _, parts in people.relations_of_outcomes() for part in parts}
        return [
            (row, column)
            for row in range(len(people.rows))
            for column in range(len(people.quantities))
            if row == people.first_row or column not in outcomes
        ]

    @cached_property
    def index(self) -> dict[tuple[int, int], int]:
        """The place of each count in the system."""
        return {cell: place for place, cell in enumerate(self.cells)}

    @cached_property
    def system(self) -> System:
        """The counts with every sum that holds between them."""
        rows, columns = np.array(self.cells, np.int64).reshape(-1, 2).T
        return System(self.lowest[rows, columns], self.highest[rows, columns], self._relations())

    @cached_property
    def matrix(self) -> sp.csr_array:
        """The sums of the system as lines that are 0."""
        return self.system.matrix()

    @cached_property
    def narrowed(self) -> Narrowed:
        """What follows from passing the bounds along the sums."""
        return narrowed(self.system)

    @cached_property
    def needed(self) -> Ints:
        """For each count, how many whole numbers must remain possible.

        None where zeros that are shown say that it is 0. One where policy shows such counts exactly. Else policy's
        interval, of counts that are published or of those that could only be inferred; but no more than was left
        before, to somebody who knows all that was corrected: that nobody else is in a group that lost those, say.
        """
        rows, columns = np.array(self.cells, np.int64).reshape(-1, 2).T
        zero = (self.lowest == 0) & (self.highest == 0)
        zeros = np.where(zero, 0, UNBOUNDED)[rows, columns]
        certain = narrowed(System(np.zeros_like(zeros), zeros, self.system.relations)).highest == 0
        published = self.published.mark[rows, columns] != Mark.UNPUBLISHED
        interval = np.where(published, self.policy.protection_interval, self.policy.inferred_interval)
        exact = self.narrowed.lowest >= self.policy.withhold_below
        needed: Ints = np.where(certain, 0, np.where(exact, np.minimum(interval, self.policy.round_to), interval))
        if self.before is not None:
            lowest, highest = (bound[rows, columns] for bound in self.before)
            already = narrowed(System(lowest, highest, self.system.relations))
            needed = np.minimum(needed, already.highest - already.lowest + 1)
        return needed

    @cached_property
    def to_be_shown(self) -> Ints:
        """Of these, what other tables must show: all of published counts, and of any count that is not split.

        Counts that could only be inferred within a split are held to `needed` by the sums alone.
        """
        rows, columns = np.array(self.cells, np.int64).reshape(-1, 2).T
        split = np.array([row.breakdown != "all" for row in self.published.people.rows])
        inferred = self.published.mark[rows, columns] == Mark.UNPUBLISHED
        return np.where(inferred & split[rows], 0, self.needed)

    @property
    def possible_values(self) -> Ints:
        """How many whole numbers the narrowed bounds leave for each count."""
        return self.narrowed.highest - self.narrowed.lowest + 1

    def known_before(self, cells: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
        """Of these counts those with as many values left as they had before this edition, by the exact attack."""
        if self.before is None:
            return set()
        rows, columns = np.array(self.cells, np.int64).reshape(-1, 2).T
        lowest, highest = (bound[rows, columns] for bound in self.before)
        places = [self.index[cell] for cell in cells]
        then, now = (
            tightest(system, places) for system in (System(lowest, highest, self.system.relations), self.system)
        )
        return {
            self.cells[place]
            for place in places
            if now.highest[place] - now.lowest[place] >= then.highest[place] - then.lowest[place]
        }

    def published_in(self, rows: Collection[int]) -> Flags:
        """Which counts of these rows are shown or marked as small: those that could be withheld."""
        lines, columns = np.array(self.cells, np.int64).reshape(-1, 2).T
        published = np.isin(self.published.mark[lines, columns], (Mark.SHOWN, Mark.FEWER_THAN))
        flags: Flags = published & np.isin(lines, sorted(rows))
        return flags

    def _relations(self) -> list[tuple[int, list[int]]]:
        people, at = self.published.people, self.index
        column = people.column
        within = [(column[whole], [column[part] for part in parts]) for whole, parts in people.relations_of_a_row()]
        found = [
            (at[row, whole], [at[row, part] for part in parts])
            for row in range(len(people.rows))
            for whole, parts in within
        ]
        first = people.first_row
        found += [
            (at[first, column[whole]], [at[first, column[part]] for part in parts])
            for whole, parts in people.relations_of_outcomes()
            if first >= 0
        ]
        outcomes = {column[part] for _, parts in people.relations_of_outcomes() for part in parts}
        everywhere = sorted(set(column.values()) - outcomes)
        found += [
            (at[whole, place], [at[part, place] for part in parts])
            for whole, parts in people.ties
            for place in everywhere
        ]
        return found


def knowledge(published: Published, policy: DisclosurePolicy, earlier: Earlier | None = None) -> Knowledge:
    """Put together what this edition says and what every earlier revision said of the same counts.

    Whoever compares revisions is taken to know every application that was corrected, before and after: then a count
    that has changed by so much still tells what it told, moved by as much. Who knows less can tell less.
    """
    people = published.people
    lowest, highest = possible(published, policy)
    if not earlier:
        return Knowledge(published, policy, lowest, highest)
    before = possible(published.silent(), policy)
    rows = {row: place for place, row in enumerate(people.rows)}
    columns = {(q.name, people.stages[q.start], people.stages[q.end]): c for q, c in people.column.items()}
    for (row, *quantity), said in earlier.items():
        cell = rows.get(row, -1), columns.get((quantity[0], quantity[1], quantity[2]), -1)
        for low, high, exact in said if min(cell) >= 0 else ():
            moved = int(people.values[cell]) - exact
            for least, most in ((lowest, highest), before):
                # Of a count that was withheld then, no more than that it was not below 0.
                least[cell] = max(least[cell], low + moved)
                most[cell] = min(most[cell], high + moved) if high < UNBOUNDED else most[cell]
    return Knowledge(published, policy, lowest, highest, before)
