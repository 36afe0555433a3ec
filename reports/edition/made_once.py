"""Make each page or workbook of an edition once, however often it is asked for.

Its maker is given the edition and nothing else, so making it again would give the same bytes; tests do so. The check of
finished files asks the makers, not the caller who passes it the files: a file that was made otherwise, or changed
since, differs from what they made.
"""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from reports.edition.record import Edition

Made = TypeVar("Made")


def once(make: Callable[[Edition], Made]) -> Callable[[Edition], Made]:
    """Return a maker that keeps its last result and returns it again for the same edition, by identity."""
    kept: list[tuple[Edition, Made]] = []

    @wraps(make)
    def remembering(edition: Edition) -> Made:
        if not kept or kept[0][0] is not edition:
            kept[:] = [(edition, make(edition))]
        return kept[0][1]

    return remembering
