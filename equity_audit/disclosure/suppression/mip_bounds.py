"""The attack: the tightest bounds on counts that follow from everything published, as an integer programme.

Every set of whole numbers that satisfies the system could be the truth. The lowest and the highest value of a count
over all of them are found with HiGHS (Huangfu and Hall, Math Prog Comp 2018;10:119-142), separately for parts of the
system that no relation connects.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from equity_audit.disclosure.table.constraints import UNBOUNDED, Constraints, narrowed

# Where the search for one bound is cut short.
_NODES = 20_000


class Contradiction(ValueError):
    """No counts fit what is said to be published: the table contradicts itself, or was not made by these rules."""


@dataclass(frozen=True)
class Tightest:
    """Lowest and highest possible value of each count asked for. `proven`: False where the search was cut short."""

    lowest: dict[int, int]
    highest: dict[int, int]
    proven: bool


def tightest(system: Constraints, cells: Iterable[int]) -> Tightest:
    """The tightest bounds of `cells`; outer bounds where the search for one is cut short.

    Raises Contradiction where nothing fits.
    """
    first = narrowed(system)
    if (first.lowest > first.highest).any():
        raise Contradiction("no counts fit what is published")
    search = _Search(Constraints(first.lowest, first.highest, system.relations))
    lowest, highest = {}, {}
    for cell in cells:
        lowest[cell], highest[cell] = search.end(cell, 1), search.end(cell, -1)
    return Tightest(lowest, highest, search.proven)


class _Search:
    """Solves for one bound after the other and remembers every table of counts found on the way."""

    def __init__(self, system: Constraints) -> None:
        self._matrix = system.matrix()
        self._lowest, self._highest = system.lowest, system.highest
        free = sp.diags_array((system.lowest < system.highest).astype(float), dtype=float)
        touching = abs(self._matrix @ free)
        _, self._part = sp.csgraph.connected_components(touching.T @ touching, directed=False)
        # The smallest and largest that some table found so far has.
        self._seen_low = np.full(len(system.lowest), UNBOUNDED, np.int64)
        self._seen_high = np.full(len(system.lowest), -1, np.int64)
        self.proven = True

    def end(self, cell: int, sign: int) -> int:
        """The lowest (sign 1) or highest (-1) possible value."""
        limit = int(self._lowest[cell] if sign > 0 else self._highest[cell])
        seen = int(self._seen_low[cell] if sign > 0 else self._seen_high[cell])
        if self._lowest[cell] == self._highest[cell] or seen == limit:
            return limit
        columns = np.nonzero((self._part == self._part[cell]) & (self._lowest < self._highest))[0]
        lines = np.unique(self._matrix[:, columns].nonzero()[0])
        sub = self._matrix[lines]
        fixed = np.setdiff1d(np.arange(len(self._lowest)), columns)
        rest = -(sub[:, fixed] @ self._lowest[fixed])
        goal = np.zeros(len(columns))
        goal[np.searchsorted(columns, cell)] = sign
        found = milp(
            goal,
            integrality=np.ones(len(columns)),
            bounds=Bounds(self._lowest[columns], self._highest[columns]),
            constraints=LinearConstraint(sub[:, columns], rest, rest),
            options={"node_limit": _NODES},
        )
        if found.status == 2:
            raise Contradiction("no counts fit what is published")
        if found.x is not None:
            table = np.rint(found.x).astype(np.int64)
            self._seen_low[columns] = np.minimum(self._seen_low[columns], table)
            self._seen_high[columns] = np.maximum(self._seen_high[columns], table)
        if found.status != 0:
            self.proven = False
            return limit
        end: int = round(sign * found.fun)
        return end
