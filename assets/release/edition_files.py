"""The content and the files of an edition, made from disclosed tables and nothing else."""

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
    making: Making,
) -> Edition:
    """Return everything that reports may know of one organisation and period."""
    # The settings of an edition name its organisation, not the default for sources without a name.
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
        made=making,
    )


def with_earlier(edition: Edition, published: Path, superseded: Path) -> Edition:
    """Return the edition with its published predecessors: that of the previous period, and the revision it replaces.

    published, superseded: the folder of the edition, and the folder of the revisions that it has replaced.
    """
    organisation, previous = edition.organisation, period_before(edition.period, edition.settings)[0].isoformat()
    replaced = replaced_folder(published, superseded, edition.replaces)
    return replace(
        edition,
        previous=read_earlier(published.with_name(previous), organisation, previous),
        replaced=None if replaced is None else read_earlier(replaced, organisation, edition.period.isoformat()),
    )


def edition_files(edition: Edition, run_id: str) -> dict[str, bytes]:
    """Return the files of an edition by relative name. Only the record and the events depend on run and time.

    Raises DisclosureFailed if they contain a figure that is not in the disclosed tables.
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
    if unexpected_values := unexpected(files, edition, run_id):
        raise DisclosureFailed(
            *(
                Problem(value.kind, f"{value.file}, {value.place}", "this edition was not published: report this")
                for value in unexpected_values
            )
        )
    return files


def with_signature(files: dict[str, bytes], key: bytes | None) -> dict[str, bytes]:
    """Return the files with the signature of their record, if there is a key to sign with."""
    return files if key is None else files | {SIGNATURE: signed(files[RECORD], key)}
