"""Reporting periods: the period of a date, and its name.

A period is named by its first day (`2023-04-01`). An application belongs to the period in which it was made, whenever
its later stages were reached (a cohort).
"""

from datetime import date, timedelta

from equity_audit.settings import PeriodPolicy

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
