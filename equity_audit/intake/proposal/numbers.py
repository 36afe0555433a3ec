"""Measure how well a column fits a key of a mapping of staff headcounts or survey answers."""

import re
from collections.abc import Iterable

from equity_audit.intake.counted_applicants import read_count
from equity_audit.intake.proposal.columns import ROLES, Column, Role

_COUNTS = "whole numbers"


def _numbers(column: Column) -> float:
    """Return the share of whole numbers, including 0 and 1."""
    return column.share(lambda value: read_count(value) is not None)


def _texts(column: Column) -> float:
    return column.share(lambda value: read_count(value) is None) * (column.dates < 0.5)


def _days(column: Column) -> float:
    return column.stage_dates


# Before board_member, which such a name may mention too; never a flag of non-executive members.
_EXECUTIVE = r"^(is )?exec(utive)?( board)?( members?| directors?)?$"

NUMBERS: dict[str, dict[str, Role]] = {
    "workforce": {
        "snapshot": Role(r"\b(snapshot|census|as at)( date| day)?\b", r"^(date|day|on|period end)$", _days, "dates"),
        "ethnicity": ROLES["ethnicity"],
        "pay_band": ROLES["pay_band"],
        "staff_group": ROLES["staff_group"],
        "headcount": Role(r"\bhead ?counts?\b", r"\b(staff in post|number of staff)\b", _numbers, _COUNTS),
        "leavers": Role(r"\bleavers?\b", r"\bleft\b", _numbers, _COUNTS),
        "joiners": Role(r"\b(joiners?|starters?)\b", r"\bjoined\b", _numbers, _COUNTS),
        "executive_member": Role(_EXECUTIVE, _EXECUTIVE, ROLES["ring_fenced"].share, "yes or no", least=0.0),
        "board_member": Role(r"\bboard\b", r"\bvoting\b", ROLES["ring_fenced"].share, "yes or no", least=0.0),
    },
    "survey": {
        "wave": Role(r"\b(survey|wave)( date| day)?\b", r"^(date|day|on|closed)$", _days, "dates"),
        "item": Role(r"\b(question|item|statement)s?\b", r"\btext\b", _texts, "texts"),
        "ethnicity": ROLES["ethnicity"],
        "answered": Role(r"\banswered\b", r"\b(respondents?|responses?|base)\b", _numbers, _COUNTS),
        "agreed": Role(r"\bagree(d|ing)?\b", r"\b(positive|favourable)\b", _numbers, _COUNTS),
    },
}
# Keys whose column names occur only in such files.
_TELLING = {"workforce": ("headcount",), "survey": ("answered", "agreed")}


def shape_of_numbers(columns: Iterable[Column]) -> str | None:
    """Return whether a file holds staff headcounts or survey answers, by its column names alone; None if neither."""
    words = [column.words for column in columns]
    for shape, keys in _TELLING.items():
        if all(any(re.search(NUMBERS[shape][key].names, name) for name in words) for key in keys):
            return shape
    return None
