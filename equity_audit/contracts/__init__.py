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
from equity_audit.contracts.core import APPLICANT_STAGES, APPLICATIONS, GROUP_COUNTS, HEADCOUNTS
from equity_audit.contracts.disclosed import (
    DISCLOSED_CHECKS,
    DISCLOSED_DISPARITIES,
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
    CHECK_RESULTS,
    ETHNICITY_LABELS,
    EXTRACT_FACTS,
    EXTRACTS,
    OUTCOME_LABELS,
    PROTECTIONS,
    PUBLISHED_COUNTS,
    PURGES,
    REJECTED_ROWS,
)
from equity_audit.contracts.model import Column, PopulationTables, Table
from equity_audit.contracts.out import COUNTS, DISPARITIES, SELECTION_RATES, STAGE_COUNTS, STEP_KEY
from equity_audit.contracts.programme import (
    DISCLOSED_OVER_TIME,
    DISCLOSED_PROGRAMME_EFFECT,
    DISCLOSED_PROGRAMME_SENSITIVITY,
    DISCLOSED_TREND,
    EXACT_OVER_TIME,
    PROGRAMME_EFFECT,
    TREND,
)
from equity_audit.contracts.survey import (
    ANSWER_TABLES,
    ANSWERS,
    DISCLOSED_SURVEY,
    DISCLOSED_SURVEY_MEASURES,
    SURVEY,
)
from equity_audit.contracts.variation import DISCLOSED_VARIATION
from equity_audit.contracts.workforce import (
    DISCLOSED_WORKFORCE,
    DISCLOSED_WORKFORCE_MEASURES,
    STAFF_TABLES,
    WORKFORCE,
    WORKFORCE_MEASURES,
)

# Who is counted beside recruitment.
POPULATION_TABLES = (STAFF_TABLES, ANSWER_TABLES)

DISCLOSED = (
    DISCLOSED_STAGE_COUNTS,
    DISCLOSED_SELECTION_RATES,
    DISCLOSED_DISPARITIES,
    DISCLOSED_OVERALL_PATHS,
    DISCLOSED_STAGE_CONTRIBUTIONS,
    DISCLOSED_LIKE_FOR_LIKE,
    DISCLOSED_VARIATION,
    DISCLOSED_OUTCOME_COUNTS,
    *(table for one in POPULATION_TABLES for table in (one.shown, one.shown_measures)),
    DISCLOSED_SOURCES,
    DISCLOSED_CHECKS,
)

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
    *(one.received for one in POPULATION_TABLES),
    STAGE_COUNTS,
    SELECTION_RATES,
    DISPARITIES,
    *ANALYSES,
    *EXACT_OVER_TIME,
    *(table for one in POPULATION_TABLES for table in one.by_period if table.schema == "out"),
    *DISCLOSED,
    *DISCLOSED_OVER_TIME,
)

__all__ = [
    "ACCEPTED_EXTRACTS",
    "ANALYSES",
    "ANSWERS",
    "APPLICANT_STAGES",
    "APPLICATIONS",
    "CHECK_RESULTS",
    "COUNTS",
    "DISCLOSED",
    "DISCLOSED_CHECKS",
    "DISCLOSED_DISPARITIES",
    "DISCLOSED_LIKE_FOR_LIKE",
    "DISCLOSED_OUTCOME_COUNTS",
    "DISCLOSED_OVERALL_PATHS",
    "DISCLOSED_OVER_TIME",
    "DISCLOSED_PROGRAMME_EFFECT",
    "DISCLOSED_PROGRAMME_SENSITIVITY",
    "DISCLOSED_SELECTION_RATES",
    "DISCLOSED_SOURCES",
    "DISCLOSED_STAGE_CONTRIBUTIONS",
    "DISCLOSED_STAGE_COUNTS",
    "DISCLOSED_SURVEY",
    "DISCLOSED_SURVEY_MEASURES",
    "DISCLOSED_TREND",
    "DISCLOSED_VARIATION",
    "DISCLOSED_WORKFORCE",
    "DISCLOSED_WORKFORCE_MEASURES",
    "DISPARITIES",
    "ETHNICITY_LABELS",
    "EXACT_OVER_TIME",
    "EXTRACTS",
    "EXTRACT_FACTS",
    "GROUP_COUNTS",
    "HEADCOUNTS",
    "OUTCOME_LABELS",
    "OVERALL_PATHS",
    "POPULATION_TABLES",
    "PROGRAMME_EFFECT",
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
    "SURVEY",
    "TABLES",
    "TREND",
    "WORKFORCE",
    "WORKFORCE_MEASURES",
    "Column",
    "PopulationTables",
    "Table",
]
