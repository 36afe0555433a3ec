"""Estimates for small units that nobody should be ranked on: each drawn towards the mean by as much as it is unsure."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri
from scipy.stats import beta

from equity_audit.measures.intervals import Counts, Floats, wilson_interval

# Where units differ as much as they can the moments give 0, with which a unit that selected nobody would be sure to
# select nobody for ever: a beta distribution of a parameter 0 is none.
_LEAST_SIZE = 1.0


@dataclass(frozen=True)
class Shrunken:
    """Estimates drawn towards the mean of all units, with intervals; reliability is the unit's own weight, 0 to 1."""

    values: Floats
    low: Floats
    high: Floats
    mean: float
    reliability: Floats


def shrunken_rates(
    selected: Counts, decided: Counts, confidence: float, whole: tuple[int, int] | None = None
) -> Shrunken:
    """Empirical Bayes rates: each unit's own, drawn towards the mean by as much as it is small.

    Units' rates are taken to follow a beta distribution with mean m and size M (the number of decisions that knowing
    the other units is worth), fitted by moments; a unit's is then beta(m M + s, (1 - m) M + n - s), its mean
    (m M + s) / (M + n) and its interval that distribution's. Where units vary no more than chance they all have the
    mean and its Wilson interval. Units without decisions have the mean and the spread of all. The interval takes m and
    M as known, so it is somewhat narrow with few units. M is never below 1. Source: Kleinman, J Am Stat Assoc
    1973;68:46.

    whole: selected and decided that m is the rate of, where these are not all units; their sums without it.
    """
    all_selected, all_decided = whole or (int(selected.sum()), int(decided.sum()))
    mean = all_selected / all_decided
    size = _beta_size(selected, decided, mean)
    reliability = decided / (size + decided)
    values = mean * (1 - reliability) + reliability * np.where(decided > 0, selected / np.maximum(decided, 1), 0)
    if np.isinf(size):
        low, high = wilson_interval(np.array([all_selected]), np.array([all_decided]), confidence)
        return Shrunken(values, low.repeat(decided.size), high.repeat(decided.size), mean, reliability)
    tail = (1 - confidence) / 2
    parameters = mean * size + selected, (1 - mean) * size + decided - selected
    return Shrunken(values, beta.ppf(tail, *parameters), beta.ppf(1 - tail, *parameters), mean, reliability)


def shrunken_ratios(log_ratios: Floats, errors: Floats, confidence: float) -> Shrunken:
    """Empirical Bayes impact ratios from units' log ratios and their standard errors.

    Log ratios are taken to be normal about a mean with variance tau^2 between units (method of moments, without
    winsorising, 0 where negative); a unit's weight is tau^2 / (tau^2 + error^2), and its interval is normal on the
    logarithmic scale with variance weight x error^2 + (1 - weight)^2 x that of the mean. nan is a unit without a ratio:
    it has the mean. Source: Morris, J Am Stat Assoc 1983;78:47.
    """
    known = ~np.isnan(log_ratios)
    y, v = log_ratios[known], errors[known] ** 2
    w = 1 / v
    fixed = (w * y).sum() / w.sum()
    excess = (w * (y - fixed) ** 2).sum() - (y.size - 1)
    tau2 = max(excess / (w.sum() - (w**2).sum() / w.sum()), 0.0) if y.size > 1 else 0.0
    w = 1 / (v + tau2)
    mean = float((w * y).sum() / w.sum())
    own = np.where(known, errors, np.inf) ** 2
    weight = tau2 / (tau2 + own)
    centre = mean + weight * (np.where(known, log_ratios, mean) - mean)
    variance = np.where(known, weight * np.where(known, own, 0), tau2) + (1 - weight) ** 2 / w.sum()
    half = float(ndtri(0.5 + confidence / 2)) * np.sqrt(variance)
    return Shrunken(np.exp(centre), np.exp(centre - half), np.exp(centre + half), float(np.exp(mean)), weight)


def _beta_size(selected: Counts, decided: Counts, mean: float) -> float:
    """How many decisions the other units are worth; inf where units vary no more than chance, 1 where all differ."""
    n, k = decided[decided > 0].astype(float), int((decided > 0).sum())
    rates = selected[decided > 0] / n
    between = (n * (rates - mean) ** 2).sum() - (k - 1) * mean * (1 - mean)
    # The weighted sum of squares is (k - 1) m (1 - m) by chance, and room x m (1 - m) / (M + 1) besides.
    room = n.sum() - (n**2).sum() / n.sum() - (k - 1)
    if between <= 0 or room <= 0:
        return float("inf")
    return float(max(mean * (1 - mean) * room / between - 1, _LEAST_SIZE))
