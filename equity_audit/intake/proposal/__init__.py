"""Propose a mapping for an unknown export. Other rooms import only from here.

`columns` examines single columns, `words` labels, `versions` those of ethnicity, and `flags` words for yes and no.
`roles` decides which column holds what, with `ids` and, for statuses in several columns, `statuses`; `tables` does so
for tables of applicants, `numbers` for those of staff and answers. `gaps` says what is missing, `evidence` what the
whole file shows. `labels` gives labels their meaning, `source_text` and `mapping_text` write the mapping, `decisions`
the questions.
"""

from equity_audit.intake.proposal.columns import BLANKS, looks_headerless
from equity_audit.intake.proposal.evidence import Evidence
from equity_audit.intake.proposal.gaps import only_percentages
from equity_audit.intake.proposal.mapping_text import proposal_toml
from equity_audit.intake.proposal.roles import Layout, find_layout

__all__ = ["BLANKS", "Evidence", "Layout", "find_layout", "looks_headerless", "only_percentages", "proposal_toml"]
