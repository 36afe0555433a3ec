"""Several years together: what earlier editions published, and what follows from it and this year's counts."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg

from assets.io import replacing
from assets.lineage import materialized, table_asset
from assets.partitions import PERIODS
from assets.release.publish import folder_name
from assets.resources import Home, Warehouse
from equity_audit.contracts import (
    DISCLOSED_DESIGN_EFFECTS,
    DISCLOSED_EARLIER_YEARS,
    DISCLOSED_SEVERAL_YEARS,
    DISCLOSED_SOURCES,
    DISCLOSED_STAGE_COUNTS,
    DISCLOSED_YEARS_TOGETHER,
    YEARS,
    Table,
)
from equity_audit.disclosure.estimates.several_years import disclose_several_years
from reports.edition.earlier_years import earlier_years

_DEPS: dict[Table, list[Table]] = {
    DISCLOSED_YEARS_TOGETHER: [DISCLOSED_STAGE_COUNTS, DISCLOSED_SOURCES],
    DISCLOSED_EARLIER_YEARS: [DISCLOSED_YEARS_TOGETHER],
    DISCLOSED_SEVERAL_YEARS: [DISCLOSED_STAGE_COUNTS, DISCLOSED_EARLIER_YEARS, DISCLOSED_DESIGN_EFFECTS],
}


@dg.multi_asset(
    name="several_years",
    specs=[dg.AssetSpec(**table_asset(table, deps, partitions=PERIODS)) for table, deps in _DEPS.items()],
)
def several_years(
    context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult[Any]]:
    """Read the editions of earlier years, and add up their published counts and this year's."""
    settings, period = home.settings(), date.fromisoformat(context.partition_key)
    with replacing(context, warehouse) as tables:
        counts, effects = tables.read(DISCLOSED_STAGE_COUNTS), tables.read(DISCLOSED_DESIGN_EFFECTS)
        own = {DISCLOSED_STAGE_COUNTS.name: counts, DISCLOSED_SOURCES.name: tables.read(DISCLOSED_SOURCES)}
        rows = earlier_years(lambda name: home.published / folder_name(name), period, own, settings)
        rows[DISCLOSED_SEVERAL_YEARS] = disclose_several_years(counts, rows[DISCLOSED_EARLIER_YEARS], settings, effects)
        for table in YEARS:
            tables.replace(table, rows[table])
    for table in YEARS:
        yield materialized(table)
