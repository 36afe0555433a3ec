"""Programmes over all years: exact figures for the analyst, and reviews for the board, made from editions alone.

Each file <home>/programmes/<name>.toml describes a programme. These assets have no partitions: each covers all periods.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl

from assets.counts import RECORDS
from assets.io import replacing
from assets.lineage import OWNERS, as_failure, asset_key, materialized, table_asset
from assets.release.programme_sources import programme_sources
from assets.release.publish_review import publish_reviews
from assets.resources import Home, Warehouse
from assets.warehouse.monthly_counts import monthly_counts, organisations
from assets.warehouse.tables import sql_text
from equity_audit.contracts import DISCLOSED_OVER_TIME, DISCLOSED_TREND, PROGRAMME_EFFECT, TREND
from equity_audit.errors import EquityAuditError, together
from equity_audit.periods import period_start
from equity_audit.programme.comparisons import Judged, comparisons, judged
from equity_audit.programme.effect_table import effect_rows, frame
from equity_audit.programme.programme_file import ProgrammeFile
from equity_audit.programme.trend import trend
from equity_audit.settings import Settings


@dg.multi_asset(
    name="over_time",
    specs=[dg.AssetSpec(**table_asset(table, RECORDS)) for table in (TREND, PROGRAMME_EFFECT)],
)
def over_time(
    context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult[Any]]:
    """Exact rates and ratios by month and quarter, and the verdict on each programme from them."""
    settings = home.settings()
    trends, effects = [], []
    try:
        present = organisations(warehouse.connection)
        # Errors in programme files are reported by the asset that makes reviews.
        sources, _ = programme_sources(home.path, present)
        for organisation in present:
            monthly = monthly_counts(warehouse.connection, organisation, settings)
            trends += [rows.with_columns(organisation=pl.lit(organisation)) for rows in _trends(monthly, settings)]
            for source in sources:
                if source.is_of(organisation) and not monthly.is_empty():
                    verdicts = _exact_verdicts(monthly, source.file, settings)
                    effects.append(_effects(verdicts, organisation, source.name))
    except EquityAuditError as error:
        raise as_failure(error) from None
    with replacing(context, warehouse) as tables:
        for table, rows in ((TREND, trends), (PROGRAMME_EFFECT, effects)):
            tables.replace_all(table, rows)
            yield materialized(table, sql=sql_text("monthly_counts"))


@dg.multi_asset(
    name="review",
    specs=[
        *(
            dg.AssetSpec(**table_asset(table, [], made_from=[dg.AssetKey(["edition", "edition"])]))
            for table in DISCLOSED_OVER_TIME
        ),
        dg.AssetSpec(
            ["edition", "programme"],
            deps=[asset_key(table) for table in DISCLOSED_OVER_TIME],
            group_name="edition",
            owners=OWNERS,
            kinds={"html"},
            description="The review of each programme for the board, made from published editions alone: a page, its "
            "tables and a record of the editions that it is made from.",
        ),
    ],
)
def reviews(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> Iterator[dg.MaterializeResult[Any]]:
    """Review every programme from published editions, and publish each review in which anything is new."""
    published, outcomes, errors = publish_reviews(home.path, home.published, home.superseded, context.run.run_id)
    for folder, outcome in outcomes.items():
        context.log.info(f"{folder}: {outcome}")
    with replacing(context, warehouse) as tables:
        for table in DISCLOSED_OVER_TIME:
            rows = [edition.tables[table.name] for edition in published]
            if table is DISCLOSED_TREND:
                # The programmes of an organisation share one series.
                rows = list(
                    {edition.organisation: part for edition, part in zip(published, rows, strict=True)}.values()
                )
            tables.replace_all(table, rows)
            yield materialized(table)
    if errors:
        raise as_failure(together(errors))
    yield dg.MaterializeResult(
        asset_key=["edition", "programme"], metadata={"reviews": dg.MetadataValue.json(outcomes)}
    )


def _trends(monthly: pl.DataFrame, settings: Settings) -> Iterator[pl.DataFrame]:
    """Yield the trend by month, and by quarter of the reporting year."""
    yield trend(monthly, "1mo", settings)
    policy = settings.period.model_copy(update={"unit": "quarter"})
    starts = {day: period_start(day, policy) for day in monthly["period"].unique()}
    yield trend(monthly.with_columns(pl.col("period").replace_strict(starts, return_dtype=pl.Date)), "3mo", settings)


def _exact_verdicts(monthly: pl.DataFrame, file: ProgrammeFile, settings: Settings) -> list[Judged]:
    return [judged(comparison, file.programme, settings) for comparison in comparisons(monthly, settings)]


def _effects(verdicts: list[Judged], organisation: str, name: str) -> pl.DataFrame:
    columns = [(column.name, column.type) for column in PROGRAMME_EFFECT.columns]
    return frame(effect_rows(verdicts), columns, organisation=organisation, programme=name)
