"""What a page may print: figures of shown tables, tallies, settings, layout and names. Each is marked.

The template engine (`reports.pages.shell`) refuses every other number, and every text that contains one. A mark
encloses the printed words, so it survives being put into sentences, lists and JSON; when a page is finished, its marks
are removed and noted in order, with the kind of each. The marks are Unicode noncharacters, which no ordinary text has.

    a figure   `number`, `percent`, `ratio`, `between`: only of values of `reports.figures.shown_numbers`
    a tally    how many rows, comparisons, checks or files a page has: never of people
    a setting  a number of the policy, which is published in full
    a layout   ids of elements, columns that a cell spans, coordinates of drawings
    a name     what the data call something: departments, files, stages, days. Escaped, and never checked for numbers
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from equity_audit import wording
from reports.figures.shown_numbers import Value

# Sixteen digits encode the kind of a mark, so that changing case or wording cannot alter it; then the brackets.
_DIGITS = "".join(chr(0xFDD0 + digit) for digit in range(16))
_OPEN, _SAYS, _CLOSE = "\ufde0", "\ufde1", "\ufde2"
_TO_DIGITS = str.maketrans("0123456789abcdef", _DIGITS)
_FROM_DIGITS = str.maketrans(_DIGITS, "0123456789abcdef")
_ANY = re.compile("[\ufdd0-\ufdef]")
_MARK = re.compile(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_SAYS}([{_DIGITS}]+){_CLOSE}")
NAME, TALLY, SETTING, LAYOUT = "a name", "a tally", "a setting", "a layout"


class BareNumber(TypeError):
    """A number about to be printed whose origin is unknown. The message does not repeat it."""


@dataclass(frozen=True)
class Printed:
    """Marked words on a page. of: the column of a figure, or one of NAME, TALLY, SETTING and LAYOUT."""

    text: str
    of: str


def marked(text: str, of: str) -> str:
    """Mark a text with its kind, `of`."""
    return f"{_OPEN}{_ANY.sub('', text)}{_SAYS}{of.encode().hex().translate(_TO_DIGITS)}{_CLOSE}"


def is_bare(text: str) -> bool:
    """Whether a text has an unmarked numeral, of any script."""
    return any(letter.isnumeric() for letter in _MARK.sub("", text))


def opened(text: str) -> str:
    """Return a text without its marks, as people read it, nor any remains of a mark that was cut."""
    return _ANY.sub("", _MARK.sub(r"\1", text))


def printed_in(text: str) -> tuple[Printed, ...]:
    """Return everything marked in a text, in order."""
    return tuple(
        Printed(match[1], bytes.fromhex(match[2].translate(_FROM_DIGITS)).decode()) for match in _MARK.finditer(text)
    )


def name(text: str) -> str:
    """Mark a name from the data; a name without a number needs no mark."""
    plain = _ANY.sub("", text)
    return marked(plain, NAME) if is_bare(plain) else plain


def tally(count: int) -> str:
    """Write how many there are of something other than people: rows, comparisons, files, checks."""
    if isinstance(count, Value):
        raise BareNumber("a figure passed as a tally")
    return marked(wording.number(count), TALLY)


def setting(value: Any) -> str:
    """Write a number of the policy."""
    return marked(str(value), SETTING)


def setting_percent(share: float) -> str:
    """Write a share that the policy names, with all its decimal places."""
    return setting(f"{100 * share:g}%")


def layout(value: Any) -> str:
    """Write a part of the page's own structure: an id, a span, a coordinate."""
    return marked(str(value), LAYOUT)


def number(value: int | None) -> str:
    """Write a count with thousands separators; empty for None."""
    return "" if value is None else _figure(value, wording.number(value))


def percent(share: float) -> str:
    """Write a share as a whole percentage."""
    return _figure(share, wording.percent(share))


def tenth_percent(share: float) -> str:
    """Write a share as a percentage to one decimal place."""
    return _figure(share, f"{100 * share:.1f}%")


def hundredths(share: float) -> str:
    """Write a difference of two shares as a whole number of percentage points, without their name."""
    return _figure(share, f"{100 * share:.0f}")


def ratio(value: float) -> str:
    """Write a ratio to two decimal places."""
    return _figure(value, wording.ratio(value))


def likely_range(low: float, high: float | None) -> str:
    """Write a range of ratios in words."""
    return f"{ratio(low)} to {ratio(high)}" if high is not None else f"{ratio(low)} or more"


def between(low: float, high: float | None, write: Callable[[float], str] = ratio) -> str:
    """Write a range in words, in place of a single figure; `write` writes its ends."""
    return f"between {write(low)} and {write(high)}" if high is not None else f"{write(low)} or more"


def point_or_range(row: Mapping[str, Any], name: str, write: Callable[[float], str] = ratio) -> str:
    """Write a row's figure, or its range in words if only that is shown; empty if neither is."""
    if row[name] is not None:
        return write(row[name])
    return "" if row[f"{name}_low"] is None else between(row[f"{name}_low"], row[f"{name}_high"], write)


def one_place(value: float) -> str:
    """Write a number to one decimal place."""
    return _figure(value, f"{value:.1f}")


def log_words(value: float) -> str:
    """Write a logarithm to two decimal places, with a minus sign rather than a hyphen."""
    return _figure(value, _logarithm(value))


def sentence(text: str) -> str:
    """Capitalise the first letter and leave the rest as it is."""
    return text[:1] + text[1:2].upper() + text[2:] if text.startswith(_OPEN) else wording.sentence(text)


def day(date: date) -> str:
    """Write a day in words."""
    return name(wording.day(date))


def stage_name(stage: str) -> str:
    """Write a stage as a heading."""
    return name(wording.stage_name(stage))


def step_name(from_stage: str, to_stage: str) -> str:
    """Write a step as a heading."""
    return f"{stage_name(from_stage)} to {stage_name(to_stage).lower()}"


def ways_to_print(value: Any) -> tuple[str, ...]:
    """Return every way in which a page may print a value of a shown table; empty if it is not a number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ()
    return (wording.number(value),) if isinstance(value, int) else tuple(write(value) for write in _WRITERS)


def _named(write: Callable[[str], str]) -> Callable[[str], str]:
    """Wrap a function of `wording` that writes a name in words, so that its result is marked as a name."""

    return lambda text: name(write(text))


people, staff, at_stage, to_stage = map(_named, (wording.people, wording.staff, wording.at_stage, wording.to_stage))


def likeness(alike: Sequence[str]) -> str:
    """Write what like posts have in common."""
    return name(wording.likeness(alike))


def _logarithm(value: float) -> str:
    return wording.ratio(value).replace("-0.00", "0.00").replace("-", "\N{MINUS SIGN}")


_WRITERS = (wording.percent, wording.ratio, _logarithm)


def _figure(value: float, text: str) -> str:
    if not isinstance(value, Value):
        raise BareNumber("a figure that is not from a shown table")
    return marked(text, value.of)
