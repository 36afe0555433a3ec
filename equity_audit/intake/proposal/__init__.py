"""Propose a mapping for an unknown export. Other rooms import only from here.

`columns` examines single columns, `words` labels and `flags` words for yes and no. `roles` decides which column holds
what, `statuses` which ones say together what happened; `tables` does so for tables of applicants, `numbers` for those
of staff and answers. `evidence` is what the whole file shows; `labels` gives labels their meaning. `mapping_text` and
`source_text` write the mapping, `decisions` the questions.
"""

from equity_audit.intake.proposal.columns import BLANKS, looks_headerless
from equity_audit.intake.proposal.evidence import Evidence
from equity_audit.intake.proposal.mapping_text import proposal_toml
from equity_audit.intake.proposal.roles import Layout, find_layout, only_percentages

__all__ = ["BLANKS", "Evidence", "Layout", "find_layout", "looks_headerless", "only_percentages", "proposal_toml"]
