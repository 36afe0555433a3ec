"""Find what a printed rate, ratio or interval limit discloses about the counts from which it was calculated.

Such figures are not sums, so no relation between counts covers them. But each depends on two or four counts with few
possible values after marks and rounding: all combinations are tried, and those that print the same figure are kept.
"""

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from equity_audit.disclosure.table.constraints import Ints
from equity_audit.measures.intervals import Counts, Floats, koopman_interval, wilson_interval

# Combinations tried for one figure. Koopman's limits are found by bisection, which takes a thousand times as long.
_MOST, _MOST_BY_BISECTION = 5_000_000, 200_000
# Floating point may round a half either way, so both are possible.
_SLACK = 1e-9
_NUMBER = re.compile(r"([+-]?)(\d+)(?:\.(\d*))?\s*(%?)")


class Formula(StrEnum):
    """The formula of a figure. Its counts are progressed and decided, for ratios the group's, then the reference's."""

    RATE = "rate"
    RATE_LOW = "lower limit of Wilson's interval"
    RATE_HIGH = "upper limit of Wilson's interval"
    RATIO = "ratio of two rates"
    RATIO_LOW = "lower limit of Koopman's interval"
    RATIO_HIGH = "upper limit of Koopman's interval"


class Printed(NamedTuple):
    """The range of values that are printed the same, both ends inclusive."""

    least: float
    most: float


class Figure(NamedTuple):
    """A printed figure. `counts`: indices of its counts, in the order of its formula. `label`: a description."""

    formula: Formula
    counts: tuple[int, ...]
    printed: Printed
    label: str = ""


class Masked(NamedTuple):
    """A figure that is withheld on purpose: its counts, its column and its mark."""

    counts: tuple[int, ...]
    column: str
    text: str


def as_printed(text: str, *, percent: bool = False) -> Printed | None:
    """Return the values that are printed as `text`: "7.5%" means 0.0745 to 0.0755. None if it is not a number.

    `percent`: a number without "%" is a percentage too. The range is half a unit of the last decimal either way, since
    some programs round halves up and others to the even digit.
    """
    match = _NUMBER.fullmatch(text.strip().replace(",", ""))
    if not match:
        return None
    sign, whole, decimals, mark = match.groups()
    value = float(f"{sign}{whole}.{decimals or 0}")
    half = 0.5 * 10.0 ** -len(decimals or "")
    scale = 100.0 if mark or percent else 1.0
    return Printed((value - half) / scale, (value + half) / scale)


def values_left(
    figure: Figure, lowest: Sequence[int], highest: Sequence[int], confidence: float
) -> tuple[Ints, ...] | None:
    """Return the values that each count of a figure can have, given the figure as printed: sorted and distinct.

    `lowest` and `highest` bound each count, both inclusive. Combinations in which progressed exceeds decided, or
    decided is 0, are left out. All are empty if no combination prints the figure. None if there are too many to try.
    """
    sizes = [high - low + 1 for low, high in zip(lowest, highest, strict=True)]
    bisects = figure.formula in (Formula.RATIO_LOW, Formula.RATIO_HIGH)
    if float(np.prod(np.array(sizes, float))) > (_MOST_BY_BISECTION if bisects else _MOST):
        return None
    axes = [np.arange(low, high + 1) for low, high in zip(lowest, highest, strict=True)]
    grid = np.array([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")])
    selected, decided = grid[::2], grid[1::2]
    grid = grid[:, ((selected <= decided) & (decided > 0)).all(axis=0)]
    value = _FORMULAS[figure.formula](grid, confidence)
    fits = (value >= figure.printed.least - _SLACK) & (value <= figure.printed.most + _SLACK)
    return tuple(np.unique(line[fits]) for line in grid)


def _rate(counts: Counts, _: float) -> Floats:
    selected, decided = counts
    share: Floats = selected / decided
    return share


def _ratio(counts: Counts, _: float) -> Floats:
    selected, decided, reference_selected, reference_decided = counts
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Floats = (selected * reference_decided) / (reference_selected * decided)
    return ratio


def _wilson(end: int) -> Callable[[Counts, float], Floats]:
    return lambda counts, confidence: wilson_interval(counts[0], counts[1], confidence)[end]


def _koopman(end: int) -> Callable[[Counts, float], Floats]:
    return lambda counts, confidence: koopman_interval(counts[0], counts[1], counts[2], counts[3], confidence)[end]


_FORMULAS: dict[Formula, Callable[[Counts, float], Floats]] = {
    Formula.RATE: _rate,
    Formula.RATE_LOW: _wilson(0),
    Formula.RATE_HIGH: _wilson(1),
    Formula.RATIO: _ratio,
    Formula.RATIO_LOW: _koopman(0),
    Formula.RATIO_HIGH: _koopman(1),
}
