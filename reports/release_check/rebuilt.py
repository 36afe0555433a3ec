"""Every file of a release as it must be, rebuilt from the shown tables and from what the release says about itself.

Files about how it was made contain no figure about a group, so they are rebuilt from an edition without its figures:
code that read one would fail here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl

from equity_audit.contracts import DISCLOSED
from reports.edition.csv_tables import csv_text
from reports.edition.manifest import edition_record
from reports.edition.manifest_hash import EVENTS, OF_ONE_RUN, RECORD, read_record, with_manifest_hash
from reports.edition.programme_review import PAGE, ProgrammeEdition, programme_record
from reports.edition.record import Edition
from reports.exports.data_package import DESCRIPTOR, WORKBOOK, table_path, write_descriptor
from reports.exports.openlineage import write_events
from reports.exports.provenance import PROVENANCE, write_provenance
from reports.exports.workbook import write_workbook
from reports.pages.board.page import render_board
from reports.pages.edition_pages import PAGES

AUDIT = "audit.html"
MADE_WITHOUT_FIGURES = (AUDIT, PROVENANCE, EVENTS, RECORD)
_CONTRACTS = {table.name: table for table in DISCLOSED}
# About files, not people; the rounded numbers in them are published as they are.
_WHOLE = ("sources",)


def rebuilt_edition(files: Mapping[str, bytes], edition: Edition, run_id: str) -> dict[str, str | bytes]:
    """Rebuild every file of an edition, by name. Only the hashes and the time are taken from the finished `files`."""
    bare, published_at = without_figures(edition), _published_at(files)
    others = {name: content for name, content in files.items() if name not in OF_ONE_RUN | {PROVENANCE}}
    # Files that list hashes must list those of the files present; the files themselves are compared separately.
    csvs = {table_path(name): files.get(table_path(name), b"") for name in edition.tables}
    in_record = {name: content for name, content in files.items() if name != RECORD} | csvs
    return {
        **{name: render(bare if name == AUDIT else edition) for name, render in PAGES.items()},
        **{table_path(name): csv_text(rows) for name, rows in edition.tables.items()},
        WORKBOOK: write_workbook(edition),
        DESCRIPTOR: write_descriptor(_without_rows(edition), csvs),
        PROVENANCE: write_provenance(bare, others),
        EVENTS: write_events(bare, others, run_id, published_at),
        RECORD: with_manifest_hash(edition_record(bare, in_record, run_id, published_at)),
    }


def rebuilt_review(
    files: Mapping[str, bytes],
    edition: ProgrammeEdition,
    revisions: tuple[int, int | None],
    packages: Mapping[str, str],
    run_id: str,
) -> dict[str, str | bytes]:
    """Rebuild the same for a programme's review."""
    others = {name: content for name, content in files.items() if name != RECORD}
    return {
        PAGE: render_board(edition, revisions),
        **{table_path(name): csv_text(rows) for name, rows in edition.tables.items()},
        RECORD: with_manifest_hash(
            programme_record(edition, others, revisions, packages, (run_id, _published_at(files)))
        ),
    }


def without_figures(edition: Edition) -> Edition:
    """Return the edition with words and marks only, except in tables about its files."""
    words = (pl.String, pl.Boolean, pl.Date)
    tables = {
        name: rows if name in _WHOLE else rows.select(column for column in rows.columns if rows[column].dtype in words)
        for name, rows in edition.tables.items()
    }
    return replace(edition, tables=tables)


def _without_rows(edition: Edition) -> Edition:
    return replace(edition, tables={name: rows.clear() for name, rows in edition.tables.items()})


def undeclared(edition: Edition) -> Iterator[str]:
    """Yield tables, and columns by position, that no contract of a shown table has."""
    for name, rows in edition.tables.items():
        if name not in _CONTRACTS:
            yield f"table {name}"
            continue
        for position, column in enumerate(rows.columns, 1):
            if column not in _CONTRACTS[name].column_names:
                yield f"table {name}, column {position}"


def _published_at(files: Mapping[str, bytes]) -> str:
    """Return the time given in the record; empty if it is not a time."""
    try:
        text = read_record(files.get(RECORD, b"")).get("published_at")
        time = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return ""
    return text if time is not None and time.astimezone(UTC).isoformat(timespec="seconds") == text else ""
