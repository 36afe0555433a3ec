"""Checks on tables as Dagster asset checks: the suites of expectations/, and those that are written here.

Every result is also kept in intake.check_results, since a report prints what its figures have been through.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg
import duckdb

from assets.io import reading
from assets.lineage import asset_key
from assets.partitions import EXTRACTS, PERIODS
from assets.resources import Home, Warehouse
from assets.warehouse.tables import OF_RUN, period_bounds, sql_text
from equity_audit.contracts import (
    APPLICANT_STAGES,
    DISPARITIES,
    OVERALL_PATHS,
    RULE_TABLES,
    STAGE_CONTRIBUTIONS,
    STAGE_COUNTS,
    STRATIFIED_DISPARITIES,
    Table,
)
from equity_audit.measures.consistency import (
    bounds_that_miss,
    contributions_that_do_not_add_up,
    intervals_that_miss,
)
from equity_audit.measures.recomputation import largest_difference
from equity_audit.measures.rules import margin_problems
from equity_audit.periods import period_start
from equity_audit.settings import Settings, load_settings
from expectations.adapter import CheckResult, check_specs, run_suite, to_asset_check_results
from expectations.suites import Check, suite

# Two implementations of a quotient of whole numbers differ in the last binary places at most.
_TOLERANCE = 1e-12

_AS_SHIPPED = load_settings()


def critical(name: str, table: Table, meaning: str) -> Check:
    """A check of our own that blocks; what it makes sure of stands in code."""
    return Check(name, table.full_name, "critical", meaning, ())


EVERY_APPLICATION_COUNTED = Check(
    "every_application_counted",
    STAGE_COUNTS.full_name,
    "critical",
    "every application of the period is counted once, by a second, independent count of the records",
    (),
)
FAIRLEARN_AGREES = Check(
    "fairlearn_agrees",
    DISPARITIES.full_name,
    "critical",
    "fairlearn, given the same counts, computes the same selection rates and impact ratios",
    (),
)
INTERVALS_HOLD = [
    Check(
        "intervals_contain_figures",
        table.full_name,
        "critical",
        "every figure lies within its own interval",
        (),
    )
    for table in (DISPARITIES, STRATIFIED_DISPARITIES, OVERALL_PATHS, STAGE_CONTRIBUTIONS)
]
BOUNDS_HOLD = Check(
    "bounds_contain_figures",
    DISPARITIES.full_name,
    "critical",
    "every impact ratio lies within what sharing out those of unknown ethnicity allows",
    (),
)
CONTRIBUTIONS_ADD_UP = Check(
    "contributions_add_up",
    STAGE_CONTRIBUTIONS.full_name,
    "critical",
    "the logarithms of the stages' ratios add up to that of the whole path",
    (),
)
RULE_TABLES_ADD_UP = Check(
    "rule_tables_add_up",
    RULE_TABLES.full_name,
    "critical",
    "tables of one rule that count the same people add up to the same numbers",
    (),
)


def periods_keep_applications(settings: Settings) -> Check:
    """Taking an extract in takes few applications from any period."""
    return critical(
        "periods_keep_their_applications",
        APPLICANT_STAGES,
        f"no period that was counted before loses more than {settings.intake.max_shrink_share:.0%} of its applications "
        "(intake.max_shrink_share)",
    )


def applicant_checks(settings: Settings) -> tuple[Check, ...]:
    """The checks on core.applicant_stages, whose meanings name numbers of policy."""
    return (*suite(APPLICANT_STAGES.full_name, settings), periods_keep_applications(settings))


# As the policy that ships has them; those of a home are put in their place (assets/checks/policy.py).
@dg.multi_asset_check(
    name="check_applicant_stages",
    specs=check_specs(applicant_checks(_AS_SHIPPED), asset_key(APPLICANT_STAGES), EXTRACTS),
)
def check_applicant_stages(
    context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.AssetCheckResult]:
    """The suite of core.applicant_stages on the rows of one extract, and what it would do to periods counted before."""
    extract_id = context.partition_key
    if not re.fullmatch("[0-9a-f]{16}", extract_id):
        raise ValueError("an extract's id is 16 hexadecimal digits")
    condition = f"extract_id = '{extract_id}'"
    settings = home.settings()
    results = run_suite(warehouse.connection, APPLICANT_STAGES.full_name, condition, settings)
    kept = not shrunk_periods(warehouse.connection, extract_id, settings)
    yield from record_results(
        context, warehouse, APPLICANT_STAGES, [*results, result_of(periods_keep_applications(settings), kept)]
    )


@dg.multi_asset_check(
    name="check_stage_counts",
    specs=check_specs(
        (*suite(STAGE_COUNTS.full_name, _AS_SHIPPED), EVERY_APPLICATION_COUNTED), asset_key(STAGE_COUNTS), PERIODS
    ),
)
def check_stage_counts(
    context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.AssetCheckResult]:
    """The suite of out.stage_counts on one period, and an independent count of its applications."""
    settings, connection = home.settings(), warehouse.connection
    bounds = period_bounds(context.partition_key, settings)
    condition = f"period = '{bounds['period_start']}'"
    if (organisation := _organisation(connection)) is not None:
        # Of a name of any kind only digits reach SQL that goes through other hands.
        condition += f" and organisation = decode(unhex('{organisation.encode().hex()}'))"
    results = run_suite(connection, STAGE_COUNTS.full_name, condition, settings)
    missed = reading(context, warehouse).query("uncounted_applications", bounds)
    yield from record_results(
        context, warehouse, STAGE_COUNTS, [*results, result_of(EVERY_APPLICATION_COUNTED, missed.is_empty())]
    )


@dg.multi_asset_check(
    name="check_disparities",
    specs=check_specs([FAIRLEARN_AGREES, BOUNDS_HOLD, INTERVALS_HOLD[0]], asset_key(DISPARITIES), PERIODS),
)
def check_disparities(context: dg.AssetCheckExecutionContext, warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
    """An independent recomputation of rates and ratios; figures against their own bounds."""
    tables = reading(context, warehouse)
    counts, ours = tables.read(STAGE_COUNTS), tables.read(DISPARITIES)
    inside = intervals_that_miss(ours, "selection_rate", "rate_difference", "impact_ratio") == 0
    results = [
        result_of(FAIRLEARN_AGREES, largest_difference(counts, ours) <= _TOLERANCE),
        result_of(BOUNDS_HOLD, bounds_that_miss(ours) == 0),
        result_of(INTERVALS_HOLD[0], inside),
    ]
    yield from record_results(context, warehouse, DISPARITIES, results)


@dg.multi_asset_check(
    name="check_analyses",
    specs=[
        *check_specs([INTERVALS_HOLD[1]], asset_key(STRATIFIED_DISPARITIES), PERIODS),
        *check_specs([INTERVALS_HOLD[2]], asset_key(OVERALL_PATHS), PERIODS),
        *check_specs([INTERVALS_HOLD[3], CONTRIBUTIONS_ADD_UP], asset_key(STAGE_CONTRIBUTIONS), PERIODS),
        *check_specs([RULE_TABLES_ADD_UP], asset_key(RULE_TABLES), PERIODS),
    ],
)
def check_analyses(context: dg.AssetCheckExecutionContext, warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
    """What must hold between the figures behind the disparities."""
    tables = reading(context, warehouse)
    adjusted, paths = tables.read(STRATIFIED_DISPARITIES), tables.read(OVERALL_PATHS)
    stages, rules = tables.read(STAGE_CONTRIBUTIONS), tables.read(RULE_TABLES)
    missed = [
        intervals_that_miss(adjusted, "adjusted_ratio"),
        intervals_that_miss(paths, "overall_rate", "overall_ratio"),
        intervals_that_miss(stages, "log_ratio"),
    ]
    adds_up = contributions_that_do_not_add_up(stages, paths) == 0
    held = [result_of(check, count == 0) for check, count in zip(INTERVALS_HOLD[1:], missed, strict=True)]
    yield from record_results(context, warehouse, STRATIFIED_DISPARITIES, held[:1])
    yield from record_results(context, warehouse, OVERALL_PATHS, held[1:2])
    yield from record_results(
        context, warehouse, STAGE_CONTRIBUTIONS, [held[2], result_of(CONTRIBUTIONS_ADD_UP, adds_up)]
    )
    yield from record_results(
        context, warehouse, RULE_TABLES, [result_of(RULE_TABLES_ADD_UP, not margin_problems(rules))]
    )


def _organisation(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The organisation that the run is about; None for all."""
    row = connection.sql("select getvariable('organisation')").fetchone()
    return row[0] if row else None


def shrunk_periods(connection: duckdb.DuckDBPyConnection, extract_id: str, settings: Settings) -> list[date]:
    """The periods that would lose more than policy allows of the applications that were counted before."""
    before: dict[tuple[str, date], int] = defaultdict(int)
    after: dict[tuple[str, date], int] = defaultdict(int)
    months = connection.sql(sql_text("applications_by_month"), params={"extract_id": extract_id}).fetchall()
    for organisation, month, was, becomes in months:
        before[organisation, period_start(month, settings.period)] += was
        after[organisation, period_start(month, settings.period)] += becomes
    share = 1 - settings.intake.max_shrink_share
    return sorted({period for (name, period), was in before.items() if after[name, period] < share * was})


def result_of(check: Check, passed: bool) -> CheckResult:
    """What a check of our own found, as the adapter has it."""
    return CheckResult(check.name, check.meaning, check.severity, passed)


def record_results(
    context: dg.AssetCheckExecutionContext, warehouse: Warehouse, table: Table, results: list[CheckResult]
) -> list[dg.AssetCheckResult]:
    """Keep the results beside the data, then hand them to Dagster."""
    where, by = (table.full_name, context.partition_key), (context.run.run_id, _organisation(warehouse.connection))
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
