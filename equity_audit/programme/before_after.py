"""The simple comparison: the impact ratio before a programme and after its lead-in, and the ratio of the two."""

from dataclasses import dataclass

import numpy as np

from equity_audit.measures.intervals import koopman_interval
from equity_audit.measures.special_cause import Marks
from equity_audit.programme.ratio_model import PairedCounts

# Group selected and decided, reference selected and decided.
Counts4 = tuple[int, int, int, int]


@dataclass(frozen=True)
class BeforeAfter:
    """Impact ratios before and after, and the second divided by the first, each as (value, low, high).

    nan if undefined; inf if there is no upper limit.
    """

    before: tuple[float, float, float]
    after: tuple[float, float, float]
    change: tuple[float, float, float]


def before_after(counts: PairedCounts, before: Marks, after: Marks, confidence: float) -> BeforeAfter:
    """Compare all decisions before with all decisions after; `before` and `after` mark periods by number.

    Impact ratios have Koopman's interval. For their ratio the two intervals are combined on the log scale: with
    a = log after, b = log before, from a - b - sqrt((a - a_low)^2 + (b_high - b)^2) to
    a - b + sqrt((a_high - a)^2 + (b - b_low)^2) (MOVER: Zou and Donner, Stat Med 2008;27:1693). A ratio of 0 after has
    the limit of this, 0 to a_high - b; a ratio of 0 before leaves the change undefined. Nothing is adjusted for,
    neither an earlier trend nor a change in the posts advertised.
    """
    earlier, later = (impact_ratio(sums_of(counts, marks[counts.period]), confidence) for marks in (before, after))
    return BeforeAfter(earlier, later, _change(earlier, later))


def _change(earlier: tuple[float, float, float], later: tuple[float, float, float]) -> tuple[float, float, float]:
    (b, b_low, b_high), (a, a_low, a_high) = earlier, later
    if not (b > 0 and a >= 0):
        return float("nan"), float("nan"), float("nan")
    if a == 0:
        return 0.0, 0.0, a_high / b
    # log(a / a_low) is the difference a - a_low of the logarithms.
    down = np.hypot(np.log(a / a_low), np.log(b_high / b))
    up = np.hypot(np.log(a_high / a), np.log(b / b_low))
    return a / b, float(a / b * np.exp(-down)), float(a / b * np.exp(up))


def sums_of(counts: PairedCounts, marks: Marks) -> Counts4:
    """Return the four counts of the marked rows: group selected and decided, reference selected and decided."""
    return (
        int(counts.group_selected[marks].sum()),
        int(counts.group_decided[marks].sum()),
        int(counts.reference_selected[marks].sum()),
        int(counts.reference_decided[marks].sum()),
    )


def impact_ratio(sums: Counts4, confidence: float) -> tuple[float, float, float]:
    """Return the impact ratio of four counts with Koopman's interval; nan if undefined."""
    s_g, n_g, s_r, n_r = (np.array([count]) for count in sums)
    low, high = koopman_interval(s_g, n_g, s_r, n_r, confidence)
    return ratio_of(sums), float(low[0]), float(high[0])


def ratio_of(sums: Counts4) -> float:
    """Return the impact ratio of four counts alone; nan if undefined."""
    s_g, n_g, s_r, n_r = sums
    return (s_g * n_r) / (s_r * n_g) if s_r > 0 and n_g > 0 else float("nan")
