"""Yearly counts around a programme: the years before and after it, and the counts of both groups side by side."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from equity_audit.periods import period_end
from equity_audit.programme.programme_file import Programme
from equity_audit.programme.timeline import Timeline
from equity_audit.settings import Settings

# Level, from_stage, to_stage, group, reference.
Which = tuple[str, str, str, str, str]


def before_and_after(counts: pl.DataFrame, programme: Programme, settings: Settings) -> tuple[list[date], list[date]]:
    """Return the reporting years that end before the programme begins, and those that begin after its lead-in.

    counts: quarterly_counts.yearly_counts. The year in which the programme begins is in neither.
    """
    years = counts["period"].unique().sort().to_list()
    settled = Timeline(years, programme.start, programme.lead_in_months).settled
    before = [day for day in years if period_end(day, settings.period) <= programme.start]
    return before, [day for day in years if day >= settled]


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
