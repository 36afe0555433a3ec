"""Exact measures of one reporting period, calculated from counts by equity_audit. Never published."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.counts import RECORDS
from assets.io import replacing
from assets.lineage import materialized, table_asset
from assets.partitions import PERIODS
from assets.resources import Home, Warehouse
from assets.warehouse.tables import reference_parameters, sql_text
from equity_audit.contracts import (
    DESIGN_EFFECTS,
    DISPARITIES,
    OVERALL_PATHS,
    RULE_TABLES,
    SELECTION_RATES,
    STAGE_CONTRIBUTIONS,
    STAGE_COUNTS,
    STRATIFIED_DISPARITIES,
)
from equity_audit.measures import clustering, disparity, paths, rates, rules, stratified


@dg.asset(**table_asset(DESIGN_EFFECTS, [*RECORDS, STAGE_COUNTS], partitions=PERIODS))
def design_effects(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """How much wider ranges are at each step because decisions of a vacancy, and on a person, go together."""
    settings = home.settings()
    with replacing(context, warehouse) as tables:
        sums = tables.query("clustered_sums", reference_parameters(context.partition_key, settings))
        tables.replace(DESIGN_EFFECTS, clustering.design_effects(sums, tables.read(STAGE_COUNTS), settings))
    return materialized(DESIGN_EFFECTS, sql=sql_text("clustered_sums"))


@dg.asset(**table_asset(SELECTION_RATES, [STAGE_COUNTS, DESIGN_EFFECTS], partitions=PERIODS))
def selection_rates(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """Selection rates with Wilson intervals."""
    with replacing(context, warehouse) as tables:
        counts, effects = tables.read(STAGE_COUNTS), tables.read(DESIGN_EFFECTS)
        tables.replace(SELECTION_RATES, rates.selection_rates(counts, home.settings(), effects))
    return materialized(SELECTION_RATES)


@dg.asset(**table_asset(DISPARITIES, [SELECTION_RATES, DESIGN_EFFECTS], partitions=PERIODS))
def disparities(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """Each group against its reference: impact ratio with Koopman interval, difference, z, four fifths."""
    with replacing(context, warehouse) as tables:
        rates_found, effects = tables.read(SELECTION_RATES), tables.read(DESIGN_EFFECTS)
        tables.replace(DISPARITIES, disparity.disparities(rates_found, home.settings(), effects))
    return materialized(DISPARITIES)


@dg.asset(
    **table_asset(STRATIFIED_DISPARITIES, [*RECORDS, STAGE_COUNTS, DESIGN_EFFECTS, DISPARITIES], partitions=PERIODS)
)
def stratified_disparities(
    context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse
) -> dg.MaterializeResult[Any]:
    """Crude beside adjusted: each group against its reference within vacancies, bands, staff groups, departments."""
    settings = home.settings()
    parameters = reference_parameters(context.partition_key, settings)
    strata = {"strata": list(settings.breakdowns.stratify_by)}
    with replacing(context, warehouse) as tables:
        sums = tables.query("stratified_sums", parameters | strata)
        counts, crude, effects = (tables.read(table) for table in (STAGE_COUNTS, DISPARITIES, DESIGN_EFFECTS))
        rows = stratified.stratified_disparities(sums, counts, crude, settings, effects)
        tables.replace(STRATIFIED_DISPARITIES, rows)
    return materialized(STRATIFIED_DISPARITIES, sql=sql_text("stratified_sums"))


@dg.multi_asset(
    name="whole_path",
    specs=[
        dg.AssetSpec(**table_asset(OVERALL_PATHS, [STAGE_COUNTS, DESIGN_EFFECTS], partitions=PERIODS)),
        dg.AssetSpec(
            **table_asset(STAGE_CONTRIBUTIONS, [STAGE_COUNTS, DESIGN_EFFECTS, OVERALL_PATHS], partitions=PERIODS)
        ),
    ],
)
def whole_path(
    context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult[Any]]:
    """Product-limit rates of the whole path, their ratios, and each stage's contribution to a gap."""
    settings = home.settings()
    with replacing(context, warehouse) as tables:
        counts, effects = tables.read(STAGE_COUNTS), tables.read(DESIGN_EFFECTS)
        overall = paths.overall_paths(counts, settings, effects)
        tables.replace(OVERALL_PATHS, overall)
        tables.replace(STAGE_CONTRIBUTIONS, paths.stage_contributions(counts, overall, settings, effects))
    yield materialized(OVERALL_PATHS)
    yield materialized(STAGE_CONTRIBUTIONS)


@dg.asset(**table_asset(RULE_TABLES, [STAGE_COUNTS], partitions=PERIODS))
def rule_tables(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """WRES indicator 2, New York City Local Law 144 and the four-fifths tables of the US Uniform Guidelines."""
    with replacing(context, warehouse) as tables:
        tables.replace(RULE_TABLES, rules.rule_tables(tables.read(STAGE_COUNTS), home.settings()))
    return materialized(RULE_TABLES)
