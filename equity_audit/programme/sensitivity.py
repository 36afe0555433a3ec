"""Sensitivity of an effect to the date of the programme, and to single quarters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from equity_audit.programme.interrupted_series import InterruptedSeries, interrupted_series, rows, why_not
from equity_audit.programme.ratio_model import Estimate, PairedCounts
from equity_audit.programme.timeline import Timeline
from equity_audit.settings import Settings


@dataclass(frozen=True)
class Tried:
    """The effect with another start, or without a quarter; `day` is the start, or the first day of the quarter."""

    day: date
    effect: Estimate


def placebo_dates(counts: PairedCounts, timeline: Timeline, settings: Settings) -> Sequence[Tried]:
    """Return effects at placebo dates before the programme, from the periods before it alone.

    Every third month (every quarter) is tried that leaves enough periods and selections on both sides; there may be
    none. If the method is right and nothing else happened, about one in twenty intervals excludes 1. Source: Bertrand,
    Duflo and Mullainathan, Q J Econ 2004;119:249 (placebo laws).
    """
    earlier = [day for day in timeline.periods if day < timeline.start]
    before = rows(counts, timeline.before[counts.period])
    effects = []
    for day in earlier[:: 3 if timeline.per_year == 12 else 1]:
        placebo = replace(timeline, periods=earlier, start=day)
        if why_not(before, placebo, settings) is None:
            effects.append(Tried(day, interrupted_series(before, placebo, settings).effect))
    return effects


def leave_one_quarter_out(counts: PairedCounts, timeline: Timeline, settings: Settings) -> Sequence[Tried]:
    """Return the effect without each calendar quarter in turn, if enough is left to calculate it."""
    quarters = np.array([date(day.year, 3 * ((day.month - 1) // 3) + 1, 1) for day in timeline.periods])
    effects = []
    for quarter in sorted(set(quarters[timeline.before | timeline.after])):
        kept = rows(counts, quarters[counts.period] != quarter)
        if why_not(kept, timeline, settings) is None:
            effects.append(Tried(quarter, interrupted_series(kept, timeline, settings).effect))
    return effects


def as_large_without_a_programme(effect: InterruptedSeries, placebos: Sequence[Tried]) -> bool:
    """Return whether a placebo date shows a clear change in the same direction that is at least as significant."""
    real = np.log(effect.effect.ratio) / effect.effect.log_error
    return any(
        tried.effect.direction == effect.effect.direction != 0
        and abs(np.log(tried.effect.ratio) / tried.effect.log_error) >= abs(real)
        for tried in placebos
    )
