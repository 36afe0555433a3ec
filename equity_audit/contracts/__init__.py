"""Every table: its grain, columns, types, units and meaning.

SQL files, checks, exports, Dagster's column lineage and docs/tables.md all read these. `derived_from` names the
columns that a value is made of, so that an auditor can walk from a printed figure back to the file.
"""

from equity_audit.contracts.analyses import (
    ANALYSES,
    OVERALL_PATHS,
    RULE_TABLES,
    STAGE_CONTRIBUTIONS,
    STRATIFIED_DISPARITIES,
)
from equity_audit.contracts.disclosed import (
    DISCLOSED,
    DISCLOSED_CHECKS,
    DISCLOSED_DISPARITIES,
    DISCLOSED_EXTRACT_FACTS,
    DISCLOSED_LIKE_FOR_LIKE,
    DISCLOSED_OUTCOME_COUNTS,
    DISCLOSED_OVERALL_PATHS,
    DISCLOSED_SELECTION_RATES,
    DISCLOSED_SOURCES,
    DISCLOSED_STAGE_CONTRIBUTIONS,
    DISCLOSED_STAGE_COUNTS,
)
from equity_audit.contracts.intake import (
    ACCEPTED_EXTRACTS,
    APPLICANT_STAGES,
    APPLICATIONS,
    CHECK_RESULTS,
    ETHNICITY_LABELS,
    EXTRACT_FACTS,
    EXTRACTS,
    GROUP_COUNTS,
    OUTCOME_LABELS,
    PROTECTIONS,
    PUBLISHED_COUNTS,
    PURGES,
    REJECTED_ROWS,
)
from equity_audit.contracts.model import Column, Table
from equity_audit.contracts.out import COUNTS, DISPARITIES, SELECTION_RATES, STAGE_COUNTS, STEP_KEY

TABLES = (
    EXTRACTS,
    REJECTED_ROWS,
    ACCEPTED_EXTRACTS,
    CHECK_RESULTS,
    ETHNICITY_LABELS,
    OUTCOME_LABELS,
    EXTRACT_FACTS,
    PURGES,
    PUBLISHED_COUNTS,
    PROTECTIONS,
    APPLICATIONS,
    APPLICANT_STAGES,
    GROUP_COUNTS,
    STAGE_COUNTS,
    SELECTION_RATES,
    DISPARITIES,
    *ANALYSES,
    *DISCLOSED,
)

__all__ = [
    "ACCEPTED_EXTRACTS",
    "ANALYSES",
    "APPLICANT_STAGES",
    "APPLICATIONS",
    "CHECK_RESULTS",
    "COUNTS",
    "DISCLOSED",
    "DISCLOSED_CHECKS",
    "DISCLOSED_DISPARITIES",
    "DISCLOSED_EXTRACT_FACTS",
    "DISCLOSED_LIKE_FOR_LIKE",
    "DISCLOSED_OUTCOME_COUNTS",
    "DISCLOSED_OVERALL_PATHS",
    "DISCLOSED_SELECTION_RATES",
    "DISCLOSED_SOURCES",
    "DISCLOSED_STAGE_CONTRIBUTIONS",
    "DISCLOSED_STAGE_COUNTS",
    "DISPARITIES",
    "ETHNICITY_LABELS",
    "EXTRACTS",
    "EXTRACT_FACTS",
    "GROUP_COUNTS",
    "OUTCOME_LABELS",
    "OVERALL_PATHS",
    "PROTECTIONS",
    "PUBLISHED_COUNTS",
    "PURGES",
    "REJECTED_ROWS",
    "RULE_TABLES",
    "SELECTION_RATES",
    "STAGE_CONTRIBUTIONS",
    "STAGE_COUNTS",
    "STEP_KEY",
    "STRATIFIED_DISPARITIES",
    "TABLES",
    "Column",
    "Table",
]
