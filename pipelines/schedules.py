"""When reports are made by themselves."""

from datetime import timedelta

import dagster as dg

from assets.partitions import home_folder
from equity_audit.periods import cron_after_period, period_start
from equity_audit.settings import load_settings
from pipelines.jobs import purge_records, report_period

_POLICY = load_settings(home_folder() / "settings.toml").period


@dg.schedule(
    job=report_period,
    cron_schedule=cron_after_period(_POLICY),
    execution_timezone="Europe/London",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="On the first morning after a period has ended, report on that period.",
)
def report_period_just_ended(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for the period that the day before belongs to: not the one that has just begun."""
    last_day = context.scheduled_execution_time.date() - timedelta(days=1)
    key = period_start(last_day, _POLICY).isoformat()
    if last_day < _POLICY.earliest:
        return dg.SkipReason(f"the period from {key} ended before period.earliest of the settings, {_POLICY.earliest}")
    return dg.RunRequest(run_key=key, partition_key=key)


purge_every_month = dg.ScheduleDefinition(
    name="purge_every_month",
    job=purge_records,
    cron_schedule="0 4 1 * *",
    execution_timezone="Europe/London",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="On the first of each month, remove records that retention.keep_years no longer keeps; 0 keeps all.",
)
