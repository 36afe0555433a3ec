"""What a page may print: figures of shown tables, tallies, settings, places in a layout, and names. Each is marked.

The template engine (`reports.pages.shell`) refuses every other number, and every text with one in it. A mark encloses
the printed words, so it outlives sentences, lists and JSON; when a page is done its marks are taken off and noted in
order, with what each says. Noncharacters of Unicode are the marks: no text of any file or person has them.

    a figure   `number`, `percent`, `ratio`, `likely_range`: of values of `reports.figures.shown_numbers` alone
    a tally    how many rows, comparisons, checks or files a page has: of no people
    a setting  a number of the policy, which is published in full
    a layout   ids of elements, columns that a cell spans, coordinates of drawings
    a name     whatever data call something: departments, files, stages, days. Escaped, and never read for numbers
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from equity_audit import wording
from reports.figures.shown_numbers import Value

# Sixteen digits for what a mark says, so that nothing that is done to a text in words changes it; then the brackets.
_DIGITS = "".join(chr(0xFDD0 + place) for place in range(16))
_OPEN, _SAYS, _CLOSE = "\ufde0", "\ufde1", "\ufde2"
_TO_DIGITS = str.maketrans("0123456789abcdef", _DIGITS)
_FROM_DIGITS = str.maketrans(_DIGITS, "0123456789abcdef")
_ANY = re.compile("[\ufdd0-\ufdef]")
_MARK = re.compile(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_SAYS}([{_DIGITS}]+){_CLOSE}")
NAME, TALLY, SETTING, LAYOUT = "a name", "a tally", "a setting", "a layout"


class BareNumber(TypeError):
    """A number that is about to be printed and of which nobody says where it comes from. It is not repeated."""


@dataclass(frozen=True)
class Printed:
    """Words on a page that were marked. of: the column of a figure, or one of NAME, TALLY, SETTING and LAYOUT."""

    text: str
    of: str


def marked(text: str, of: str) -> str:
    """The text, marked as what it is."""
    return f"{_OPEN}{_ANY.sub('', text)}{_SAYS}{of.encode().hex().translate(_TO_DIGITS)}{_CLOSE}"


def is_bare(text: str) -> bool:
    """Whether a text has a numeral, of any script, that is not marked."""
    return any(letter.isnumeric() for letter in _MARK.sub("", text))


def opened(text: str) -> str:
    """A text without its marks, as people read it; whatever is left of a mark that was cut goes too."""
    return _ANY.sub("", _MARK.sub(r"\1", text))


def printed_in(text: str) -> tuple[Printed, ...]:
    """Everything marked in a text, in order."""
    return tuple(
        Printed(match[1], bytes.fromhex(match[2].translate(_FROM_DIGITS)).decode()) for match in _MARK.finditer(text)
    )


def name(text: str) -> str:
    """What data call something. One without a number in it needs no mark."""
    plain = _ANY.sub("", text)
    return marked(plain, NAME) if is_bare(plain) else plain


def tally(count: int) -> str:
    """How many there are of something that is no person: rows, comparisons, files, checks."""
    if isinstance(count, Value):
        raise BareNumber("a figure that is called a tally")
    return marked(wording.number(count), TALLY)


def setting(value: Any) -> str:
    """A number of the policy."""
    return marked(str(value), SETTING)


def setting_percent(share: float) -> str:
    """A share that the policy names, in as many places as it has."""
    return setting(f"{100 * share:g}%")


def layout(value: Any) -> str:
    """A place in the page's own structure: an id, a span, a coordinate."""
    return marked(str(value), LAYOUT)


def number(value: int | None) -> str:
    """A count with thousands separated; empty for None."""
    return "" if value is None else _figure(value, wording.number(value))


def percent(share: float) -> str:
    """A share as whole per cent."""
    return _figure(share, wording.percent(share))


def ratio(value: float) -> str:
    """A ratio to two places."""
    return _figure(value, wording.ratio(value))


def likely_range(low: float, high: float | None) -> str:
    """A range of ratios in words."""
    return f"{ratio(low)} to {ratio(high)}" if high is not None else f"{ratio(low)} or more"


def one_place(value: float) -> str:
    """A number to one place."""
    return _figure(value, f"{value:.1f}")


def log_words(value: float) -> str:
    """A logarithm to two places, with a minus sign and not a hyphen."""
    return _figure(value, _logarithm(value))


def sentence(text: str) -> str:
    """With a capital first letter, the rest as it is."""
    return text[:1] + text[1:2].upper() + text[2:] if text.startswith(_OPEN) else wording.sentence(text)


def day(date: date) -> str:
    """A day in words."""
    return name(wording.day(date))


def stage_name(stage: str) -> str:
    """A stage as a heading."""
    return name(wording.stage_name(stage))


def step_name(from_stage: str, to_stage: str) -> str:
    """A step as a heading."""
    return f"{stage_name(from_stage)} to {stage_name(to_stage).lower()}"


def ways_to_print(value: Any) -> tuple[str, ...]:
    """Every way in which a value of a shown table may stand on a page; none of one that is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ()
    return (wording.number(value),) if isinstance(value, int) else tuple(write(value) for write in _WRITERS)


def _named(write: Callable[[str], str]) -> Callable[[str], str]:
    """A function of the wording whose words are made of one name, with that name marked."""

    return lambda text: name(write(text))


people, staff, at_stage, to_stage = map(_named, (wording.people, wording.staff, wording.at_stage, wording.to_stage))


def likeness(alike: Sequence[str]) -> str:
    """What like posts have in common."""
    return name(wording.likeness(alike))


def _logarithm(value: float) -> str:
    return wording.ratio(value).replace("-0.00", "0.00").replace("-", "\N{MINUS SIGN}")


_WRITERS = (wording.percent, wording.ratio, _logarithm)


def _figure(value: float, text: str) -> str:
    if not isinstance(value, Value):
        raise BareNumber("a figure that no shown table has")
    return marked(text, value.of)
