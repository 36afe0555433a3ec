"""Publishing the reviews of programmes, from what is published and nothing else."""

from datetime import UTC, datetime
from pathlib import Path

from assets.release.indexes import write_indexes
from assets.release.programme_sources import programme_sources
from assets.release.publish import publish
from assets.release.versions import packages
from assets.warehouse.failures import fault
from equity_audit.errors import DisclosureFailed, EquityAuditError, Problem
from reports.edition.csv_tables import csv_text
from reports.edition.manifest_hash import RECORD, with_manifest_hash
from reports.edition.programme_review import PAGE, ProgrammeEdition, programme_record, review_editions
from reports.edition.published_editions import PREFIX, published_organisations
from reports.exports.data_package import table_path
from reports.pages.board.page import render_board
from reports.release_check import unexpected_in_review


def publish_reviews(
    home: Path, published: Path, superseded: Path, run_id: str
) -> tuple[list[ProgrammeEdition], dict[str, str], list[EquityAuditError]]:
    """Review every programme of a home, and publish each review in which anything is new.

    Returns the reviews, what to say of each by its folder, and what was wrong: whatever it is stops no other.
    """
    made: list[ProgrammeEdition] = []
    said: dict[str, str] = {}
    editions_of = {
        # Of one without a whole edition nobody can say whose it is.
        next(one.organisation for one in listed if one.organisation): (folder, listed)
        for folder, listed in published_organisations(published).items()
        if any(one.organisation for one in listed)
    }
    sources, faults = programme_sources(home, list(editions_of))
    for organisation, (folder, listed) in editions_of.items():
        editions = [one.published for one in listed if one.published is not None]
        for source in (one for one in sources if one.is_of(organisation)):
            place = f"{folder}/{PREFIX}{source.name}"
            try:
                review = review_editions(organisation, source.name, source.file, editions)
                said[place] = _publish(review, published / place, superseded / place, run_id)
            except Exception as error:
                faults.append(error if isinstance(error, EquityAuditError) else fault(error, place))
            else:
                made.append(review)
    try:
        write_indexes(published)
    except EquityAuditError as error:
        faults.append(error)
    return made, said, faults


def programme_files(edition: ProgrammeEdition, revisions: tuple[int, int | None], run_id: str) -> dict[str, bytes]:
    """The files of a review by relative name. Raises DisclosureFailed where they hold what was not handed to them."""
    files = {table_path(name): csv_text(rows).encode() for name, rows in edition.tables.items()}
    files[PAGE] = render_board(edition, revisions).encode()
    run = (run_id, datetime.now(UTC).isoformat(timespec="seconds"))
    files[RECORD] = with_manifest_hash(programme_record(edition, files, revisions, packages(), run))
    if found := unexpected_in_review(files, edition, revisions, packages(), run_id):
        raise DisclosureFailed(
            *(
                Problem(one.kind, f"{one.file}, {one.place}", "the review was not published: report this")
                for one in found
            )
        )
    return files


def _publish(review: ProgrammeEdition, place: Path, superseded: Path, run_id: str) -> str:
    revision, changed = publish(
        place,
        superseded,
        lambda revision, replaces: programme_files(review, (revision, replaces), run_id),
        before=lambda _: None,
    )
    return f"revision {revision}, {'published' if changed else 'unchanged'}"
