"""A note for the analyst if a run changed too little to be published, so that its lists are not the edition's."""

from pathlib import Path

from assets.release.publish import folder_name
from assets.warehouse.private_files import write_private

_NOTE = "not-published.txt"


def note_run(private: Path, organisation: str, period: str, kept_revision: int | None) -> None:
    """Note that the counts and lists of a run are not those of the period's edition, which stays at `kept_revision`.

    kept_revision: None if they are those of the edition, which removes the note. The note gives no number of
    applications.
    """
    note = unpublished_run(private, organisation, period)
    if kept_revision is None:
        note.unlink(missing_ok=True)
        return
    text = (
        f"Revision {kept_revision} of the period from {period} is unchanged. The last run found too few changed "
        "applications for another edition (settings, disclosure.min_changed_applications), so it did not publish one.\n"
        "The lists of this period in private/, and its rows in the tables out.*, disclosed.* and intake.protections of "
        "the warehouse, are those of the last run and not of the edition. The published tables are in the "
        "folder tables of the edition.\n"
    )
    write_private(note, text.encode())


def unpublished_run(private: Path, organisation: str, period: str) -> Path:
    """Return the path of the note that the last run of a period was not published; it exists only in that case."""
    return private / folder_name(organisation) / period / _NOTE
