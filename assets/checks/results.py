"""Results of checks, kept beside the data as well: a report prints what its figures have been through."""

from typing import Any

import dagster as dg
import duckdb

from assets.lineage import asset_key
from assets.resources import Warehouse
from assets.warehouse.tables import OF_RUN
from equity_audit.contracts import Table
from expectations.adapter import CheckResult, to_asset_check_results
from expectations.check import Check


def critical(name: str, table: Table, meaning: str) -> Check:
    """A check of our own that blocks; what it makes sure of stands in code."""
    return Check(name, table.full_name, "critical", meaning, ())


def result_of(check: Check, passed: bool) -> CheckResult:
    """What a check of our own found, as the adapter has it."""
    return CheckResult(check.name, check.meaning, check.severity, passed)


def record_results(
    context: dg.AssetCheckExecutionContext, warehouse: Warehouse, table: Table, results: list[CheckResult]
) -> list[dg.AssetCheckResult]:
    """Keep the results beside the data, then hand them to Dagster."""
    where = (table.full_name, context.partition_key)
    by = (context.run.run_id, organisation_of_run(warehouse.connection))
    rows: list[list[Any]] = [[*where, r.name, r.meaning, r.severity, r.passed, *by] for r in results]
    with warehouse.transaction() as connection:
        _replace_results(connection, table, context.partition_key, rows)
    return to_asset_check_results(results, asset_key(table))


def _replace_results(
    connection: duckdb.DuckDBPyConnection, table: Table, partition: str, rows: list[list[Any]]
) -> None:
    connection.execute(
        "delete from intake.check_results where table_name = ? and partition_key = ? "
        f"and (organisation is null or {OF_RUN})",
        [table.full_name, partition],
    )
    connection.executemany(
        "insert into intake.check_results "
        "(table_name, partition_key, check_name, meaning, severity, passed, run_id, organisation) "
        "values (?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


def organisation_of_run(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The organisation that the run is about; None for all."""
    row = connection.sql("select getvariable('organisation')").fetchone()
    return row[0] if row else None
