"""Measures of people counted beside recruitment, from exact numbers and from shown ones alone: the measure tables."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from equity_audit.contracts import Table
from equity_audit.disclosure.table.possible_counts import with_possible_counts
from equity_audit.measures.count_ranges import NOT_COLLECTED, Count
from equity_audit.populations.population import MeasureRow, Numbers, Population
from equity_audit.settings import DisclosurePolicy, Settings

_TYPES = {"varchar": pl.String, "date": pl.Date, "bigint": pl.Int64, "double": pl.Float64}
_PLACE = ("level", "breakdown", "breakdown_value", "group_name")
_RECRUITED = ("progressed", "decided")


def exact_measures(
    population: Population, exact: pl.DataFrame, settings: Settings, stage_counts: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Measures from exact numbers, which published ranges must hold, of every organisation of a period.

    stage_counts: out.stage_counts, for whom recruitment brings; None where no measure needs it. Columns: as of the
    exact measure table or, where exact measures are not kept, of the shown one.
    """
    tables = population.tables
    rows: list[MeasureRow] = []
    for (organisation,), own in exact.group_by("organisation", maintain_order=True):
        numbers = _by_place(population, own.with_columns(**population.numbers), _exactly)
        path = [] if stage_counts is None else _whole_path(stage_counts.filter(organisation=organisation))
        recruited = {row["group_name"]: tuple(_exactly(row, name) for name in _RECRUITED) for row in path}
        rows += _dated(population, population.measures(numbers, recruited, settings, 0), own)
    return _as_table(tables.exact_measures or tables.shown_measures, rows)


def shown_measures(
    population: Population, shown: pl.DataFrame, settings: Settings, stage_counts: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Rows of the shown measure table from published numbers alone, of every organisation of a period.

    stage_counts: disclosed.stage_counts.
    """
    policy = settings.disclosure
    if stage_counts is not None:
        stage_counts = with_possible_counts(stage_counts, _RECRUITED, policy)
    rows: list[MeasureRow] = []
    for (organisation,), own in shown.group_by("organisation", maintain_order=True):
        path = [] if stage_counts is None else _whole_path(stage_counts.filter(organisation=organisation))
        recruited = {row["group_name"]: tuple(_published(row, name) for name in _RECRUITED) for row in path}
        numbers = shown_numbers(population, own, policy)
        rows += _dated(population, population.measures(numbers, recruited, settings, policy.rate_min_denominator), own)
    return _as_table(population.tables.shown_measures, rows)


def shown_numbers(population: Population, shown: pl.DataFrame, policy: DisclosurePolicy) -> Numbers:
    """Rows of the shown table of one organisation and day as numbers with all that they stand for."""
    return _by_place(
        population, with_possible_counts(shown, population.numbers, policy, ("all", *population.apart)), _published
    )


def ranges_that_miss(published: pl.DataFrame, exact: pl.DataFrame, key: Sequence[str]) -> int:
    """How many published ranges do not hold the exact interval of the same key. 0 if all is well."""
    both = published.filter(pl.col("value").is_not_null()).join(exact, on=[*key], how="left", suffix="_exact")
    slack = 1e-12
    holds = (pl.col("value_low") <= pl.col("value_low_exact") + slack) & (
        (pl.col("value_high") >= pl.col("value_high_exact") - slack) | pl.col("value_high").is_null()
    )
    return both.filter(~holds.fill_null(value=False)).height


def without_rows(table: Table) -> pl.DataFrame:
    """The table of a period in which nobody was counted."""
    return _as_table(table, [])


def _as_table(table: Table, rows: Sequence[MeasureRow]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={column.name: _TYPES[column.type] for column in table.columns})


def _dated(population: Population, rows: Sequence[MeasureRow], own: pl.DataFrame) -> list[MeasureRow]:
    """Rows with what they are of, and the reason where there is no value, as either measure table names it."""
    of = own.select("organisation", "period", population.tables.day).row(0, named=True)
    return [{**of, **row, "undefined_reason": row["why_not"], "not_shown_reason": row["why_not"]} for row in rows]


def _by_place(population: Population, rows: pl.DataFrame, count: Any) -> Numbers:
    """Each row's numbers, read by `count`; categories are too fine for any measure."""
    return {
        tuple(row[name] for name in _PLACE): tuple(count(row, name) for name in population.numbers)
        for row in rows.filter(pl.col("level") != "category").iter_rows(named=True)
    }


def _exactly(row: Mapping[str, Any], name: str) -> Count:
    return Count(why_not=NOT_COLLECTED) if row[name] is None else Count.exact(row[name])


def _published(row: Mapping[str, Any], name: str) -> Count:
    """A published number with the smallest and largest that it stands for; or why it is none."""
    if row[f"{name}_note"] is not None:
        return Count(why_not=row[f"{name}_note"])
    return Count(int(row[name]), row[f"{name}_low"], row[f"{name}_high"])


def _whole_path(stage_counts: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows of White and BME applicants from the first stage to the last, of one organisation, unsplit."""
    own = stage_counts.filter(pl.col("level") == "wres", pl.col("breakdown") == "all")
    steps = own.filter(pl.col("step_kind") == "stage").sort("step_order")
    if steps.is_empty():
        return []
    ends = pl.col("from_stage") == steps["from_stage"][0], pl.col("to_stage") == steps["to_stage"][-1]
    return own.filter(*ends).to_dicts()
