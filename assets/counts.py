"""Counts, rates and disparities of one reporting period: SQL counts, equity_audit infers."""

from typing import Any

import dagster as dg

from assets.lineage import as_failure, materialized, table_asset
from assets.partitions import PERIODS
from assets.resources import Home, Warehouse
from assets.warehouse.extract_register import check_not_purged
from assets.warehouse.tables import count_parameters, read_period, replace_period, rows_of, sql_text
from equity_audit.contracts import (
    ACCEPTED_EXTRACTS,
    APPLICATIONS,
    DISPARITIES,
    GROUP_COUNTS,
    SELECTION_RATES,
    STAGE_COUNTS,
)
from equity_audit.errors import EquityAuditError
from equity_audit.measures.disparity import disparities
from equity_audit.measures.rates import selection_rates


@dg.asset(**table_asset(STAGE_COUNTS, [APPLICATIONS, GROUP_COUNTS, ACCEPTED_EXTRACTS], partitions=PERIODS))
def stage_counts(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """Count who reached, who was decided on and who progressed, by group and step: the one scan of the records."""
    query, parameters = sql_text("stage_counts"), count_parameters(context.partition_key, home.settings())
    try:
        check_not_purged(warehouse.connection, parameters["period_start"])
    except EquityAuditError as error:
        raise as_failure(error) from None
    with warehouse.transaction() as connection:
        rows = rows_of(connection, "stage_counts", parameters)
        replace_period(connection, STAGE_COUNTS, context.partition_key, rows)
    return materialized(STAGE_COUNTS, sql=query)


@dg.asset(**table_asset(SELECTION_RATES, [STAGE_COUNTS], partitions=PERIODS))
def rates(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """Selection rates with Wilson intervals."""
    with warehouse.transaction() as connection:
        counts = read_period(connection, STAGE_COUNTS, context.partition_key)
        rows = selection_rates(counts, home.settings())
        replace_period(connection, SELECTION_RATES, context.partition_key, rows)
    return materialized(SELECTION_RATES)


@dg.asset(**table_asset(DISPARITIES, [SELECTION_RATES], partitions=PERIODS))
def group_disparities(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """Each group against its reference: impact ratio with Koopman interval, difference, z, four fifths."""
    with warehouse.transaction() as connection:
        counted = read_period(connection, SELECTION_RATES, context.partition_key)
        rows = disparities(counted, home.settings())
        replace_period(connection, DISPARITIES, context.partition_key, rows)
    return materialized(DISPARITIES)
