"""Blocking checks on the disclosed tables: the last checks before an edition is made."""

from collections.abc import Iterator

import dagster as dg

from assets.checks.results import critical, record_results, result_of
from assets.io import reading
from assets.lineage import asset_key
from assets.partitions import PERIODS
from assets.release.attack import disclosed_counts_of
from assets.release.suppression_report import withheld_list, write_failure_report
from assets.resources import Home, Warehouse
from equity_audit.contracts import (
    DISCLOSED_DESIGN_EFFECTS,
    DISCLOSED_DISPARITIES,
    DISCLOSED_EARLIER_YEARS,
    DISCLOSED_OUTCOME_COUNTS,
    DISCLOSED_SEVERAL_YEARS,
    DISCLOSED_STAGE_COUNTS,
    STAGE_COUNTS,
)
from equity_audit.disclosure.estimates.several_years import disclose_several_years
from equity_audit.disclosure.publish import (
    FOLLOWING,
    breaks_rule,
    figures_that_do_not_follow,
    findings_not_exact,
    same_rows,
)
from expectations.adapter import check_specs

ATTACK_FAILS = critical(
    "nothing_can_be_worked_out",
    DISCLOSED_STAGE_COUNTS,
    "no count can be inferred from everything published of the period, and the tables are those that were proven",
)
FIGURES_FOLLOW = critical(
    "figures_follow_from_counts",
    DISCLOSED_DISPARITIES,
    "every published rate, ratio, range and finding is what the published counts and design effects alone give",
)
FINDINGS_TRUE = critical(
    "findings_are_those_of_exact_counts",
    DISCLOSED_DISPARITIES,
    "every published finding is that of the exact counts with the published design effects",
)
YEARS_FOLLOW = critical(
    "years_follow_from_counts",
    DISCLOSED_SEVERAL_YEARS,
    "everything shown for several years together is what their published counts alone give",
)
COUNTS_PROTECTED = critical(
    "counts_protected",
    DISCLOSED_STAGE_COUNTS,
    "no count to be published is below the threshold or not rounded",
)


@dg.multi_asset_check(
    name="check_disclosed_counts",
    specs=check_specs(
        [COUNTS_PROTECTED, ATTACK_FAILS],
        asset_key(DISCLOSED_STAGE_COUNTS),
        PERIODS,
        [asset_key(DISCLOSED_OUTCOME_COUNTS)],
    ),
)
def check_disclosed_counts(
    context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.AssetCheckResult]:
    """Check that the counts to be published obey the disclosure rule, and that the attack on them fails."""
    settings, period = home.settings(), context.partition_key
    counts = reading(context, warehouse).read(DISCLOSED_STAGE_COUNTS)
    disclosed_cells = disclosed_counts_of(warehouse.connection, period, settings)
    results = [
        result_of(COUNTS_PROTECTED, breaks_rule(counts, settings) == 0),
        result_of(ATTACK_FAILS, not disclosed_cells),
    ]
    for organisation, cells in disclosed_cells.items():
        write_failure_report(withheld_list(home.private, organisation, period), cells.people, cells.counts)
    yield from record_results(context, warehouse, DISCLOSED_STAGE_COUNTS, results)


@dg.multi_asset_check(
    name="check_disclosed_figures",
    specs=check_specs(
        [FIGURES_FOLLOW, FINDINGS_TRUE],
        asset_key(DISCLOSED_DISPARITIES),
        PERIODS,
        [asset_key(table) for table in FOLLOWING if table is not DISCLOSED_DISPARITIES],
    ),
)
def check_disclosed_figures(
    context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.AssetCheckResult]:
    """Check that every figure follows from the published counts, and that findings are those of the exact counts."""
    tables = reading(context, warehouse)
    figures = {table: tables.read(table) for table in FOLLOWING}
    counts, exact, effects = (
        tables.read(table) for table in (DISCLOSED_STAGE_COUNTS, STAGE_COUNTS, DISCLOSED_DESIGN_EFFECTS)
    )
    settings, ratios = home.settings(), figures[DISCLOSED_DISPARITIES]
    results = [
        result_of(FIGURES_FOLLOW, figures_that_do_not_follow(counts, figures, settings, effects) == 0),
        result_of(FINDINGS_TRUE, findings_not_exact(ratios, exact, settings, effects) == 0),
    ]
    yield from record_results(context, warehouse, DISCLOSED_DISPARITIES, results)


@dg.multi_asset_check(
    name="check_several_years",
    specs=check_specs([YEARS_FOLLOW], asset_key(DISCLOSED_SEVERAL_YEARS), PERIODS),
)
def check_several_years(
    context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.AssetCheckResult]:
    """Check that what is said of several years follows from this year's counts and those of earlier editions."""
    tables = reading(context, warehouse)
    read = (DISCLOSED_STAGE_COUNTS, DISCLOSED_EARLIER_YEARS, DISCLOSED_DESIGN_EFFECTS)
    counts, earlier, effects = map(tables.read, read)
    again = disclose_several_years(counts, earlier, home.settings(), effects)
    follows = same_rows(tables.read(DISCLOSED_SEVERAL_YEARS), again, DISCLOSED_SEVERAL_YEARS)
    results = [result_of(YEARS_FOLLOW, follows)]
    yield from record_results(context, warehouse, DISCLOSED_SEVERAL_YEARS, results)
