"""The attack on anybody's published table of counts. Other rooms import from here, and nothing below.

`cell_text`, `columns` and `published_table` read a table, `external_table` and `own_edition` set out what ties its
counts, `figure_counts` and `figure_inversion` add what printed figures say, `attack` narrows it all, and `attack_words`
puts the result into words.
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
    """Attack a table of texts: one of this project's editions by its own rules, any other as `read_table` reads it.

    small: marks that stand for a small count, casefolded. confidence: of printed intervals. Raises InputRefused for
    what is not such a table, Contradiction where it fits no counts.
    """
    target = read_own(frame, policy) if is_own(frame) else read_table(frame, policy, confidence, small)
    return attack(target, policy.protection_interval, confidence)
