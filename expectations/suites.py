"""The checks on the warehouse's tables. Nothing here runs a check (adapter.py does)."""

from equity_audit.contracts import APPLICANT_STAGES, STAGE_COUNTS
from equity_audit.settings import Settings
from expectations.applicant_stages import applicant_stages
from expectations.check import Check
from expectations.stage_counts import stage_counts

__all__ = ["Check", "suite"]


def suite(table: str, settings: Settings) -> tuple[Check, ...]:
    """Return the checks of a table, given its name with schema, in display order."""
    if table == APPLICANT_STAGES.full_name:
        return applicant_stages(settings.intake.warn_unknown_share)
    return {STAGE_COUNTS.full_name: stage_counts}[table]()
