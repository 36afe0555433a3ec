"""Results of checks. They are also kept in the warehouse, since reports print the checks on their figures."""

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
    """Return a blocking check that is implemented in Python rather than by an expectation."""
    return Check(name, table.full_name, "critical", meaning)


def result_of(check: Check, passed: bool) -> CheckResult:
    """Return the result of a check implemented in Python, in the form that the adapter uses."""
    return CheckResult(check.name, check.meaning, check.severity, passed)


def record_results(
    context: dg.AssetCheckExecutionContext, warehouse: Warehouse, table: Table, results: list[CheckResult]
) -> list[dg.AssetCheckResult]:
    """Store the results in the warehouse, and return them for Dagster."""
    subject = (table.full_name, context.partition_key)
    run = (context.run.run_id, organisation_of_run(warehouse.connection))
    rows: list[list[Any]] = [[*subject, r.name, r.meaning, r.severity, r.passed, *run] for r in results]
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
    """Return the organisation that the run is restricted to; None for all."""
    row = connection.sql("select getvariable('organisation')").fetchone()
    return row[0] if row else None
