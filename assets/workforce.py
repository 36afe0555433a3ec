"""The people who work there: counted by SQL, measured and protected by equity_audit.

Only beside recruitment: an organisation without applicants in a period has no edition.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.lineage import as_failure, materialized, table_asset
from assets.partitions import PERIODS
from assets.release.published_register import earlier_editions, record_protection
from assets.release.suppression_report import withheld_list, write_protection_report
from assets.resources import Home, Warehouse
from assets.warehouse.tables import period_bounds, read_period, replace_period, rows_of, sql_text
from equity_audit.contracts import (
    ACCEPTED_EXTRACTS,
    DISCLOSED_STAGE_COUNTS,
    DISCLOSED_WORKFORCE,
    DISCLOSED_WORKFORCE_MEASURES,
    HEADCOUNTS,
    STAGE_COUNTS,
    WORKFORCE,
    WORKFORCE_MEASURES,
)
from equity_audit.errors import EquityAuditError
from equity_audit.populations.staff import (
    exact_measures,
    staff_tables,
)


@dg.asset(**table_asset(WORKFORCE, [HEADCOUNTS, ACCEPTED_EXTRACTS], partitions=PERIODS))
def workforce(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """Count who is in post on the last day of the period that has a headcount, by group, band, tier and staff group."""
    query, settings = sql_text("workforce"), home.settings()
    with warehouse.transaction() as connection:
        rows = rows_of(connection, "workforce", period_bounds(context.partition_key, settings))
        replace_period(connection, WORKFORCE, context.partition_key, rows)
    return materialized(WORKFORCE, sql=query)


@dg.asset(**table_asset(WORKFORCE_MEASURES, [WORKFORCE, STAGE_COUNTS], partitions=PERIODS))
def workforce_figures(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """Shares, race disparity ratios, board against staff, leavers, and where the workforce settles, exactly."""
    with warehouse.transaction() as connection:
        staff, applicants = (
            read_period(connection, table, context.partition_key) for table in (WORKFORCE, STAGE_COUNTS)
        )
        rows = exact_measures(staff, applicants, home.settings())
        replace_period(connection, WORKFORCE_MEASURES, context.partition_key, rows)
    return materialized(WORKFORCE_MEASURES)


@dg.multi_asset(
    name="disclose_workforce",
    specs=[
        dg.AssetSpec(**table_asset(table, deps, partitions=PERIODS))
        for table, deps in (
            (DISCLOSED_WORKFORCE, [WORKFORCE, DISCLOSED_STAGE_COUNTS]),
            (DISCLOSED_WORKFORCE_MEASURES, [DISCLOSED_WORKFORCE, DISCLOSED_STAGE_COUNTS]),
        )
    ],
)
def disclose_workforce(
    context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult[Any]]:
    """Round and withhold numbers of staff until nothing can be worked out, then make measures from what is left."""
    settings, period = home.settings(), context.partition_key
    with warehouse.transaction() as connection:
        exact, counts = (read_period(connection, table, period) for table in (WORKFORCE, DISCLOSED_STAGE_COUNTS))
        try:
            earlier = earlier_editions(connection, period)
            tables, protected = staff_tables(exact, counts, settings, earlier, home.choices())
        except EquityAuditError as error:
            raise as_failure(error) from None
        for name, by_organisation in protected.items():
            record_protection(connection, period, by_organisation, context.run.run_id, name)
            for organisation, done in by_organisation.items():
                write_protection_report(withheld_list(home.private, organisation, period, name), done)
        for table, rows in tables.items():
            replace_period(connection, table, period, rows)
    for table in tables:
        yield materialized(table)
