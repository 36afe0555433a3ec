"""What the panel sees in place of an exact figure: the value with its range, its range alone, or a mark."""

from collections.abc import Callable, Mapping
from typing import Any

from equity_audit import wording
from reports.cells.not_shown import MARKS
from reports.pages.analyst_private.record import SEEN

NOT_PUBLISHED = "not published"
Write = Callable[[float], str]


def figure_seen(row: Mapping[str, Any], figure: str, write: Write = wording.ratio) -> str:
    """Return a published figure in words. row: has the edition's columns; figure: the shown table's column."""
    if not row[f"{SEEN}any"]:
        return NOT_PUBLISHED
    if reason := row.get(f"{SEEN}not_shown_reason"):
        return MARKS.get(reason, reason.replace("_", " "))
    value, low, high = (row[f"{SEEN}{figure}{end}"] for end in ("", "_low", "_high"))
    if low is None:
        return NOT_PUBLISHED if value is None else write(value)
    if high is None:
        return f"{write(low)} or more" if value is None else f"{write(value)} ({write(low)} or more)"
    if value is None:
        return f"between {write(low)} and {write(high)}"
    return f"{write(value)} ({write(low)} to {write(high)})"


def count_seen(row: Mapping[str, Any], figure: str, below: int) -> str:
    """Return a published number of people in words."""
    if not row[f"{SEEN}any"]:
        return NOT_PUBLISHED
    if (value := row[f"{SEEN}{figure}"]) is not None:
        return wording.number(value)
    note = row[f"{SEEN}{figure}_note"]
    return f"fewer than {below}" if note == "fewer_than" else MARKS.get(note, NOT_PUBLISHED)


def finding_seen(row: Mapping[str, Any]) -> str:
    """Return the published finding in words; empty if there is none."""
    finding = row[f"{SEEN}finding"]
    return "" if finding is None else finding.replace("_", " ")
