"""A linear programme among tables that would have been published the same, kept from one question to the next.

Its variables are what each leaf (`leaves`) has more than the truth, and less: so the truth itself is where the simplex
method begins, and what is nobody's concern stays as it is. Another question begins where the last one ended: mostly a
few steps away. The dual method takes a quarter of the steps of the primal one, each of which mostly leads nowhere where
so many counts are at an end (HiGHS; Huangfu and Hall, Math Prog Comp 2018;10:119-142).
"""

from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp

from equity_audit.disclosure.suppression.leaves import Leaves
from equity_audit.disclosure.table.constraints import Ints
from equity_audit.disclosure.table.suppression_status import Flags
from equity_audit.measures.intervals import Floats

# Steps for one answer at the most; counted, not timed: the same on every machine.
_STEPS = 20_000
_DUAL = 1
# What is taken for 0 of a multiplier.
_TINY = 1e-6


@dataclass(frozen=True)
class Answer:
    """How the best table differs from the truth, in all counts; what keeps it from more: counts at their upper ends
    (`full`) and at their lower ends (`empty`).
    """

    change: Floats
    full: Ints
    empty: Ints


class Programme:
    """Tables near the truth. below, above: how far each count may go down and up; endless where nothing is known.

    steps: of the simplex method, so far.
    asked: counts that `best` may be given limits of. varying: the leaves that may change; all by default.
    """

    def __init__(
        self, leaves: Leaves, below: Floats, above: Floats, asked: Flags | None = None, varying: Flags | None = None
    ) -> None:
        self.steps = 0
        chosen = np.arange(len(leaves.places)) if varying is None else np.nonzero(varying)[0]
        self._sums = leaves.sums[:, chosen]
        self._leaves = leaves.places[chosen]
        ties = leaves.ties[:, chosen]
        ties = ties[np.diff(ties.indptr) > 0]
        bounded = np.isfinite(below) | np.isfinite(above)
        if asked is not None:
            bounded |= asked
        bounded[leaves.places] = False
        self._rows = np.nonzero(bounded & (np.diff(self._sums.indptr) > 0))[0]
        none = np.zeros(ties.shape[0])
        matrix = sp.vstack([self._sums[self._rows], ties], format="csc")
        matrix = sp.hstack([matrix, -matrix], format="csc")
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = matrix.shape
        model.col_cost_ = model.col_lower_ = np.zeros(matrix.shape[1])
        model.col_upper_ = np.concatenate([above[self._leaves], below[self._leaves]])
        model.row_lower_ = np.concatenate([-below[self._rows], none])
        model.row_upper_ = np.concatenate([above[self._rows], none])
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
        model.a_matrix_.value_ = matrix.data
        self._solver = highspy.Highs()
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("presolve", "off"),
            ("solver", "simplex"),
            ("simplex_strategy", _DUAL),
            ("simplex_iteration_limit", _STEPS),
        ):
            self._solver.setOptionValue(option, value)
        self._solver.passModel(model)
        self.columns = matrix.shape[1]
        self._below, self._above = below, above

    @property
    def work(self) -> int:
        """Steps so far, by thousands of lines that each has to go through."""
        return self.steps * len(self._rows) // 1_000

    def furthest(self, place: int, sign: int, most: int, dearness: Floats | float = 0.0) -> Answer | None:
        """The table with a count as far above (sign 1) or below (-1) the truth as possible, up to `most`."""
        below = min(self._below[place], most) if sign < 0 else 0
        above = min(self._above[place], most) if sign > 0 else 0
        goal = np.zeros(len(self._below))
        goal[place] = sign
        self._limit(place, below, above)
        if np.any(dearness):
            # From the truth it is nearer than from where another count has led.
            self._solver.clearSolver()
        found = self.best(goal, dearness)
        self._limit(place, self._below[place], self._above[place])
        return found

    def _limit(self, place: int, below: float, above: float) -> None:
        line = int(np.searchsorted(self._rows, place))
        if line < len(self._rows) and self._rows[line] == place:
            self._solver.changeRowBounds(line, -below, above)
            return
        column = int(np.searchsorted(self._leaves, place))
        self._solver.changeColBounds(column, 0, above)
        self._solver.changeColBounds(column + len(self._leaves), 0, below)

    def best(self, goal: Floats, dearness: Floats | float = 0.0) -> Answer | None:
        """The table with the most of a goal, which is worth so much for each count; None without an answer.

        dearness: what it costs that a leaf changes by one, for tables of few changes.
        """
        worth = goal @ self._sums
        costs = np.concatenate([-worth, worth]) + dearness
        self._solver.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), costs)
        self._solver.run()
        self.steps += int(self._solver.getInfo().simplex_iteration_count)
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self._solver.clearSolver()
            return None
        solution = self._solver.getSolution()
        up, down = np.array(solution.col_value).reshape(2, -1)
        rows = np.array(solution.row_dual)[: len(self._rows)]
        more, less = np.array(solution.col_dual).reshape(2, -1)
        return Answer(
            self._sums @ (up - down),
            np.concatenate([self._rows[rows < -_TINY], self._leaves[more < -_TINY]]),
            np.concatenate([self._rows[rows > _TINY], self._leaves[less < -_TINY]]),
        )
