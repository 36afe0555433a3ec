"""Difference in differences: whether units with the programme changed more than units without it."""

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

# With fewer than 5 selected in any of a unit's four cells, its change is too far from normal to be averaged: Cochran,
# Biometrics 1954;10:417.
_LEAST_SELECTED = 5
# After a level and a slope are fitted, a third period shows how much periods vary by themselves.
_LEAST_BEFORE = 3
# The fewest units on a side whose spread is informative.
_LEAST_UNITS = 3

NoComparison = Literal["too_few_comparators", "too_few_units_to_judge"]


@dataclass(frozen=True)
class DifferenceInDifferences:
    """The change of the impact ratio in units with the programme, divided by that in units without.

    programme, comparators: the ratio after divided by that before, averaged over units. difference: the first of these
    divided by the second. trend_difference: the same for the yearly trends before the programme; if its interval
    excludes 1 the units were not on the same path.
    """

    programme: Estimate
    comparators: Estimate
    difference: Estimate
    trend_difference: Estimate
    units: tuple[int, int]

    @property
    def on_the_same_path(self) -> bool:
        """Whether the trends before the programme do not clearly differ."""
        return self.trend_difference.direction == 0


def difference_in_differences(
    units: Mapping[str, PairedCounts], comparators: Sequence[str], timeline: Timeline, confidence: float
) -> DifferenceInDifferences | NoComparison:
    """Compare units' own changes, with each unit as one observation.

    Each unit's series is reduced to one change, the log of the ratio after over that before. The changes are averaged
    on either side with weights 1 / (v + tau^2): v is the unit's own variance, tau^2 the variance of changes between
    units (Paule and Mandel), from the comparators if there are fewer than three units with the programme. So neither
    long series nor large units make an error too small. The pre-trend check does the same with the units' slopes
    before the programme. Intervals use Student's t with two degrees of freedom fewer than units.

    Returns a reason instead if fewer than three comparators have 5 selected in both groups before and after (and some
    in both groups in three periods before), or if no unit with the programme has. Sources: Bertrand, Duflo and
    Mullainathan, Q J Econ 2004;119:249; Donald and Lang, Rev Econ Stat 2007;89:221; Paule and Mandel, J Res Natl Bur
    Stand 1982;87:377.
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
    changes = {n: _unit_change(rows(c, (timeline.before | timeline.after)[c.period]), step) for n, c in judged.items()}
    slopes = {n: _unit_change(rows(c, timeline.before[c.period]), slope) for n, c in judged.items()}
    freedom = len(judged) - 2

    def sides(units: Mapping[str, tuple[float, float]]) -> list[tuple[float, float]]:
        spread_without = _spread([units[n] for n in without])
        spread_with = _spread([units[n] for n in with_it]) if len(with_it) >= _LEAST_UNITS else spread_without
        return [
            _average([units[n] for n in with_it], spread_with),
            _average([units[n] for n in without], spread_without),
        ]

    (a, b), (c, d) = sides(changes), sides(slopes)
    return DifferenceInDifferences(
        _estimate(*a, freedom, confidence),
        _estimate(*b, freedom, confidence),
        _estimate(a[0] - b[0], a[1] + b[1], freedom, confidence),
        _estimate(c[0] - d[0], c[1] + d[1], freedom, confidence),
        (len(with_it), len(without)),
    )


def _can_be_judged(counts: PairedCounts, timeline: Timeline) -> bool:
    """Return whether enough of both groups were selected before and after, and in enough periods before."""
    fewest = min(
        int(side[marks[counts.period]].sum())
        for side in (counts.group_selected, counts.reference_selected)
        for marks in (timeline.before, timeline.after)
    )
    return (
        fewest >= _LEAST_SELECTED and periods_with_both(rows(counts, timeline.before[counts.period])) >= _LEAST_BEFORE
    )


def _unit_change(counts: PairedCounts, design: Floats) -> tuple[float, float]:
    """Return a unit's second coefficient and its variance."""
    fit = fit_ratio(counts, design)
    return float(fit.coefficients[1]), float(fit.covariance[1, 1])


def _spread(changes: Sequence[tuple[float, float]]) -> float:
    effects, variances = (np.array(column) for column in zip(*changes, strict=True))
    # If all units change by exactly the same, statsmodels divides by zero in a figure that is not used here.
    with np.errstate(divide="ignore"):
        return max(float(combine_effects(effects, variances, method_re="iterated").tau2), 0.0)


def _average(changes: Sequence[tuple[float, float]], spread: float) -> tuple[float, float]:
    effects, variances = (np.array(column) for column in zip(*changes, strict=True))
    weights = 1 / (variances + spread)
    return float((weights * effects).sum() / weights.sum()), float(1 / weights.sum())


def _estimate(log: float, variance: float, freedom: int, confidence: float) -> Estimate:
    error = float(np.sqrt(variance))
    half = float(stdtrit(freedom, 0.5 + confidence / 2)) * error
    return Estimate(float(np.exp(log)), float(np.exp(log - half)), float(np.exp(log + half)), error)
