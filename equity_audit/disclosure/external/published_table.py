"""A published table of texts: the labels of its rows, and which rows add up to which."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import polars as pl

from equity_audit.disclosure.external.columns import Columns
from equity_audit.vocabulary import is_total


class Total(NamedTuple):
    """A row that is the sum of others, which differ from it only in one dimension."""

    dimension: str
    row: int
    parts: list[int]


@dataclass(frozen=True)
class PublishedTable:
    """A table with its columns classified. Counts are numbered row by row."""

    frame: pl.DataFrame
    columns: Columns

    def place(self, row: int, column: str) -> int:
        """Return the number of a count."""
        return row * len(self.columns.counts) + self.columns.counts.index(column)

    @cached_property
    def labels(self) -> list[str]:
        """A label for each row: the values that distinguish it from others."""
        distinguishing = [name for name in self.columns.dimensions if self.frame[name].n_unique() > 1]
        texts = [", ".join(filter(None, self._values(row, distinguishing))) for row in range(self.frame.height)]
        return [text or f"row {row}" for row, text in enumerate(texts, start=1)]

    @cached_property
    def totals(self) -> list[Total]:
        """Every row with a word for totals in some dimension, with the rows that are like it in all others."""
        totals = []
        for name in self.columns.dimensions:
            for alike in self.alike(name):
                wholes = [row for row in alike if is_total(self.frame[name][row])]
                parts = [row for row in alike if row not in wholes]
                totals += [Total(name, row, parts) for row in wholes if parts]
        return totals

    def alike(self, dimension: str) -> Iterator[list[int]]:
        """Yield sets of rows that differ only in one dimension."""
        others = [name for name in self.columns.dimensions if name != dimension]
        sets: dict[tuple[str, ...], list[int]] = {}
        for row in range(self.frame.height):
            sets.setdefault(self._values(row, others), []).append(row)
        yield from sets.values()

    def repeated(self) -> list[str]:
        """Return the rows with the same labels as an earlier one."""
        seen: set[tuple[str, ...]] = set()
        repeated = []
        for row in range(self.frame.height):
            key = self._values(row, list(self.columns.dimensions))
            if key in seen:
                repeated.append(f"row {row + 1}")
            seen.add(key)
        return repeated

    def _values(self, row: int, names: list[str]) -> tuple[str, ...]:
        return tuple(self.frame[name][row].strip() for name in names)
