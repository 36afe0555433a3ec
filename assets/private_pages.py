"""The analyst's private pages of a period: exact, and written whether or not the disclosure check lets anything out.

They depend on exact tables alone, so a blocked edition does not keep them from being written: then they are needed
most. They come last in a run, by their priority, and name the edition that is current by then. An exact table that
fails a check of its own does keep them from being written.
"""

import dagster as dg
import polars as pl

from assets.counts import RECORDS
from assets.io import reading
from assets.lineage import OWNERS, as_failure, asset_key
from assets.partitions import PERIODS
from assets.private_lists import GROUP
from assets.release.exact_report import ExactRun, exact_page, write_exact_pages
from assets.resources import Home, Warehouse
from assets.warehouse.extract_register import family_of
from assets.warehouse.failures import fault
from assets.warehouse.monthly_counts import monthly_counts
from equity_audit.contracts import (
    DESIGN_EFFECTS,
    DISPARITIES,
    OVERALL_PATHS,
    RULE_TABLES,
    STAGE_CONTRIBUTIONS,
    STAGE_COUNTS,
    STRATIFIED_DISPARITIES,
    SURVEY,
    WORKFORCE,
    WORKFORCE_MEASURES,
)
from equity_audit.errors import EquityAuditError, together

EXACT = (
    DESIGN_EFFECTS,
    STAGE_COUNTS,
    DISPARITIES,
    STRATIFIED_DISPARITIES,
    OVERALL_PATHS,
    STAGE_CONTRIBUTIONS,
    RULE_TABLES,
    WORKFORCE,
    WORKFORCE_MEASURES,
    SURVEY,
)
# Steps of a run without a priority have 0: this one waits for all that can run.
_LAST = {"dagster/priority": "-1"}


@dg.asset(
    key=[GROUP, "analyst"],
    deps=[
        *(asset_key(table) for table in EXACT),
        *(dg.AssetDep(asset_key(table), partition_mapping=dg.AllPartitionMapping()) for table in RECORDS),
    ],
    partitions_def=PERIODS,
    group_name=GROUP,
    owners=OWNERS,
    kinds={"html"},
    op_tags=_LAST,
    description="Every exact figure of a period beside what the panel sees, as a page and a workbook. Never published.",
)
def analyst(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> None:
    """Write the private page and workbook of every organisation with applicants in the period."""
    settings, period, tables = home.settings(), context.partition_key, reading(context, warehouse)
    run = ExactRun(home.published, home.private, period, settings, context.run.run_id)
    exact = {table.name: tables.read(table) for table in EXACT}
    errors: list[EquityAuditError] = []
    for organisation in exact["stage_counts"]["organisation"].unique().sort():
        own = {name: rows.filter(pl.col("organisation") == organisation) for name, rows in exact.items()}
        try:
            monthly = monthly_counts(warehouse.connection, organisation, settings)
            write_exact_pages(run, organisation, own, monthly, family_of(warehouse.connection, organisation))
        except Exception as error:
            # An error in one must not stop the others.
            where = str(exact_page(home.private, organisation, period))
            errors.append(error if isinstance(error, EquityAuditError) else fault(error, where))
    if errors:
        raise as_failure(together(errors))
