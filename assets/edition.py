"""The edition of a period (pages, tables and record), made from disclosed tables; and the indexes of editions."""

from typing import Any

import dagster as dg

from assets.graph import asset_graph
from assets.io import reading
from assets.lineage import OWNERS, as_failure, asset_key
from assets.partitions import PERIODS
from assets.release.indexes import write_indexes
from assets.release.publish_edition import REGISTERED, Publishing, publish_edition
from assets.release.versions import packages
from assets.resources import ORGANISATION_TAG, Home, Warehouse
from assets.warehouse.failures import fault
from assets.warehouse.keys import signing_key
from assets.warehouse.tables import statement_texts, statements
from equity_audit.contracts import DISCLOSED
from equity_audit.errors import DisclosureFailed, EquityAuditError, UsageError, together
from reports.edition.record import Making


@dg.asset(
    key=["edition", "edition"],
    deps=[asset_key(table) for table in (*DISCLOSED, *REGISTERED)],
    partitions_def=PERIODS,
    group_name="edition",
    owners=OWNERS,
    kinds={"html"},
    description="The published edition of each organisation for the period: pages for the panel and for auditors, "
    "tables as CSV and workbook, and the record of how it was made. Each materialization gives its folder and manifest "
    "hash. Exact counts are read for the register of what editions leave possible, and are in no file.",
)
def edition(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """Publish the period's edition for every organisation with disclosed counts."""
    settings, tables = home.settings(), reading(context, warehouse)
    disclosed = {table.name: tables.read(table) for table in DISCLOSED}
    exact = {table: tables.read(table) for table in REGISTERED}
    making = Making(statements(), packages(), statement_texts(), asset_graph(edition, settings))
    locations = (warehouse.connection, home.published, home.superseded, home.private, context.partition_key)
    run = Publishing(*locations, settings, making, signing_key(home.path), context.run.run_id)
    published: dict[str, Any] = {}
    problems: list[EquityAuditError] = []
    for organisation in disclosed["stage_counts"]["organisation"].unique().sort():
        try:
            published[organisation] = publish_edition(run, organisation, disclosed, exact)
        except Exception as error:
            # A run started by hand may cover several organisations: an error in one must not stop the others.
            where = str(run.folder(organisation))
            problems.append(error if isinstance(error, EquityAuditError) else fault(error, where))
        else:
            context.log.info("edition {folder}: {edition}".format(**published[organisation]))
    if problems:
        raise as_failure(together(problems))
    return dg.MaterializeResult(metadata={"editions": len(published), "revisions": dg.MetadataValue.json(published)})


@dg.asset(
    key=["edition", "index"],
    deps=[["edition", "edition"]],
    partitions_def=PERIODS,
    group_name="edition",
    owners=OWNERS,
    kinds={"html"},
    description="The index of every organisation's published editions, and the index of organisations.",
)
def index(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult[Any]:
    """List what is published now, whichever period this run published."""
    try:
        written = write_indexes(home.published, context.run.tags.get(ORGANISATION_TAG))
    except (DisclosureFailed, UsageError) as error:
        raise as_failure(error) from None
    context.log.info(f"indexes written: {', '.join(written) or 'none, all unchanged'}")
    return dg.MaterializeResult(metadata={"written": len(written)})
