"""Counts, rates and disparities of one reporting period: SQL counts, equity_audit infers."""

from typing import Any

import dagster as dg
import duckdb
import polars as pl

from assets.lineage import as_failure, materialized, sql_text, table_asset
from assets.partitions import PERIODS, period_bounds
from assets.register import check_not_purged
from assets.warehouse import OF_RUN, Home, Warehouse
from equity_audit.contracts import (
    ACCEPTED_EXTRACTS,
    APPLICATIONS,
    DISPARITIES,
    GROUP_COUNTS,
    SELECTION_RATES,
    STAGE_COUNTS,
    Table,
)
from equity_audit.errors import EquityAuditError
from equity_audit.measures.disparity import disparities
from equity_audit.measures.rates import selection_rates
from equity_audit.settings import Settings


def read_period(connection: duckdb.DuckDBPyConnection, table: Table, period: str) -> pl.DataFrame:
    """The rows of one period that the run is about, in the contract's columns and in the order of its key."""
    columns, key = ", ".join(table.column_names), ", ".join(table.key)
    return connection.sql(
        f"select {columns} from {table.full_name} where period = $period and {OF_RUN} order by {key}",
        params={"period": period},
    ).pl()


def replace_period(connection: duckdb.DuckDBPyConnection, table: Table, period: str, rows: pl.DataFrame) -> None:
    """Put new rows in place of a period's old ones, of what the run is about. The caller holds the transaction."""
    connection.execute(f"delete from {table.full_name} where period = $period and {OF_RUN}", {"period": period})
    connection.register("new_rows", rows.select(table.column_names))
    connection.execute(f"insert into {table.full_name} by name select * from new_rows")
    connection.unregister("new_rows")


def rows_of(connection: duckdb.DuckDBPyConnection, statement: str, parameters: dict[str, Any]) -> pl.DataFrame:
    """What one of our statements gives, of the organisation that the run is about."""
    return connection.sql(f"from (\n{sql_text(statement)}\n) where {OF_RUN}", params=parameters).pl()


def count_parameters(period: str, settings: Settings) -> dict[str, Any]:
    """What the statement of out.stage_counts asks for."""
    return period_bounds(period, settings) | {
        "spans": [*map(list, settings.comparison.spans)],
        # A period that is a quarter or a month has no quarters.
        "breakdowns": [
            name for name in settings.breakdowns.count_by if name != "quarter" or settings.period.unit == "year"
        ],
    }


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
