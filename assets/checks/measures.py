"""Blocking checks on exact measures: recomputed by another implementation, and compared with each other."""

from collections.abc import Iterator

import dagster as dg

from assets.checks.results import critical, record_results, result_of
from assets.io import reading
from assets.lineage import asset_key
from assets.partitions import PERIODS
from assets.resources import Warehouse
from equity_audit.contracts import (
    DISPARITIES,
    OVERALL_PATHS,
    RULE_TABLES,
    STAGE_CONTRIBUTIONS,
    STAGE_COUNTS,
    STRATIFIED_DISPARITIES,
)
from equity_audit.measures.consistency import (
    bounds_that_miss,
    contributions_that_do_not_add_up,
    intervals_that_miss,
)
from equity_audit.measures.recomputation import largest_difference
from equity_audit.measures.rules import margin_problems
from expectations.adapter import check_specs

# Two implementations of a quotient of integers differ in the last binary digits at most.
_TOLERANCE = 1e-12

FAIRLEARN_AGREES = critical(
    "fairlearn_agrees",
    DISPARITIES,
    "fairlearn, given the same counts, computes the same selection rates and impact ratios",
)
INTERVALS_HOLD = [
    critical("intervals_contain_figures", table, "every figure lies within its own interval")
    for table in (DISPARITIES, STRATIFIED_DISPARITIES, OVERALL_PATHS, STAGE_CONTRIBUTIONS)
]
BOUNDS_HOLD = critical(
    "bounds_contain_figures",
    DISPARITIES,
    "every impact ratio lies within what sharing out those of unknown ethnicity allows",
)
CONTRIBUTIONS_ADD_UP = critical(
    "contributions_add_up",
    STAGE_CONTRIBUTIONS,
    "the logarithms of the stages' ratios add up to that of the whole path",
)
RULE_TABLES_ADD_UP = critical(
    "rule_tables_add_up",
    RULE_TABLES,
    "tables of one rule that count the same people add up to the same numbers",
)


@dg.multi_asset_check(
    name="check_disparities",
    specs=check_specs([FAIRLEARN_AGREES, BOUNDS_HOLD, INTERVALS_HOLD[0]], asset_key(DISPARITIES), PERIODS),
)
def check_disparities(context: dg.AssetCheckExecutionContext, warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
    """Recompute rates and ratios independently, and compare figures with their own bounds."""
    tables = reading(context, warehouse)
    counts, ours = tables.read(STAGE_COUNTS), tables.read(DISPARITIES)
    intervals_hold = intervals_that_miss(ours, "selection_rate", "rate_difference", "impact_ratio") == 0
    results = [
        result_of(FAIRLEARN_AGREES, largest_difference(counts, ours) <= _TOLERANCE),
        result_of(BOUNDS_HOLD, bounds_that_miss(ours) == 0),
        result_of(INTERVALS_HOLD[0], intervals_hold),
    ]
    yield from record_results(context, warehouse, DISPARITIES, results)


@dg.multi_asset_check(
    name="check_measures",
    specs=[
        *check_specs([INTERVALS_HOLD[1]], asset_key(STRATIFIED_DISPARITIES), PERIODS),
        *check_specs([INTERVALS_HOLD[2]], asset_key(OVERALL_PATHS), PERIODS),
        *check_specs([INTERVALS_HOLD[3], CONTRIBUTIONS_ADD_UP], asset_key(STAGE_CONTRIBUTIONS), PERIODS),
        *check_specs([RULE_TABLES_ADD_UP], asset_key(RULE_TABLES), PERIODS),
    ],
)
def check_measures(context: dg.AssetCheckExecutionContext, warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
    """Check the intervals of the other measures, and the sums that must hold between them."""
    tables = reading(context, warehouse)
    adjusted, paths = tables.read(STRATIFIED_DISPARITIES), tables.read(OVERALL_PATHS)
    stages, rules = tables.read(STAGE_CONTRIBUTIONS), tables.read(RULE_TABLES)
    misses = [
        intervals_that_miss(adjusted, "adjusted_ratio"),
        intervals_that_miss(paths, "overall_rate", "overall_ratio"),
        intervals_that_miss(stages, "log_ratio"),
    ]
    adds_up = contributions_that_do_not_add_up(stages, paths) == 0
    results = [result_of(check, count == 0) for check, count in zip(INTERVALS_HOLD[1:], misses, strict=True)]
    yield from record_results(context, warehouse, STRATIFIED_DISPARITIES, results[:1])
    yield from record_results(context, warehouse, OVERALL_PATHS, results[1:2])
    yield from record_results(
        context, warehouse, STAGE_CONTRIBUTIONS, [results[2], result_of(CONTRIBUTIONS_ADD_UP, adds_up)]
    )
    yield from record_results(
        context, warehouse, RULE_TABLES, [result_of(RULE_TABLES_ADD_UP, not margin_problems(rules))]
    )
