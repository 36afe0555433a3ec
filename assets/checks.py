"""Checks on tables as Dagster asset checks: the suites of expectations/, and three that are written here.

Every result is also kept in intake.check_results, since a report prints what its figures have been through.
"""

from equity_audit.contracts import (
    STAGE_COUNTS,
)
from expectations.suites import Check

# Differences beyond this are a fault: two implementations agree to the last few binary places of a share.
_TOLERANCE = 1e-12

EVERY_APPLICATION_COUNTED = Check.written_here(
    "every_application_counted",
    STAGE_COUNTS.full_name,
    "every application of the period is counted once, by an independent count of the records",
)
