"""Staff survey aggregates: how answers of a group and of its reference changed from one wave to another.

Context beside a programme's effect, never its measure: who answers changes from wave to wave. Counts only, no answers
of single people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from equity_audit.measures.count_ranges import Count, Figure, Measure, measure
from equity_audit.measures.intervals import newcombe_interval, wilson_interval
from equity_audit.populations.population import MeasureRow, Numbers, Recruited, measure_row
from equity_audit.settings import Settings


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


def answer_measures(said: Numbers, _: Recruited, settings: Settings, fewest: int = 0) -> list[MeasureRow]:
    """Rows of the measure tables, of one organisation and wave: of each group the share agreeing, with Wilson's
    interval, and its difference from the reference's, with Newcombe's.

    said: who answered, and who of these agreed. fewest: with fewer people as a denominator no measure is given. Raises
    nothing: what cannot be worked out has a reason.
    """
    rows = []
    for place, own in said.items():
        level, breakdown, question, group = place
        sides = _sides(own, fewest)
        rows.append(measure_row("share_agreeing", place, _of(sides, settings.comparison.confidence)))
        reference = settings.comparison.reference(level)
        if reference is None or group == reference:
            continue
        other = said.get((level, breakdown, question, reference))
        if other is None:
            found = Measure(why_not="no_reference_group")
        else:
            found = _between([*sides, *_sides(other, fewest)], settings.comparison.confidence)
        rows.append(measure_row("difference", place, found) | {"reference_name": reference})
    return rows


class Changed(NamedTuple):
    """From one wave to a later one: of a group, of its reference, and of the gap between them; in shares."""

    group: Measure
    reference: Measure
    gap: Measure


def answers_changed(
    earlier: Sequence[tuple[Count, ...]], later: Sequence[tuple[Count, ...]], confidence: float, fewest: int
) -> Changed:
    """The change between two waves of which only published numbers are known; each wave: the group, its reference.

    As `survey_change` has it, each range wide enough for all numbers that would be published the same.
    """
    group, reference, later_group, later_reference = (_sides(side, fewest) for side in (*earlier, *later))

    def gap(*counts: int) -> Figure:
        (x1, n1, x2, n2), (y1, m1, y2, m2) = counts[:4], counts[4:]
        waves = (
            Answers(min(x1, n1), n1, min(x2, n2), n2),
            Answers(min(y1, m1), m1, min(y2, m2), m2),
        )
        return survey_change(*waves, confidence).gap_change

    return Changed(
        _between([*later_group, *group], confidence),
        _between([*later_reference, *reference], confidence),
        measure([*group, *reference, *later_group, *later_reference], gap, "nobody_there"),
    )


def _sides(said: tuple[Count, ...], fewest: int) -> tuple[Count, Count]:
    """Those who agreed, and those who answered, who are a denominator."""
    answered, agreed = said
    return agreed, answered.of_at_least(fewest)


def _of(sides: tuple[Count, Count], confidence: float) -> Measure:
    def share(agreed: int, answered: int) -> Figure:
        agreed = min(agreed, answered)
        low, high = wilson_interval(np.array([agreed]), np.array([answered]), confidence)
        return (agreed / answered if answered else np.nan), float(low[0]), float(high[0])

    return measure(sides, share, "nobody_there")


def _between(counts: list[Count], confidence: float) -> Measure:
    """The difference of two shares: agreed and answered of the one, then of the other."""

    def difference(x1: int, n1: int, x2: int, n2: int) -> Figure:
        return _difference(min(x1, n1), n1, min(x2, n2), n2, confidence)

    return measure(counts, difference, "nobody_there")


# The change of a gap is asked for at every corner of eight spans, which share all but a few differences.
@lru_cache(maxsize=1024)
def _difference(x1: int, n1: int, x2: int, n2: int, confidence: float) -> Figure:
    a, b, c, d = (np.array([count]) for count in (x1, n1, x2, n2))
    low, high = newcombe_interval(a, b, c, d, confidence)
    value = x1 / n1 - x2 / n2 if n1 and n2 else float("nan")
    return value, float(low[0]), float(high[0])
