"""Publish one organisation's edition. It is registered first: once published, an attacker may have read it."""

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
from equity_audit.contracts import DISCLOSED_DESIGN_EFFECTS, POPULATION_TABLES, STAGE_COUNTS, Table
from equity_audit.disclosure.table.count_rows import published_again
from equity_audit.disclosure.table.count_table import count_table_of, published_rows
from equity_audit.disclosure.table.suppression_status import Published
from equity_audit.errors import Problem, UsageError
from equity_audit.populations.kinds import POPULATIONS
from equity_audit.populations.protection import published_people
from equity_audit.settings import Settings
from reports.edition.manifest_hash import MANIFEST_HASH, RECORD, read_record
from reports.edition.record import Making

# The exact counts: the register records which values an edition leaves possible for each.
REGISTERED = (STAGE_COUNTS, *(people.exact for people in POPULATION_TABLES))


@dataclass(frozen=True)
class Publishing:
    """What the editions of one run have in common.

    published, superseded, private: folders of the home. key: the signing key, if there is one.
    """

    connection: duckdb.DuckDBPyConnection
    published: Path
    superseded: Path
    private: Path
    period: str
    settings: Settings
    making: Making
    key: bytes | None
    run_id: str

    def folder(self, organisation: str) -> Path:
        """Return the folder of an organisation's edition."""
        return self.published / folder_name(organisation) / self.period


def publish_edition(
    run: Publishing, organisation: str, disclosed: Mapping[str, pl.DataFrame], exact: Mapping[Table, pl.DataFrame]
) -> dict[str, Any]:
    """Publish an organisation's edition of the period if anything in it is new; return a summary of it.

    disclosed: by table name; exact: the REGISTERED tables; both for every organisation. Raises UsageError if the
    edition cannot be written, DisclosureFailed if it contains a value that it should not.
    """
    of_organisation = pl.col("organisation") == organisation
    settings, key = run.settings, (organisation, run.period)
    tables = {name: rows.filter(of_organisation) for name, rows in disclosed.items()}
    populations = populations_again(organisation, exact, tables, settings)
    folder = run.folder(organisation)
    superseded = run.superseded / folder.relative_to(run.published)
    _check_folder(organisation, folder)
    if any(too_little_changed(run.connection, published.people, key, settings) for published in populations):
        # Reported like an edition without changes: that a few applications changed would itself be a figure.
        return _kept(run, organisation)

    def build(revision: int, replaces: int | None) -> dict[str, bytes]:
        edition = make_edition(organisation, run.period, tables, settings, (revision, replaces), run.making)
        return with_signature(edition_files(with_earlier(edition, folder, superseded), run.run_id), run.key)

    revision, changed = publish(
        folder,
        superseded,
        build,
        # Before anybody can read it: an attacker may know it from then on.
        before=lambda revision: register_edition(
            run.connection, populations, tables[DISCLOSED_DESIGN_EFFECTS.name], (*key, revision), settings
        ),
        taken=taken_revision(run.connection, populations, key, settings),
    )
    note_run(run.private, organisation, run.period, None)
    outcome = f"revision {revision}, {'published' if changed else 'unchanged'}"
    return {"edition": outcome, "folder": str(folder), MANIFEST_HASH: _manifest_hash(folder)}


def populations_again(
    organisation: str, exact: Mapping[Table, pl.DataFrame], tables: Mapping[str, pl.DataFrame], settings: Settings
) -> list[Published]:
    """Return what an edition publishes of each set of people: applicants, staff, the board, respondents by question.

    exact: tables of every organisation. tables: the disclosed tables of this one, by name.
    """
    of_organisation = pl.col("organisation") == organisation
    applicants = count_table_of(published_rows(exact[STAGE_COUNTS].filter(of_organisation), settings.disclosure))
    published = [published_again(applicants, tables["stage_counts"], tables["outcome_counts"])]
    for population in POPULATIONS:
        counted = exact[population.tables.exact].filter(of_organisation)
        shown = tables[population.tables.shown.name]
        published += published_people(population, counted, shown, settings).values()
    return published


def _kept(run: Publishing, organisation: str) -> dict[str, Any]:
    """Return the summary of an edition that is kept. Raises UsageError if it is missing or damaged."""
    folder = run.folder(organisation)
    record = standing_record(folder)
    if record is None:
        raise UsageError(
            Problem(
                "an edition of this period was published and is damaged or missing, and the records now differ from it "
                "so little that a new edition, compared with it, would disclose individuals",
                str(folder),
                "restore the folder from a backup, or run again once more has changed",
            )
        )
    note_run(run.private, organisation, run.period, record["revision"])
    return {
        "edition": f"revision {record['revision']}, unchanged",
        "folder": str(folder),
        MANIFEST_HASH: record[MANIFEST_HASH],
    }


def _check_folder(organisation: str, folder: Path) -> None:
    """Raise UsageError if another organisation whose name gives the same folder name has published there."""
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
    """Return the manifest hash of a published edition; Dagster's history keeps it independently of the edition."""
    return read_record((folder / RECORD).read_bytes()).get(MANIFEST_HASH)
