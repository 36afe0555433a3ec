"""Whether departments with the programme changed more than those without it, from yearly counts."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from equity_audit.programme.difference_in_differences import (
    DifferenceInDifferences,
    NoComparison,
    difference_in_differences,
)
from equity_audit.programme.imputation import widened
from equity_audit.programme.pairing import paired
from equity_audit.programme.programme_file import Programme
from equity_audit.programme.timeline import Timeline
from equity_audit.programme.whole_years import Which, side_by_side, years_on_each_side
from equity_audit.settings import Settings

UNIT = "department"


def yearly_difference(
    counts: pl.DataFrame, possible: Sequence[pl.DataFrame], which: Which, programme: Programme, settings: Settings
) -> DifferenceInDifferences | NoComparison | None:
    """Compare departments with the programme and those without, by whole years before it and after its lead-in.

    counts: quarterly_counts.yearly_counts of departments; possible: tables that may be the exact ones, to widen ranges
    for rounding. A department's year with a null count is left out. None if the counts have none of the programme's
    comparators; otherwise as difference_in_differences.
    """
    units = set(counts[UNIT])
    without = sorted(units.intersection(programme.comparator_units))
    if not without:
        return None
    periods = counts["period"].unique().to_list()
    before, after = years_on_each_side(periods, 12, programme.start, programme.settled, settings.period)
    years = [*before, *after]
    timeline = Timeline(years, programme.start, programme.lead_in_months)

    def difference(table: pl.DataFrame) -> DifferenceInDifferences | NoComparison:
        pairs = side_by_side(table, UNIT, which, years)
        units = {str(name): paired(part, years) for (name,), part in pairs.group_by(UNIT, maintain_order=True)}
        return difference_in_differences(units, without, timeline, settings.comparison.confidence)

    result = difference(counts)
    if not isinstance(result, DifferenceInDifferences):
        return result
    others = [other for table in possible if isinstance(other := difference(table), DifferenceInDifferences)]
    return replace(
        result,
        programme=widened(result.programme, [other.programme for other in others]),
        comparators=widened(result.comparators, [other.comparators for other in others]),
        difference=widened(result.difference, [other.difference for other in others]),
        trend_difference=widened(result.trend_difference, [other.trend_difference for other in others]),
    )
