"""Lists for the analyst alone: exact tallies of files, and published changes that the exact counts do not confirm.

An edition prints only what follows from its published counts. Other useful facts are in private/<organisation>/, which
only the owner of the home may read. No edition, page or record is made from it.
"""

from typing import Any

import dagster as dg

from assets.io import reading
from assets.lineage import OWNERS, asset_key
from assets.partitions import PERIODS
from assets.release.publish import folder_name
from assets.resources import Home, Warehouse
from assets.warehouse.private_files import write_listing
from assets.warehouse.tables import period_bounds
from equity_audit.contracts import (
    DISCLOSED_PROGRAMME_EFFECT,
    DISCLOSED_SOURCES,
    EXTRACT_FACTS,
    EXTRACTS,
    PROGRAMME_EFFECT,
)

GROUP = "private"
RECORDS, NOT_BORNE_OUT = "records.csv", "not-borne-out.csv"
_RECORDS_COLUMNS = ("file", "sha_256", "extract", "what", "number")
_NAMES = ("level", "from_stage", "to_stage", "group_name", "reference_name")
_NOT_BORNE_OUT_COLUMNS = ("programme", *_NAMES, "published_verdict", "exact_verdict")
# Comparisons that the exact counts cannot answer are not listed.
_CHANGES_NOT_BORNE_OUT = f"""
    select p.organisation, p.programme, {", ".join(f"p.{name}" for name in _NAMES)}, p.verdict, e.verdict
    from {DISCLOSED_PROGRAMME_EFFECT.full_name} as p
    inner join {PROGRAMME_EFFECT.full_name} as e using (organisation, programme, {", ".join(_NAMES)})
    where regexp_matches(p.verdict, '^(rose|fell)_') and p.verdict <> e.verdict and e.verdict <> 'too_few'
    order by all
"""


@dg.asset(
    key=[GROUP, "records"],
    deps=[
        asset_key(DISCLOSED_SOURCES),
        *(
            dg.AssetDep(asset_key(table), partition_mapping=dg.AllPartitionMapping())
            for table in (EXTRACTS, EXTRACT_FACTS)
        ),
    ],
    partitions_def=PERIODS,
    group_name=GROUP,
    owners=OWNERS,
    kinds={"csv"},
    description="Exact tallies of the files of a period, and the checks that gave warnings. Never published.",
)
def records(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> None:
    """List rows read, used, ignored and invalid, and other facts about the files of the period."""
    period = context.partition_key
    start = period_bounds(period, home.settings())["period_start"]
    rows = reading(context, warehouse).query("record_tallies", {"period_start": start})
    by_organisation: dict[str, list[tuple[Any, ...]]] = {}
    for organisation, *row in rows.iter_rows():
        by_organisation.setdefault(organisation, []).append(tuple(row))
    for organisation, listed in by_organisation.items():
        write_listing(home.private / folder_name(organisation) / period / RECORDS, _RECORDS_COLUMNS, listed)


@dg.asset(
    key=[GROUP, "not_borne_out"],
    deps=[asset_key(DISCLOSED_PROGRAMME_EFFECT), asset_key(PROGRAMME_EFFECT)],
    group_name=GROUP,
    owners=OWNERS,
    kinds={"csv"},
    description="Changes that published counts show and exact counts do not confirm. Never published.",
)
def not_borne_out(home: Home, warehouse: Warehouse) -> None:
    """List comparisons that a review reports as changed although the exact counts give another verdict."""
    rows = warehouse.connection.sql(_CHANGES_NOT_BORNE_OUT).fetchall()
    organisations = warehouse.connection.sql(
        f"select distinct organisation from {DISCLOSED_PROGRAMME_EFFECT.full_name}"
    ).fetchall()
    for (organisation,) in organisations:
        listed = [row[1:] for row in rows if row[0] == organisation]
        write_listing(home.private / folder_name(organisation) / NOT_BORNE_OUT, _NOT_BORNE_OUT_COLUMNS, listed)
