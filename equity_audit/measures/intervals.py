"""Score intervals, vectorised over arrays of counts.

statsmodels has Koopman's interval for one pair of groups at a time, with a scalar root finder (about a millisecond
each). Here it is solved for all rows at once by bisection, and tested against statsmodels.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from statsmodels.stats.proportion import proportion_confint

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
# Counts of people, or the numbers of independent decisions that they are worth (clustering.py, paths.py).
Numbers = Counts | Floats

# Bounds of the logarithm of a ratio: wider than any ratio of counts that fit in memory.
_WIDEST = 45.0
# Halving an interval of 90 on the log scale 64 times leaves 5e-18: below the spacing of floats.
_HALVINGS = 64


def wilson_interval(progressed: Numbers, decided: Numbers, confidence: float) -> tuple[Floats, Floats]:
    """Return the score interval of a selection rate: Wilson, J Am Stat Assoc 1927;22:209.

    Arrays of numbers, 0 <= progressed <= decided. Returns lower and upper bounds, nan if decided is 0.
    """
    known = decided > 0
    low, high = np.full(decided.shape, np.nan), np.full(decided.shape, np.nan)
    if known.any():
        low[known], high[known] = proportion_confint(
            progressed[known], decided[known], alpha=1 - confidence, method="wilson"
        )
    return low, high


def koopman_interval(
    group_selected: Numbers,
    group_decided: Numbers,
    reference_selected: Numbers,
    reference_decided: Numbers,
    confidence: float,
) -> tuple[Floats, Floats]:
    """Return the score interval of an impact ratio, the group's rate / the reference's.

    Koopman, Biometrics 1984;40:513: the ratios r for which |s(r)| is at most the normal quantile, where
    s(r) = (p1 - r p2) / sqrt(q1 (1 - q1) / n1 + r^2 q2 (1 - q2) / n2)
    and q1 = r q2 are the rates that fit the counts best if the ratio were r (Miettinen and Nurminen, Stat Med
    1985;4:213, without their factor N / (N - 1)).

    Defined at zero selections: the lower bound is 0 if the group has none, the upper bound is inf if the reference has
    none. Both bounds are nan if neither has any, or if either has no decisions.
    """
    counts = [
        np.asarray(c, dtype=float) for c in (group_selected, group_decided, reference_selected, reference_decided)
    ]
    x1, n1, x2, n2 = counts
    z = float(ndtri(0.5 + confidence / 2))
    # Both in one search: for the few ratios of a table, the time goes into calls and not into numbers.
    ends = _solve(x1, n1, x2, n2, np.multiply.outer([z, -z], np.ones(np.broadcast(*counts).shape)))
    low, high = np.where(x1 == 0, 0.0, ends[0]), np.where(x2 == 0, np.inf, ends[1])
    undefined = (n1 == 0) | (n2 == 0) | ((x1 == 0) & (x2 == 0))
    return np.where(undefined, np.nan, low), np.where(undefined, np.nan, high)


def newcombe_interval(
    group_selected: Numbers,
    group_decided: Numbers,
    reference_selected: Numbers,
    reference_decided: Numbers,
    confidence: float,
) -> tuple[Floats, Floats]:
    """Return the hybrid score interval of the group's rate minus the reference's: Newcombe, method 10.

    With (l, u) the Wilson interval of each rate p: d - sqrt((p1 - l1)^2 + (u2 - p2)^2) to
    d + sqrt((u1 - p1)^2 + (p2 - l2)^2). Both bounds are nan if either has no decisions. Source: Stat Med 1998;17:873.
    """
    (p1, l1, u1), (p2, l2, u2) = (
        (np.divide(x, n, out=np.full(n.shape, np.nan), where=n > 0), *wilson_interval(x, n, confidence))
        for x, n in ((group_selected, group_decided), (reference_selected, reference_decided))
    )
    low: Floats = p1 - p2 - np.sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2)
    high: Floats = p1 - p2 + np.sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2)
    return low, high


def _solve(x1: Floats, n1: Floats, x2: Floats, n2: Floats, target: Floats) -> Floats:
    """Return the ratio whose score statistic is `target`, in its shape; the statistic falls as the ratio rises."""
    low, high = np.full(target.shape, -_WIDEST), np.full(target.shape, _WIDEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = _score(np.exp(middle), x1, n1, x2, n2) > target
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    ratio: Floats = np.exp((low + high) / 2)
    return ratio


def _score(ratio: Floats, x1: Floats, n1: Floats, x2: Floats, n2: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        # The reference's best-fitting rate is the smaller root of a quadratic, in the form that avoids cancellation.
        a = (n1 + n2) * ratio
        b = n1 * ratio + x1 + n2 + x2 * ratio
        q2 = 2 * (x1 + x2) / (b + np.sqrt(np.maximum(b * b - 4 * a * (x1 + x2), 0)))
        q1 = ratio * q2
        variance = q1 * np.maximum(1 - q1, 0) / n1 + ratio * ratio * q2 * np.maximum(1 - q2, 0) / n2
        difference = x1 / n1 - ratio * x2 / n2
        score: Floats = np.where(difference == 0, 0.0, difference / np.sqrt(variance))
    return score
