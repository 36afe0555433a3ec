"""Blocking checks on what is counted and published of what staff say."""

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
from equity_audit.contracts import DISCLOSED_SURVEY, DISCLOSED_SURVEY_MEASURES, SURVEY
from equity_audit.disclosure.publish import breaks_rule, same_rows
from equity_audit.measures.consistency import intervals_that_miss
from equity_audit.populations.answers import NUMBERS, answers_again, disclosed_answer_measures, exact_answer_measures
from equity_audit.populations.staff import ranges_that_miss
from equity_audit.settings import Settings
from expectations.adapter import check_specs

EVERYBODY_COUNTED = critical(
    "every_answer_counted",
    SURVEY,
    "everybody who answered, and who agreed, is counted once at each level, by a second, independent count",
)
NUMBERS_PROTECTED = critical(
    "counts_protected", DISCLOSED_SURVEY, "no number to be published is below the threshold or not rounded"
)
NOTHING_WORKED_OUT = critical(
    "nothing_can_be_worked_out",
    DISCLOSED_SURVEY,
    "no number of answers can be worked out from everything published of the period; what stands is what was proven",
)
INTERVALS_HOLD = critical(
    "intervals_contain_figures", DISCLOSED_SURVEY_MEASURES, "every figure lies within its own interval"
)
FIGURES_FOLLOW = critical(
    "figures_follow_from_counts",
    DISCLOSED_SURVEY_MEASURES,
    "every published measure of answers is what the published numbers alone give",
)
RANGES_HOLD = critical(
    "ranges_hold_the_exact_ones",
    DISCLOSED_SURVEY_MEASURES,
    "every published range of a measure of answers holds the exact interval",
)


@dg.multi_asset_check(name="check_survey", specs=check_specs([EVERYBODY_COUNTED], asset_key(SURVEY), PERIODS))
def check_survey(
    context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.AssetCheckResult]:
    """A second count of the answers."""
    bounds = period_bounds(context.partition_key, home.settings())
    missed = rows_of(warehouse.connection, "uncounted_answers", bounds)
    yield from record_results(context, warehouse, SURVEY, [result_of(EVERYBODY_COUNTED, missed.is_empty())])


@dg.multi_asset_check(
    name="check_disclosed_survey",
    specs=[
        *check_specs([NUMBERS_PROTECTED, NOTHING_WORKED_OUT], asset_key(DISCLOSED_SURVEY), PERIODS),
        *check_specs([INTERVALS_HOLD, FIGURES_FOLLOW, RANGES_HOLD], asset_key(DISCLOSED_SURVEY_MEASURES), PERIODS),
    ],
)
def check_disclosed_survey(
    context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.AssetCheckResult]:
    """What is about to be published of answers obeys the rule, the attack on it fails, and measures follow from it."""
    settings, period = home.settings(), context.partition_key
    tables = (SURVEY, DISCLOSED_SURVEY, DISCLOSED_SURVEY_MEASURES)
    exact, numbers, figures = (read_period(warehouse.connection, table, period) for table in tables)
    fallen = answers_that_fall(warehouse.connection, period, settings)
    for (organisation, place), found in fallen.items():
        write_failure_report(
            withheld_list(home.private, organisation, period, f"survey {place}"), found.people, found.counts
        )
    protected = [
        result_of(NUMBERS_PROTECTED, breaks_rule(numbers, settings, NUMBERS) == 0),
        result_of(NOTHING_WORKED_OUT, not fallen),
    ]
    again = disclosed_answer_measures(numbers, settings)
    made = [
        result_of(INTERVALS_HOLD, intervals_that_miss(figures, "value") == 0),
        result_of(FIGURES_FOLLOW, same_rows(figures, again, DISCLOSED_SURVEY_MEASURES)),
        result_of(
            RANGES_HOLD,
            ranges_that_miss(figures, exact_answer_measures(exact, settings), DISCLOSED_SURVEY_MEASURES.key) == 0,
        ),
    ]
    yield from record_results(context, warehouse, DISCLOSED_SURVEY, protected)
    yield from record_results(context, warehouse, DISCLOSED_SURVEY_MEASURES, made)


def answers_that_fall(
    connection: duckdb.DuckDBPyConnection, period: str, settings: Settings
) -> dict[tuple[str, int], Fallen]:
    """Organisations and questions, by their place in order, of which a number falls to the attack."""
    tables = (SURVEY, DISCLOSED_SURVEY)
    return {
        (organisation, place): fallen
        for organisation, place, _, fallen in populations_that_fall(connection, period, settings, tables, answers_again)
    }
