"""How much an effect hangs on the date of the programme, and on single quarters."""

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
    """The effect that was found with another start, or without a quarter, which begins on `day`."""

    day: date
    effect: Estimate


def placebo_dates(counts: PairedCounts, timeline: Timeline, settings: Settings) -> Sequence[Tried]:
    """Effects "found" at dates before the programme, from the periods before it alone.

    Tried is every third month (every quarter) that leaves enough periods and selections on both sides; there may be
    none. Where the method is right and nothing else happened, about one in twenty intervals excludes 1. Source:
    Bertrand, Duflo and Mullainathan, Q J Econ 2004;119:249 (placebo laws).
    """
    earlier = [day for day in timeline.periods if day < timeline.start]
    known = rows(counts, timeline.before[counts.period])
    found = []
    for day in earlier[:: 3 if timeline.per_year == 12 else 1]:
        pretended = replace(timeline, periods=earlier, start=day)
        if why_not(known, pretended, settings) is None:
            found.append(Tried(day, interrupted_series(known, pretended, settings).effect))
    return found


def leave_one_quarter_out(counts: PairedCounts, timeline: Timeline, settings: Settings) -> Sequence[Tried]:
    """The effect without each quarter of a calendar year in turn, where enough is left to work it out."""
    quarters = np.array([date(day.year, 3 * ((day.month - 1) // 3) + 1, 1) for day in timeline.periods])
    found = []
    for quarter in sorted(set(quarters[timeline.before | timeline.after])):
        kept = rows(counts, quarters[counts.period] != quarter)
        if why_not(kept, timeline, settings) is None:
            found.append(Tried(quarter, interrupted_series(kept, timeline, settings).effect))
    return found


def as_large_without_a_programme(effect: InterruptedSeries, placebos: Sequence[Tried]) -> bool:
    """Whether some date before the programme shows a change the same way that stands out as far from chance."""
    real = np.log(effect.effect.ratio) / effect.effect.log_error
    return any(
        tried.effect.direction == effect.effect.direction != 0
        and abs(np.log(tried.effect.ratio) / tried.effect.log_error) >= abs(real)
        for tried in placebos
    )
