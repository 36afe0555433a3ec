"""Publishing one organisation's edition: registered first, since an attacker may know it from then on."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from assets.release.edition_files import edition_files, make_edition, with_earlier, with_signature
from assets.release.publish import folder_name, publish, standing_record
from assets.release.published_register import register_edition, taken_revision, too_little_changed
from assets.release.unpublished_runs import note_run
from equity_audit.contracts import POPULATION_TABLES, STAGE_COUNTS, Table
from equity_audit.disclosure.table.count_rows import published_again
from equity_audit.disclosure.table.count_table import people_behind, published_rows
from equity_audit.disclosure.table.suppression_status import Published
from equity_audit.errors import Problem, UsageError
from equity_audit.populations.kinds import POPULATIONS
from equity_audit.populations.protection import published_people
from equity_audit.settings import Settings
from reports.edition.manifest_hash import MANIFEST_HASH, RECORD, read_record
from reports.edition.record import Making

# Exact counts of everybody who is counted: the register notes what an edition leaves possible of each.
REGISTERED = (STAGE_COUNTS, *(people.exact for people in POPULATION_TABLES))


@dataclass(frozen=True)
class Publishing:
    """What the editions of one run have in common.

    published, superseded, private: the home's folders; key: to sign with.
    """

    connection: duckdb.DuckDBPyConnection
    published: Path
    superseded: Path
    private: Path
    period: str
    settings: Settings
    made: Making
    key: bytes | None
    run_id: str

    def folder(self, organisation: str) -> Path:
        """Where an organisation's edition stands."""
        return self.published / folder_name(organisation) / self.period


def publish_edition(
    run: Publishing, organisation: str, disclosed: Mapping[str, pl.DataFrame], exact: Mapping[Table, pl.DataFrame]
) -> dict[str, Any]:
    """Publish an organisation's edition of the period where anything in it is new; returns what to say of it.

    disclosed: by table name, and exact: the REGISTERED tables, both of every organisation. Raises UsageError where it
    cannot be written, DisclosureFailed where it holds what it should not.
    """
    mine, settings, key = pl.col("organisation") == organisation, run.settings, (organisation, run.period)
    tables = {name: rows.filter(mine) for name, rows in disclosed.items()}
    people = populations_again(organisation, exact, tables, settings)
    folder = run.folder(organisation)
    superseded = run.superseded / folder.relative_to(run.published)
    _check_folder(organisation, folder)
    if any(too_little_changed(run.connection, one.people, key, settings) for one in people):
        # Said as of an edition in which nothing is new: that a few count otherwise is a number, too.
        return _standing(run, organisation)

    def build(revision: int, replaces: int | None) -> dict[str, bytes]:
        edition = make_edition(organisation, run.period, tables, settings, (revision, replaces), run.made)
        return with_signature(edition_files(with_earlier(edition, folder, superseded), run.run_id), run.key)

    revision, changed = publish(
        folder,
        superseded,
        build,
        # Before anybody can read it: an attacker may know it from then on.
        before=lambda revision: register_edition(run.connection, people, (*key, revision), settings),
        taken=taken_revision(run.connection, people, key, settings),
    )
    note_run(run.private, organisation, run.period, None)
    said = f"revision {revision}, {'published' if changed else 'unchanged'}"
    return {"edition": said, "folder": str(folder), MANIFEST_HASH: _manifest_hash(folder)}


def populations_again(
    organisation: str, exact: Mapping[Table, pl.DataFrame], own: Mapping[str, pl.DataFrame], settings: Settings
) -> list[Published]:
    """What an edition says of each set of people: applicants, staff, the board, those who answered each question.

    exact: of every organisation.
    """
    mine = pl.col("organisation") == organisation
    applicants = people_behind(published_rows(exact[STAGE_COUNTS].filter(mine), settings.disclosure))
    published = [published_again(applicants, own["stage_counts"], own["outcome_counts"])]
    for people in POPULATIONS:
        counted, shown = exact[people.tables.exact].filter(mine), own[people.tables.shown.name]
        published += published_people(people, counted, shown, settings).values()
    return published


def _standing(run: Publishing, organisation: str) -> dict[str, Any]:
    """What is said of an edition that stays. Raises UsageError where none stands that could."""
    folder = run.folder(organisation)
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
    note_run(run.private, organisation, run.period, record["revision"])
    return {
        "edition": f"revision {record['revision']}, unchanged",
        "folder": str(folder),
        MANIFEST_HASH: record[MANIFEST_HASH],
    }


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


def _manifest_hash(folder: Path) -> Any:
    """The manifest hash of a published edition, which Dagster's history keeps apart from the edition."""
    return read_record((folder / RECORD).read_bytes()).get(MANIFEST_HASH)
