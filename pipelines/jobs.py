"""The jobs: load one extract; report on one period; review programmes; remove records that are too old."""

from datetime import UTC, datetime

import dagster as dg

from assets.lineage import as_failure, asset_key
from assets.private_lists import GROUP as PRIVATE
from assets.resources import Home
from assets.warehouse.retention import purge
from equity_audit.contracts import DISCLOSED_OVER_TIME, EXACT_OVER_TIME
from equity_audit.errors import EquityAuditError
from equity_audit.periods import period_start

# Not partitioned by period, so in a separate job.
_OVER_TIME = dg.AssetSelection.assets(
    *(asset_key(table) for table in (*EXACT_OVER_TIME, *DISCLOSED_OVER_TIME)),
    *(dg.AssetKey(key) for key in (["edition", "programme"], [PRIVATE, "not_borne_out"])),
)

take_in_extract = dg.define_asset_job(
    "take_in_extract",
    selection=dg.AssetSelection.groups("intake", "core"),
    description="Load one export file, check its rows, and let it count if the blocking checks pass.",
)

report_period = dg.define_asset_job(
    "report_period",
    selection=dg.AssetSelection.groups("out", "disclosed", "edition", PRIVATE) - _OVER_TIME,
    description="Count one reporting period, protect the figures and publish its edition for every organisation.",
)

review_programmes = dg.define_asset_job(
    "review_programmes",
    selection=_OVER_TIME,
    description="Rates and ratios over all years, and the review of each programme for the board.",
)


@dg.op
def remove_old_records(context: dg.OpExecutionContext, home: Home) -> None:
    """Remove records of periods that ended longer ago than policy keeps records; 0 years keeps everything."""
    settings, today = home.settings(), datetime.now(UTC).date()
    if settings.retention.keep_years == 0:
        context.log.info("settings keep records until equity-audit purge is called (retention.keep_years = 0)")
        return
    # The 29th of February does not exist in every year; the first of the month is in the same period.
    long_ago = today.replace(year=today.year - settings.retention.keep_years, day=1)
    try:
        purged = purge(home.path, period_start(long_ago, settings.period), settings)
    except EquityAuditError as error:
        raise as_failure(error) from None
    # The number of records removed is in intake.purges only, since an auditor reads this history.
    context.add_output_metadata({"before": purged.before.isoformat(), "files_left": purged.files_left})


@dg.job(description="Remove records of individuals that policy no longer keeps; published figures stay.")
def purge_records() -> None:
    """Run the one step, which waits while another run has the warehouse open."""
    remove_old_records()
