"""Figures from counts that are only known to lie in a range: their value, and the widest interval over that range.

An exact count is a range of one number. A published count covers every count that would have been published the
same, so the interval is the union of the intervals over all of these, and always contains the exact one.
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

Figure = tuple[float, float, float]
NOT_COLLECTED = "not_collected"


class Count(NamedTuple):
    """A count as published, and the smallest and largest that it can be; or `why_not`, why it is not known."""

    value: int = 0
    lowest: int = 0
    highest: int = 0
    why_not: str | None = None

    @classmethod
    def exact(cls, value: int) -> "Count":
        """Return a count that is known exactly."""
        return cls(value, value, value)

    def of_at_least(self, fewest: int) -> "Count":
        """The count as a denominator, which fewer people than that are not."""
        return Count(why_not="too_few_people") if self.why_not is None and 0 < self.value < fewest else self


class Measure(NamedTuple):
    """A figure with its interval, whose limits are None if they do not exist; or the reason why there is no figure.

    point_reason: why only the interval is given, if so.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    why_not: str | None = None
    point_reason: str | None = None


def measure(counts: Sequence[Count], formula: Callable[..., Figure | None], undefined: str) -> Measure:
    """Return a formula's figure for the counts as published, with the widest interval over all counts possible.

    The formula must be monotonic in each count, so that its extremes are at the ends of the ranges. It takes the counts
    in order and returns value, low and high, nan or inf for a limit that does not exist; None, or a value of nan, means
    undefined. If a count is not known, neither is the measure, for the same reason; of several reasons, not_collected
    comes first, which holds whatever the other counts are, then the first. If the formula is undefined for some of the
    possible counts, the reason is too_few_people.
    """
    if reasons := [count.why_not for count in counts if count.why_not]:
        return Measure(why_not=NOT_COLLECTED if NOT_COLLECTED in reasons else reasons[0])
    figure = formula(*(count.value for count in counts))
    if figure is None or not np.isfinite(figure[0]):
        return Measure(why_not=undefined)
    corners = product(*({count.lowest, count.highest} for count in counts))
    ends = np.array([result[1:] if (result := formula(*corner)) else (np.nan, np.nan) for corner in corners])
    if np.isnan(ends).any():
        return Measure(why_not="too_few_people")
    low, high = float(ends[:, 0].min()), float(ends[:, 1].max())
    return Measure(figure[0], low, high if np.isfinite(high) else None)
