"""Tests of equal selection rates, vectorised, and their adjustment for many comparisons."""

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri
from scipy.stats import hypergeom

from equity_audit.measures.intervals import Counts, Floats

SCORE, MID_P = "score", "exact_mid_p"
# Cochran's rule: below it in any of the four cells, the normal approximation is not relied on.
_LEAST_EXPECTED = 5
# Equally likely tables differ in the last binary places; R's fisher.test has the same tolerance.
_AS_LIKELY = 1 + 1e-7


def two_sided_p(
    group_selected: Counts,
    group_decided: Counts,
    reference_selected: Counts,
    reference_decided: Counts,
    effect: Floats | None = None,
) -> tuple[Floats, npt.NDArray[np.str_]]:
    """Return the two-sided P-value of equal selection rates of two groups, and the name of the test used.

    The score test (pooled z, the square root of Pearson's chi-squared without correction) if all four expected counts
    are at least 5, else the exact conditional test with mid-P (mid_p below). Koopman's and Newcombe's intervals
    correspond to the former; how often an interval and the latter say different things is in docs/calibration.md.

    effect: the design effect, None for independent decisions (clustering.py). z is divided by its square root, and so
    is the z that has the P-value of the exact test.

    Arrays of whole numbers of one shape, selected <= decided. nan and "" if either has no decisions.
    Sources: Cochran, Biometrics 1954;10:417; Lancaster, J Am Stat Assoc 1961;56:223.
    """
    x1, n1, x2, n2 = (
        np.asarray(c, dtype=np.int64) for c in (group_selected, group_decided, reference_selected, reference_decided)
    )
    known = (n1 > 0) & (n2 > 0)
    total, selected = n1 + n2, x1 + x2
    with np.errstate(divide="ignore", invalid="ignore"):
        least = np.minimum(n1, n2) * np.minimum(selected, total - selected) / total
        score = np.abs(pooled_z(x1, n1, x2, n2))
    p = 2 * ndtr(-score)
    exact = known & ~(least >= _LEAST_EXPECTED)
    p[exact] = mid_p(x1[exact], n1[exact], x2[exact], n2[exact])
    if effect is not None:
        p = np.where(effect > 1, 2 * ndtr(ndtri(np.minimum(p, 1) / 2) / np.sqrt(effect)), p)
    p[~known] = np.nan
    return p, np.where(known, np.where(exact, MID_P, SCORE), "")


def pooled_z(x1: Counts, n1: Counts, x2: Counts, n2: Counts) -> Floats:
    """Return the difference of two rates in pooled standard deviations; nan if all or none were selected.

    z = (x1/n1 - x2/n2) / sqrt(p (1 - p) (1/n1 + 1/n2)) with p = (x1 + x2) / (n1 + n2).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (x1 + x2) / (n1 + n2)
        variance = pooled * (1 - pooled) * (1 / n1 + 1 / n2)
        z: Floats = np.where(variance > 0, (x1 / n1 - x2 / n2) / np.sqrt(variance), np.nan)
    return z


def holm(p: Floats, family: npt.NDArray[np.int64]) -> Floats:
    """Return P-values adjusted by Holm's method within each family, which controls the familywise error rate.

    `family` numbers the comparisons that are read together. nan stays nan and does not count.
    Source: Holm, Scand J Stat 1979;6:65.
    """
    adjusted = np.full(p.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    # Not statsmodels', which collects garbage at every call: a tenth of a second for each family.
    order = tested[np.lexsort((p[tested], family[tested]))]
    for members in np.split(order, np.flatnonzero(np.diff(family[order])) + 1):
        still_open = np.arange(members.size, 0, -1)
        adjusted[members] = np.minimum(np.maximum.accumulate(p[members] * still_open), 1)
    return adjusted


def mid_p(x1: Counts, n1: Counts, x2: Counts, n2: Counts) -> Floats:
    """Return the two-sided mid-P-values of the exact conditional test, for many tables at once.

    Of all tables with the same margins: the probability of those less likely than the observed one, and half of that of
    those as likely. Fisher's exact test counts all of the latter, and so errs less often than it may. The tables of all
    comparisons are concatenated in one long array. Arrays of whole numbers of one shape, selected <= decided, decided
    above 0.
    """
    selected = x1 + x2
    fewest, most = np.maximum(0, selected - n2), np.minimum(n1, selected)
    lengths = most - fewest + 1
    if not lengths.size:
        return np.empty(0)
    table = np.repeat(np.arange(lengths.size), lengths)
    starts = np.cumsum(lengths) - lengths
    x = np.arange(lengths.sum()) - starts[table] + fewest[table]
    chance = hypergeom.pmf(x, (n1 + n2)[table], selected[table], n1[table])
    observed = chance[starts + x1 - fewest][table]
    as_likely, likelier = chance * _AS_LIKELY >= observed, chance > observed * _AS_LIKELY
    p: Floats = np.add.reduceat(np.where(likelier, 0, np.where(as_likely, chance / 2, chance)), starts)
    return p
