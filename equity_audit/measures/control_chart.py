"""Control charts of rates and ratios over time: XmR, p and p-prime charts, and the choice between them.

special_cause.py says which points break a rule. A chart has one level: a mean that follows the points would hide what
it should show.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri

from equity_audit.measure_policies import TrendPolicy
from equity_audit.measures.intervals import Counts, Floats
from equity_audit.measures.special_cause import special_causes

Kind = Literal["xmr", "p", "p_prime"]
# 3 / d2 and D4 for two values at a time: the mean moving range of normal values is d2 = 1.128 of their standard
# deviation. Wheeler, Understanding Variation, 2nd ed. 2000; Making Data Count uses the same.
_TO_LIMIT, _LARGEST_RANGE, _D2 = 2.66, 3.267, 1.128
_SIGMAS = 3


@dataclass(frozen=True)
class ControlChart:
    """A series with its mean and limits, point by point, in the series' own unit; nan if undefined.

    trial: the series is too short for reliable limits, the same at every point. signals: the rules that each point
    breaks.
    """

    kind: Kind
    values: Floats
    centre: Floats
    lower: Floats
    upper: Floats
    trial: Sequence[bool]
    signals: Sequence[tuple[str, ...]]


def xmr_chart(values: Floats, policy: TrendPolicy, *, log: bool = False) -> ControlChart:
    """Return an XmR chart: individual values with limits from their moving ranges.

    Limits are mean +- 2.66 x mean moving range, where a moving range is the difference of two consecutive points.
    Ranges above 3.267 x their mean are left out once, and the mean is recalculated. `log` is for ratios: the mean and
    limits are those of the logarithms, so that 0.5 and 2 are equally far from 1, and values must be above 0.

    nan is a missing point, with no range to or from it. A series without two consecutive points has no limits. trial:
    a series with fewer points than policy requires. Raises ValueError for a ratio that is 0 or less.
    Sources: Nelson, J Qual Technol 1982;14:172 (screening); NHS England, Making Data Count.
    """
    if log and (values <= 0).any():
        raise ValueError("a ratio of 0 has no logarithm: see programme.series.impact_ratios")
    scaled = np.log(values) if log else values.astype(float)
    width = np.full(scaled.shape, _TO_LIMIT * _mean_moving_range(scaled))
    return _chart("xmr", scaled, _mean(scaled), width, policy, log=log)


def rate_chart(selected: Counts, decided: Counts, policy: TrendPolicy, kind: Kind = "p") -> ControlChart:
    """Return rates with limits from the numbers decided: a p-chart, or Laney's p-prime chart.

    With p the rate of the whole series and n the number decided at a point, the standard deviation is
    s = sqrt(p (1 - p) / n). The p-chart's limits are p +- 3 s, the p-prime chart's p +- 3 s sigma_z (see which_chart).
    Limits are cut at 0 and 1. A point without decisions is missing. For `kind` "xmr", xmr_chart is used. Sources:
    Laney, Qual Eng 2002;14:531; Montgomery, Introduction to Statistical Quality Control, 7.3.
    """
    rates = _rates(selected, decided)
    if kind == "xmr":
        return xmr_chart(rates, policy)
    mean, deviation, z = _standardised(selected, decided)
    factor = _mean_moving_range(z) / _D2 if kind == "p_prime" else 1.0
    return _chart(kind, rates, mean, _SIGMAS * factor * deviation, policy)


def which_chart(selected: Counts, decided: Counts, policy: TrendPolicy) -> Kind:
    """Return the kind of chart that fits a series of rates.

    - xmr, if every number decided is within policy's share of their mean: an XmR chart treats all points as equally
      precise and makes no assumption about the counts.
    - p, if they vary more: the limits of a p-chart widen for points with few decisions.
    - p_prime, if they vary more and rates also vary from point to point more than counts of that size do by chance
      (sigma_z is above its upper 5% point): on a p-chart most points would be outside.

    sigma_z = mean moving range of (rate - p) / s, over 1.128. By chance it is about 1 with variance
    (0.827 k - 1.082) / (k - 1)^2 for k points (Cryer and Ryan, J Qual Technol 1990;22:187).
    """
    known = decided[decided > 0]
    spread = float(np.abs(known / known.mean() - 1).max()) if known.size else float("nan")
    if spread <= policy.denominators_alike:
        return "xmr"
    sigma_z = _mean_moving_range(_standardised(selected, decided)[2]) / _D2
    k = known.size
    chance = float(ndtri(0.95)) * float(np.sqrt(max(0.827 * k - 1.082, 0))) / max(k - 1, 1)
    return "p_prime" if sigma_z > 1 + chance else "p"


def _chart(
    kind: Kind, scaled: Floats, mean: float, width: Floats, policy: TrendPolicy, *, log: bool = False
) -> ControlChart:
    """Return the chart of a mean and the distance of the limits from it, converted back from logarithms."""
    centre = np.full(scaled.shape, mean)
    lower, upper = centre - width, centre + width
    if kind != "xmr":
        lower, upper = np.maximum(lower, 0.0), np.minimum(upper, 1.0)
    signals = special_causes(scaled, centre, lower, upper, policy.run_length)
    trial = [bool((~np.isnan(scaled)).sum() < policy.trial_below)] * len(scaled)
    values, centre, lower, upper = (np.exp(line) if log else line for line in (scaled, centre, lower, upper))
    return ControlChart(kind, values, centre, lower, upper, trial, signals)


def _rates(selected: Counts, decided: Counts) -> Floats:
    rates: Floats = np.divide(selected, decided, out=np.full(decided.shape, np.nan), where=decided > 0)
    return rates


def _standardised(selected: Counts, decided: Counts) -> tuple[float, Floats, Floats]:
    """Return the rate of all points together, each point's standard deviation by chance, and its distance in these."""
    mean = selected.sum() / decided.sum() if decided.sum() else np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.where(decided > 0, np.sqrt(mean * (1 - mean) / decided), np.nan)
        z: Floats = (_rates(selected, decided) - mean) / deviation
    return float(mean), deviation, z


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def _mean_moving_range(values: Floats) -> float:
    """Return the mean difference of consecutive points, without differences that are too large to be routine."""
    ranges = np.abs(np.diff(values))
    return _mean(ranges[~(ranges > _LARGEST_RANGE * _mean(ranges))])
