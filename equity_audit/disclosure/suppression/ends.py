"""How far a count can be from the truth by all that is published, and which published counts keep it from more."""

import numpy as np

from equity_audit.disclosure.suppression.attacker_knowledge import AttackerKnowledge
from equity_audit.disclosure.suppression.programme import Answer, Programme
from equity_audit.disclosure.table.constraints import UNBOUNDED, Constraints


class Ends(Programme):
    """How far each count can be from the truth, with all that is published."""

    def __init__(self, known: AttackerKnowledge, system: Constraints) -> None:
        truth, leaves = known.sums.truth, known.sums.leaves
        self._least, self._most = system.lowest > 0, system.highest < UNBOUNDED
        below, above = (truth - system.lowest).astype(float), (system.highest - truth).astype(float)
        # That a sum is not below 0 follows from its leaves.
        sums = np.ones(len(truth), bool)
        sums[leaves.places] = False
        below[sums & ~self._least], above[~self._most] = np.inf, np.inf
        super().__init__(leaves, below, above, known.to_be_shown > 0)

    def behind(self, answer: Answer) -> frozenset[int]:
        """The published counts that keep a table from more. A count is not below 0, whether it is published or not."""
        full, empty = answer.full[self._most[answer.full]], answer.empty[self._least[answer.empty]]
        return frozenset(np.concatenate([full, empty]).tolist())
