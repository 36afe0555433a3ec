"""Whether ratios of sums, over the parts of a split or over years, are true enough to be shown as single numbers.

The rule is that of true_enough.py. Two parts, or two years, have eight counts already, too many combinations to try.
But a ratio P / Q is within limits where P - c Q has the right sign at each limit c, and P and Q are sums over parts
that are rounded independently. So the mean and the variance of P - c Q over all combinations follow exactly from those
of each part, where every combination is tried. The distribution is taken as normal, since at least eight counts are in
it, each evenly spread: for two parts the share of combinations is right to about one in a hundred, as tests confirm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from equity_audit.disclosure.estimates.true_enough import Bounds, Pairs, Truths, blocks, pairs_of_counts, width
from equity_audit.measures.intervals import Floats, Numbers
from equity_audit.settings import DisclosurePolicy

_PART = ("p", "q", "pp", "qq", "pq")
# Means, variances and covariances of selected and decided of one group, and of one part; they add up.
SIDE = ("s", "n", "ss", "nn", "sn")
MOMENTS = (
    *(f"adjusted_{name}" for name in _PART),
    *(f"group_{name}" for name in SIDE),
    *(f"reference_{name}" for name in SIDE),
)


@dataclass(frozen=True)
class _Linear:
    """Mean of P and Q, their variances and their covariance."""

    p: Floats
    q: Floats
    pp: Floats
    qq: Floats
    pq: Floats


def moments_of_parts(group: Bounds, reference: Bounds) -> dict[str, Floats]:
    """Return MOMENTS of each part over all counts that would be published identically.

    adjusted: p = s1 n0 / (n1 + n0) and q = s0 n1 / (n1 + n0), the part's share of the Mantel-Haenszel ratio's numerator
    and denominator. group, reference: selected and decided.
    """
    parts = np.zeros(len(group[0]))
    found = {name: np.zeros(len(parts)) for name in MOMENTS}
    for block in blocks(parts, width(group) ** 2 * width(reference) ** 2):
        ours, theirs = pairs_of_counts(group, block), pairs_of_counts(reference, block)
        for side, pairs in (("group", ours), ("reference", theirs)):
            for name, values in zip(SIDE, _moments(pairs.selected, pairs.decided, pairs.possible), strict=True):
                found[f"{side}_{name}"][block] = values
        for name, values in zip(_PART, _moments(*_adjusted(ours, theirs)), strict=True):
            found[f"adjusted_{name}"][block] = values
    return found


def moments_of_counts(bounds: Bounds) -> dict[str, Floats]:
    """Return SIDE of each pair of counts: of one group in one year, over all that would be published identically."""
    rows = np.zeros(len(bounds[0]))
    found = {name: np.zeros(len(rows)) for name in SIDE}
    for block in blocks(rows, width(bounds) ** 2):
        pairs = pairs_of_counts(bounds, block)
        for name, values in zip(SIDE, _moments(pairs.selected, pairs.decided, pairs.possible), strict=True):
            found[name][block] = values
    return found


def rates_of_sums_true_enough(shown: Floats, sums: dict[str, Floats], policy: DisclosurePolicy) -> Truths:
    """Decide for each rate, selected / decided. sums: SIDE added up. False where `shown` is nan."""
    return _decide(shown, _Linear(sums["s"], sums["n"], sums["ss"], sums["nn"], sums["sn"]), policy)


def adjusted_true_enough(shown: Floats, sums: dict[str, Floats], policy: DisclosurePolicy) -> Truths:
    """Decide for each Mantel-Haenszel ratio. sums: MOMENTS added up over parts. False where `shown` is nan."""
    return _decide(shown, _Linear(*(sums[f"adjusted_{name}"] for name in _PART)), policy)


def crude_true_enough(shown: Floats, sums: dict[str, Floats], policy: DisclosurePolicy) -> Truths:
    """Decide for each ratio of rates over all parts together: P = S1 N0, Q = S0 N1, whose sides are independent."""
    group, reference = ({name: sums[f"{side}_{name}"] for name in SIDE} for side in ("group", "reference"))
    return products_true_enough(shown, [group], [reference], policy)


def products_true_enough(
    shown: Floats,
    above: Sequence[Mapping[str, Floats]],
    below: Sequence[Mapping[str, Floats]],
    policy: DisclosurePolicy,
) -> Truths:
    """Decide for each product of the rates `above` divided by those `below`, which are rounded independently.

    Each rate as SIDE added up. One rate over another is an impact ratio; a change between two impact ratios is the
    group's rate since and the reference's before, over the other two. P is the product of selected above and decided
    below, Q of the others: mean, variance and covariance of a product of independent numbers follow from theirs.
    """
    sides = [
        _Linear(side[p], side[q], side[p + p], side[q + q], side["sn"])
        for rates, (p, q) in ((above, "sn"), (below, "ns"))
        for side in rates
    ]
    p, q = (np.prod([getattr(side, name) for side in sides], axis=0) for name in "pq")
    pp = np.prod([side.pp + side.p**2 for side in sides], axis=0) - p**2
    qq = np.prod([side.qq + side.q**2 for side in sides], axis=0) - q**2
    pq = np.prod([side.pq + side.p * side.q for side in sides], axis=0) - p * q
    return _decide(shown, _Linear(p, q, pp, qq, pq), policy)


def _decide(shown: Floats, sums: _Linear, policy: DisclosurePolicy) -> Truths:
    below = [_share_below(shown * (1 + sign * policy.point_within), sums, sign) for sign in (1, -1)]
    enough: Truths = np.isfinite(shown) & (below[0] - below[1] >= policy.point_share)
    return enough


def _share_below(limit: Floats, sums: _Linear, sign: int) -> Floats:
    """Return the share of combinations whose ratio is below a limit; at the limit itself only if sign is above 0."""
    mean = sums.p - limit * sums.q
    variance = sums.pp + limit**2 * sums.qq - 2 * limit * sums.pq
    deviation = np.sqrt(np.maximum(variance, 0))
    exact = np.where(mean <= 0 if sign > 0 else mean < 0, 1.0, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Exact counts leave one combination; what arithmetic leaves of a variance of 0 is nothing.
        share: Floats = np.where(deviation > 1e-9 * np.abs(sums.p + sums.q), ndtr(-mean / deviation), exact)
    return share


def _adjusted(ours: Pairs, theirs: Pairs) -> tuple[Floats, Floats, Truths]:
    """Return p, q and which combinations are possible, each as (parts, combinations)."""
    s1, n1 = ours.selected[:, :, None], ours.decided[:, :, None]
    s0, n0 = theirs.selected[:, None, :], theirs.decided[:, None, :]
    possible = ours.possible[:, :, None] & theirs.possible[:, None, :] & (n1 + n0 > 0)
    both = np.where(possible, n1 + n0, 1)
    flat = len(possible), -1
    return (s1 * n0 / both).reshape(flat), (s0 * n1 / both).reshape(flat), possible.reshape(flat)


def _moments(first: Numbers, second: Numbers, possible: Truths) -> tuple[Floats, ...]:
    """Return the means of two figures, their variances and their covariance, over the possible combinations."""
    count = np.maximum(possible.sum(axis=1), 1)
    mean, other_mean = ((values * possible).sum(axis=1) / count for values in (first, second))
    away, other_away = (first - mean[:, None]) * possible, (second - other_mean[:, None]) * possible
    products = ((away, away), (other_away, other_away), (away, other_away))
    return (mean, other_mean, *((one * other).sum(axis=1) / count for one, other in products))
