"""What lies behind a disparity: like with like, the whole path, and tables by the rules of regulators."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.lineage import materialized, table_asset
from assets.partitions import PERIODS
from assets.resources import Home, Warehouse
from assets.warehouse.tables import period_bounds, read_period, replace_period, rows_of, sql_text
from equity_audit.contracts import (
    APPLICATIONS,
    DISPARITIES,
    OVERALL_PATHS,
    RULE_TABLES,
    STAGE_CONTRIBUTIONS,
    STAGE_COUNTS,
    STRATIFIED_DISPARITIES,
)
from equity_audit.measures.paths import overall_paths, stage_contributions
from equity_audit.measures.rules import rule_tables
from equity_audit.measures.stratified import stratified_disparities

_LEVELS = ("wres", "group", "category")


@dg.asset(**table_asset(STRATIFIED_DISPARITIES, [APPLICATIONS, STAGE_COUNTS, DISPARITIES], partitions=PERIODS))
def stratified(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """Crude beside adjusted: each group against its reference within vacancies, bands, staff groups, departments."""
    settings, query, period = home.settings(), sql_text("stratified_sums"), context.partition_key
    parameters = period_bounds(period, settings) | {
        "references": [[level, settings.comparison.reference(level)] for level in _LEVELS],
        "strata": list(settings.breakdowns.stratify_by),
    }
    with warehouse.transaction() as connection:
        sums = rows_of(connection, "stratified_sums", parameters)
        counts, crude = (read_period(connection, table, period) for table in (STAGE_COUNTS, DISPARITIES))
        rows = stratified_disparities(sums, counts, crude, settings)
        replace_period(connection, STRATIFIED_DISPARITIES, period, rows)
    return materialized(STRATIFIED_DISPARITIES, sql=query)


@dg.multi_asset(
    name="whole_path",
    specs=[
        dg.AssetSpec(**table_asset(OVERALL_PATHS, [STAGE_COUNTS], partitions=PERIODS)),
        dg.AssetSpec(**table_asset(STAGE_CONTRIBUTIONS, [STAGE_COUNTS, OVERALL_PATHS], partitions=PERIODS)),
    ],
)
def whole_path(
    context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult[Any]]:
    """Product-limit rates of the whole path, their ratios, and which stage makes a gap."""
    settings, period = home.settings(), context.partition_key
    with warehouse.transaction() as connection:
        counts = read_period(connection, STAGE_COUNTS, period)
        paths = overall_paths(counts, settings)
        stages = stage_contributions(counts, paths, settings)
        replace_period(connection, OVERALL_PATHS, period, paths)
        replace_period(connection, STAGE_CONTRIBUTIONS, period, stages)
    yield materialized(OVERALL_PATHS)
    yield materialized(STAGE_CONTRIBUTIONS)


@dg.asset(**table_asset(RULE_TABLES, [STAGE_COUNTS], partitions=PERIODS))
def tables_by_rule(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """WRES indicator 2, New York City Local Law 144 and the four-fifths tables of the US Uniform Guidelines."""
    with warehouse.transaction() as connection:
        counts = read_period(connection, STAGE_COUNTS, context.partition_key)
        rows = rule_tables(counts, home.settings())
        replace_period(connection, RULE_TABLES, context.partition_key, rows)
    return materialized(RULE_TABLES)
