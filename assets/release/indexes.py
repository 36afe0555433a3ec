"""The index of editions: a page for each organisation, and one of all, made from published folders and nothing else."""

from pathlib import Path

from assets.release.publish import folder_name
from assets.warehouse.durable import replace_file
from equity_audit.errors import DisclosureFailed, Problem, UsageError
from reports.edition.published_editions import published_organisations, published_reviews
from reports.pages.index.page import render_editions, render_organisations
from reports.release_check import unexpected_in_index

INDEX = "index.html"


def write_indexes(published: Path, organisation: str | None = None) -> list[str]:
    """Write each index whose content is new, and return which. Raises DisclosureFailed, and UsageError for no room.

    organisation: whose index is written, besides that of all; None for everybody's. What is wrong with one index keeps
    back no other: it is raised once those are written. An index is replaced in one move, so that nobody reads half of
    one.
    """
    organisations = published_organisations(published)
    chosen = [folder for folder in organisations if organisation is None or folder == folder_name(organisation)]
    reviews = {folder: published_reviews(published / folder) for folder in chosen}
    pages = {f"{folder}/{INDEX}": render_editions(organisations[folder], reviews[folder]) for folder in chosen}
    if organisations:
        pages[INDEX] = render_organisations(organisations)
    by_page = {
        name: list(unexpected_in_index(name, page, organisations, reviews.get(name.partition("/")[0], ())))
        for name, page in pages.items()
    }
    written = [name for name, page in pages.items() if not by_page[name] and _replaced(published / name, page.encode())]
    found = [one for each in by_page.values() for one in each]
    if found:
        raise DisclosureFailed(
            *(Problem(one.kind, f"{one.file}, {one.place}", "the index was not written: report this") for one in found)
        )
    return written


def _replaced(path: Path, content: bytes) -> bool:
    try:
        if path.exists() and path.read_bytes() == content:
            return False
        replace_file(path, content)
    except OSError as error:
        raise UsageError(
            Problem(
                f"the index cannot be written ({error.strerror or type(error).__name__})",
                str(path),
                "check the folder's rights and the free space, then run again: the editions themselves are published",
            )
        ) from None
    return True
