"""Reporting periods: the period of a date, and its name.

A period is named by its first day (`2023-04-01`). An application belongs to the period in which it was made, whenever
its later stages were reached (a cohort).
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from equity_audit.errors import Problem
from equity_audit.settings import PeriodPolicy

_DAY = re.compile(r"\d{4}-\d\d-\d\d([ T]00:00(:00)?)?")
MONTHS_IN = {"year": 12, "quarter": 3, "month": 1}


def period_start(day: date, policy: PeriodPolicy) -> date:
    """Return the first day of the period that `day` falls in."""
    months = MONTHS_IN[policy.unit]
    offset = (day.month - int(policy.year_starts[:2])) % months
    index = day.year * 12 + (day.month - 1) - offset
    return date(index // 12, index % 12 + 1, 1)


def period_end(start: date, policy: PeriodPolicy) -> date:
    """Return the first day after the period that begins on `start`."""
    return months_after(start, MONTHS_IN[policy.unit])


def months_after(first: date, months: int) -> date:
    """Return the first day of the month so many months after that of a day."""
    index = first.year * 12 + (first.month - 1) + months
    return date(index // 12, index % 12 + 1, 1)


def period_label(start: date, policy: PeriodPolicy) -> str:
    """Return the period in words: "1 April 2023 to 31 March 2024"."""
    last = period_end(start, policy) - timedelta(days=1)
    return f"{start.day} {start:%B %Y} to {last.day} {last:%B %Y}"


def cron_after_period(policy: PeriodPolicy) -> str:
    """Return the schedule of a period's report: at 06:00 on the first day after the period."""
    first = int(policy.year_starts[:2])
    months = sorted((first - 1 + step) % 12 + 1 for step in range(0, 12, MONTHS_IN[policy.unit]))
    return f"0 6 1 {'*' if len(months) == 12 else ','.join(map(str, months))} *"


def period_named(text: str, policy: PeriodPolicy) -> date | Problem:
    """Return the first day of the reporting period that a table names, or a problem.

    "2022/23" is the year that begins in 2022, on the day of the settings; "2022" a calendar year; a date the period
    that begins on it.
    """
    month, year = int(policy.year_starts[:2]), None
    if _DAY.fullmatch(text):
        day = date.fromisoformat(text[:10])
        year = day if period_start(day, policy) == day else None
        what, remedy = "is not the first day of a reporting period", "correct one of the two"
    elif policy.unit != "year":
        what, remedy = f"is not a reporting period ({policy.unit})", "write the first day of each, as 2023-04-01"
    elif first := year_in_name(text):
        year = date(first, month, 1) if month > 1 else None
        what, remedy = "is not a calendar year", "set it to the day on which these years begin"
    elif re.fullmatch(r"(19|20)\d\d", text):
        year = date(int(text), 1, 1) if month == 1 else None
        what = "is a calendar year, or does not say when its year begins"
        remedy = 'set it to "01-01" for calendar years, or write the years as 2022/23'
    else:
        what, remedy = "does not name a year", "write each year as 2022/23 or 2022, or leave the row out"
    return year or Problem(
        f'"{text}" {what}', "", f"period.year_starts in settings.toml is {policy.year_starts}: {remedy}"
    )


def year_in_name(name: str) -> int | None:
    """Return the year in which the only two consecutive years of a file's name begin, as in "applicants 2022-23".

    >>> year_in_name("applicants_2022-23"), year_in_name("2022"), year_in_name("v2022-24")
    (2022, None, None)
    """
    pairs = re.findall(r"(?<!\d)(20\d\d) ?(?:[-_/ ]|to) ?(20\d\d|\d\d)(?!\d|[-_/]\d)", name)
    years = {int(first) for first, second in pairs if int(second) % 100 == (int(first) + 1) % 100}
    return years.pop() if len(years) == 1 and len(pairs) == 1 else None


_MONTHS = [date(2000, month, 1).strftime("%B") for month in range(1, 13)]
_SPAN = re.compile(
    rf"\b(?:1(?:st)? )?({'|'.join(_MONTHS)}),? (20\d\d) (?:to|until|-|\u2013) (?:(?:\d\d?)(?:st|th)? )?"
    rf"({'|'.join(_MONTHS)}),? (20\d\d)\b",
    re.IGNORECASE,
)


def period_in(texts: Iterable[str], policy: PeriodPolicy) -> date | None:
    """Return the first day of the only year that titles or a file's name give; None if there is none, or several.

    >>> from equity_audit.settings import load_settings
    >>> period_in(["Applicants, 1 April 2022 to 31 March 2023"], load_settings().period)
    datetime.date(2022, 4, 1)
    """
    if policy.unit != "year":
        return None
    found: set[date | Problem] = set()
    for text in texts:
        for first, begins, last, ends in _SPAN.findall(text):
            start = date(int(begins), _MONTHS.index(first.title()) + 1, 1)
            months = 12 * int(ends) + _MONTHS.index(last.title()) - 12 * start.year - start.month + 2
            whole = months == 12 and period_start(start, policy) == start
            found.add(start if whole else Problem("not a reporting period"))
        if year := year_in_name(_SPAN.sub(" ", text)):
            found.add(period_named(f"{year}/{(year + 1) % 100:02}", policy))
    only = found.pop() if len(found) == 1 else None
    return only if isinstance(only, date) else None
