"""Read and replace tables of the warehouse by period, and find the SQL statements that make them."""

import hashlib
import re
from collections.abc import Sequence
from datetime import date
from importlib.resources import files
from typing import Any

import duckdb
import polars as pl

from equity_audit.contracts import POPULATION_TABLES, Table
from equity_audit.periods import period_end
from equity_audit.settings import Settings
from equity_audit.vocabulary import all_classifications, family, group_lists

# The file of assets/sql that makes each table; Python makes all other tables from these.
_STATEMENTS = {
    "core.applicant_stages": "applicant_stages",
    "core.counted_applications": "counted_applications",
    "intake.level_names": "level_names",
    "out.stage_counts": "stage_counts",
    "out.step_blocks": "step_blocks",
    "out.design_effects": "clustered_sums",
    "out.stratified_disparities": "stratified_sums",
    **{table: table.partition(".")[2] for one in POPULATION_TABLES for table in (one.view, one.exact.full_name)},
    "disclosed.sources": "sources",
    "disclosed.checks": "check_results",
}
# A run for one organisation reads and replaces only its rows. In other runs the variable is not set.
OF_RUN = "organisation = coalesce(getvariable('organisation'), organisation)"


_PARAMETER = re.compile(r"\$\w+")


def sql_text(name: str) -> str:
    """Return the statement of assets/sql/<name>.sql."""
    return (files("assets") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def counted_people() -> str:
    """A query for where the numbers come from that count of people beside recruitment: kind, day and extract."""
    return " union all ".join(
        f"select distinct '{one.name}' as kind, organisation, {one.day} as day, extract_id from {one.view}"
        for one in POPULATION_TABLES
    )


def statements() -> dict[str, dict[str, str]]:
    """Return the file and SHA-256 of the statement behind each table that SQL makes."""
    return {
        table: {
            "file": f"assets/sql/{name}.sql",
            "sha256": hashlib.sha256((files("assets") / "sql" / f"{name}.sql").read_bytes()).hexdigest(),
        }
        for table, name in _STATEMENTS.items()
    }


def statement_texts() -> dict[str, str]:
    """Return the text of the statement behind each table that SQL makes."""
    return {table: sql_text(name) for table, name in _STATEMENTS.items()}


def read_period(connection: duckdb.DuckDBPyConnection, table: Table, period: str) -> pl.DataFrame:
    """Return the rows of one period, of the run's organisation, in the contract's columns and the order of its key."""
    columns, key = ", ".join(table.column_names), ", ".join(table.key)
    return connection.sql(
        f"select {columns} from {table.full_name} where period = $period and {OF_RUN} order by {key}",
        params={"period": period},
    ).pl()


def replace_period(connection: duckdb.DuckDBPyConnection, table: Table, period: str, rows: pl.DataFrame) -> None:
    """Replace the rows of one period, of the run's organisation. The caller holds the transaction."""
    connection.execute(f"delete from {table.full_name} where period = $period and {OF_RUN}", {"period": period})
    _insert(connection, table, rows)


def replace_all(connection: duckdb.DuckDBPyConnection, table: Table, parts: Sequence[pl.DataFrame]) -> None:
    """Put new rows in place of all old ones. The caller holds the transaction."""
    connection.execute(f"delete from {table.full_name}")
    if parts:
        _insert(connection, table, pl.concat(parts))


def _insert(connection: duckdb.DuckDBPyConnection, table: Table, rows: pl.DataFrame) -> None:
    connection.register("new_rows", rows.select(table.column_names))
    connection.execute(f"insert into {table.full_name} by name select * from new_rows")
    connection.unregister("new_rows")


def rows_of(connection: duckdb.DuckDBPyConnection, statement: str, parameters: dict[str, Any]) -> pl.DataFrame:
    """Return the rows that a statement of assets/sql gives for the run's organisation."""
    return connection.sql(f"from (\n{sql_text(statement)}\n) where {OF_RUN}", params=parameters).pl()


def tables_in(connection: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    """The tables and views that a statement names, by DuckDB's own parser, which takes no parameters here."""
    found = connection.get_table_names(_PARAMETER.sub("null", query), qualified=True)
    # A table comes with its alias there, and a schema that is a word of SQL in quotation marks.
    return {name.partition(" AS ")[0].replace('"', "") for name in found}


def period_bounds(partition_key: str, settings: Settings) -> dict[str, date]:
    """Return the first day of the period and the first day after it, as SQL parameters."""
    start = date.fromisoformat(partition_key)
    return {"period_start": start, "period_end": period_end(start, settings.period)}


def reference_parameters(period: str, settings: Settings) -> dict[str, Any]:
    """Return the parameters of statements that compare groups with the references of their classifications."""
    groups = {name: group_lists()[family(name)] for name in all_classifications()}
    references = [
        [name, level, settings.comparison.reference(level, groups[name])]
        for name in groups
        for level in ("wres", "group", "category")
    ]
    return period_bounds(period, settings) | {"references": references}


def count(connection: duckdb.DuckDBPyConnection, query: str, parameters: list[Any]) -> int:
    """Return the whole number that a query gives, or 0 if it gives no row."""
    row = connection.execute(query, parameters).fetchone()
    return int(row[0]) if row else 0


def count_parameters(period: str, settings: Settings) -> dict[str, Any]:
    """Return the parameters of the statement of out.stage_counts."""
    return period_bounds(period, settings) | {
        "spans": [*map(list, settings.comparison.spans)],
        # Only a year is broken down by quarter.
        "breakdowns": [
            name for name in settings.breakdowns.count_by if name != "quarter" or settings.period.unit == "year"
        ],
    }
