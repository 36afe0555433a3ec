"""The index of editions: a page for each organisation, and one of all, made from published folders and nothing else."""

from pathlib import Path
from typing import Any

import dagster as dg

from assets.lineage import OWNERS, as_failure
from assets.partitions import PERIODS
from assets.warehouse import Home
from equity_audit.errors import DisclosureFailed, Problem, UsageError
from reports.edition_list import published_organisations, published_reviews
from reports.index_page import render_editions, render_organisations
from reports.release_check import unexpected_in_index

INDEX = "index.html"


@dg.asset(
    key=["edition", "index"],
    deps=[["edition", "panel"]],
    partitions_def=PERIODS,
    group_name="edition",
    owners=OWNERS,
    kinds={"html"},
    description="The index of every organisation's published editions, and of all organisations.",
)
def index(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult[Any]:
    """List what is published now, whichever period was just made."""
    try:
        written = write_indexes(home.published)
    except (DisclosureFailed, UsageError) as error:
        raise as_failure(error) from None
    context.log.info(f"indexes written: {', '.join(written) or 'none, all as they were'}")
    return dg.MaterializeResult(metadata={"written": len(written)})


def write_indexes(published: Path) -> list[str]:
    """Write each index whose content is new, and return which. Raises DisclosureFailed, and UsageError for no room.

    An index is replaced in one move, so that nobody reads half of one. Leftovers of a run that was killed are replaced.
    """
    organisations = published_organisations(published)
    reviews = {folder: published_reviews(published / folder) for folder in organisations}
    pages = {f"{folder}/{INDEX}": render_editions(found, reviews[folder]) for folder, found in organisations.items()}
    if pages:
        pages[INDEX] = render_organisations(organisations)
    found = [
        one
        for name, page in pages.items()
        for one in unexpected_in_index(name, page, organisations, reviews.get(name.partition("/")[0], ()))
    ]
    if found:
        raise DisclosureFailed(
            *(Problem(one.kind, f"{one.file}, {one.place}", "the index was not written: report this") for one in found)
        )
    return [name for name, page in pages.items() if _replaced(published / name, page.encode())]


def _replaced(path: Path, content: bytes) -> bool:
    try:
        if path.exists() and path.read_bytes() == content:
            return False
        building = path.with_name(f"{path.name}.building")
        building.write_bytes(content)
        building.replace(path)
    except OSError as error:
        raise UsageError(
            Problem(
                f"the index cannot be written ({error.strerror or type(error).__name__})",
                str(path),
                "check the folder's rights and the free space, then run again: the editions themselves are published",
            )
        ) from None
    return True
