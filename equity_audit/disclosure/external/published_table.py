"""A published table of texts: its rows in words, and which of them add up to which."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import polars as pl

from equity_audit.disclosure.external.columns import Columns
from equity_audit.vocabulary import is_total


class Total(NamedTuple):
    """A row that is the sum of others, which differ from it in one dimension only."""

    dimension: str
    row: int
    parts: list[int]


@dataclass(frozen=True)
class PublishedTable:
    """A table and what its columns are. Counts are numbered row by row."""

    frame: pl.DataFrame
    columns: Columns

    def place(self, row: int, column: str) -> int:
        """The number of a count."""
        return row * len(self.columns.counts) + self.columns.counts.index(column)

    @cached_property
    def labels(self) -> list[str]:
        """Each row in words: what tells it from others."""
        telling = [name for name in self.columns.dimensions if self.frame[name].n_unique() > 1]
        texts = [", ".join(filter(None, self._values(row, telling))) for row in range(self.frame.height)]
        return [text or f"row {row}" for row, text in enumerate(texts, start=1)]

    @cached_property
    def totals(self) -> list[Total]:
        """Every row that has a word for totals in some dimension, with the rows that are like it in all others."""
        found = []
        for name in self.columns.dimensions:
            for alike in self.alike(name):
                wholes = [row for row in alike if is_total(self.frame[name][row])]
                parts = [row for row in alike if row not in wholes]
                found += [Total(name, row, parts) for row in wholes if parts]
        return found

    def alike(self, dimension: str) -> Iterator[list[int]]:
        """Sets of rows that differ in one dimension only."""
        others = [name for name in self.columns.dimensions if name != dimension]
        sets: dict[tuple[str, ...], list[int]] = {}
        for row in range(self.frame.height):
            sets.setdefault(self._values(row, others), []).append(row)
        yield from sets.values()

    def repeated(self) -> list[str]:
        """The rows that stand for the same people as an earlier one."""
        seen: set[tuple[str, ...]] = set()
        again = []
        for row in range(self.frame.height):
            key = self._values(row, list(self.columns.dimensions))
            if key in seen:
                again.append(f"row {row + 1}")
            seen.add(key)
        return again

    def _values(self, row: int, names: list[str]) -> tuple[str, ...]:
        return tuple(self.frame[name][row].strip() for name in names)
