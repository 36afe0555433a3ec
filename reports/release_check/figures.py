"""The figures that were marked on a page, each against the column of the shown table that it says it is of."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import polars as pl

from reports.figures.printable import Printed, ways_to_print
from reports.figures.shown_numbers import DERIVED
from reports.release_check.finding import Finding


def figures_not_shown(
    file: str, printed: Iterable[Printed], editions: Iterable[Mapping[str, pl.DataFrame]]
) -> Iterator[Finding]:
    """Figures that their column does not have. editions: the tables of each edition that the page may read.

    A derived figure is worked out from values of such columns alone: that the page made again has it is its check.
    """
    tables = list(editions)

    @cache
    def forms(column: str) -> frozenset[str]:
        table, _, name = column.partition(".")
        frames = (one[table] for one in tables if table in one and name in one[table].columns)
        return frozenset(way for rows in frames for value in rows[name].unique() for way in ways_to_print(value))

    for place, one in enumerate(printed, 1):
        if "." in one.of and not one.of.startswith(DERIVED) and one.text not in forms(one.of):
            yield Finding(file, f"figure {place}", f"not a value of {one.of}")
