"""All that somebody knows who has the published figures and these rules, as a system of counts and sums."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from equity_audit.disclosure.suppression.earlier_revisions import Earlier, bounds_before
from equity_audit.disclosure.suppression.leaves import Leaves, leaves_of
from equity_audit.disclosure.suppression.mip_bounds import tightest
from equity_audit.disclosure.table.constraints import UNBOUNDED, Constraints, Ints, Narrowed, narrowed
from equity_audit.disclosure.table.count_table import CountTable
from equity_audit.disclosure.table.suppression_status import Flags, Mark, Published, possible
from equity_audit.settings import DisclosurePolicy


@dataclass(frozen=True)
class Sums:
    """The counts of some people and the sums that hold between them, whatever is published of them."""

    people: CountTable

    @cached_property
    def cells(self) -> list[tuple[int, int]]:
        """The counts of the system: row and quantity of each."""
        people = self.people
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
    def places(self) -> tuple[Ints, Ints]:
        """The row of each count of the system, and its quantity."""
        rows, columns = np.array(self.cells, np.int64).reshape(-1, 2).T
        return rows, columns

    @cached_property
    def truth(self) -> Ints:
        """The counts themselves."""
        truth: Ints = self.people.values[self.places]
        return truth

    @cached_property
    def matrix(self) -> sp.csr_array:
        """The sums as lines that are 0."""
        return Constraints(self.truth, self.truth, self._relations).matrix()

    @cached_property
    def columns(self) -> sp.csc_array:
        """The same, to take counts from."""
        return self.matrix.tocsc()

    @cached_property
    def leaves(self) -> Leaves:
        """The counts that all others are sums of: those of finer levels rather than of a row, or of parts of splits."""
        rows, people = self.places[0], self.people

        def place(line: int) -> tuple[bool, bool]:
            whole, parts = self._relations[line]
            split = people.rows[rows[parts[0]]].breakdown != people.rows[rows[whole]].breakdown
            return split, rows[parts[0]] == rows[whole]

        order = sorted(range(len(self._relations)), key=place)
        return leaves_of(len(self.cells), [self._relations[line] for line in order], self.matrix[order])

    def within(self, lowest: Ints, highest: Ints) -> Constraints:
        """The system for these bounds, which are rows by quantities."""
        return Constraints(lowest[self.places], highest[self.places], self._relations, self.matrix)

    @cached_property
    def _relations(self) -> list[tuple[int, list[int]]]:
        people, at = self.people, self.index
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


@dataclass(frozen=True)
class AttackerKnowledge:
    """Bounds on every quantity of every row, taken alone, and what follows from them together.

    before: the bounds that stood already, from earlier revisions and what was corrected since; None without any. grown:
    by how much each count is larger now than in any of them, at least 0.
    like: other knowledge of the same people beside the same revisions. excused: counts that are not looked for, since
    earlier revisions, not this edition, leave them no more values.
    """

    published: Published
    policy: DisclosurePolicy
    lowest: Ints
    highest: Ints
    sums: Sums
    before: tuple[Ints, Ints] | None = None
    grown: Ints | None = None
    like: "AttackerKnowledge | None" = None
    excused: frozenset[tuple[int, int]] = frozenset()

    @property
    def cells(self) -> list[tuple[int, int]]:
        """The counts of the system: row and quantity of each."""
        return self.sums.cells

    @property
    def index(self) -> dict[tuple[int, int], int]:
        """The place of each count in the system."""
        return self.sums.index

    @cached_property
    def system(self) -> Constraints:
        """The counts with every sum that holds between them."""
        return self.sums.within(self.lowest, self.highest)

    @cached_property
    def told(self) -> Flags:
        """The counts that something is said of, each by itself: more than that they are not below 0."""
        told: Flags = (self.system.lowest > 0) | (self.system.highest < UNBOUNDED)
        return told

    @property
    def matrix(self) -> sp.csr_array:
        """The sums of the system as lines that are 0."""
        return self.sums.matrix

    @cached_property
    def narrowed(self) -> Narrowed:
        """What follows from passing the bounds along the sums."""
        return narrowed(self.system)

    @cached_property
    def needed(self) -> Ints:
        """For each count, how many whole numbers must remain possible.

        None where zeros that are shown say that it is 0. One where policy shows such counts exactly, and the count was
        no smaller in any revision. Else policy's interval, of counts that are published or of those that could only be
        inferred; but no more than was left before, to somebody who knows all that was corrected: that nobody else is in
        a group that lost those, say.
        """
        zero = (self.lowest == 0) & (self.highest == 0)
        certain = zero[self.sums.places]
        if certain.any():
            most = np.where(zero, 0, UNBOUNDED)
            certain = narrowed(self.sums.within(np.zeros_like(most), most)).highest == 0
        published = self.published.mark[self.sums.places] != Mark.UNPUBLISHED
        interval = np.where(published, self.policy.protection_interval, self.policy.inferred_interval)
        # Whoever learns a count, and what was corrected, learns what it was before.
        smallest = self.narrowed.lowest - (0 if self.grown is None else self.grown[self.sums.places])
        exact = smallest >= self.policy.withhold_below
        needed: Ints = np.where(certain, 0, np.where(exact, np.minimum(interval, self.policy.round_to), interval))
        if self.before is not None:
            needed = np.minimum(needed, self._left_before)
        return needed

    @cached_property
    def _left_before(self) -> Ints:
        """How many values earlier revisions left of each count, as they are known together."""
        if self.like:
            return self.like._left_before
        assert self.before is not None
        already = narrowed(self.sums.within(*self.before))
        left: Ints = already.highest - already.lowest + 1
        return left

    @cached_property
    def to_be_shown(self) -> Ints:
        """Of these, what other tables must show: all of published counts, and of any count that is not split.

        Counts that could only be inferred within a split are held to `needed` by the sums alone where counts are
        rounded. Exact counts give them away together although no sum does by itself: there, tables must show them too.
        """
        split = np.array([row.breakdown != "all" for row in self.published.people.rows])
        split &= self.policy.round_to > 1
        inferred = self.published.mark[self.sums.places] == Mark.UNPUBLISHED
        shown: Ints = np.where(inferred & split[self.sums.places[0]], 0, self.needed)
        shown[[self.index[cell] for cell in self.excused]] = 0
        return shown

    @property
    def possible_values(self) -> Ints:
        """How many whole numbers the narrowed bounds leave for each count."""
        return self.narrowed.highest - self.narrowed.lowest + 1

    def known_before(self, cells: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
        """Of these counts those with as many values left as they had before this edition, by the exact attack."""
        if self.before is None or not cells:
            return set()
        places = [self.index[cell] for cell in cells]
        then, now = (tightest(system, places) for system in (self.sums.within(*self.before), self.system))
        # What is not proven may be less than it seems.
        if not now.proven:
            return set()
        return {
            self.cells[place]
            for place in places
            if now.highest[place] - now.lowest[place] >= then.highest[place] - then.lowest[place]
        }

    def published_in(self, rows: Collection[int]) -> Flags:
        """Which counts of these rows are shown or marked as small: those that could be withheld."""
        published = np.isin(self.published.mark[self.sums.places], (Mark.SHOWN, Mark.FEWER_THAN))
        flags: Flags = published & np.isin(self.sums.places[0], sorted(rows))
        return flags


def attacker_knowledge(
    published: Published,
    policy: DisclosurePolicy,
    earlier: Earlier | None = None,
    like: AttackerKnowledge | None = None,
) -> AttackerKnowledge:
    """Put together what this edition says and what every earlier revision said of the same counts.

    Whoever compares revisions is taken to know every application that was corrected, before and after: then a count
    that has changed by so much still tells what it told, moved by as much. Who knows less can tell less. like: what
    was put together before of the same people and the same revisions, for other marks.
    """
    lowest, highest = possible(published, policy)
    sums = like.sums if like else Sums(published.people)
    before, grown = (like.before, like.grown) if like else bounds_before(published, policy, earlier or {})
    if before is not None:
        lowest, highest = np.maximum(lowest, before[0]), np.minimum(highest, before[1])
    return AttackerKnowledge(published, policy, lowest, highest, sums, before, grown, like)
