"""Measures of staff and of answers as single numbers, where rounded counts leave them true enough."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from equity_audit.contracts.model import TOO_COARSE
from equity_audit.disclosure.estimates.true_enough import any_counts
from equity_audit.measures.count_ranges import Count, Measure
from equity_audit.measures.intervals import Counts, Floats
from equity_audit.settings import DisclosurePolicy


class Part(NamedTuple):
    """A figure that decides whether a measure is true enough: itself, or each of the shares that it compares.

    formula: takes an array of values for each of the counts, and returns the figures; nan for impossible counts.
    """

    counts: Sequence[Count]
    formula: Callable[..., Floats]


def with_point(measure: Measure, parts: Sequence[Part], policy: DisclosurePolicy) -> Measure:
    """Return the measure without its value if one of the parts is not true enough; its range is kept.

    A difference of shares near zero is never within a tenth of itself, so its parts are the shares. Exact counts have
    one combination each, and their figures are always true enough.
    """
    if measure.value is None or all(_is_true_enough(part, policy) for part in parts):
        return measure
    return measure._replace(value=None, point_reason=TOO_COARSE)


def share(members: Counts, people: Counts) -> Floats:
    """Return members / people; nan where there would be more members than people."""
    return np.where(members <= people, members / people, np.nan)


def _is_true_enough(part: Part, policy: DisclosurePolicy) -> bool:
    with np.errstate(divide="ignore", invalid="ignore"):
        # Rounding can make a part of people larger than their number, as no exact count is.
        shown = part.formula(*(np.array([count.value]) for count in part.counts))[0]
    if np.isnan(shown):
        shown = 1.0
    return any_counts(part.formula, float(shown), [(count.lowest, count.highest) for count in part.counts], policy)
