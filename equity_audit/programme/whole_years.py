"""Whole years around a programme: which are before and since, and the counts of both groups side by side."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import polars as pl

from equity_audit.periods import months_after, period_end, period_start
from equity_audit.settings import PeriodPolicy

# A year with no records for this many first or last months is not compared as a year.
_MISSING_MONTHS = 3
# Level, from_stage, to_stage, group, reference.
Which = tuple[str, str, str, str, str]


class CompleteYears(NamedTuple):
    """First days of the reporting years of which every period's published counts are known, and of the others."""

    whole: Sequence[date]
    incomplete: Sequence[date]


def years_on_each_side(
    periods: Sequence[date], months: int, start: date, settled: date, policy: PeriodPolicy
) -> tuple[list[date], list[date]]:
    """Return the reporting years that end before a programme starts, and those that begin after its lead-in.

    periods: first days of the months, quarters or years that have counts; months: the length of each. A year is left
    out if the records begin three months into it or later, or end three months before its end or earlier.
    """
    if not periods:
        return [], []
    yearly = policy.model_copy(update={"unit": "year"})
    begin, end = min(periods), months_after(max(periods), months)
    years = [
        year
        for year in sorted({period_start(day, yearly) for day in periods})
        if begin < months_after(year, _MISSING_MONTHS) and period_end(year, yearly) < months_after(end, _MISSING_MONTHS)
    ]
    return [year for year in years if period_end(year, yearly) <= start], [year for year in years if year >= settled]


def side_by_side(counts: pl.DataFrame, part: str, which: Which, years: Sequence[date]) -> pl.DataFrame:
    """Return selected and decided of both groups by year and part (such as pay_band), if all four counts are known."""
    level, start, end, group, reference = which
    step = counts.filter(
        pl.col("level") == level,
        pl.col("from_stage") == start,
        pl.col("to_stage") == end,
        pl.col("period").is_in(years),
    )
    sides = [
        step.filter(pl.col("group_name") == name).select(
            "period", part, **{f"{side}_selected": pl.col("progressed"), f"{side}_decided": pl.col("decided")}
        )
        for side, name in (("group", group), ("reference", reference))
    ]
    return sides[0].join(sides[1], on=["period", part]).drop_nulls().sort("period", part)
