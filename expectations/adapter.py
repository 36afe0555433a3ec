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
from expectations.suites import Check, Expectation, suite


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
    """Run every check of a table on the rows that meet `condition` (this project's own SQL, for one partition)."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations import expectations as library

    from expectations.duckdb_datasource import over

    checks = suite(table, settings)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}  # type: ignore[assignment]
    with over(connection):
        source = context.data_sources.add_duckdb(
            name="warehouse", connection_string="duckdb://", create_temp_table=False
        )
        asset = source.add_query_asset(name="partition", query=f"select * from {table} where {condition}")
        # Results come in a different order from the suite: each carries the name of its check.
        expectations = [
            getattr(library, expectation.type)(
                **_for_partition(expectation, condition), meta={"check": check.name, "part": part}
            )
            for check in checks
            for part, expectation in enumerate(check.expectations)
        ]
        # The batch itself validates: a validation definition would write suite and results into stores.
        batch = asset.add_batch_definition_whole_table("partition").get_batch()
        whole = gx.ExpectationSuite(name=table, expectations=expectations)
        results = batch.validate(whole, result_format="BOOLEAN_ONLY").results
    return [_combine(check, [result for result in results if _check_name(result) == check.name]) for check in checks]


def _check_name(result: object) -> str:
    return str(result.expectation_config.meta["check"])  # type: ignore[attr-defined]


def _for_partition(expectation: Expectation, condition: str) -> dict[str, Any]:
    """Return the arguments, with the partition's condition filled into their SQL."""
    return {
        name: value.replace("{condition}", condition) if isinstance(value, str) else value
        for name, value in expectation.arguments.items()
    }


def _combine(check: Check, results: Sequence[object]) -> CheckResult:
    """Combine the parts of a check; a missing part counts as failed."""
    errors = [error for result in results if (error := _exception(result))]
    complete = len(results) == len(check.expectations)
    passed = complete and not errors and all(result.success for result in results)  # type: ignore[attr-defined]
    return CheckResult(check.name, check.meaning, check.severity, passed, errors[0] if errors else None)


def _exception(result: object) -> str | None:
    """Say that a part raised, without its message. exception_info is flat, or has one entry for each metric."""
    info = result.exception_info  # type: ignore[attr-defined]
    entries = [info] if "raised_exception" in info else list(info.values())
    return "the check could not be run" if any(entry["raised_exception"] for entry in entries) else None


def check_specs(
    checks: Sequence[Check], asset: dg.AssetKey, partitions: dg.PartitionsDefinition, beside: Sequence[dg.AssetKey] = ()
) -> list[dg.AssetCheckSpec]:
    """Return Dagster's specs of checks: critical ones hold back everything downstream of the asset.

    beside: what they read besides the asset and what it is made of.
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
