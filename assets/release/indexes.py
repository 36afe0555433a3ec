"""The indexes of editions: one for each organisation and one of all, made from published folders alone."""

from pathlib import Path

from filelock import FileLock

from assets.release.edition_rows import listed_edition, remove_rows_without_edition
from assets.release.publish import folder_name
from assets.warehouse.durable import replace_file
from equity_audit.errors import DisclosureFailed, Problem, UsageError
from reports.edition.published_editions import published_organisations, published_reviews
from reports.pages.index.page import render_editions, render_organisations
from reports.release_check import unexpected_in_index

INDEX = "index.html"


def write_indexes(published: Path, organisation: str | None = None) -> list[str]:
    """Write each index whose content is new, and return their names.

    organisation: whose index is written, as well as that of all; None for every organisation's. Each index is replaced
    atomically, by one command at a time. Raises DisclosureFailed for an index with unexpected values, once the others
    are written; and UsageError if an index cannot be written.
    """
    if not published.is_dir():
        return []
    try:
        # Hidden, and left: another command may be waiting for it.
        with FileLock(published / ".index.lock"):
            return _write_indexes(published, organisation)
    except OSError as error:
        raise UsageError(
            Problem(
                f"the index cannot be written ({error.strerror or type(error).__name__})",
                error.filename or str(published),
                "check the folder's permissions and free space, then run again: the editions themselves are published",
            )
        ) from None


def _write_indexes(published: Path, organisation: str | None) -> list[str]:
    organisations = published_organisations(published, listed_edition)
    chosen = [folder for folder in organisations if organisation is None or folder == folder_name(organisation)]
    reviews = {folder: published_reviews(published / folder) for folder in chosen}
    for folder in chosen:
        remove_rows_without_edition(published / folder)
    pages = {f"{folder}/{INDEX}": render_editions(organisations[folder], reviews[folder]) for folder in chosen}
    if organisations:
        pages[INDEX] = render_organisations(organisations)
    unexpected_by_page = {
        name: list(unexpected_in_index(name, page, organisations, reviews.get(name.partition("/")[0], ())))
        for name, page in pages.items()
    }
    written = [
        name
        for name, page in pages.items()
        if not unexpected_by_page[name] and _replaced(published / name, page.encode())
    ]
    unexpected = [value for values in unexpected_by_page.values() for value in values]
    if unexpected:
        raise DisclosureFailed(
            *(
                Problem(value.kind, f"{value.file}, {value.place}", "the index was not written: report this")
                for value in unexpected
            )
        )
    return written


def _replaced(path: Path, content: bytes) -> bool:
    if path.exists() and path.read_bytes() == content:
        return False
    replace_file(path, content)
    return True
