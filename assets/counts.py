"""Counts of one reporting period, made by SQL from the records."""

from typing import Any

import dagster as dg

from assets.io import replacing
from assets.lineage import as_failure, materialized, table_asset
from assets.partitions import PERIODS
from assets.resources import Home, Warehouse
from assets.warehouse.extract_register import check_not_purged
from assets.warehouse.tables import count_parameters, sql_text
from equity_audit.contracts import (
    ACCEPTED_EXTRACTS,
    APPLICATIONS,
    ETHNICITY_LABELS,
    EXTRACTS,
    GROUP_COUNTS,
    OUTCOME_LABELS,
    STAGE_COUNTS,
)
from equity_audit.errors import EquityAuditError

# The applications that count, and what their labels mean.
RECORDS = [APPLICATIONS, ACCEPTED_EXTRACTS, EXTRACTS, ETHNICITY_LABELS, OUTCOME_LABELS]


@dg.asset(**table_asset(STAGE_COUNTS, [*RECORDS, GROUP_COUNTS], partitions=PERIODS))
def stage_counts(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """Count who reached, who was decided on and who progressed, by group and step: the one scan of the records."""
    parameters = count_parameters(context.partition_key, home.settings())
    try:
        check_not_purged(warehouse.connection, parameters["period_start"])
    except EquityAuditError as error:
        raise as_failure(error) from None
    with replacing(context, warehouse) as tables:
        tables.replace(STAGE_COUNTS, tables.query("stage_counts", parameters))
    return materialized(STAGE_COUNTS, sql=sql_text("stage_counts"))
