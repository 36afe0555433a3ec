"""What a printed rate, ratio or end of an interval gives away of the counts that it was made from.

None of these adds up, so that no sum holds them. But each hangs on two or four counts, to which marks and rounding
leave few values: every combination is tried, and those that print the same figure are kept.
"""

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from equity_audit.disclosure.table.constraints import Ints
from equity_audit.measures.intervals import Counts, Floats, koopman_interval, wilson_interval

# Combinations tried for one figure. Koopman's ends are found by bisection, which takes a thousand times as long.
_MOST, _MOST_BY_BISECTION = 5_000_000, 200_000
# Floating point may put a half to either side: both are then possible.
_SLACK = 1e-9
_NUMBER = re.compile(r"([+-]?)(\d+)(?:\.(\d*))?\s*(%?)")


class Formula(StrEnum):
    """How a figure comes from its counts: progressed and decided; for ratios the group's, then the reference's."""

    RATE = "rate"
    RATE_LOW = "lower end of Wilson's interval"
    RATE_HIGH = "upper end of Wilson's interval"
    RATIO = "ratio of two rates"
    RATIO_LOW = "lower end of Koopman's interval"
    RATIO_HIGH = "upper end of Koopman's interval"


class Printed(NamedTuple):
    """All values that print as one figure does, both ends included."""

    least: float
    most: float


class Figure(NamedTuple):
    """A printed figure. `counts`: places of its counts, in the order of its formula; `label`: for readers."""

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
    """The values that are printed as `text`: "7.5%" stands for 0.0745 to 0.0755. None for what is no number.

    `percent`: a number without "%" is one too. Half a unit of the last decimal either way, as halves go up in some
    programs and to the even digit in others.
    """
    found = _NUMBER.fullmatch(text.strip().replace(",", ""))
    if not found:
        return None
    sign, whole, decimals, mark = found.groups()
    value = float(f"{sign}{whole}.{decimals or 0}")
    half = 0.5 * 10.0 ** -len(decimals or "")
    scale = 100.0 if mark or percent else 1.0
    return Printed((value - half) / scale, (value + half) / scale)


def values_left(
    figure: Figure, lowest: Sequence[int], highest: Sequence[int], confidence: float
) -> tuple[Ints, ...] | None:
    """The values that each count of a figure can have, given that it is printed so: sorted, each once.

    `lowest` and `highest` bound each count, both included. Nobody progresses who is not decided on, and figures of
    nobody are not printed: such combinations are left out. All empty where no combination prints the figure. None where
    there are too many to try: then nothing is said.
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
