"""Propose a mapping for an unknown export. Other rooms import only from here.

`columns` examines single columns and `words` labels, `roles` decides which column holds what, `numbers` does so for
tables of staff and answers, `labels` gives labels their meaning, and `mapping_text` writes the mapping.
"""

from equity_audit.intake.proposal.columns import BLANKS, looks_headerless
from equity_audit.intake.proposal.mapping_text import Evidence, proposal_toml
from equity_audit.intake.proposal.roles import Layout, find_layout

__all__ = ["BLANKS", "Evidence", "Layout", "find_layout", "looks_headerless", "proposal_toml"]
