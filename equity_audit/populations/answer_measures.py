"""Staff survey measures: shares agreeing, and how they changed from one wave to another.

They are context for a programme's effect and never measure it, because respondents change from wave to wave. Only
counts are used, never the answers of individuals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from equity_audit.measures.count_ranges import Count, Figure, Measure, measure
from equity_audit.measures.intervals import newcombe_interval, wilson_interval
from equity_audit.populations.points import Part, share, with_point
from equity_audit.populations.population import MeasureRow, Numbers, Recruited, measure_row
from equity_audit.settings import Settings


@dataclass(frozen=True)
class Answers:
    """One wave: how many of a group and of its reference answered a question, and how many of them agreed."""

    group_agreed: int
    group_answered: int
    reference_agreed: int
    reference_answered: int


def gap_change(earlier: Answers, later: Answers, confidence: float) -> Figure:
    """Return how the gap changed between two waves: the later one minus the earlier one, as (value, low, high).

    A gap is the group's share minus the reference's (0.05 is 5 percentage points), with Newcombe's hybrid score
    interval (method 10). The change is the difference of two gaps, and its interval is combined from theirs in the same
    way: with d the value and l, u the ends, d2 - d1 - sqrt((d2 - l2)^2 + (u1 - d1)^2) to d2 - d1 + sqrt((u2 - d2)^2 +
    (d1 - l1)^2) (MOVER: Zou and Donner, Stat Med 2008;27:1693). nan if a side has no answers. Waves are treated as
    independent samples; people who answer both make the interval too wide. Whether a higher share is better depends on
    the item, as WRES indicators 5, 6 and 8 (harassment, discrimination) against 7 (equal opportunities).
    """
    (d1, l1, u1), (d2, l2, u2) = (
        _difference(wave.group_agreed, wave.group_answered, wave.reference_agreed, wave.reference_answered, confidence)
        for wave in (earlier, later)
    )
    return d2 - d1, d2 - d1 - float(np.hypot(d2 - l2, u1 - d1)), d2 - d1 + float(np.hypot(u2 - d2, d1 - l1))


def answer_measures(answers: Numbers, _: Recruited, settings: Settings, fewest: int = 0) -> list[MeasureRow]:
    """Return rows of the measure tables, for one organisation and wave.

    They hold each group's share agreeing, with Wilson's interval, and its difference from the reference's, with
    Newcombe's. answers: those who answered, and those of them who agreed. fewest: a measure with a smaller denominator
    is not given. Raises nothing: a figure that cannot be calculated has a reason.
    """
    rows = []
    for place, counts in answers.items():
        level, breakdown, question, group = place
        sides = _agreed_of_answered(counts, fewest)
        agreeing = _share_agreeing(sides, settings.comparison.confidence)
        rows.append(
            measure_row("share_agreeing", place, with_point(agreeing, [Part(sides, share)], settings.disclosure))
        )
        reference = settings.comparison.reference(level)
        if reference is None or group == reference:
            continue
        reference_counts = answers.get((level, breakdown, question, reference))
        if reference_counts is None:
            difference = Measure(why_not="no_reference_group")
        else:
            difference = _between(sides, _agreed_of_answered(reference_counts, fewest), settings)
        rows.append(measure_row("difference", place, difference) | {"reference_name": reference})
    return rows


class Changed(NamedTuple):
    """The change from one wave to a later one of a group, of its reference and of the gap between them; in shares."""

    group: Measure
    reference: Measure
    gap: Measure


def answers_changed(
    earlier: Sequence[tuple[Count, ...]], later: Sequence[tuple[Count, ...]], settings: Settings
) -> Changed:
    """Return the change between two waves from published numbers alone; each wave holds the group and its reference.

    Differences of two shares have Newcombe's interval, and the gap that of `gap_change`, with ranges wide enough for
    all numbers that would be published in the same way. A change has a value only if every share that it compares is
    true enough.
    """
    confidence, fewest = settings.comparison.confidence, settings.disclosure.rate_min_denominator
    group, reference, later_group, later_reference = (_agreed_of_answered(side, fewest) for side in (*earlier, *later))

    def gap(*counts: int) -> Figure:
        (x1, n1, x2, n2), (y1, m1, y2, m2) = counts[:4], counts[4:]
        waves = (
            Answers(min(x1, n1), n1, min(x2, n2), n2),
            Answers(min(y1, m1), m1, min(y2, m2), m2),
        )
        return gap_change(*waves, confidence)

    sides = (group, reference, later_group, later_reference)
    change = measure([count for side in sides for count in side], gap, "nobody_there")
    return Changed(
        _between(later_group, group, settings),
        _between(later_reference, reference, settings),
        with_point(change, [Part(side, share) for side in sides], settings.disclosure),
    )


def _agreed_of_answered(counts: tuple[Count, ...], fewest: int) -> tuple[Count, Count]:
    """Return those who agreed, and those who answered as a denominator."""
    answered, agreed = counts
    return agreed, answered.of_at_least(fewest)


def _share_agreeing(sides: tuple[Count, Count], confidence: float) -> Measure:
    def share_and_ends(agreed: int, answered: int) -> Figure:
        agreed = min(agreed, answered)
        low, high = wilson_interval(np.array([agreed]), np.array([answered]), confidence)
        return (agreed / answered if answered else np.nan), float(low[0]), float(high[0])

    return measure(sides, share_and_ends, "nobody_there")


def _between(first: tuple[Count, Count], second: tuple[Count, Count], settings: Settings) -> Measure:
    """Return the difference of two shares, each of those who agreed among those who answered."""
    confidence = settings.comparison.confidence

    def difference(x1: int, n1: int, x2: int, n2: int) -> Figure:
        return _difference(min(x1, n1), n1, min(x2, n2), n2, confidence)

    shares = [Part(side, share) for side in (first, second)]
    return with_point(measure([*first, *second], difference, "nobody_there"), shares, settings.disclosure)


# The change of a gap is calculated at every corner of eight ranges, which share most differences.
@lru_cache(maxsize=1024)
def _difference(x1: int, n1: int, x2: int, n2: int, confidence: float) -> Figure:
    a, b, c, d = (np.array([count]) for count in (x1, n1, x2, n2))
    low, high = newcombe_interval(a, b, c, d, confidence)
    value = x1 / n1 - x2 / n2 if n1 and n2 else float("nan")
    return value, float(low[0]), float(high[0])
