"""The measure tables of populations other than applicants, from exact numbers or from published ones alone."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from equity_audit.contracts import Table
from equity_audit.disclosure.table.count_table import rows_of
from equity_audit.disclosure.table.possible_counts import with_possible_counts
from equity_audit.measures.count_ranges import NOT_COLLECTED, Count
from equity_audit.populations.population import MeasureRow, Numbers, Population
from equity_audit.settings import DisclosurePolicy, Settings

_TYPES = {"varchar": pl.String, "date": pl.Date, "bigint": pl.Int64, "double": pl.Float64}
_KEY = ("level", "breakdown", "breakdown_value", "group_name")
_RECRUITED = ("progressed", "decided")


def exact_measures(
    population: Population, exact: pl.DataFrame, settings: Settings, stage_counts: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return measures from exact numbers for every organisation of a period; published ranges must contain them.

    stage_counts: out.stage_counts, for the people appointed; None if no measure needs it. Columns: those of the exact
    measure table or, if exact measures are not kept, of the shown one.
    """
    tables = population.tables
    rows: list[MeasureRow] = []
    for (organisation,), exact_rows in exact.group_by("organisation", maintain_order=True):
        numbers = _by_place(population, _with_empty_groups(population, exact_rows), _exact_count)
        path = [] if stage_counts is None else _whole_path(stage_counts.filter(organisation=organisation))
        recruited = {row["group_name"]: tuple(_exact_count(row, name) for name in _RECRUITED) for row in path}
        rows += _dated(population, population.measures(numbers, recruited, settings, 0), exact_rows)
    return _as_table(tables.exact_measures or tables.shown_measures, rows)


def shown_measures(
    population: Population, shown: pl.DataFrame, settings: Settings, stage_counts: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return rows of the shown measure table from published numbers alone, for every organisation of a period.

    stage_counts: disclosed.stage_counts.
    """
    policy = settings.disclosure
    if stage_counts is not None:
        stage_counts = with_possible_counts(stage_counts, _RECRUITED, policy)
    rows: list[MeasureRow] = []
    for (organisation,), shown_rows in shown.group_by("organisation", maintain_order=True):
        path = [] if stage_counts is None else _whole_path(stage_counts.filter(organisation=organisation))
        recruited = {row["group_name"]: tuple(_published_count(row, name) for name in _RECRUITED) for row in path}
        numbers = shown_numbers(population, shown_rows, policy)
        measures = population.measures(numbers, recruited, settings, policy.rate_min_denominator)
        rows += _dated(population, measures, shown_rows)
    return _as_table(population.tables.shown_measures, rows)


def shown_numbers(population: Population, shown: pl.DataFrame, policy: DisclosurePolicy) -> Numbers:
    """Return the numbers of the shown table of one organisation and day, with the range that each covers."""
    return _by_place(
        population,
        with_possible_counts(shown, population.numbers, policy, ("all", *population.apart)),
        _published_count,
    )


def ranges_that_miss(published: pl.DataFrame, exact: pl.DataFrame, key: Sequence[str]) -> int:
    """Return how many published ranges do not contain the exact interval of the same key; 0 if all do."""
    both = published.filter(pl.col("not_shown_reason").is_null()).join(exact, on=[*key], how="left", suffix="_exact")
    tolerance = 1e-12
    contains = (pl.col("value_low") <= pl.col("value_low_exact") + tolerance) & (
        (pl.col("value_high") >= pl.col("value_high_exact") - tolerance) | pl.col("value_high").is_null()
    )
    return both.filter(~contains.fill_null(value=False)).height


def without_rows(table: Table) -> pl.DataFrame:
    """Return the table of a period in which nobody was counted."""
    return _as_table(table, [])


def _as_table(table: Table, rows: Sequence[MeasureRow]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={column.name: _TYPES[column.type] for column in table.columns})


def _dated(population: Population, rows: Sequence[MeasureRow], source: pl.DataFrame) -> list[MeasureRow]:
    """Return the rows with organisation and dates, and with the reason for a missing value as either table names it."""
    dates = source.select("organisation", "period", population.tables.day).row(0, named=True)
    return [{**dates, **row, "undefined_reason": row["why_not"], "not_shown_reason": row["why_not"]} for row in rows]


def _by_place(population: Population, rows: pl.DataFrame, count: Any) -> Numbers:
    """Return each row's numbers, read by `count`. Categories are left out: they are too fine for measures."""
    return {
        tuple(row[name] for name in _KEY): tuple(count(row, name) for name in population.numbers)
        for row in rows.filter(pl.col("level") != "category").iter_rows(named=True)
    }


def _with_empty_groups(population: Population, exact_rows: pl.DataFrame) -> pl.DataFrame:
    """Return the numbers of exact rows of one organisation, and zeros for each group that is listed with nobody in it.

    The shown table lists every group of a classification in every part (decision 17), and the exact one only those with
    somebody in them. A number that nobody has was not collected, and stays missing.
    """
    names = [*population.numbers]
    counted = exact_rows.with_columns(**population.numbers)
    listed = pl.DataFrame(rows_of(counted), schema=dict.fromkeys(_KEY, pl.String), orient="row")
    collected = [name for name in names if counted[name].is_not_null().any()]
    empty = listed.join(counted, on=_KEY, how="anti").with_columns(
        pl.lit(0 if name in collected else None, pl.Int64).alias(name) for name in names
    )
    return pl.concat([counted.select(*_KEY, *(pl.col(name).cast(pl.Int64) for name in names)), empty])


def _exact_count(row: Mapping[str, Any], name: str) -> Count:
    return Count(why_not=NOT_COLLECTED) if row[name] is None else Count.exact(row[name])


def _published_count(row: Mapping[str, Any], name: str) -> Count:
    """Return a published number with the range that it covers, or the reason why it is not a number."""
    if row[f"{name}_note"] is not None:
        return Count(why_not=row[f"{name}_note"])
    return Count(int(row[name]), row[f"{name}_low"], row[f"{name}_high"])


def _whole_path(stage_counts: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the unsplit rows of White and BME applicants of one organisation, from the first stage to the last."""
    unsplit = stage_counts.filter(pl.col("level") == "wres", pl.col("breakdown") == "all")
    steps = unsplit.filter(pl.col("step_kind") == "stage").sort("step_order")
    if steps.is_empty():
        return []
    ends = pl.col("from_stage") == steps["from_stage"][0], pl.col("to_stage") == steps["to_stage"][-1]
    return unsplit.filter(*ends).to_dicts()
