"""What an edition says and the files that it comes as, made from disclosed tables and nothing else."""

from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

import polars as pl

from equity_audit.errors import DisclosureFailed, Problem
from equity_audit.periods import period_label
from equity_audit.settings import Settings
from reports.edition.earlier_editions import read_earlier, replaced_folder
from reports.edition.manifest import edition_record
from reports.edition.manifest_hash import EVENTS, RECORD, SIGNATURE, with_manifest_hash
from reports.edition.record import CheckRecord, Edition, Making
from reports.edition.signature import signed
from reports.exports.data_package import data_files
from reports.exports.openlineage import write_events
from reports.exports.provenance import PROVENANCE, write_provenance
from reports.pages.edition_pages import PAGES
from reports.pages.panel.changes import period_before
from reports.release_check import unexpected

_SOFTWARE = ("recruitment-equity-audit", "duckdb", "great-expectations", "fairlearn", "statsmodels", "scipy", "dagster")


def make_edition(
    organisation: str,
    period: str,
    tables: dict[str, pl.DataFrame],
    settings: Settings,
    revisions: tuple[int, int | None],
    made: Making,
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
        made=made,
    )


def with_earlier(edition: Edition, published: Path, superseded: Path) -> Edition:
    """The edition with those before it as they are published: of the period before, and of the revision it replaces.

    published, superseded: where it will stand, and where the revisions are that it has replaced.
    """
    name, before = edition.organisation, period_before(edition.period, edition.settings)[0].isoformat()
    replaced = replaced_folder(published, superseded, edition.replaces)
    return replace(
        edition,
        previous=read_earlier(published.with_name(before), name, before),
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
    files[RECORD] = with_manifest_hash(edition_record(edition, files, run_id, published_at))
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
