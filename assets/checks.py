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

from assets.counts import read_period
from assets.lineage import asset_key, sql_text
from assets.partitions import EXTRACTS, PERIODS, home_folder, period_bounds
from assets.protection_report import withheld_list, write_failure_report
from assets.published_counts import counts_that_fall
from assets.warehouse import Home, Warehouse
from equity_audit.contracts import (
    APPLICANT_STAGES,
    DISCLOSED_DISPARITIES,
    DISCLOSED_SELECTION_RATES,
    DISCLOSED_STAGE_COUNTS,
    DISPARITIES,
    OVERALL_PATHS,
    RULE_TABLES,
    STAGE_CONTRIBUTIONS,
    STAGE_COUNTS,
    STRATIFIED_DISPARITIES,
    Table,
)
from equity_audit.disclosure.publish import breaks_rule, figures_that_do_not_follow, findings_not_exact
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

_POLICY = load_settings(home_folder() / "settings.toml")
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
PERIODS_KEEP_APPLICATIONS = Check(
    "periods_keep_their_applications",
    APPLICANT_STAGES.full_name,
    "critical",
    f"no period that was counted before loses more than {_POLICY.intake.max_shrink_share:.0%} of its applications "
    "(intake.max_shrink_share)",
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
NOTHING_WORKED_OUT = Check(
    "nothing_can_be_worked_out",
    DISCLOSED_STAGE_COUNTS.full_name,
    "critical",
    "no count can be worked out from everything published of the period, and what stands is what was proven",
    (),
)
FIGURES_FOLLOW = Check(
    "figures_follow_from_counts",
    DISCLOSED_DISPARITIES.full_name,
    "critical",
    "every published rate, ratio, range and finding is what the published counts alone give",
    (),
)
FINDINGS_TRUE = Check(
    "findings_are_those_of_exact_counts",
    DISCLOSED_DISPARITIES.full_name,
    "critical",
    "every published finding is that of the exact counts",
    (),
)
COUNTS_PROTECTED = Check(
    "counts_protected",
    DISCLOSED_STAGE_COUNTS.full_name,
    "critical",
    "no count to be published is below the threshold or not rounded",
    (),
)


@dg.multi_asset_check(
    name="check_applicant_stages",
    specs=check_specs(
        (*suite(APPLICANT_STAGES.full_name, _POLICY), PERIODS_KEEP_APPLICATIONS), asset_key(APPLICANT_STAGES), EXTRACTS
    ),
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
    yield from _record(context, warehouse, APPLICANT_STAGES, [*results, _result(PERIODS_KEEP_APPLICATIONS, kept)])


@dg.multi_asset_check(
    name="check_stage_counts",
    specs=check_specs(
        (*suite(STAGE_COUNTS.full_name, _POLICY), EVERY_APPLICATION_COUNTED), asset_key(STAGE_COUNTS), PERIODS
    ),
)
def check_stage_counts(
    context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.AssetCheckResult]:
    """The suite of out.stage_counts on one period, and an independent count of its applications."""
    settings, connection = home.settings(), warehouse.connection
    bounds = period_bounds(context.partition_key, settings)
    condition = f"period = '{bounds['period_start']}'"
    results = run_suite(connection, STAGE_COUNTS.full_name, condition, settings)
    missed = connection.sql(sql_text("uncounted_applications"), params=bounds).fetchall()
    yield from _record(context, warehouse, STAGE_COUNTS, [*results, _result(EVERY_APPLICATION_COUNTED, not missed)])


@dg.multi_asset_check(
    name="check_disparities",
    specs=check_specs([FAIRLEARN_AGREES, BOUNDS_HOLD, INTERVALS_HOLD[0]], asset_key(DISPARITIES), PERIODS),
)
def check_disparities(context: dg.AssetCheckExecutionContext, warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
    """An independent recomputation of rates and ratios; figures against their own bounds."""
    counts, ours = (read_period(warehouse.connection, t, context.partition_key) for t in (STAGE_COUNTS, DISPARITIES))
    inside = intervals_that_miss(ours, "selection_rate", "rate_difference", "impact_ratio") == 0
    results = [
        _result(FAIRLEARN_AGREES, largest_difference(counts, ours) <= _TOLERANCE),
        _result(BOUNDS_HOLD, bounds_that_miss(ours) == 0),
        _result(INTERVALS_HOLD[0], inside),
    ]
    yield from _record(context, warehouse, DISPARITIES, results)


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
    adjusted, paths, stages, rules = (
        read_period(warehouse.connection, table, context.partition_key)
        for table in (STRATIFIED_DISPARITIES, OVERALL_PATHS, STAGE_CONTRIBUTIONS, RULE_TABLES)
    )
    missed = [
        intervals_that_miss(adjusted, "adjusted_ratio"),
        intervals_that_miss(paths, "overall_rate", "overall_ratio"),
        intervals_that_miss(stages, "log_ratio"),
    ]
    adds_up = contributions_that_do_not_add_up(stages, paths) == 0
    held = [_result(check, count == 0) for check, count in zip(INTERVALS_HOLD[1:], missed, strict=True)]
    yield from _record(context, warehouse, STRATIFIED_DISPARITIES, held[:1])
    yield from _record(context, warehouse, OVERALL_PATHS, held[1:2])
    yield from _record(context, warehouse, STAGE_CONTRIBUTIONS, [held[2], _result(CONTRIBUTIONS_ADD_UP, adds_up)])
    yield from _record(context, warehouse, RULE_TABLES, [_result(RULE_TABLES_ADD_UP, not margin_problems(rules))])


@dg.multi_asset_check(
    name="check_disclosed_counts",
    specs=check_specs([COUNTS_PROTECTED, NOTHING_WORKED_OUT], asset_key(DISCLOSED_STAGE_COUNTS), PERIODS),
)
def check_disclosed_counts(
    context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.AssetCheckResult]:
    """What is about to be published obeys the rule, and the attack on it fails."""
    settings, period = home.settings(), context.partition_key
    counts = read_period(warehouse.connection, DISCLOSED_STAGE_COUNTS, period)
    fallen = counts_that_fall(warehouse.connection, period, settings)
    results = [
        _result(COUNTS_PROTECTED, breaks_rule(counts, settings) == 0),
        _result(NOTHING_WORKED_OUT, not fallen),
    ]
    for organisation, found in fallen.items():
        write_failure_report(withheld_list(home.private, organisation, period), found.people, found.counts)
    yield from _record(context, warehouse, DISCLOSED_STAGE_COUNTS, results)


@dg.multi_asset_check(
    name="check_disclosed_figures",
    specs=check_specs([FIGURES_FOLLOW, FINDINGS_TRUE], asset_key(DISCLOSED_DISPARITIES), PERIODS),
)
def check_disclosed_figures(
    context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.AssetCheckResult]:
    """Nothing is published that the published counts would not give to anybody."""
    tables = (DISCLOSED_STAGE_COUNTS, DISCLOSED_SELECTION_RATES, DISCLOSED_DISPARITIES, DISPARITIES)
    counts, rates, ratios, exact = (read_period(warehouse.connection, table, context.partition_key) for table in tables)
    results = [
        _result(FIGURES_FOLLOW, figures_that_do_not_follow(counts, rates, ratios, home.settings()) == 0),
        _result(FINDINGS_TRUE, findings_not_exact(ratios, exact) == 0),
    ]
    yield from _record(context, warehouse, DISCLOSED_DISPARITIES, results)


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


def _result(check: Check, passed: bool) -> CheckResult:
    return CheckResult(check.name, check.meaning, check.severity, passed)


def _record(
    context: dg.AssetCheckExecutionContext, warehouse: Warehouse, table: Table, results: list[CheckResult]
) -> list[dg.AssetCheckResult]:
    """Keep the results beside the data, then hand them to Dagster."""
    rows: list[list[Any]] = [
        [table.full_name, context.partition_key, r.name, r.meaning, r.severity, r.passed, context.run.run_id]
        for r in results
    ]
    with warehouse.transaction() as connection:
        _replace_results(connection, table, context.partition_key, rows)
    return to_asset_check_results(results, asset_key(table))


def _replace_results(
    connection: duckdb.DuckDBPyConnection, table: Table, partition: str, rows: list[list[Any]]
) -> None:
    connection.execute(
        "delete from intake.check_results where table_name = ? and partition_key = ?", [table.full_name, partition]
    )
    connection.executemany(
        "insert into intake.check_results "
        "(table_name, partition_key, check_name, meaning, severity, passed, run_id) values (?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
