"""Tables that would have been published the same, and what they show of each count: proof that nobody can tell it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from equity_audit.disclosure.suppression.attacker_knowledge import AttackerKnowledge
from equity_audit.disclosure.table.constraints import Ints
from equity_audit.disclosure.table.count_table import CountTable, Row
from equity_audit.disclosure.table.suppression_status import Flags
from equity_audit.measures.intervals import Floats

# What is taken for 0 of a solution's last digits.
TINY = 1e-6


# Of each count of a row, by its quantities, the smallest and the largest value.
Ranges = Mapping[Row, tuple[Ints, Ints]]


@dataclass
class TablesFound:
    """The smallest and largest value of each quantity of each row over all tables found so far.

    apart: the same over those that leave what is not split alone. To whatever is split otherwise these say nothing.
    """

    people: CountTable
    lowest: Ints
    highest: Ints
    apart: tuple[Ints, Ints]
    # Those that showed something when found: which counts of the system differ from the truth, and by how much.
    _tables: list[tuple[NDArray[np.int32], NDArray[np.int32]]] = field(default_factory=list, kw_only=True)

    def among(self, known: AttackerKnowledge) -> Self:
        """Those of the tables found so far that fit this too: where something is shown again, not all may."""
        system, truth = known.system, known.sums.truth
        values = self.people.values
        apart = values.copy(), values.copy()
        found = replace(self, lowest=values.copy(), highest=values.copy(), apart=apart, _tables=[])
        for places, change in self._tables:
            changed = truth[places] + change
            if (changed >= system.lowest[places]).all() and (changed <= system.highest[places]).all():
                table = truth.copy()
                table[places] = changed
                found._take(known, table)
        return found

    def taking(self, ranges: Ranges) -> None:
        """Take up what was shown of some rows before, by tables that leave all other rows alone."""
        for place, row in enumerate(self.people.rows):
            if row in ranges:
                self._widen(place, *ranges[row])
                np.minimum(self.apart[0][place], ranges[row][0], out=self.apart[0][place])
                np.maximum(self.apart[1][place], ranges[row][1], out=self.apart[1][place])

    def ranges_apart(self) -> Ranges:
        """What is shown of each row that is split by tables that leave what is not split alone."""
        return {
            row: (self.apart[0][place], self.apart[1][place])
            for place, row in enumerate(self.people.rows)
            if row.breakdown != "all"
        }

    def _widen(self, places: int | tuple[Ints, Ints] | slice, lowest: Ints, highest: Ints) -> None:
        self.lowest[places] = np.minimum(self.lowest[places], lowest)
        self.highest[places] = np.maximum(self.highest[places], highest)

    def _note(self, known: AttackerKnowledge, change: Floats | None) -> bool:
        """Take up another table, by what differs from the truth, if it is one of whole numbers and all sums hold."""
        if change is None or np.abs(change - np.rint(change)).max() > TINY:
            return False
        table = known.sums.truth + np.rint(change).astype(np.int64)
        fits = (table >= known.system.lowest) & (table <= known.system.highest)
        if not fits.all() or (known.matrix @ table).any():
            return False
        self._take(known, table)
        return True

    def _take(self, known: AttackerKnowledge, table: Ints) -> None:
        places = known.sums.places
        lowest, highest = self.lowest[places], self.highest[places]
        if (table < lowest).any() or (table > highest).any():
            self._widen(places, table, table)
            if (table == known.sums.truth)[self._unsplit[places[0]]].all():
                self.apart[0][places] = np.minimum(self.apart[0][places], table)
                self.apart[1][places] = np.maximum(self.apart[1][places], table)
            changed = np.nonzero(table != known.sums.truth)[0].astype(np.int32)
            self._tables.append((changed, (table - known.sums.truth)[changed].astype(np.int32)))

    @cached_property
    def _unsplit(self) -> Flags:
        return np.array([row.breakdown == "all" for row in self.people.rows])

    def _is_short(self, known: AttackerKnowledge, place: int) -> bool:
        cell = known.cells[place]
        seen = self.highest[cell] - self.lowest[cell] + 1
        return bool(seen < known.to_be_shown[place])

    def _short(self, known: AttackerKnowledge) -> Ints:
        """The counts that have not been shown to have the range that they need."""
        places = known.sums.places
        return np.nonzero(self.highest[places] - self.lowest[places] + 1 < known.to_be_shown)[0]
