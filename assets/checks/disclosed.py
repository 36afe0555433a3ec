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
    DISCLOSED_OUTCOME_COUNTS,
    DISCLOSED_STAGE_COUNTS,
    STAGE_COUNTS,
)
from equity_audit.disclosure.publish import FOLLOWING, breaks_rule, figures_that_do_not_follow, findings_not_exact
from expectations.adapter import check_specs

ATTACK_FAILS = critical(
    "nothing_can_be_worked_out",
    DISCLOSED_STAGE_COUNTS,
    "no count can be worked out from everything published of the period, and what stands is what was proven",
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
