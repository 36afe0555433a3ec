"""Whether a rate of the whole path, or a ratio of two, is true enough to be shown as a single number.

The rule is that of true_enough.py. A path of four stages has eight counts, and a ratio of two paths sixteen: too many
to try one by one. But a rate is a product over stages, so the combinations that give each value of its logarithm are
counted stage by stage (a convolution), for each number selected so far: nobody is decided on at a stage who was not
selected at the one before. All combinations are counted. Logarithms are rounded to steps of 1 in 2,000, and whatever is
nearer to a limit than all these roundings together counts as outside: for a ratio over four stages, 0.2% of the figure.
The answer is therefore that of every combination, or stricter.
"""

from functools import lru_cache
from math import log
from typing import NamedTuple

import numpy as np

from equity_audit.measures.intervals import Floats
from equity_audit.settings import DisclosurePolicy

_STEP = 1 / 2000


class Stage(NamedTuple):
    """A stage of one group: its published rate, and the smallest and largest selected, then decided."""

    rate: float
    s_low: int
    s_high: int
    n_low: int
    n_high: int


class PathCombinations:
    """How many combinations of the counts of a path give each logarithm of its rate, relative to the published one."""

    def __init__(self, stages: tuple[Stage, ...]) -> None:
        self._error = len(stages) * _STEP / 2
        self._counts = _counts_by_logarithm(stages)
        self._zero = len(self._counts) // 2
        self._all = float(self._counts.sum())

    def rate_true_enough(self, policy: DisclosurePolicy) -> bool:
        """Decide for the rate of the path."""
        low, high = _limits(policy, self._error)
        steps = np.arange(len(self._counts)) - self._zero
        return _enough(float(self._counts[(steps >= low) & (steps <= high)].sum()), self._all, policy)

    def ratio_true_enough(self, reference: "PathCombinations", policy: DisclosurePolicy) -> bool:
        """Decide for the ratio of the rate to the reference's."""
        low, high = _limits(policy, self._error + reference._error)
        up_to = np.concatenate([[0.0], np.cumsum(reference._counts)])
        steps = np.arange(len(self._counts)) - self._zero + reference._zero
        # The reference's logarithm is between ours minus the upper limit and ours minus the lower one.
        first, last = (np.clip(steps - limit, 0, len(reference._counts)) for limit in (high, low - 1))
        hits = float((self._counts * (up_to[last] - up_to[first])).sum())
        return _enough(hits, self._all * reference._all, policy)


@lru_cache(maxsize=2**13)
def path_combinations(stages: tuple[Stage, ...]) -> PathCombinations:
    """Return the combinations of a path. They are kept: an edition's figures are calculated again to be checked."""
    return PathCombinations(stages)


def _limits(policy: DisclosurePolicy, error: float) -> tuple[int, int]:
    """Return the first and the last step of the grid that are certainly within the limits of policy."""
    lowest, highest = log(1 - policy.point_within) + error, log(1 + policy.point_within) - error
    return int(np.ceil(lowest / _STEP)), int(np.floor(highest / _STEP))


def _enough(hits: float, combinations: float, policy: DisclosurePolicy) -> bool:
    return combinations > 0 and hits >= policy.point_share * combinations * (1 - 1e-9)


def _counts_by_logarithm(stages: tuple[Stage, ...]) -> Floats:
    """Return the number of combinations at each step of the grid; the step in the middle is the published rate."""
    zero = sum(max(map(abs, (_steps(stage.s_low, stage.n_high, stage), _steps(stage.s_high, stage.n_low, stage))))
               for stage in stages)  # fmt: skip
    start = np.zeros(2 * zero + 1)
    start[zero] = 1.0
    # By the number selected at the stage before; at first, by a number that rules nothing out.
    before = {stages[0].n_high: start}
    for stage in stages:
        after = {selected: np.zeros_like(start) for selected in range(stage.s_low, stage.s_high + 1)}
        for decided in range(stage.n_low, stage.n_high + 1):
            reaching = np.sum([counts for selected, counts in before.items() if selected >= decided], axis=0)
            if np.ndim(reaching):
                for selected in range(stage.s_low, min(stage.s_high, decided) + 1):
                    after[selected] += np.roll(reaching, _steps(selected, decided, stage))
        before = after
    total: Floats = np.sum(list(before.values()), axis=0)
    return total


def _steps(selected: int, decided: int, stage: Stage) -> int:
    """Return how many steps of the grid a rate is from the published one."""
    return round(log(selected / decided / stage.rate) / _STEP)
