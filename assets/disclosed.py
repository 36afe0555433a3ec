"""The disclosed tables: every figure that may be published, calculated from protected counts alone."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl

from assets.counts import RECORDS
from assets.io import replacing
from assets.lineage import as_failure, materialized, table_asset
from assets.partitions import PERIODS
from assets.release.published_register import check_no_overlap, earlier_editions, first_effects, record_protections
from assets.release.suppression_report import APPLICANTS, withheld_list, write_protection_report
from assets.resources import Home, Warehouse
from assets.warehouse.tables import period_bounds, sql_text
from equity_audit.contracts import (
    ANALYSES,
    DESIGN_EFFECTS,
    DISCLOSED_CHECKS,
    DISCLOSED_DESIGN_EFFECTS,
    DISCLOSED_DISPARITIES,
    DISCLOSED_LIKE_FOR_LIKE,
    DISCLOSED_OUTCOME_COUNTS,
    DISCLOSED_OVERALL_PATHS,
    DISCLOSED_SELECTION_RATES,
    DISCLOSED_SEVERAL_YEARS,
    DISCLOSED_SOURCES,
    DISCLOSED_STAGE_CONTRIBUTIONS,
    DISCLOSED_STAGE_COUNTS,
    DISCLOSED_VARIATION,
    DISPARITIES,
    GROUP_COUNTS,
    POPULATION_TABLES,
    STAGE_COUNTS,
    Table,
)
from equity_audit.disclosure.estimates.design_effects import disclose_design_effects
from equity_audit.disclosure.publish import disclose_counts, disclosed_tables
from equity_audit.errors import EquityAuditError
from equity_audit.intake.commitments import commit
from equity_audit.measures.consistency import mostly_known
from equity_audit.settings import Settings


def _spec(table: Table, deps: list[Table]) -> dg.AssetSpec:
    return dg.AssetSpec(**table_asset(table, deps, partitions=PERIODS))


@dg.multi_asset(
    name="disclose",
    specs=[
        _spec(DISCLOSED_STAGE_COUNTS, [STAGE_COUNTS]),
        _spec(DISCLOSED_DESIGN_EFFECTS, [DISCLOSED_STAGE_COUNTS, DESIGN_EFFECTS]),
        _spec(DISCLOSED_SELECTION_RATES, [DISCLOSED_STAGE_COUNTS, DISCLOSED_DESIGN_EFFECTS]),
        _spec(DISCLOSED_DISPARITIES, [DISCLOSED_STAGE_COUNTS, DISCLOSED_DESIGN_EFFECTS, DISPARITIES]),
        _spec(DISCLOSED_OVERALL_PATHS, [DISCLOSED_STAGE_COUNTS, DISCLOSED_DESIGN_EFFECTS, DISCLOSED_SELECTION_RATES]),
        _spec(DISCLOSED_STAGE_CONTRIBUTIONS, [DISCLOSED_DISPARITIES, DISCLOSED_OVERALL_PATHS]),
        _spec(DISCLOSED_LIKE_FOR_LIKE, [DISCLOSED_STAGE_COUNTS, DISCLOSED_DESIGN_EFFECTS]),
        _spec(DISCLOSED_VARIATION, [DISCLOSED_STAGE_COUNTS]),
        _spec(DISCLOSED_OUTCOME_COUNTS, [STAGE_COUNTS]),
        _spec(DISCLOSED_SOURCES, [*RECORDS, GROUP_COUNTS, *(people.received for people in POPULATION_TABLES)]),
    ],
)
def disclose(
    context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult[Any]]:
    """Round and withhold counts until none withheld can be inferred; then calculate rates and ratios from the rest."""
    settings, period = home.settings(), context.partition_key
    with replacing(context, warehouse) as tables:
        connection, exact = tables.connection, tables.read(STAGE_COUNTS)
        try:
            check_no_overlap(connection, exact["organisation"].unique().to_list(), period, settings)
            key = home.commitment_key()
            disclosed = disclose_counts(exact, settings, earlier_editions(connection, period), home.choices())
        except EquityAuditError as error:
            raise as_failure(error) from None
        protections = {organisation: {APPLICANTS: protected} for organisation, protected in disclosed.protected.items()}
        record_protections(connection, period, protections, context.run.run_id)
        for organisation, protected in disclosed.protected.items():
            write_protection_report(withheld_list(home.private, organisation, period), protected)
        sources = commit(tables.query("sources", period_bounds(period, settings)), key)
        first = first_effects(connection, period)
        effects = disclose_design_effects(tables.read(DESIGN_EFFECTS), disclosed.stage_counts, settings, first)
        rows_by_table = disclosed_tables(disclosed, effects, sources, settings)
        for table, rows in rows_by_table.items():
            tables.replace(table, rows)
    for table in rows_by_table:
        yield materialized(table, **({"sql": sql_text("sources")} if table is DISCLOSED_SOURCES else {}))


BESIDE_RECRUITMENT = [table for tables in POPULATION_TABLES for table in tables.by_period]


# Depends on every table whose check results it lists, so that it waits for those checks.
@dg.asset(
    **table_asset(
        DISCLOSED_CHECKS,
        [
            *(DISCLOSED_SOURCES, STAGE_COUNTS, DISPARITIES, *ANALYSES),
            *(DISCLOSED_STAGE_COUNTS, DISCLOSED_DISPARITIES, DISCLOSED_SEVERAL_YEARS),
            *BESIDE_RECRUITMENT,
        ],
        partitions=PERIODS,
    )
)
def checks(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """The results of the checks on the period's records and counts, as reports print them."""
    settings = home.settings()
    start = period_bounds(context.partition_key, settings)["period_start"]
    with replacing(context, warehouse) as tables:
        results = tables.query("check_results", {"period_start": start})
        for population_tables in POPULATION_TABLES:
            # Checks on a population are listed only for organisations that have published rows of it.
            of_population = pl.col("table_name").is_in([table.full_name for table in population_tables.by_period])
            organisations = tables.read(population_tables.shown)["organisation"].unique()
            results = results.filter(~of_population | pl.col("organisation").is_in(organisations.implode()))
        warnings = _warnings(tables.read(DISCLOSED_STAGE_COUNTS), settings)
        tables.replace(DISCLOSED_CHECKS, pl.concat([results, *warnings], how="diagonal_relaxed"))
    return materialized(DISCLOSED_CHECKS, sql=sql_text("check_results"))


def _warnings(counts: pl.DataFrame, settings: Settings) -> Iterator[pl.DataFrame]:
    """Yield one warning check per organisation, decided from the published counts alone."""
    share = settings.intake.warn_unknown_share
    for (organisation, period), published_counts in counts.group_by("organisation", "period", maintain_order=True):
        row = {
            "organisation": organisation,
            "period": period,
            "table_name": DISCLOSED_STAGE_COUNTS.full_name,
            "partition_key": str(period),
            "check_name": "ethnicity_mostly_known",
            "meaning": f"by the published counts, ethnicity is known for at least {1 - share:.0%} of applicants",
            "severity": "warning",
            "passed": mostly_known(published_counts, share, settings.disclosure.withhold_below),
        }
        yield pl.DataFrame([row])
