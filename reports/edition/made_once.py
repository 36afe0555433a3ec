"""A page or workbook is made once of an edition, however often it is asked for.

What makes one is given the edition and nothing else, so to make it again would give the same bytes; tests do so. The
check of finished files asks the makers, and not whoever hands it the files: a file that something else made, or that
was changed since, differs from what they made.
"""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from reports.edition.record import Edition

Made = TypeVar("Made")


def once(make: Callable[[Edition], Made]) -> Callable[[Edition], Made]:
    """Return the maker, which keeps what it made last and gives it again for the same edition, by identity."""
    kept: list[tuple[Edition, Made]] = []

    @wraps(make)
    def remembering(edition: Edition) -> Made:
        if not kept or kept[0][0] is not edition:
            kept[:] = [(edition, make(edition))]
        return kept[0][1]

    return remembering
