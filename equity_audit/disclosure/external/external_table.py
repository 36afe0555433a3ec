"""Read an external published table as an attacker would: its counts, and the sums and figures that connect them.

The table is tidy: a row for each group of people, columns that say who they are, columns of counts, and perhaps rates,
ratios and intervals. A row that is a total is the sum of the rows that are like it in everything else.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import polars as pl

from equity_audit.disclosure.external.attack import Target
from equity_audit.disclosure.external.cell_text import Cell, Kind, read_count
from equity_audit.disclosure.external.columns import columns_of
from equity_audit.disclosure.external.figure_counts import figures_of
from equity_audit.disclosure.external.published_table import PublishedTable
from equity_audit.disclosure.suppression.mip_bounds import Contradiction
from equity_audit.disclosure.table.constraints import UNBOUNDED, Constraints, Ints, Narrowed, narrowed
from equity_audit.errors import InputRefused, Problem
from equity_audit.settings import DisclosurePolicy
from equity_audit.vocabulary import DEFAULT_STAGES, fold, is_total

# The ways in which an application that reached a stage may have no decision there.
_LEFT = ["withdrew", "declined", "ineligible", "pending"]
# Each column counts some of those that the column before it counts.
_CHAINS = (("reached", "decided", "progressed"), DEFAULT_STAGES)


@dataclass
class _Counts:
    """Counts as they are read, and differences between them that the table does not print."""

    names: list[tuple[str, str]] = field(default_factory=list)
    printed: list[str | None] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    relations: list[tuple[int, list[int]]] = field(default_factory=list)

    def add(self, row: str, column: str, text: str | None, cell: Cell) -> int:
        """Add a count and return its index."""
        self.names.append((row, column))
        self.printed.append(text)
        self.cells.append(cell)
        return len(self.cells) - 1

    def tie(self, whole: int, parts: list[int]) -> None:
        """Record that parts count some of those that the whole counts; the rest is not printed."""
        row, column = self.names[whole]
        rest = self.add(row, f"the rest of {column}", None, Cell(Kind.HIDDEN, 0, UNBOUNDED))
        self.relations.append((whole, [*parts, rest]))

    def shown(self) -> list[int | None]:
        """Return the counts as printed, None if withheld."""
        texts = ((text or "").replace(",", "") for text in self.printed)
        return [int(text) if text.isdecimal() else None for text in texts]

    def system(self) -> Constraints:
        """Return all counts with the sums between them."""
        lowest = np.array([cell.lowest for cell in self.cells], np.int64)
        highest = np.array([cell.highest for cell in self.cells], np.int64)
        return Constraints(lowest, highest, self.relations)


def read_table(
    frame: pl.DataFrame, policy: DisclosurePolicy, confidence: float, small: frozenset[str] = frozenset()
) -> Target:
    """Read a table of texts as published under a rule. `small`: marks that mean fewer than its threshold.

    Raises InputRefused for a table without counts, with numbers that the rule cannot have produced, or with repeated
    rows; Contradiction if no counts fit its sums.
    """
    table = PublishedTable(frame, columns_of(frame, policy, small))
    _refuse_repeats(table)
    counts = _Counts()
    for row, line in enumerate(frame.select(table.columns.counts).iter_rows()):
        for column, text in zip(table.columns.counts, line, strict=True):
            if cell := read_count(text, policy, small):
                counts.add(table.labels[row], column, text.strip(), cell)
    for total in table.totals:
        for column in table.columns.counts:
            parts = [table.place(part, column) for part in total.parts]
            counts.relations.append((table.place(total.row, column), parts))
    column_notes = list(_tie_columns(table, counts))
    figures = figures_of(table, _consistent(counts.system()), counts.shown(), confidence)
    for part, whole in figures.pairs:
        if (part, whole) != ("progressed", "decided"):
            _tie_rows(table, counts, whole, [part])
    system = counts.system()
    needed = _needed(counts, system, policy)
    notes = [*_row_notes(table), *column_notes, *figures.notes]
    return Target(system, counts.names, counts.printed, needed, figures.printed, figures.masked, notes)


def _refuse_repeats(table: PublishedTable) -> None:
    repeated = table.repeated()
    if repeated:
        raise InputRefused(
            Problem(
                "these rows have the same labels as earlier rows: " + ", ".join(repeated[:5]),
                "table",
                "give each row its own labels; rows are distinguished by "
                + (", ".join(table.columns.dimensions) or "nothing, since no column says who is counted"),
            )
        )


def _tie_columns(table: PublishedTable, counts: _Counts) -> Iterator[str]:
    """Add the sums within a row that the names of its columns imply, and yield a note on each."""
    named = {fold(column): column for column in table.columns.counts}
    for chain in _CHAINS:
        present = [named[name] for name in chain if name in named]
        for whole, part in pairwise(present):
            ways = _ways(fold(whole), fold(part))
            others = [named[name] for name in ways if name in named]
            if ways and len(others) == len(ways):
                _close_rows(table, counts, whole, [part, *others])
                yield f"{whole}: the sum of {', '.join([part, *others])}"
            else:
                _tie_rows(table, counts, whole, [part, *others])
                yield f"{whole}: at least {' + '.join([part, *others])}"
    for whole in table.columns.counts:
        others = [column for column in table.columns.counts if column != whole]
        if is_total(whole) and len(others) > 1 and _could_add_up(table, counts, whole, others):
            _close_rows(table, counts, whole, others)
            yield f"{whole}: the sum of {', '.join(others)}"


def _ways(whole: str, part: str) -> list[str]:
    """Return the ways to be in the whole but not in the part, for this project's own columns."""
    return {("reached", "decided"): _LEFT, ("decided", "progressed"): ["rejected"]}.get((whole, part), [])


def _tie_rows(table: PublishedTable, counts: _Counts, whole: str, parts: Iterable[str]) -> None:
    for row in range(table.frame.height):
        counts.tie(table.place(row, whole), [table.place(row, part) for part in parts])


def _close_rows(table: PublishedTable, counts: _Counts, whole: str, parts: Iterable[str]) -> None:
    for row in range(table.frame.height):
        counts.relations.append((table.place(row, whole), [table.place(row, part) for part in parts]))


def _could_add_up(table: PublishedTable, counts: _Counts, whole: str, parts: list[str]) -> bool:
    """Return whether a column named as a total can be the sum of the others in every row."""
    for row in range(table.frame.height):
        cell, others = counts.cells[table.place(row, whole)], [counts.cells[table.place(row, p)] for p in parts]
        if sum(o.lowest for o in others) > cell.highest or sum(o.highest for o in others) < cell.lowest:
            return False
    return True


def _consistent(system: Constraints) -> Narrowed:
    bounds = narrowed(system)
    if (bounds.lowest > bounds.highest).any():
        raise Contradiction("no counts fit what is published")
    return bounds


def _needed(counts: _Counts, system: Constraints, policy: DisclosurePolicy) -> Ints:
    """Return how many values of each count must remain possible: policy's interval, or all that its cell allows.

    0 for counts that are not printed, and for those that must be 0 because of zeros shown on purpose. For a number that
    the rule hides, more than is ever possible.
    """
    broken = np.array([cell.kind is Kind.BROKEN for cell in counts.cells])
    # A zero that the rule would have hidden is not shown on purpose, and neither is what follows from it.
    zero = np.where((system.highest == 0) & ~broken, 0, UNBOUNDED)
    certain = narrowed(Constraints(np.zeros_like(zero), zero, system.relations)).highest == 0
    needed = []
    for cell, text in zip(counts.cells, counts.printed, strict=True):
        allowed = cell.highest - cell.lowest + 1
        needed.append(UNBOUNDED if cell.kind is Kind.BROKEN else min(policy.protection_interval, allowed))
        needed[-1] = needed[-1] if text is not None else 0
    return np.where(certain & ~broken, 0, np.array(needed, np.int64))


def _row_notes(table: PublishedTable) -> Iterator[str]:
    yield f"rows are distinguished by {', '.join(table.columns.dimensions) or 'nothing'}"
    yield f"counts: {', '.join(table.columns.counts)}"
    for total in table.totals:
        yield f"{table.labels[total.row]}: the sum of {len(total.parts)} rows over {total.dimension}"
    if table.columns.unread:
        yield f"not read: {', '.join(table.columns.unread)}"
