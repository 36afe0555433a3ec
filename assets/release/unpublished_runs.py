"""A note for the analyst where a run changed too little to be published, so that its lists are not the edition's."""

from pathlib import Path

from assets.release.publish import folder_name
from assets.warehouse.private_files import write_private

_NOTE = "not-published.txt"


def note_run(private: Path, organisation: str, period: str, standing: int | None) -> None:
    """Say that a run made counts and lists of a period that are not those of its edition, revision `standing`.

    None: they are those of the edition, and nothing is to be said. The words give no number of applications.
    """
    note = unpublished_run(private, organisation, period)
    if standing is None:
        note.unlink(missing_ok=True)
        return
    words = (
        f"Revision {standing} of the period from {period} stands. The last run found too few applications changed "
        "for another edition (settings, disclosure.min_changed_applications), so it published none.\n"
        "The lists of this period in private/, and its rows in the tables out.*, disclosed.* and intake.protections of "
        "the warehouse, are those of the last run and not of the edition. What is published is in the edition's own "
        "folder tables.\n"
    )
    write_private(note, words.encode())


def unpublished_run(private: Path, organisation: str, period: str) -> Path:
    """Return where it is said that the last run of a period was not published; if it was, there is no such file."""
    return private / folder_name(organisation) / period / _NOTE
