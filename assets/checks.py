"""Checks on tables as Dagster asset checks: the suites of expectations/, and three that are written here.

Every result is also kept in intake.check_results, since a report prints what its figures have been through.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg
import duckdb

from assets.counts import read_period
from assets.lineage import asset_key, sql_text
from assets.partitions import EXTRACTS, PERIODS, period_bounds
from assets.warehouse import Home, Warehouse
from equity_audit.contracts import (
    APPLICANT_STAGES,
    DISCLOSED_STAGE_COUNTS,
    DISPARITIES,
    SELECTION_RATES,
    STAGE_COUNTS,
    Table,
)
from equity_audit.disclosure.rounding import breaks_rule
from equity_audit.measures.recomputation import largest_difference
from expectations.adapter import CheckResult, check_specs, run_suite, to_asset_check_results
from expectations.suites import Check

# Differences beyond this are a fault: two implementations agree to the last few binary places of a share.
_TOLERANCE = 1e-12

EVERY_APPLICATION_COUNTED = Check.written_here(
    "every_application_counted",
    STAGE_COUNTS.full_name,
    "every application of the period is counted once, by an independent count of the records",
)
