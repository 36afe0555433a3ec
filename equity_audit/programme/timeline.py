"""Before, lead-in and after: the place of each month or quarter in a programme, and the design matrix of the model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from equity_audit.measures.intervals import Floats
from equity_audit.measures.special_cause import Marks
from equity_audit.periods import months_after

# Indices of the coefficients: the ratio's logarithm at the start, its yearly change before, the jump, the change of
# slope; after these, a yearly rhythm if there is one.
LEVEL, SLOPE, JUMP, BEND = range(4)


def are_quarters(periods: Sequence[date]) -> bool:
    """Return whether a sorted series of first days is of quarters, by its shortest step. A single period is not."""
    steps = [later - earlier for earlier, later in pairwise(periods)]
    return bool(steps) and min(steps) > timedelta(days=31)


@dataclass(frozen=True)
class Timeline:
    """The periods of a series in order, and when the programme began.

    Periods are named by their first day. Those from `start` until `settled` are the lead-in, neither before nor after.
    Raises ValueError if a period is repeated or out of order.
    """

    periods: Sequence[date]
    start: date
    lead_in_months: int

    def __post_init__(self) -> None:
        if list(self.periods) != sorted(set(self.periods)):
            raise ValueError("periods must be distinct and in order")

    @property
    def settled(self) -> date:
        """The first day after the lead-in."""
        return months_after(self.start, self.lead_in_months)

    @property
    def per_year(self) -> int:
        """12 for months, 4 for quarters, by the shortest step."""
        return 4 if are_quarters(self.periods) else 12

    @property
    def before(self) -> Marks:
        """Periods before the start."""
        return np.array([day < self.start for day in self.periods], dtype=bool)

    @property
    def after(self) -> Marks:
        """Periods after the lead-in."""
        settled = self.settled
        return np.array([day >= settled for day in self.periods], dtype=bool)

    def design(self, seasonal_years: int) -> Floats:
        """Return a row for each period: 1, years since the start, after or not, years since the lead-in (0 before).

        Sine and cosine of a year follow if the series has at least `seasonal_years` full years both before and after:
        with fewer, a yearly rhythm of the ratio cannot be distinguished from a change.
        """
        years = np.array([(day - self.start).days / 365.25 for day in self.periods])
        settled = (self.settled - self.start).days / 365.25
        after = self.after.astype(float)
        columns = [np.ones_like(years), years, after, after * (years - settled)]
        if min(self.before.sum(), self.after.sum()) >= seasonal_years * self.per_year:
            columns += [np.sin(2 * np.pi * years), np.cos(2 * np.pi * years)]
        return np.column_stack(columns)
