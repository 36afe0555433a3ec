"""The edition of a period: its page, its tables and its record, made from disclosed tables and nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from assets.disclosed import DISCLOSED_KEYS
from assets.graph import asset_graph
from assets.lineage import OWNERS, as_failure
from assets.partitions import PERIODS
from assets.private_lists import note_attempt
from assets.release.publish import folder_name, publish, standing_record
from assets.release.published_register import register_edition, taken_revision, too_little_changed
from assets.release.versions import packages
from assets.resources import Home, Warehouse
from assets.warehouse.failures import fault
from assets.warehouse.keys import signing_key
from assets.warehouse.tables import read_period, statement_texts, statements
from equity_audit.contracts import DISCLOSED, STAGE_COUNTS, SURVEY, WORKFORCE, Table
from equity_audit.disclosure.table.count_rows import published_again
from equity_audit.disclosure.table.count_table import people_behind, published_rows
from equity_audit.disclosure.table.suppression_status import Published
from equity_audit.errors import DisclosureFailed, EquityAuditError, Problem, UsageError, together
from equity_audit.periods import period_label
from equity_audit.populations.answers import answers_again
from equity_audit.populations.staff import staff_again
from equity_audit.settings import Settings
from reports.edition.earlier_editions import read_earlier, replaced_folder
from reports.edition.manifest import edition_record
from reports.edition.manifest_hash import EVENTS, RECORD, SEAL, SIGNATURE, read_record, sealed
from reports.edition.record import CheckRecord, Edition, Making
from reports.edition.signature import signed
from reports.exports.data_package import data_files
from reports.exports.openlineage import write_events
from reports.exports.provenance import PROVENANCE, write_provenance
from reports.pages.edition_pages.edition_pages import PAGES
from reports.pages.edition_pages.panel.changes import period_before
from reports.release_check import unexpected

_SOFTWARE = ("recruitment-equity-audit", "duckdb", "great-expectations", "fairlearn", "statsmodels", "scipy", "dagster")


@dg.asset(
    key=["edition", "panel"],
    deps=DISCLOSED_KEYS,
    partitions_def=PERIODS,
    group_name="edition",
    owners=OWNERS,
    kinds={"html"},
    description="The published edition of each organisation for the period: pages for the panel and for auditors, "
    "tables as CSV and workbook, and the record of how it was made. Each materialization says where, and its seal.",
)
def panel(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """Publish the period's edition for every organisation that has one."""
    settings, period = home.settings(), context.partition_key
    tables = {table.name: read_period(warehouse.connection, table, period) for table in DISCLOSED}
    exact = {table: read_period(warehouse.connection, table, period) for table in (STAGE_COUNTS, WORKFORCE, SURVEY)}
    organisations = tables["stage_counts"]["organisation"].unique().sort().to_list()
    signing = signing_key(home.path)
    published: dict[str, Any] = {}
    problems: list[EquityAuditError] = []
    for organisation in organisations:
        own = {name: rows.filter(pl.col("organisation") == organisation) for name, rows in tables.items()}
        people = populations_again(organisation, exact, own, settings)
        place = (folder_name(organisation), period)
        folder = home.published.joinpath(*place)
        try:
            _check_folder(organisation, folder)
            if any(
                too_little_changed(warehouse.connection, one.people, (organisation, period), settings) for one in people
            ):
                # Said as of an edition in which nothing is new: that a few count otherwise is a number, too.
                published[organisation] = _standing(folder)
                note_attempt(
                    home.private, organisation, period, read_record((folder / RECORD).read_bytes())["revision"]
                )
                continue
            revision, changed = publish(
                folder,
                home.superseded.joinpath(*place),
                lambda revision, replaces, own=own, name=organisation, place=place: with_signature(
                    edition_files(
                        with_earlier(make_edition(name, period, own, settings, (revision, replaces)), home, place),
                        context.run.run_id,
                    ),
                    signing,
                ),
                # Before anybody can read it: an attacker may know it from then on.
                before=lambda revision, name=organisation, people=people: register_edition(
                    warehouse.connection, people, (name, period, revision), settings
                ),
                taken=taken_revision(warehouse.connection, people, (organisation, period), settings),
            )
        except Exception as error:
            # A run by hand may be about several: whatever is wrong with one stops no other.
            problems.append(error if isinstance(error, EquityAuditError) else fault(error, str(folder)))
            continue
        note_attempt(home.private, organisation, period, None)
        said = f"revision {revision}, {'published' if changed else 'unchanged'}"
        published[organisation] = {"edition": said, "folder": str(folder), SEAL: _seal(folder)}
        context.log.info(f"edition {folder}: {said}")
    if problems:
        raise as_failure(together(problems))
    return dg.MaterializeResult(metadata={"editions": len(published), "revisions": dg.MetadataValue.json(published)})


def populations_again(
    organisation: str, exact: Mapping[Table, pl.DataFrame], own: Mapping[str, pl.DataFrame], settings: Settings
) -> list[Published]:
    """What an edition says of each set of people: applicants, staff, the board, those who answered each question.

    exact: of every organisation.
    """
    mine = pl.col("organisation") == organisation
    counts, staff, answers = (exact[table].filter(mine) for table in (STAGE_COUNTS, WORKFORCE, SURVEY))
    applicants = people_behind(published_rows(counts, settings.disclosure))
    return [
        published_again(applicants, own["stage_counts"], own["outcome_counts"]),
        *staff_again(staff, own["workforce"], settings).values(),
        *answers_again(answers, own["survey"], settings).values(),
    ]


def make_edition(
    organisation: str,
    period: str,
    tables: dict[str, pl.DataFrame],
    settings: Settings,
    revisions: tuple[int, int | None],
) -> Edition:
    """Everything that the reports may know of one organisation and period."""
    # An edition names its own organisation, not the one that the home's settings name for sources without a name.
    settings = settings.of_organisation(organisation)
    return Edition(
        organisation=organisation,
        period=date.fromisoformat(period),
        period_label=period_label(date.fromisoformat(period), settings.period),
        revision=revisions[0],
        replaces=revisions[1],
        tables=tables,
        checks=[
            CheckRecord(row["check_name"], row["table_name"], row["severity"], row["passed"], row["meaning"])
            for row in tables["checks"].iter_rows(named=True)
        ],
        settings=settings.model_dump(mode="json"),
        settings_sha256=settings.sha256(),
        software={name: version(name) for name in _SOFTWARE},
        made=Making(statements(), packages(), statement_texts(), asset_graph(panel)),
    )


def with_earlier(edition: Edition, home: Home, place: tuple[str, str]) -> Edition:
    """The edition with those before it as they are published: of the period before, and of the revision it replaces."""
    name, before = edition.organisation, period_before(edition.period, edition.settings)[0].isoformat()
    replaced = replaced_folder(home.published.joinpath(*place), home.superseded.joinpath(*place), edition.replaces)
    return replace(
        edition,
        previous=read_earlier(home.published / place[0] / before, name, before),
        replaced=None if replaced is None else read_earlier(replaced, name, edition.period.isoformat()),
    )


def edition_files(edition: Edition, run_id: str) -> dict[str, bytes]:
    """The files of an edition by relative name. Record and events name run and time, all else follows from content.

    Raises DisclosureFailed where they hold a figure that the disclosed tables have not.
    """
    files = {
        **{name: render(edition).encode() for name, render in PAGES.items()},
        **data_files(edition),
    }
    published_at = datetime.now(UTC).isoformat(timespec="seconds")
    files |= {
        PROVENANCE: write_provenance(edition, files),
        EVENTS: write_events(edition, files, run_id, published_at),
    }
    files[RECORD] = sealed(edition_record(edition, files, run_id, published_at))
    if found := unexpected(files, edition, run_id):
        raise DisclosureFailed(
            *(
                Problem(one.kind, f"{one.file}, {one.place}", "this edition was not published: report this")
                for one in found
            )
        )
    return files


def with_signature(files: dict[str, bytes], key: bytes | None) -> dict[str, bytes]:
    """The files with the signature of their record, where there is a key to sign with."""
    return files if key is None else files | {SIGNATURE: signed(files[RECORD], key)}


def _seal(folder: Path) -> Any:
    """The seal of a published edition, so that Dagster's history keeps it apart from the edition."""
    return read_record((folder / RECORD).read_bytes()).get(SEAL)


def _standing(folder: Path) -> dict[str, Any]:
    """What is said of an edition that stays. Raises UsageError where none stands that could."""
    record = standing_record(folder)
    if record is None:
        raise UsageError(
            Problem(
                "an edition of this period was published and is damaged or gone, and the records now differ from it so "
                "little that a new one beside it would tell about single people",
                str(folder),
                "put the folder back from a backup, or run again once more has changed",
            )
        )
    return {"edition": f"revision {record['revision']}, unchanged", "folder": str(folder), SEAL: record[SEAL]}


def _check_folder(organisation: str, folder: Path) -> None:
    """Raise UsageError where an organisation whose name makes the same folder has published there."""
    records = (standing_record(path) for path in sorted(folder.parent.glob("*")))
    for other in (record["organisation"] for record in records if record):
        if other != organisation:
            raise UsageError(
                Problem(
                    f"{other} and {organisation} would share the folder {folder.parent.name}",
                    "",
                    "give one of them another name in its source mapping",
                )
            )
