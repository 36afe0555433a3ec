"""What may leave the building: every published figure, made from protected counts alone."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl

from assets.counts import RECORDS
from assets.io import replacing
from assets.lineage import as_failure, materialized, table_asset
from assets.partitions import PERIODS
from assets.release.published_register import check_no_overlap, earlier_editions, record_protections
from assets.release.suppression_report import APPLICANTS, withheld_list, write_protection_report
from assets.resources import Home, Warehouse
from assets.warehouse.tables import period_bounds, sql_text
from equity_audit.contracts import (
    ANALYSES,
    DISCLOSED_CHECKS,
    DISCLOSED_DISPARITIES,
    DISCLOSED_LIKE_FOR_LIKE,
    DISCLOSED_OUTCOME_COUNTS,
    DISCLOSED_OVERALL_PATHS,
    DISCLOSED_SELECTION_RATES,
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
        _spec(DISCLOSED_SELECTION_RATES, [DISCLOSED_STAGE_COUNTS]),
        _spec(DISCLOSED_DISPARITIES, [DISCLOSED_STAGE_COUNTS, DISPARITIES]),
        _spec(DISCLOSED_OVERALL_PATHS, [DISCLOSED_STAGE_COUNTS, DISCLOSED_SELECTION_RATES]),
        _spec(DISCLOSED_STAGE_CONTRIBUTIONS, [DISCLOSED_DISPARITIES, DISCLOSED_OVERALL_PATHS]),
        _spec(DISCLOSED_LIKE_FOR_LIKE, [DISCLOSED_STAGE_COUNTS]),
        _spec(DISCLOSED_VARIATION, [DISCLOSED_STAGE_COUNTS]),
        _spec(DISCLOSED_OUTCOME_COUNTS, [STAGE_COUNTS]),
        _spec(DISCLOSED_SOURCES, [*RECORDS, GROUP_COUNTS, *(people.received for people in POPULATION_TABLES)]),
    ],
)
def disclose(
    context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult[Any]]:
    """Round and withhold counts until nothing can be worked out, then make rates and ratios from what is left."""
    settings, period = home.settings(), context.partition_key
    with replacing(context, warehouse) as tables:
        connection, exact = tables.connection, tables.read(STAGE_COUNTS)
        try:
            check_no_overlap(connection, exact["organisation"].unique().to_list(), period, settings)
            key = home.commitment_key()
            done = disclose_counts(exact, settings, earlier_editions(connection, period), home.choices())
        except EquityAuditError as error:
            raise as_failure(error) from None
        protections = {organisation: {APPLICANTS: how} for organisation, how in done.protected.items()}
        record_protections(connection, period, protections, context.run.run_id)
        for organisation, protected in done.protected.items():
            write_protection_report(withheld_list(home.private, organisation, period), protected)
        sources = commit(tables.query("sources", period_bounds(period, settings)), key)
        made = disclosed_tables(done, sources, settings)
        for table, rows in made.items():
            tables.replace(table, rows)
    for table in made:
        yield materialized(table, **({"sql": sql_text("sources")} if table is DISCLOSED_SOURCES else {}))


BESIDE_RECRUITMENT = [table for one in POPULATION_TABLES for table in one.by_period]


# Waits for the checks on everything that its rows are about.
@dg.asset(
    **table_asset(
        DISCLOSED_CHECKS,
        [DISCLOSED_SOURCES, STAGE_COUNTS, DISPARITIES, *ANALYSES, DISCLOSED_STAGE_COUNTS, *BESIDE_RECRUITMENT],
        partitions=PERIODS,
    )
)
def checks(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """The checks that the period's records and counts have been through, as the report prints them."""
    settings = home.settings()
    start = period_bounds(context.partition_key, settings)["period_start"]
    with replacing(context, warehouse) as tables:
        results = tables.query("check_results", {"period_start": start})
        for people in POPULATION_TABLES:
            # Checks on a kind of people are of those organisations alone that have any.
            of_people = pl.col("table_name").is_in([table.full_name for table in people.by_period])
            having_any = tables.read(people.shown)["organisation"].unique()
            results = results.filter(~of_people | pl.col("organisation").is_in(having_any.implode()))
        warnings = _warnings(tables.read(DISCLOSED_STAGE_COUNTS), settings)
        tables.replace(DISCLOSED_CHECKS, pl.concat([results, *warnings], how="diagonal_relaxed"))
    return materialized(DISCLOSED_CHECKS, sql=sql_text("check_results"))


def _warnings(counts: pl.DataFrame, settings: Settings) -> Iterator[pl.DataFrame]:
    """What a reader is warned of, a row for each organisation: judged by the published counts and by nothing else."""
    share = settings.intake.warn_unknown_share
    for (organisation, period), own in counts.group_by("organisation", "period", maintain_order=True):
        row = {
            "organisation": organisation,
            "period": period,
            "table_name": DISCLOSED_STAGE_COUNTS.full_name,
            "partition_key": str(period),
            "check_name": "ethnicity_mostly_known",
            "meaning": f"by the published counts, ethnicity is known for at least {1 - share:.0%} of applicants",
            "severity": "warning",
            "passed": mostly_known(own, share, settings.disclosure.withhold_below),
        }
        yield pl.DataFrame([row])
