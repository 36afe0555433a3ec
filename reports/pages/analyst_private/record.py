"""What the analyst's private pages are made from: exact tables of one period, and what is beside them.

An edition knows disclosed tables alone. This record is the only way for exact ones into a report, and only the private
pages and their workbook take it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from equity_audit.contracts import DISCLOSED
from equity_audit.settings import Settings
from reports.edition.record import Earlier

PRIVATE = "Private: exact figures, not for publication"
"""The warning on every page and every sheet."""
_STEP = ("from_stage", "to_stage")
PLACE = ("level", "breakdown", "breakdown_value", *_STEP, "group_name")
SEEN = "seen_"
"""Prefix of the current edition's columns, beside exact ones."""
_SHOWN_TABLES = {table.name: table for table in DISCLOSED}


@dataclass(frozen=True)
class ExactReport:
    """Exact figures of a period.

    tables: of `out.*` by name. trend: as out.trend, by quarter up to the period's end. departments: of
    measures.units.exact_variation. edition: what the panel sees now; None if nothing is published. withheld: rows of
    the list of withheld counts, by population, with its header's names. run_id: the run that made this page.
    """

    organisation: str
    period: date
    period_label: str
    run_id: str
    settings: Settings
    tables: Mapping[str, pl.DataFrame]
    trend: pl.DataFrame
    departments: pl.DataFrame
    edition: Earlier | None
    withheld: Mapping[str, Sequence[Mapping[str, str]]]

    def beside(self, rows: pl.DataFrame, shown: str, key: Sequence[str]) -> pl.DataFrame:
        """Return rows with the columns of a shown table of the standing edition beside them, each name after SEEN.

        seen_any: whether the edition has the row at all.
        """
        names = [name for name in _SHOWN_TABLES[shown].column_names if name not in key]
        table = None if self.edition is None else self.edition.tables.get(shown)
        if table is None or not set(key) <= set(table.columns):
            missing = {f"{SEEN}{name}": pl.lit(None) for name in names}
            return rows.with_columns(**missing, **{f"{SEEN}any": pl.lit(value=False)})
        present = [name for name in names if name in table.columns]
        beside = table.select(*key, *(pl.col(name).alias(f"{SEEN}{name}") for name in present))
        joined = rows.join(beside.with_columns(**{f"{SEEN}any": pl.lit(value=True)}), on=list(key), how="left",
                           maintain_order="left")  # fmt: skip
        absent = {f"{SEEN}{name}": pl.lit(None) for name in names if name not in present}
        return joined.with_columns(pl.col(f"{SEEN}any").fill_null(value=False), **absent)

    @cached_property
    def comparisons(self) -> pl.DataFrame:
        """Rows of out.disparities with somebody decided on both sides, with design effects, and the edition's beside.

        Categories within splits are left out: two thirds of all rows, and too few people each to say anything.
        """
        rows = self.tables["disparities"].filter(
            (pl.col("breakdown") == "all") | (pl.col("level") != "category"),
            pl.col("group_decided") > 0,
            pl.col("reference_decided") > 0,
        )
        effects = self.tables["design_effects"].select(*_STEP, "design_effect")
        return self.beside(rows.join(effects, on=_STEP, how="left", maintain_order="left"), "disparities", PLACE)

    @property
    def unsplit(self) -> pl.DataFrame:
        """The comparisons of all applicants with the reference that policy names."""
        return self.comparisons.filter(breakdown="all", comparator="reference")
