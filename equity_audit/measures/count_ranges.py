"""Figures of counts of which only a span is known: what they come to, and the widest interval that the counts allow.

An exact count is a span of one. A published one stands for every count that would have been published the same, so the
interval is the union of the intervals over all of these, and always holds the exact one.
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

Figure = tuple[float, float, float]
NOT_COLLECTED = "not_collected"


class Count(NamedTuple):
    """A count as it stands, and the smallest and largest that it can be; or `why_not` it is not known."""

    value: int = 0
    lowest: int = 0
    highest: int = 0
    why_not: str | None = None

    @classmethod
    def exact(cls, value: int) -> "Count":
        """A count that is known."""
        return cls(value, value, value)

    def of_at_least(self, fewest: int) -> "Count":
        """The count as a denominator, which fewer people than that are not."""
        return Count(why_not="too_few_people") if self.why_not is None and 0 < self.value < fewest else self


class Measure(NamedTuple):
    """A figure with its interval, ends that do not exist being None; or the reason why there is none."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    why_not: str | None = None


def measure(counts: Sequence[Count], formula: Callable[..., Figure | None], undefined: str) -> Measure:
    """A formula's figure of the counts as they stand, between the lowest and highest end over all that they can be.

    The formula must rise or fall with each count throughout: then its ends are at the ends of the spans. It gets the
    counts in order and gives value, low and high, nan or inf where there is none; None, or a value that is nan, stands
    for undefined. Where a count is not known, the measure is not, for the same reason; of several, that a number is not
    collected, which is so whatever the others are, then the first. Where some counts that it can be leave it undefined,
    it is of too few people to be given.
    """
    if reasons := [count.why_not for count in counts if count.why_not]:
        return Measure(why_not=NOT_COLLECTED if NOT_COLLECTED in reasons else reasons[0])
    figure = formula(*(count.value for count in counts))
    if figure is None or not np.isfinite(figure[0]):
        return Measure(why_not=undefined)
    corners = product(*({count.lowest, count.highest} for count in counts))
    ends = np.array([found[1:] if (found := formula(*corner)) else (np.nan, np.nan) for corner in corners])
    if np.isnan(ends).any():
        return Measure(why_not="too_few_people")
    low, high = float(ends[:, 0].min()), float(ends[:, 1].max())
    return Measure(figure[0], low, high if np.isfinite(high) else None)
