"""Staff survey aggregates: how answers of a group and of its reference changed from one wave to another.

Context beside a programme's effect, never its measure: who answers changes from wave to wave. Counts only, no answers
of single people.
"""

from dataclasses import dataclass

import numpy as np

from equity_audit.measures.intervals import newcombe_interval

Figure = tuple[float, float, float]


@dataclass(frozen=True)
class Answers:
    """One wave: how many of a group and of its reference answered an item, and how many of these agreed."""

    group_agreed: int
    group_answered: int
    reference_agreed: int
    reference_answered: int


@dataclass(frozen=True)
class SurveyChange:
    """In shares, 0.05 being 5 percentage points, each (value, low, high); nan where somebody's answers are missing.

    group, reference: later minus earlier. gap_earlier, gap_later: the group's share minus the reference's. gap_change:
    the later gap minus the earlier one.
    """

    group: Figure
    reference: Figure
    gap_earlier: Figure
    gap_later: Figure
    gap_change: Figure


def survey_change(earlier: Answers, later: Answers, confidence: float) -> SurveyChange:
    """The change between two waves, of each side and of the gap between them.

    Differences of two shares have Newcombe's hybrid score interval (method 10). The change of the gap is the difference
    of two such differences, its interval put together the same way from theirs: with d the value and l, u the ends,
    d2 - d1 - sqrt((d2 - l2)^2 + (u1 - d1)^2) to d2 - d1 + sqrt((u2 - d2)^2 + (d1 - l1)^2) (MOVER: Zou and Donner, Stat
    Med 2008;27:1693). Waves are taken as separate samples; people who answer both make the intervals too wide.
    Whether a higher share is better depends on the item, as WRES indicators 5, 6 and 8 (harassment, discrimination)
    against 7 (equal opportunities).
    """
    gaps = [
        _difference(wave.group_agreed, wave.group_answered, wave.reference_agreed, wave.reference_answered, confidence)
        for wave in (earlier, later)
    ]
    (d1, l1, u1), (d2, l2, u2) = gaps
    change = d2 - d1, d2 - d1 - float(np.hypot(d2 - l2, u1 - d1)), d2 - d1 + float(np.hypot(u2 - d2, d1 - l1))
    return SurveyChange(
        _difference(later.group_agreed, later.group_answered, earlier.group_agreed, earlier.group_answered, confidence),
        _difference(
            later.reference_agreed,
            later.reference_answered,
            earlier.reference_agreed,
            earlier.reference_answered,
            confidence,
        ),
        gaps[0],
        gaps[1],
        change,
    )


def _difference(x1: int, n1: int, x2: int, n2: int, confidence: float) -> Figure:
    a, b, c, d = (np.array([count]) for count in (x1, n1, x2, n2))
    low, high = newcombe_interval(a, b, c, d, confidence)
    value = x1 / n1 - x2 / n2 if n1 and n2 else float("nan")
    return value, float(low[0]), float(high[0])
