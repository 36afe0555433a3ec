"""What the page says about the revision that it replaces: how many published figures differ.

Both come from published tables alone, so this reveals nothing that those do not.
"""

from collections.abc import Mapping

import polars as pl

from equity_audit.contracts import DISCLOSED
from reports.edition.record import Edition
from reports.figures.printable import tally

# For each table about people: its key, and its figures.
_FIGURES = {
    table.name: (table.key, [c.name for c in table.columns if c.unit and c.type in ("bigint", "double")])
    for table in DISCLOSED
    if {"level", "step_order"} & set(table.key)
}


def since_last_revision(edition: Edition) -> str:
    """Return a sentence on what a correction changed; empty for a first revision, or if the last cannot be read."""
    if edition.replaced is None:
        return ""
    differing = sum(_differing(name, edition.tables[name], edition.replaced.tables) for name in edition.tables)
    replaces = f"This is revision {tally(edition.revision)}. It replaces revision {tally(edition.replaced.revision)}: "
    if not differing:
        return f"{replaces}no published figure of this period differs."
    figures = f"{tally(differing)} published figure{' differs' if differing == 1 else 's differ'}"
    return f"{replaces}{figures}, including those shown now but not before, or the other way round."


def _differing(name: str, now: pl.DataFrame, earlier: Mapping[str, pl.DataFrame]) -> int:
    """Count the figures of a table that differ from the revision before, or are in only one of the two."""
    if name not in _FIGURES or name not in earlier:
        return 0
    key, figures = ([c for c in names if c in earlier[name].columns] for names in _FIGURES[name])
    before = earlier[name].select(pl.col(c).cast(now.schema[c]) for c in (*key, *figures))
    both = now.select(*key, *figures).join(before, on=key, how="full", suffix="_before")
    return sum(int(both.select((~_same(column)).sum()).item()) for column in figures)


def _same(column: str) -> pl.Expr:
    """Whether two figures are equal or both not shown. Doubles are compared to twelve digits, as elsewhere."""
    now, before = pl.col(column), pl.col(f"{column}_before")
    return now.eq_missing(before) | ((now - before).abs() <= 1e-12 * now.abs()).fill_null(value=False)
