"""Shrinkage estimates for small units: each is drawn towards the mean by as much as it is uncertain."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

from equity_audit.measures.intervals import Counts, Floats, wilson_interval

# If units differ as much as possible the moments give a size of 0, for which there is no beta distribution: a unit
# without selections would be certain never to have any.
_LEAST_SIZE = 1.0


@dataclass(frozen=True)
class Shrunken:
    """Estimates drawn towards the mean of all units, with intervals."""

    values: Floats
    low: Floats
    high: Floats
    mean: float


def shrunken_rates(
    selected: Counts, decided: Counts, confidence: float, whole: tuple[int, int] | None = None
) -> Shrunken:
    """Return empirical Bayes rates: each unit's own rate, drawn further towards the mean the smaller the unit is.

    Units' rates are assumed to follow a beta distribution with mean m and size M (the number of decisions that the
    other units are worth), fitted by moments. A unit's rate is then beta(m M + s, (1 - m) M + n - s), with mean
    (m M + s) / (M + n) and the interval of that distribution. If units vary no more than chance, all have the mean and
    its Wilson interval. Units without decisions have the mean and the spread of all units. The interval takes m and M
    as known, so it is somewhat too narrow with few units. M is never below 1. Source: Kleinman, J Am Stat Assoc
    1973;68:46.

    whole: the selected and decided whose rate is m, if these are not all units; by default the sums of the units.
    """
    all_selected, all_decided = whole or (int(selected.sum()), int(decided.sum()))
    mean = all_selected / all_decided
    size = _beta_size(selected, decided, mean)
    weight = decided / (size + decided)
    values = mean * (1 - weight) + weight * np.where(decided > 0, selected / np.maximum(decided, 1), 0)
    if np.isinf(size):
        low, high = wilson_interval(np.array([all_selected]), np.array([all_decided]), confidence)
        return Shrunken(values, low.repeat(decided.size), high.repeat(decided.size), mean)
    tail = (1 - confidence) / 2
    parameters = mean * size + selected, (1 - mean) * size + decided - selected
    return Shrunken(values, beta.ppf(tail, *parameters), beta.ppf(1 - tail, *parameters), mean)


def _beta_size(selected: Counts, decided: Counts, mean: float) -> float:
    """Return how many decisions the other units are worth: inf if units vary no more than chance, 1 if all differ."""
    n, k = decided[decided > 0].astype(float), int((decided > 0).sum())
    rates = selected[decided > 0] / n
    between = (n * (rates - mean) ** 2).sum() - (k - 1) * mean * (1 - mean)
    # The weighted sum of squares is (k - 1) m (1 - m) by chance, plus room x m (1 - m) / (M + 1).
    room = n.sum() - (n**2).sum() / n.sum() - (k - 1)
    if between <= 0 or room <= 0:
        return float("inf")
    return float(max(mean * (1 - mean) * room / between - 1, _LEAST_SIZE))
