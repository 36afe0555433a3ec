"""Every population other than applicants, in the order in which they were added."""

from equity_audit.populations.answers import SURVEY_ANSWERS
from equity_audit.populations.staff import STAFF

POPULATIONS = (STAFF, SURVEY_ANSWERS)
