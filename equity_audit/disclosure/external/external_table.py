"""Somebody's published table, read as its attacker would: which counts it has, and which sums and figures tie them.

The table is tidy: a row for each group of people, columns that say who they are, columns of counts, and perhaps rates,
ratios and intervals beside them. A row that is a total is the sum of the rows that are like it in all else.
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
from equity_audit.disclosure.table.constraints import UNBOUNDED, Ints, Narrowed, System, narrowed
from equity_audit.errors import InputRefused, Problem
from equity_audit.settings import DisclosurePolicy
from equity_audit.vocabulary import DEFAULT_STAGES, fold, is_total

# Of those who reached a stage: decided on, or gone without a decision in one of these ways.
_LEFT = ["withdrew", "declined", "ineligible", "pending"]
# Each counts some of those whom the one before counts.
_CHAINS = (("reached", "decided", "progressed"), DEFAULT_STAGES)


@dataclass
class _Counts:
    """Counts as they are read, and those between them that the table does not print."""

    names: list[tuple[str, str]] = field(default_factory=list)
    printed: list[str | None] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    relations: list[tuple[int, list[int]]] = field(default_factory=list)

    def add(self, row: str, column: str, text: str | None, cell: Cell) -> int:
        """Take a count up; returns its place."""
        self.names.append((row, column))
        self.printed.append(text)
        self.cells.append(cell)
        return len(self.cells) - 1

    def tie(self, whole: int, parts: list[int]) -> None:
        """Say that counts are of some of those whom another counts; the rest of them is not printed."""
        row, column = self.names[whole]
        rest = self.add(row, f"the rest of {column}", None, Cell(Kind.HIDDEN, 0, UNBOUNDED))
        self.relations.append((whole, [*parts, rest]))

    def shown(self) -> list[int | None]:
        """Counts as they are printed."""
        texts = ((text or "").replace(",", "") for text in self.printed)
        return [int(text) if text.isdecimal() else None for text in texts]

    def system(self) -> System:
        """All of them with the sums between them."""
        lowest = np.array([cell.lowest for cell in self.cells], np.int64)
        highest = np.array([cell.highest for cell in self.cells], np.int64)
        return System(lowest, highest, self.relations)


def read_table(
    frame: pl.DataFrame, policy: DisclosurePolicy, confidence: float, small: frozenset[str] = frozenset()
) -> Target:
    """Read a table, all of it text, as published under a rule. `small`: marks that mean fewer than its threshold.

    Raises InputRefused for a table without counts, with numbers that the rule does not make, or with a row twice;
    Contradiction where no counts fit its sums.
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
    told = list(_tie_columns(table, counts))
    figures = figures_of(table, _consistent(counts.system()), counts.shown(), confidence)
    for part, whole in figures.pairs:
        if (part, whole) != ("progressed", "decided"):
            _tie_rows(table, counts, whole, [part])
    system = counts.system()
    needed = _needed(counts, system, policy)
    said = [*_said_of_rows(table), *told, *figures.told]
    return Target(system, counts.names, counts.printed, needed, figures.printed, figures.masked, said)


def _refuse_repeats(table: PublishedTable) -> None:
    again = table.repeated()
    if again:
        raise InputRefused(
            Problem(
                "these rows stand for the same people as others: " + ", ".join(again[:5]),
                "table",
                "give each row its own labels; rows are told apart by "
                + (", ".join(table.columns.dimensions) or "nothing: no column says who is counted"),
            )
        )


def _tie_columns(table: PublishedTable, counts: _Counts) -> Iterator[str]:
    """Sums within a row that are known by the names of its columns, told as they are found."""
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
    """The ways to be in the whole and not in the part, if both are of this project."""
    return {("reached", "decided"): _LEFT, ("decided", "progressed"): ["rejected"]}.get((whole, part), [])


def _tie_rows(table: PublishedTable, counts: _Counts, whole: str, parts: Iterable[str]) -> None:
    for row in range(table.frame.height):
        counts.tie(table.place(row, whole), [table.place(row, part) for part in parts])


def _close_rows(table: PublishedTable, counts: _Counts, whole: str, parts: Iterable[str]) -> None:
    for row in range(table.frame.height):
        counts.relations.append((table.place(row, whole), [table.place(row, part) for part in parts]))


def _could_add_up(table: PublishedTable, counts: _Counts, whole: str, parts: list[str]) -> bool:
    """Whether a column named as a total can be the sum of the others in every row."""
    for row in range(table.frame.height):
        cell, others = counts.cells[table.place(row, whole)], [counts.cells[table.place(row, p)] for p in parts]
        if sum(o.lowest for o in others) > cell.highest or sum(o.highest for o in others) < cell.lowest:
            return False
    return True


def _consistent(system: System) -> Narrowed:
    found = narrowed(system)
    if (found.lowest > found.highest).any():
        raise Contradiction("no counts fit what is published")
    return found


def _needed(counts: _Counts, system: System, policy: DisclosurePolicy) -> Ints:
    """How many values each count must keep: policy's interval, or as many as its own cell leaves if those are fewer.

    None for counts that are not printed, and for those that zeros, shown on purpose, say nobody is in. More than any
    for a number that the rule hides.
    """
    broken = np.array([cell.kind is Kind.BROKEN for cell in counts.cells])
    # A zero that the rule would have hidden is not shown on purpose, nor is what follows from it.
    zero = np.where((system.highest == 0) & ~broken, 0, UNBOUNDED)
    certain = narrowed(System(np.zeros_like(zero), zero, system.relations)).highest == 0
    needed = []
    for cell, text in zip(counts.cells, counts.printed, strict=True):
        own = cell.highest - cell.lowest + 1
        needed.append(UNBOUNDED if cell.kind is Kind.BROKEN else min(policy.protection_interval, own))
        needed[-1] = needed[-1] if text is not None else 0
    return np.where(certain & ~broken, 0, np.array(needed, np.int64))


def _said_of_rows(table: PublishedTable) -> Iterator[str]:
    yield f"rows are told apart by {', '.join(table.columns.dimensions) or 'nothing'}"
    yield f"counts: {', '.join(table.columns.counts)}"
    for total in table.totals:
        yield f"{table.labels[total.row]}: the sum of {len(total.parts)} rows over {total.dimension}"
    if table.columns.unread:
        yield f"not read: {', '.join(table.columns.unread)}"
