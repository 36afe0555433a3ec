"""How large a difference could have been found with the numbers there were."""

import numpy as np
from scipy.special import ndtr, ndtri

from equity_audit.measures.intervals import Counts, Floats

# Where fewer selections of the group are expected at a ratio, the normal approximation is off by more than two points.
_LEAST_EXPECTED = 3
# Halving the range from 0 to 1 so often leaves less than any printed digit.
_HALVINGS = 50


def smallest_detectable_ratio(
    group_decided: Counts, reference_decided: Counts, reference_rate: Floats, confidence: float, power: float
) -> Floats:
    """The impact ratio below 1, nearest to 1, that a test at 1 - confidence would have found with the given power.

    Takes the reference's rate as it is and asks how far below it the group's would have to lie. With q the group's
    rate, r the reference's, p the pooled rate, and n the numbers decided,
    power = Phi((r - q - z sqrt(p (1 - p) (1/n_g + 1/n_r))) / sqrt(q (1 - q) / n_g + r (1 - r) / n_r)).

    One comparison taken alone: after adjustment for several a difference must be larger. nan where no ratio at which 3
    selections of the group are still expected would have been found so surely, and where a rate or number is 0.
    Source: Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd ed. 2003, chapter 4.
    """
    n1, n2 = np.asarray(group_decided, dtype=float), np.asarray(reference_decided, dtype=float)
    low, high = np.zeros(n1.shape), np.ones(n1.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = _power(low, n1, n2, reference_rate, confidence) >= power
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            enough = _power(middle, n1, n2, reference_rate, confidence) >= power
            low, high = np.where(enough, middle, low), np.where(enough, high, middle)
    ratio: Floats = np.where(found & (low * reference_rate * n1 >= _LEAST_EXPECTED), low, np.nan)
    return ratio


def _power(ratio: Floats, n1: Floats, n2: Floats, rate: Floats, confidence: float) -> Floats:
    """Chance that the score test finds a group whose rate is `ratio` times the reference's."""
    q = ratio * rate
    pooled = (n1 * q + n2 * rate) / (n1 + n2)
    if_equal = np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    in_truth = np.sqrt(q * (1 - q) / n1 + rate * (1 - rate) / n2)
    chance: Floats = ndtr((rate - q - ndtri(0.5 + confidence / 2) * if_equal) / in_truth)
    return chance
