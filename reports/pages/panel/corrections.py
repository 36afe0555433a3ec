"""What the page says of the revision that it replaces: how many published figures are other ones.

Both are read from published tables alone, so what is said here tells nobody more than those do.
"""

from collections.abc import Mapping

import polars as pl

from equity_audit.contracts import DISCLOSED
from reports.edition.record import Edition
from reports.figures.printable import tally

# Of each table about people: what tells its rows apart, and its figures.
_FIGURES = {
    table.name: (table.key, [c.name for c in table.columns if c.unit and c.type in ("bigint", "double")])
    for table in DISCLOSED
    if {"level", "step_order"} & set(table.key)
}


def since_last_revision(edition: Edition) -> str:
    """A sentence on what a correction changed; empty for a first revision, or one whose predecessor cannot be read."""
    if edition.replaced is None:
        return ""
    differing = sum(_differing(name, edition.tables[name], edition.replaced.tables) for name in edition.tables)
    replaces = f"This is revision {tally(edition.revision)}. It replaces revision {tally(edition.replaced.revision)}: "
    if not differing:
        return f"{replaces}no published figure of this period is another."
    figures = f"{tally(differing)} published figure{' differs' if differing == 1 else 's differ'}"
    return f"{replaces}{figures}, among them those that are shown now and were not before, or the other way round."


def _differing(name: str, now: pl.DataFrame, earlier: Mapping[str, pl.DataFrame]) -> int:
    """How many figures of a table are other than in the revision before, or are in one of the two only."""
    if name not in _FIGURES or name not in earlier:
        return 0
    key, figures = ([c for c in names if c in earlier[name].columns] for names in _FIGURES[name])
    before = earlier[name].select(pl.col(c).cast(now.schema[c]) for c in (*key, *figures))
    both = now.select(*key, *figures).join(before, on=key, how="full", suffix="_before")
    return sum(int(both.select((~_same(column)).sum()).item()) for column in figures)


def _same(column: str) -> pl.Expr:
    """Equal, or both not shown. Figures of doubles to twelve digits, as they are compared elsewhere."""
    one, other = pl.col(column), pl.col(f"{column}_before")
    return one.eq_missing(other) | ((one - other).abs() <= 1e-12 * one.abs()).fill_null(value=False)
