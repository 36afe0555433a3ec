"""What an edition may not say, for the analyst alone: exact tallies of files, and changes that exact counts doubt.

An edition prints what follows from its shown counts. Whatever else is worth knowing stands in private/<organisation>/,
which its owner alone may read. No edition, page or record is made from it.
"""

from pathlib import Path
from typing import Any, get_args

import dagster as dg

from assets.lineage import OWNERS, asset_key
from assets.partitions import PERIODS
from assets.release.publish import folder_name
from assets.resources import Home, Warehouse
from assets.warehouse.private_files import write_listing, write_private
from assets.warehouse.tables import period_bounds, sql_text
from equity_audit.contracts import (
    DISCLOSED_PROGRAMME_EFFECT,
    DISCLOSED_SOURCES,
    EXTRACT_FACTS,
    PROGRAMME_EFFECT,
)
from equity_audit.programme.interrupted_series import Unanswerable

GROUP = "private"
RECORDS, DOUBTED = "records.csv", "not-borne-out.csv"
_ATTEMPT = "not-published.txt"
_RECORDS = ("file", "sha_256", "extract", "what", "number")
_NAMES = ("level", "from_stage", "to_stage", "group_name", "reference_name")
_DOUBTED = ("programme", *_NAMES, "published_verdict", "exact_verdict")
# A comparison that the exact counts cannot judge is not doubted by them.
_CHANGES_DOUBTED = f"""
    select p.organisation, p.programme, {", ".join(f"p.{name}" for name in _NAMES)}, p.verdict, e.verdict
    from {DISCLOSED_PROGRAMME_EFFECT.full_name} as p
    inner join {PROGRAMME_EFFECT.full_name} as e using (organisation, programme, {", ".join(_NAMES)})
    where p.verdict in ('improved', 'worse') and p.verdict <> e.verdict and not list_contains($unanswerable, e.verdict)
    order by all
"""


def note_attempt(private: Path, organisation: str, period: str, standing: int | None) -> None:
    """Say that a run made counts and lists of a period that are not those of its edition, revision `standing`.

    None: they are those of the edition, and there is nothing to say. The words name no number of applications.
    """
    note = attempt_note(private, organisation, period)
    if standing is None:
        note.unlink(missing_ok=True)
        return
    said = (
        f"Revision {standing} of the period from {period} stands. The last run found that too few applications count "
        "otherwise for another edition (settings, disclosure.min_changed_applications), so it published none.\n"
        "The lists of this period in private/, and its rows in the tables out.*, disclosed.* and intake.protections of "
        "the warehouse, are those of the last run and not of the edition. What is published is in the edition's own "
        "folder tables.\n"
    )
    write_private(note, said.encode())


def attempt_note(private: Path, organisation: str, period: str) -> Path:
    """Where it is said that the last run of a period was not published; there is no such file if it was."""
    return private / folder_name(organisation) / period / _ATTEMPT


@dg.asset(
    key=[GROUP, "records"],
    deps=[
        asset_key(DISCLOSED_SOURCES),
        dg.AssetDep(asset_key(EXTRACT_FACTS), partition_mapping=dg.AllPartitionMapping()),
    ],
    partitions_def=PERIODS,
    group_name=GROUP,
    owners=OWNERS,
    kinds={"csv"},
    description="What the files behind a period came to, exactly, and which checks warned of them. Never published.",
)
def records(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> None:
    """List rows read, used, ignored and set aside, and what else to know of the files behind the period."""
    period = context.partition_key
    start = period_bounds(period, home.settings())["period_start"]
    rows = warehouse.connection.sql(sql_text("record_tallies"), params={"period_start": start}).fetchall()
    found: dict[str, list[tuple[Any, ...]]] = {}
    for organisation, *row in rows:
        found.setdefault(organisation, []).append(tuple(row))
    for organisation, listed in found.items():
        write_listing(home.private / folder_name(organisation) / period / RECORDS, _RECORDS, listed)


@dg.asset(
    key=[GROUP, "not_borne_out"],
    deps=[asset_key(DISCLOSED_PROGRAMME_EFFECT), asset_key(PROGRAMME_EFFECT)],
    group_name=GROUP,
    owners=OWNERS,
    kinds={"csv"},
    description="Changes that published counts show and exact ones do not bear out. Never published.",
)
def not_borne_out(home: Home, warehouse: Warehouse) -> None:
    """List what a review says has changed though the exact counts come to another verdict."""
    unanswerable = {"unanswerable": list(get_args(Unanswerable))}
    rows = warehouse.connection.execute(_CHANGES_DOUBTED, unanswerable).fetchall()
    organisations = warehouse.connection.sql(
        f"select distinct organisation from {DISCLOSED_PROGRAMME_EFFECT.full_name}"
    ).fetchall()
    for (organisation,) in organisations:
        own = [row[1:] for row in rows if row[0] == organisation]
        write_listing(home.private / folder_name(organisation) / DOUBTED, _DOUBTED, own)
