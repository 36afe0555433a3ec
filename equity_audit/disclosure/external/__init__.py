"""Attack any published table of counts. Other rooms import only from here.

`cell_text`, `columns` and `published_table` read a table, `external_table` and `own_edition` find the sums between its
counts, `figure_counts` and `figure_inversion` add what printed figures disclose, `attack` narrows the counts, and
`attack_words` describes the result.
"""

import polars as pl

from equity_audit.disclosure.external.attack import Attack, attack
from equity_audit.disclosure.external.attack_words import attack_lines
from equity_audit.disclosure.external.external_table import read_table
from equity_audit.disclosure.external.own_edition import is_own, read_own
from equity_audit.disclosure.suppression.mip_bounds import Contradiction
from equity_audit.settings import DisclosurePolicy

__all__ = ["Attack", "Contradiction", "attack_frame", "attack_lines"]


def attack_frame(frame: pl.DataFrame, policy: DisclosurePolicy, confidence: float, small: frozenset[str]) -> Attack:
    """Attack a table of texts: an edition of this project by its own rules, any other table as `read_table` reads it.

    small: marks that mean a small count, casefolded. confidence: that of printed intervals. Raises InputRefused if it
    is not a table of counts, Contradiction if no counts fit it.
    """
    target = read_own(frame, policy) if is_own(frame) else read_table(frame, policy, confidence, small)
    return attack(target, policy.protection_interval, confidence)
