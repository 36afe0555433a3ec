"""Publish the reviews of programmes, from published editions and nothing else."""

from datetime import UTC, datetime
from pathlib import Path

from assets.release.edition_rows import listed_edition
from assets.release.indexes import write_indexes
from assets.release.programme_sources import programme_sources
from assets.release.publish import publish
from assets.release.versions import packages
from assets.warehouse.failures import fault
from equity_audit.errors import DisclosureFailed, EquityAuditError, Problem
from reports.edition.csv_tables import csv_text
from reports.edition.manifest_hash import RECORD, with_manifest_hash
from reports.edition.programme_review import PAGE, ProgrammeEdition, programme_record, review_editions
from reports.edition.published_editions import PREFIX, published_editions, published_organisations
from reports.exports.data_package import table_path
from reports.pages.board.page import render_board
from reports.release_check import unexpected_in_review


def publish_reviews(
    home: Path, published: Path, superseded: Path, run_id: str
) -> tuple[list[ProgrammeEdition], dict[str, str], list[EquityAuditError]]:
    """Review every programme of a home, and publish each review in which anything is new.

    Returns the reviews, the outcome of each by its folder, and the errors: an error in one does not stop the others.
    """
    reviews: list[ProgrammeEdition] = []
    outcomes: dict[str, str] = {}
    folders = {
        # A folder without an intact edition does not say which organisation it belongs to.
        next(edition.organisation for edition in listed if edition.organisation): folder
        for folder, listed in published_organisations(published, listed_edition).items()
        if any(edition.organisation for edition in listed)
    }
    sources, errors = programme_sources(home, list(folders))
    for organisation, folder in folders.items():
        own = [source for source in sources if source.is_of(organisation)]
        listed = published_editions(published / folder) if own else []
        editions = [edition.published for edition in listed if edition.published is not None]
        for source in own:
            review_folder = f"{folder}/{PREFIX}{source.name}"
            try:
                review = review_editions(organisation, source.name, source.file, editions)
                outcomes[review_folder] = _publish(
                    review, published / review_folder, superseded / review_folder, run_id
                )
            except Exception as error:
                errors.append(error if isinstance(error, EquityAuditError) else fault(error, review_folder))
            else:
                reviews.append(review)
    try:
        write_indexes(published)
    except EquityAuditError as error:
        errors.append(error)
    return reviews, outcomes, errors


def programme_files(edition: ProgrammeEdition, revisions: tuple[int, int | None], run_id: str) -> dict[str, bytes]:
    """Return the files of a review by relative name. Raises DisclosureFailed if they contain an unexpected value."""
    files = {table_path(name): csv_text(rows).encode() for name, rows in edition.tables.items()}
    files[PAGE] = render_board(edition, revisions).encode()
    run = (run_id, datetime.now(UTC).isoformat(timespec="seconds"))
    files[RECORD] = with_manifest_hash(programme_record(edition, files, revisions, packages(), run))
    if unexpected_values := unexpected_in_review(files, edition, revisions, packages(), run_id):
        raise DisclosureFailed(
            *(
                Problem(value.kind, f"{value.file}, {value.place}", "the review was not published: report this")
                for value in unexpected_values
            )
        )
    return files


def _publish(review: ProgrammeEdition, folder: Path, superseded: Path, run_id: str) -> str:
    revision, changed = publish(
        folder,
        superseded,
        lambda revision, replaces: programme_files(review, (revision, replaces), run_id),
        before=lambda _: None,
    )
    return f"revision {revision}, {'published' if changed else 'unchanged'}"
