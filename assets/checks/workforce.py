"""Blocking checks on what is counted and published of the people who work there."""

from collections.abc import Iterator

import dagster as dg
import duckdb

from assets.checks.counts import critical, record_results, result_of
from assets.lineage import asset_key
from assets.partitions import PERIODS
from assets.release.attack import Fallen, populations_that_fall
from assets.release.suppression_report import withheld_list, write_failure_report
from assets.resources import Home, Warehouse
from assets.warehouse.tables import period_bounds, read_period, rows_of
from equity_audit.contracts import (
    DISCLOSED_STAGE_COUNTS,
    DISCLOSED_WORKFORCE,
    DISCLOSED_WORKFORCE_MEASURES,
    WORKFORCE,
    WORKFORCE_MEASURES,
)
from equity_audit.disclosure.publish import breaks_rule, same_rows
from equity_audit.measures.consistency import intervals_that_miss
from equity_audit.populations.staff import disclosed_measures, ranges_that_miss, staff_again
from equity_audit.settings import Settings
from expectations.adapter import check_specs

_NUMBERS = ("headcount", "employed")


EVERYBODY_COUNTED = critical(
    "every_member_of_staff_counted",
    WORKFORCE,
    "everybody in post is counted once in each split, and on the board, by a second, independent count",
)
INTERVALS_HOLD = critical("intervals_contain_figures", WORKFORCE_MEASURES, "every figure lies within its own interval")
NUMBERS_PROTECTED = critical(
    "counts_protected", DISCLOSED_WORKFORCE, "no number to be published is below the threshold or not rounded"
)
NOTHING_WORKED_OUT = critical(
    "nothing_can_be_worked_out",
    DISCLOSED_WORKFORCE,
    "no number of staff can be worked out from everything published of the period, and what stands is what was proven",
)
FIGURES_FOLLOW = critical(
    "figures_follow_from_counts",
    DISCLOSED_WORKFORCE_MEASURES,
    "every published measure of staff is what the published numbers alone give",
)
RANGES_HOLD = critical(
    "ranges_hold_the_exact_ones",
    DISCLOSED_WORKFORCE_MEASURES,
    "every published range of a measure of staff holds the exact interval",
)


@dg.multi_asset_check(name="check_workforce", specs=check_specs([EVERYBODY_COUNTED], asset_key(WORKFORCE), PERIODS))
def check_workforce(
    context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.AssetCheckResult]:
    """A second count of the staff."""
    bounds = period_bounds(context.partition_key, home.settings())
    missed = rows_of(warehouse.connection, "uncounted_staff", bounds)
    yield from record_results(context, warehouse, WORKFORCE, [result_of(EVERYBODY_COUNTED, missed.is_empty())])


@dg.multi_asset_check(
    name="check_workforce_measures", specs=check_specs([INTERVALS_HOLD], asset_key(WORKFORCE_MEASURES), PERIODS)
)
def check_workforce_measures(
    context: dg.AssetCheckExecutionContext, warehouse: Warehouse
) -> Iterator[dg.AssetCheckResult]:
    """Figures against their own intervals."""
    figures = read_period(warehouse.connection, WORKFORCE_MEASURES, context.partition_key)
    held = intervals_that_miss(figures, "value") == 0
    yield from record_results(context, warehouse, WORKFORCE_MEASURES, [result_of(INTERVALS_HOLD, held)])


@dg.multi_asset_check(
    name="check_disclosed_workforce",
    specs=[
        *check_specs([NUMBERS_PROTECTED, NOTHING_WORKED_OUT], asset_key(DISCLOSED_WORKFORCE), PERIODS),
        *check_specs([FIGURES_FOLLOW, RANGES_HOLD], asset_key(DISCLOSED_WORKFORCE_MEASURES), PERIODS),
    ],
)
def check_disclosed_workforce(
    context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.AssetCheckResult]:
    """What is about to be published of staff obeys the rule, the attack on it fails, and measures follow from it."""
    settings, period = home.settings(), context.partition_key
    tables = (WORKFORCE_MEASURES, DISCLOSED_WORKFORCE, DISCLOSED_STAGE_COUNTS, DISCLOSED_WORKFORCE_MEASURES)
    exact, numbers, counts, figures = (read_period(warehouse.connection, table, period) for table in tables)
    fallen = staff_that_falls(warehouse.connection, period, settings)
    for (organisation, name), found in fallen.items():
        write_failure_report(withheld_list(home.private, organisation, period, name), found.people, found.counts)
    protected = [
        result_of(NUMBERS_PROTECTED, breaks_rule(numbers, settings, _NUMBERS) == 0),
        result_of(NOTHING_WORKED_OUT, not fallen),
    ]
    follow = same_rows(figures, disclosed_measures(numbers, counts, settings), DISCLOSED_WORKFORCE_MEASURES)
    made = [result_of(FIGURES_FOLLOW, follow), result_of(RANGES_HOLD, ranges_that_miss(figures, exact) == 0)]
    yield from record_results(context, warehouse, DISCLOSED_WORKFORCE, protected)
    yield from record_results(context, warehouse, DISCLOSED_WORKFORCE_MEASURES, made)


def staff_that_falls(
    connection: duckdb.DuckDBPyConnection, period: str, settings: Settings
) -> dict[tuple[str, str], Fallen]:
    """Organisations and populations of which a number falls to the attack. Empty if all is well."""
    tables = (WORKFORCE, DISCLOSED_WORKFORCE)
    return {
        (organisation, name): fallen
        for organisation, _, name, fallen in populations_that_fall(connection, period, settings, tables, staff_again)
    }
