"""Power: the smallest difference that could have been found with the numbers available."""

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from equity_audit.measures.intervals import Floats, Numbers

# With fewer than 7 expected to be selected, or not selected, on either side, the normal approximation is wrong by more
# than two percentage points. If fewer than 5 are expected at equal rates, the exact test is used, which has lower
# power.
_LEAST_EXPECTED, _LEAST_POOLED = 7, 5
# Halving the range from 0 to 1 this often leaves less than any printed digit.
_HALVINGS = 50


def smallest_detectable_ratio(
    group_decided: Numbers, reference_decided: Numbers, reference_rate: Floats, confidence: float, power: float
) -> Floats:
    """Return the impact ratio below 1, nearest to 1, that a test at 1 - confidence would find with the given power.

    Takes the reference's rate as given and calculates how far below it the group's rate must be. With q the group's
    rate, r the reference's, p the pooled rate, and n the numbers decided,
    power = Phi((r - q - z sqrt(p (1 - p) (1/n_g + 1/n_r))) / sqrt(q (1 - q) / n_g + r (1 - r) / n_r)).

    This is for a single comparison: after adjustment for several, a difference must be larger. nan if at that ratio
    fewer than 7 are expected to be selected, or not selected, on either side, or fewer than 5 in any of these at equal
    rates: the formula is then wrong by more than two percentage points (docs/calibration.md).
    Source: Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd ed. 2003, chapter 4.
    """
    n1, n2 = np.asarray(group_decided, dtype=float), np.asarray(reference_decided, dtype=float)
    low, high = np.zeros(n1.shape), np.ones(n1.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        detectable = _power(low, n1, n2, reference_rate, confidence) >= power
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            enough = _power(middle, n1, n2, reference_rate, confidence) >= power
            low, high = np.where(enough, middle, low), np.where(enough, high, middle)
    ratio: Floats = np.where(detectable & _enough(low * reference_rate, n1, n2, reference_rate), low, np.nan)
    return ratio


def _enough(q: Floats, n1: Floats, n2: Floats, rate: Floats) -> npt.NDArray[np.bool_]:
    """Return whether the approximation holds for a group's rate q: see _LEAST_EXPECTED."""
    pooled = n1 * q + n2 * rate
    if_equal = np.minimum(n1, n2) * np.minimum(pooled, n1 + n2 - pooled)
    cells = np.minimum(n1 * np.minimum(q, 1 - q), n2 * np.minimum(rate, 1 - rate))
    enough: npt.NDArray[np.bool_] = (cells >= _LEAST_EXPECTED) & (if_equal >= _LEAST_POOLED * (n1 + n2))
    return enough


def _power(ratio: Floats, n1: Floats, n2: Floats, rate: Floats, confidence: float) -> Floats:
    """Return the probability that the score test detects a group whose rate is `ratio` times the reference's."""
    q = ratio * rate
    pooled = (n1 * q + n2 * rate) / (n1 + n2)
    if_equal = np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    in_truth = np.sqrt(q * (1 - q) / n1 + rate * (1 - rate) / n2)
    chance: Floats = ndtr((rate - q - ndtri(0.5 + confidence / 2) * if_equal) / in_truth)
    return chance
