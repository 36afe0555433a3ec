"""Words for published figures: marks for what is not shown, and cells of tables."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from equity_audit.periods import months_after
from equity_audit.programme.programme_file import DayOrYear, Milestone
from reports.figures.printable import between, likely_range, name, number, percent, point_or_range, ratio, setting
from reports.figures.shown_numbers import derived, fixed

# The findings that a page may state: they hold for all exact counts that would be published the same, after adjustment.
SETTLED = ("disparity", "small_difference")
NOT_SHOWN = {
    "fewer_than": "not shown",
    "protects_another": "withheld",
    "too_few_decided": "too few",
    "no_decisions": "none decided",
    "reference_never_selected": "no comparison",
    "no_reference_group": "no comparison",
    "not_collected": "not collected",
}


def count(value: int | None, note: str | None, below: int) -> str:
    """Return a published count, or why it is not shown: small, withheld to protect another, or not collected."""
    if note in ("protects_another", "not_collected"):
        return NOT_SHOWN[note]
    return f"fewer than {setting(below)}" if value is None else number(value)


def small_counts(policy: Mapping[str, Any]) -> str:
    """Say which counts the disclosure settings treat as too small to show, as "from 0 to 4"; empty if none.

    Counts within splits are named separately if another rule applies to their zeros.
    """
    whole, splits = (_small(policy[name], policy["withhold_below"]) for name in ("zeros", "zeros_in_splits"))
    if whole == splits:
        return whole
    return " and ".join(filter(None, [whole, splits and f"{splits} within splits"]))


def _small(zeros: str, below: int) -> str:
    fewest, most = (0 if zeros == "suppress" else 1), below - 1
    if fewest < most:
        return f"from {setting(fewest)} to {setting(most)}"
    return f"of {setting(most)}" if fewest == most else ""


def rate_cell(row: dict[str, Any]) -> dict[str, str]:
    """Return a selection rate as a table shows it: the value and its range, or why there is none."""
    if row["not_shown_reason"]:
        return {"mark": NOT_SHOWN[row["not_shown_reason"]]}
    return percent_cell(row, "selection_rate")


def ratio_cell(row: dict[str, Any]) -> dict[str, str]:
    """Return an impact ratio as a table shows it."""
    if row["not_shown_reason"]:
        return {"mark": NOT_SHOWN[row["not_shown_reason"]]}
    bold = "yes" if row["finding"] in SETTLED else ""
    return figure_cell(row, "impact_ratio", ratio, likely_range) | {"bold": bold}


def percent_cell(row: Mapping[str, Any], figure: str) -> dict[str, str]:
    """Return a share, or a difference of two, as a table shows it."""
    return figure_cell(row, figure, percent, lambda low, high: f"{percent(low)} to {percent(high)}")


def figure_cell(
    row: Mapping[str, Any],
    figure: str,
    write: Callable[[float], str],
    write_range: Callable[[float, float | None], str],
) -> dict[str, str]:
    """Return a figure as a table shows it: the value with its range, or the range alone, in words."""
    value = point_or_range(row, figure, write)
    low, high = row[f"{figure}_low"], row[f"{figure}_high"]
    return {"value": value, "range": "" if row[figure] is None else write_range(low, high)}


def reversed_range(row: Mapping[str, Any]) -> str:
    """Write in words the range of a ratio the other way round: the reference's rate / the group's."""
    ends = {end: row[f"impact_ratio_{end}"] for end in ("low", "high")}
    most = derived(1 / ends["low"], ends["low"]) if ends["low"] else None
    least = derived(1 / ends["high"], ends["high"]) if ends["high"] else fixed(0)
    return between(least, most)


def period_words(day: date, by: str) -> str:
    """Name the month or quarter that begins on a day."""
    if by == "month":
        return name(f"{day:%B %Y}")
    return name(f"{day:%b} to {months_after(day, 2):%b %Y}")


def day_words(day: DayOrYear) -> str:
    """Write a day in words; a year if only that is known."""
    return name(str(day) if isinstance(day, int) else f"{day.day} {day:%B %Y}")


def when_words(milestone: Milestone) -> str:
    """Say when something happened, or from when to when."""
    first = day_words(milestone.when)
    return first if milestone.until is None else f"{first} to {day_words(milestone.until)}"
