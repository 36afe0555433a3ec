"""Whether a figure made from rounded counts is true enough to be shown as a single number.

A point is shown only if at least `point_share` of the counts that would be published identically, all equally likely,
keep the figure within `point_within` of the point. Otherwise only its range is published. This is decided from
published counts alone, the same for all exact counts behind them, so it tells nobody more than those counts do.

Rounding to 5 leaves at most 5 values of each count, so every combination of up to four counts is tried. Nothing is
drawn at random: the same counts always give the same answer. Figures of more counts: paths_true_enough.py for the
whole path, like_for_like.py for its sums, and `any_counts` below for measures of other people.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from equity_audit.measures.intervals import Counts, Floats
from equity_audit.settings import DisclosurePolicy

Truths = NDArray[np.bool_]
# The smallest and largest selected, then decided, that published counts allow.
Bounds = tuple[Counts, Counts, Counts, Counts]
# Numbers held in memory at once.
_MOST = 2_000_000
# All combinations are tried up to this number; otherwise this many are, spread evenly.
_COMBINATIONS = 10_000
# Two figures that should be equal differ by less than this, as a share.
_SLACK = 1e-9


class Pairs(NamedTuple):
    """Every possible pair of selected and decided: arrays of (figures, pairs), and which pairs are possible."""

    selected: Counts
    decided: Counts
    possible: Truths


def rates_true_enough(shown: Floats, bounds: Bounds, policy: DisclosurePolicy) -> Truths:
    """Decide for each rate, selected / decided. shown: the rates of the published counts, nan for none (False)."""
    result = np.zeros(len(shown), np.bool_)
    for rows in blocks(shown, width(bounds) ** 2):
        pairs = pairs_of_counts(bounds, rows)
        result[rows] = _enough(_rate(pairs), shown[rows, None], pairs.possible, policy)
    return result


def ratios_true_enough(shown: Floats, group: Bounds, reference: Bounds, policy: DisclosurePolicy) -> Truths:
    """Decide for each ratio of the group's rate to the reference's. shown: the published ratios, nan for none (False).

    A ratio is published in both directions, so it has to be true enough in both.
    """
    result = np.zeros(len(shown), np.bool_)
    for rows in blocks(shown, width(group) ** 2 * width(reference) ** 2):
        ours, theirs = pairs_of_counts(group, rows), pairs_of_counts(reference, rows)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = _rate(ours)[:, :, None] / _rate(theirs)[:, None, :]
            reverse, shown_reverse = 1 / ratio, 1 / shown[rows, None, None]
        possible = ours.possible[:, :, None] & theirs.possible[:, None, :]
        points = shown[rows, None, None]
        both = within(ratio, points, policy) & (within(reverse, shown_reverse, policy) | (points == 0))
        result[rows] = _at_least(both & possible, possible, policy)
    return result


def any_counts(
    formula: Callable[..., Floats], shown: float, counts: Sequence[tuple[int, int]], policy: DisclosurePolicy
) -> bool:
    """Decide for one figure of any counts. counts: the smallest and largest that each can be.

    formula takes an array of values for each count and returns the figures, nan for counts that are impossible
    together. More than 10,000 combinations are not all tried: 10,000 of them are, spread evenly by multiples of square
    roots of primes (Richtmyer's sequence), so that the share is right to about one in a hundred.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        figures = formula(*_combinations(counts))
    possible = ~np.isnan(figures)
    return bool(_enough(figures[None, :], np.array([[shown]]), possible[None, :], policy)[0])


def within(figures: Floats, points: Floats, policy: DisclosurePolicy) -> Truths:
    """Whether each figure is so close to its point that the point may stand for it."""
    with np.errstate(invalid="ignore"):
        near: Truths = np.abs(figures - points) <= policy.point_within * np.abs(points) * (1 + _SLACK)
    return near


def _enough(figures: Floats, points: Floats, possible: Truths, policy: DisclosurePolicy) -> Truths:
    return _at_least(within(figures, points, policy) & possible, possible, policy)


def _at_least(near: Truths, possible: Truths, policy: DisclosurePolicy) -> Truths:
    """Whether enough of what is possible is near, row by row; False if nothing is possible."""
    axes = tuple(range(1, near.ndim))
    hits, all_of = near.sum(axis=axes), possible.sum(axis=axes)
    enough: Truths = (all_of > 0) & (hits >= policy.point_share * all_of - _SLACK)
    return enough


def _rate(pairs: Pairs) -> Floats:
    rate: Floats = np.divide(pairs.selected, pairs.decided, out=np.zeros(pairs.selected.shape), where=pairs.decided > 0)
    return rate


def width(bounds: Bounds) -> int:
    """The largest number of values that any of the counts can have."""
    s_low, s_high, n_low, n_high = bounds
    return int(max((s_high - s_low).max(initial=0), (n_high - n_low).max(initial=0))) + 1


def blocks(shown: Floats, each: int) -> list[NDArray[np.int64]]:
    """Return the positions of the figures to decide on, in blocks that fit in memory; `each`: combinations of one."""
    positions = np.flatnonzero(np.isfinite(shown))
    return np.array_split(positions, -(-len(positions) * each // _MOST)) if len(positions) else []


def pairs_of_counts(bounds: Bounds, rows: NDArray[np.int64]) -> Pairs:
    """Return every pair of counts within the bounds of these rows."""
    s_low, s_high, n_low, n_high = (ends[rows, None] for ends in bounds)
    steps = np.arange(width(bounds))
    first, second = (grid.ravel()[None, :] for grid in np.meshgrid(steps, steps, indexing="ij"))
    selected, decided = s_low + first, n_low + second
    return Pairs(selected, decided, (selected <= s_high) & (decided <= n_high) & (selected <= decided))


def _combinations(counts: Sequence[tuple[int, int]]) -> list[Counts]:
    sizes = np.array([high - low + 1 for low, high in counts])
    lows = [low for low, _ in counts]
    if float(np.prod(sizes.astype(float))) <= _COMBINATIONS:
        grid = np.meshgrid(*(np.arange(size) for size in sizes), indexing="ij")
        return [low + axis.ravel() for low, axis in zip(lows, grid, strict=True)]
    steps = np.sqrt(_primes(len(counts)))
    places = np.modf(np.arange(1, _COMBINATIONS + 1)[:, None] * steps)[0]
    return [low + (places[:, i] * size).astype(np.int64) for i, (low, size) in enumerate(zip(lows, sizes, strict=True))]


def _primes(count: int) -> list[int]:
    primes: list[int] = []
    number = 2
    while len(primes) < count:
        if all(number % prime for prime in primes):
            primes.append(number)
        number += 1
    return primes
