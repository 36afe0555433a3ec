"""Read the text of a published cell: a number, a mark with a bound, or a mark that only says that it is hidden."""

import re
from enum import Enum
from typing import NamedTuple

from equity_audit.disclosure.table.constraints import UNBOUNDED
from equity_audit.settings import DisclosurePolicy

# Marks that do not say what they hide: symbols in ONS, NHS and GSS tables, and words.
_HIDDEN = {
    "c",
    "[c]",
    "x",
    "[x]",
    "z",
    "[z]",
    "s",
    "*",
    "**",
    "-",
    "\u2013",
    "\u2014",
    ".",
    "..",
    "...",
    ":",
    "suppressed",
}
_HIDDEN |= {"withheld", "masked", "redacted", "n/a", "na"}
_BELOW = re.compile(r"\[?(?:<|fewer than|less than|under|below)\s*(\d+)%?\]?")
_UP_TO = re.compile(r"\[?(?:(?:<=|≤|up to|at most)\s*(\d+)%?|(\d+)\s*(?:or fewer|or less))\]?")
_RANGE = re.compile(r"(\d+)\s*(?:-|\u2013|to)\s*(\d+)")
_WHOLE = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")


class Kind(Enum):
    """SHOWN: a number. SMALL: a mark with a bound. HIDDEN: a mark without one. BROKEN: a number that the rule hides."""

    SHOWN = "shown"
    SMALL = "small"
    HIDDEN = "hidden"
    BROKEN = "broken"


class Cell(NamedTuple):
    """The smallest and largest count that the text allows, taken alone."""

    kind: Kind
    lowest: int
    highest: int


def read_count(text: str, policy: DisclosurePolicy, small: frozenset[str] = frozenset()) -> Cell | None:
    """Return the range that a cell allows under the rule; None if it is neither a whole number nor a mark.

    `small`: marks that mean fewer than the threshold. A mark with a number in it ("<5", "1 to 4") means what it says. A
    number that is not a multiple of the rounding base is None too: the rule cannot have produced it.
    """
    text = text.strip().casefold()
    least = 1 if policy.zeros == "show" else 0
    if text in small:
        return Cell(Kind.SMALL, least, policy.withhold_below - 1)
    if match := _BELOW.fullmatch(text):
        return Cell(Kind.SMALL, least, int(match[1]) - 1)
    if match := _UP_TO.fullmatch(text):
        return Cell(Kind.SMALL, least, int(match[1] or match[2]))
    if match := _RANGE.fullmatch(text):
        return Cell(Kind.SMALL, int(match[1]), int(match[2]))
    if is_mark(text):
        return Cell(Kind.HIDDEN, 0, UNBOUNDED)
    return _shown(int(text.replace(",", "")), policy) if _WHOLE.fullmatch(text) else None


def is_mark(text: str) -> bool:
    """Return whether a cell only says that something is withheld; a blank cell counts."""
    return text.strip().casefold() in _HIDDEN | {""}


def is_masked(text: str) -> bool:
    """Return whether a rate or ratio is withheld on purpose: a blank cell may have no value at all."""
    folded = text.strip().casefold()
    return folded in _HIDDEN or any(mark.fullmatch(folded) for mark in (_BELOW, _UP_TO, _RANGE))


def is_whole(text: str) -> bool:
    """Return whether a cell is a whole number, with or without commas for thousands."""
    return bool(_WHOLE.fullmatch(text.strip()))


def _shown(value: int, policy: DisclosurePolicy) -> Cell | None:
    base = policy.round_to
    if value % base:
        return None
    least, most = max(value - base // 2, 0), value + (base - 1) // 2
    if value == 0:
        most = most if policy.zeros == "round" else 0
        return Cell(Kind.BROKEN if policy.zeros == "suppress" else Kind.SHOWN, 0, most)
    if most < policy.withhold_below:
        return Cell(Kind.BROKEN, least, most)
    return Cell(Kind.SHOWN, max(least, policy.withhold_below), most)
