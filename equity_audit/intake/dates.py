"""The date format of an export. If both a British and an American reading fit, it is not guessed.

3/4/2023 is 3 April in Britain and 4 March in America. Dates are read day first only if some of them can only be day
first, and month first likewise; if every date can be either, the mapping must say which.
"""

from collections.abc import Iterable
from datetime import datetime

from equity_audit.errors import Problem

ISO = "%Y-%m-%d"
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
# Formats that can only be read in one way, then pairs of day first and month first.
_PLAIN = (
    ISO,
    *(
        f"{day}{time}"
        for day in (
            *("%Y/%m/%d", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%d.%m.%Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y"),
            *("%B %d %Y", "%d-%b-%y", "%d %b %y", "%d/%b/%Y", "%d/%b/%y", "%d.%m.%y"),
        )
        for time in _TIMES
    ),
)
_PAIRS = tuple(
    (f"{first}{time}", f"{second}{time}")
    for first, second in (("%d/%m/%Y", "%m/%d/%Y"), ("%d-%m-%Y", "%m-%d-%Y"), ("%d/%m/%y", "%m/%d/%y"))
    for time in _TIMES
)
DAY_FIRST, MONTH_FIRST = (frozenset(pair[place] for pair in _PAIRS) for place in (0, 1))
# Formats that do not fit a few values are not tried on all.
_FIRST = 50
# A few faulty dates do not change how the others are written.
_SHARE = 0.9


def date_format(values: Iterable[str], where: str) -> str | Problem:
    """Return the format in which a sample of dates is written, or a problem if it is ambiguous.

    If no format fits, return ISO: every row then breaks the rule for unreadable dates, which names the column.
    """
    given = sorted(set(values))
    for plain in _PLAIN:
        if _may_fit(given, plain) and _share(given, plain) >= _SHARE:
            return plain
    for day_first, month_first in _PAIRS:
        if not _may_fit(given, day_first, month_first):
            continue
        either = [value for value in given if _reads(value, day_first) or _reads(value, month_first)]
        if not given or len(either) < _SHARE * len(given):
            continue
        only_day = [value for value in either if not _reads(value, month_first)]
        only_month = [value for value in either if not _reads(value, day_first)]
        if only_day and not only_month:
            return day_first
        if only_month and not only_day:
            return month_first
        return _ambiguous(either[0], day_first, month_first, where, mixed=bool(only_day))
    return ISO


def may_be_read_two_ways(form: str) -> bool:
    """Return whether a format has a counterpart with day and month swapped."""
    return any(form in pair for pair in _PAIRS)


def _ambiguous(value: str, day_first: str, month_first: str, where: str, *, mixed: bool) -> Problem:
    readings = []
    for form in (day_first, month_first):
        if _reads(value, form):
            day = datetime.strptime(value, form)  # noqa: DTZ007  a date has no zone
            readings.append(f"{day.day} {day:%B %Y}")
    what = (
        "some dates can only be day first and others only month first"
        if mixed
        else "every date can be read in two ways"
    )
    return Problem(
        f"{what}: {value} is {' or '.join(readings)}",
        where,
        f'set the format in the mapping: source.date_format = "{day_first}" (British) or "{month_first}" (American)',
    )


def _may_fit(values: list[str], *forms: str) -> bool:
    step = max(1, len(values) // _FIRST)
    some = values[::step]
    return not some or sum(any(_reads(value, form) for form in forms) for value in some) >= len(some) / 2


def _share(values: list[str], form: str) -> float:
    return sum(_reads(value, form) for value in values) / len(values) if values else 1.0


def _reads(value: str, form: str) -> bool:
    try:
        datetime.strptime(value, form)  # noqa: DTZ007
    except ValueError:
        return False
    return True
