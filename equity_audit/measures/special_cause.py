"""Find special causes on a control chart, by the four rules of NHS England's Making Data Count."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from equity_audit.measures.intervals import Floats

OUTSIDE, RUN, TREND, NEAR = "outside_limits", "one_side_of_mean", "trend", "two_of_three_near_limit"
Marks = npt.NDArray[np.bool_]
# The outer third of the way from the mean to a limit.
_NEAR_SHARE = 2 / 3


def special_causes(
    values: Floats, centre: Floats, lower: Floats, upper: Floats, run_length: int
) -> Sequence[tuple[str, ...]]:
    """Return the names of the rules that each point breaks; empty if it may be chance.

    - outside_limits: above the upper or below the lower limit.
    - one_side_of_mean: part of `run_length` or more consecutive points on one side of the mean; a point on the mean is
      on neither side.
    - trend: part of `run_length` or more consecutive points that all rise or all fall.
    - two_of_three_near_limit: beyond two thirds of the way from the mean to a limit, as one of at least two such points
      among three consecutive ones, at the same limit. The third may be anywhere; a point outside the limit counts.

    Arrays of one length; limits may differ by point. nan is a missing point: it
    breaks no rule and ends every run, since the rules concern consecutive points.
    Sources: NHS England, Making Data Count: strengthening your decisions; the third rule and the run length of 7 as in
    the NHS-R Community's NHSRplotthedots, which also requires all three points to be on one side of the mean.
    """
    above, below = values - centre > 0, values - centre < 0
    steps = np.diff(values)
    near = [
        values - centre > _NEAR_SHARE * (upper - centre),
        centre - values > _NEAR_SHARE * (centre - lower),
    ]
    broken = {
        OUTSIDE: (values > upper) | (values < lower),
        RUN: _in_runs(above, run_length) | _in_runs(below, run_length),
        TREND: _ends_of(_in_runs(steps > 0, run_length - 1)) | _ends_of(_in_runs(steps < 0, run_length - 1)),
        NEAR: _two_of_three(near[0], values) | _two_of_three(near[1], values),
    }
    return [tuple(rule for rule, marks in broken.items() if marks[point]) for point in range(len(values))]


def _in_runs(marks: Marks, length: int) -> Marks:
    """Return which marks are part of at least `length` consecutive ones."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marks.astype(np.int8), [0]])))
    in_run = np.zeros(marks.shape, dtype=bool)
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        in_run[begin:end] = end - begin >= length
    return in_run


def _ends_of(steps: Marks) -> Marks:
    """Return the points at either end of marked steps."""
    at_end = np.zeros(steps.size + 1, dtype=bool)
    at_end[:-1] |= steps
    at_end[1:] |= steps
    return at_end


def _two_of_three(near: Marks, values: Floats) -> Marks:
    """Return marked points with a second one among three consecutive points, none of them missing."""
    paired = np.zeros(near.shape, dtype=bool)
    for first in range(len(near) - 2):
        window = slice(first, first + 3)
        if near[window].sum() >= 2 and not np.isnan(values[window]).any():
            paired[window] |= near[window]
    return paired
