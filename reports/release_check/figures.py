"""The figures marked on a page, each compared with the column of the shown table that it names."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import polars as pl

from reports.figures.printable import Printed, ways_to_print
from reports.figures.shown_numbers import DERIVED
from reports.release_check.finding import Finding


def figures_not_shown(
    file: str, printed: Iterable[Printed], editions: Iterable[Mapping[str, pl.DataFrame]]
) -> Iterator[Finding]:
    """Yield figures that their column does not have. editions: the tables of each edition that the page may read.

    A derived figure is calculated from values of such columns alone: it is checked by rebuilding the page.
    """
    tables = list(editions)

    @cache
    def forms(column: str) -> frozenset[str]:
        table, _, name = column.partition(".")
        frames = (edition[table] for edition in tables if table in edition and name in edition[table].columns)
        return frozenset(text for rows in frames for value in rows[name].unique() for text in ways_to_print(value))

    for number, figure in enumerate(printed, 1):
        if "." in figure.of and not figure.of.startswith(DERIVED) and figure.text not in forms(figure.of):
            yield Finding(file, f"figure {number}", f"not a value of {figure.of}")
