"""One adapter: run a table's suite over the warehouse, and report the results as Dagster asset checks.

A result says only whether the check passed: no cell value and no exception message, which may quote a value. An
exception inside a check is a failed check, never a pass.
"""

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
import duckdb

from equity_audit.settings import Settings
from expectations.suites import Check, suite
from expectations.tally import tally_sql


@dataclass(frozen=True)
class CheckResult:
    """Whether one check passed; `error` says so if it could not be run."""

    name: str
    meaning: str
    severity: str
    passed: bool
    error: str | None = None


def run_suite(
    connection: duckdb.DuckDBPyConnection, table: str, condition: str, settings: Settings
) -> list[CheckResult]:
    """Run every check of a table on the rows that meet `condition` (this project's own SQL, for one partition).

    The records are counted against the rules first; Great Expectations then expects of each check's count that it is 0.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.expectations import ExpectColumnMaxToBeBetween

    from expectations.duckdb_datasource import over

    checks = suite(table, settings)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}  # type: ignore[assignment]
    with over(connection):
        source = context.data_sources.add_duckdb(
            name="warehouse", connection_string="duckdb://", create_temp_table=False
        )
        asset = source.add_query_asset(name="broken_rules", query=_counts(connection, table, condition, checks))
        # Results come in a different order from the suite: each carries the name of its check.
        expectations = [
            ExpectColumnMaxToBeBetween(
                column=check.name,
                min_value=0,
                max_value=0,
                description=check.meaning,
                severity=check.severity,
                meta={"check": check.name},
            )
            for check in checks
        ]
        # The batch itself validates: a validation definition would write suite and results into stores.
        batch = asset.add_batch_definition_whole_table("broken_rules").get_batch()
        whole = gx.ExpectationSuite(name=table, expectations=expectations)
        results = batch.validate(whole, result_format="BOOLEAN_ONLY").results
    by_check = {result.expectation_config.meta["check"]: result for result in results}
    return [_result(check, by_check.get(check.name)) for check in checks]


def _counts(connection: duckdb.DuckDBPyConnection, table: str, condition: str, checks: Sequence[Check]) -> str:
    """Return SQL for one row with how often each check's rules are broken; a check that cannot be counted has none.

    If the statement for all checks raises, each is counted alone, so that an error in one says nothing of the others.
    """
    counted = _count(connection, table, condition, checks)
    if counted is None:
        alone = [_count(connection, table, condition, [check]) for check in checks]
        counted = {name: number for counts in alone for name, number in (counts or {}).items()}
    return "select " + ", ".join(f"{number} as {name}" for name, number in (counted or {"nothing": "null"}).items())


def _count(
    connection: duckdb.DuckDBPyConnection, table: str, condition: str, checks: Sequence[Check]
) -> dict[str, int] | None:
    """How often each check's rules are broken; None if the statement raises, whose message may quote a value."""
    try:
        relation = connection.sql(tally_sql(table, condition, checks))
        (row,) = relation.fetchall()
    except duckdb.Error:
        return None
    # Whole numbers alone may go on from here: they become the text of a query.
    return {name: number for name, number in zip(relation.columns, row, strict=True) if isinstance(number, int)}


def _result(check: Check, result: Any) -> CheckResult:
    """Return the result of a check; one that is missing, or that raised, counts as failed."""
    ran = result is not None and not _has_raised(result)
    error = None if ran else "the check could not be run"
    return CheckResult(check.name, check.meaning, check.severity, ran and bool(result.success), error)


def _has_raised(result: Any) -> bool:
    """Whether a check raised. exception_info is flat, or has one entry for each metric."""
    info = result.exception_info
    entries = [info] if "raised_exception" in info else list(info.values())
    return any(entry["raised_exception"] for entry in entries)


def check_specs(
    checks: Sequence[Check], asset: dg.AssetKey, partitions: dg.PartitionsDefinition, beside: Sequence[dg.AssetKey] = ()
) -> list[dg.AssetCheckSpec]:
    """Return Dagster's specs of checks: critical ones hold back everything downstream of the asset.

    beside: what they read besides the asset and its sources.
    """
    with warnings.catch_warnings():
        # Partitioned checks are in preview in Dagster 1.13; the pinned release is the one tested.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return [
            dg.AssetCheckSpec(
                check.name,
                asset=asset,
                description=check.meaning,
                blocking=check.severity == "critical",
                additional_deps=beside,
                partitions_def=partitions,
            )
            for check in checks
        ]


def to_asset_check_results(results: Sequence[CheckResult], asset: dg.AssetKey) -> list[dg.AssetCheckResult]:
    """Return results as Dagster records them, visible to everybody who may open its pages.

    The result of a warning depends on exact records, so it is not recorded there but in
    private/<organisation>/<period>/records.csv. A critical check that passed reveals no more than that there is an
    edition; one that failed stops it.
    """
    return [
        dg.AssetCheckResult(
            asset_key=asset,
            check_name=result.name,
            passed=result.passed or result.severity != "critical",
            severity=dg.AssetCheckSeverity.ERROR if result.severity == "critical" else dg.AssetCheckSeverity.WARN,
            description=(result.error or result.meaning) if result.severity == "critical" else _WARNING_IS_PRIVATE,
        )
        for result in results
    ]


_WARNING_IS_PRIVATE = "a warning: its result is in the analyst's private list of records"
