"""Difference in differences: did units with the programme change more than units without it?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import stdtrit
from statsmodels.stats.meta_analysis import combine_effects

from equity_audit.measures.intervals import Floats
from equity_audit.programme.interrupted_series import periods_with_both, rows
from equity_audit.programme.ratio_model import Estimate, PairedCounts, fit_ratio
from equity_audit.programme.timeline import Timeline

# Fewer than 5 selected in any of a unit's four cells, and its change is too far from normal to be averaged: Cochran,
# Biometrics 1954;10:417.
_LEAST_SELECTED = 5
# A level and a slope leave a third period to show how much periods vary by themselves.
_LEAST_BEFORE = 3
# Three units of a side are the fewest whose spread says anything.
_LEAST_UNITS = 3

NoComparison = Literal["too_few_comparators", "too_few_units_to_judge"]


@dataclass(frozen=True)
class DifferenceInDifferences:
    """The change of the impact ratio in units with the programme over that in units without.

    programme, comparators: how many times the ratio after is that before, averaged over units. difference: the first
    over the second. trend_difference: the same of the yearly trends before the programme; where its interval excludes
    1 the units were not on the same path anyway. left_out: units with too few selected to be averaged.
    """

    programme: Estimate
    comparators: Estimate
    difference: Estimate
    trend_difference: Estimate
    units: tuple[int, int]
    left_out: Sequence[str]

    @property
    def on_the_same_path(self) -> bool:
        """Whether the trends before the programme did not clearly differ."""
        return self.trend_difference.direction == 0


def difference_in_differences(
    units: Mapping[str, PairedCounts], comparators: Sequence[str], timeline: Timeline, confidence: float
) -> DifferenceInDifferences | NoComparison:
    """Compare units' own changes, each unit one observation.

    Each unit's series is collapsed to one change, log ratio after over before, and the changes are averaged on either
    side with weights 1 / (v + tau^2): v the unit's own variance, tau^2 how much units change of their own accord
    (Paule and Mandel), from the comparators where there are fewer than three units with the programme. So neither
    long series nor large units make an error too small. The pre-trend check does the same with the units' slopes
    before. Intervals by Student's t with as many degrees of freedom as units less two.

    Returns a reason instead where fewer than three comparators have 5 selected of either side before and after (and of
    both in three periods before), or no unit with the programme has. Sources: Bertrand, Duflo and Mullainathan, Q J
    Econ 2004;119:249; Donald and Lang, Rev Econ Stat 2007;89:221; Paule and Mandel, J Res Natl Bur Stand 1982;87:377.
    """
    judged = {name: counts for name, counts in units.items() if _can_be_judged(counts, timeline)}
    with_it, without = ([name for name in judged if (name in comparators) == side] for side in (False, True))
    if len(without) < _LEAST_UNITS:
        return "too_few_comparators"
    if not with_it:
        return "too_few_units_to_judge"
    years = timeline.design(1)[:, 1]
    step = np.column_stack([np.ones_like(years), timeline.after])
    slope = np.column_stack([np.ones_like(years), years])
    changes = {n: _own(rows(c, (timeline.before | timeline.after)[c.period]), step) for n, c in judged.items()}
    slopes = {n: _own(rows(c, timeline.before[c.period]), slope) for n, c in judged.items()}
    freedom = len(judged) - 2

    def sides(found: Mapping[str, tuple[float, float]]) -> list[tuple[float, float]]:
        spread = _spread([found[n] for n in without])
        own = _spread([found[n] for n in with_it]) if len(with_it) >= _LEAST_UNITS else spread
        return [_average([found[n] for n in with_it], own), _average([found[n] for n in without], spread)]

    (a, b), (c, d) = sides(changes), sides(slopes)
    return DifferenceInDifferences(
        _estimate(*a, freedom, confidence),
        _estimate(*b, freedom, confidence),
        _estimate(a[0] - b[0], a[1] + b[1], freedom, confidence),
        _estimate(c[0] - d[0], c[1] + d[1], freedom, confidence),
        (len(with_it), len(without)),
        sorted(set(units) - set(judged)),
    )


def _can_be_judged(counts: PairedCounts, timeline: Timeline) -> bool:
    """Whether enough of either side were selected before and after, and in enough periods before."""
    fewest = min(
        int(side[marks[counts.period]].sum())
        for side in (counts.group_selected, counts.reference_selected)
        for marks in (timeline.before, timeline.after)
    )
    return (
        fewest >= _LEAST_SELECTED and periods_with_both(rows(counts, timeline.before[counts.period])) >= _LEAST_BEFORE
    )


def _own(counts: PairedCounts, design: Floats) -> tuple[float, float]:
    """A unit's second coefficient and its variance."""
    fit = fit_ratio(counts, design)
    return float(fit.coefficients[1]), float(fit.covariance[1, 1])


def _spread(found: Sequence[tuple[float, float]]) -> float:
    effects, variances = (np.array(column) for column in zip(*found, strict=True))
    # statsmodels divides by zero where units change alike to the last digit, for a figure that is not used here.
    with np.errstate(divide="ignore"):
        return max(float(combine_effects(effects, variances, method_re="iterated").tau2), 0.0)


def _average(found: Sequence[tuple[float, float]], spread: float) -> tuple[float, float]:
    effects, variances = (np.array(column) for column in zip(*found, strict=True))
    weights = 1 / (variances + spread)
    return float((weights * effects).sum() / weights.sum()), float(1 / weights.sum())


def _estimate(log: float, variance: float, freedom: int, confidence: float) -> Estimate:
    error = float(np.sqrt(variance))
    half = float(stdtrit(freedom, 0.5 + confidence / 2)) * error
    return Estimate(float(np.exp(log)), float(np.exp(log - half)), float(np.exp(log + half)), error)
