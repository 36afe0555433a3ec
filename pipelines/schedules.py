"""The schedules: a report after each period, and a monthly purge."""

from datetime import timedelta

import dagster as dg

from assets.resources import ORGANISATION_TAG, Home
from assets.warehouse.connection import look_into_warehouse
from assets.warehouse.extract_register import organisations_in
from equity_audit.errors import UsageError
from equity_audit.periods import cron_after_period, period_start
from equity_audit.settings import Settings
from pipelines.jobs import purge_records, report_period


def report_after_each_period(settings: Settings) -> dg.ScheduleDefinition:
    """Return the schedule of reports for a home, whose policy says when periods end."""
    schedule = dg.schedule(
        job=report_period,
        cron_schedule=cron_after_period(settings.period),
        execution_timezone="Europe/London",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="On the first morning after a period has ended, report on that period.",
    )
    return schedule(report_period_just_ended)


def report_period_just_ended(context: dg.ScheduleEvaluationContext, home: Home) -> list[dg.RunRequest] | dg.SkipReason:
    """Request, for each organisation, the period that ended yesterday rather than the one that has just begun."""
    settings, last_day = home.settings(), context.scheduled_execution_time.date() - timedelta(days=1)
    start = period_start(last_day, settings.period)
    key = start.isoformat()
    if last_day < (earliest := settings.period.earliest):
        return dg.SkipReason(f"the period from {key} ended before period.earliest of the settings, {earliest}")
    try:
        with look_into_warehouse(home.path) as connection:
            names = organisations_in(connection, settings, start)
    except UsageError:
        # Another run has the warehouse open, so the names cannot be read: request one run for all organisations.
        return [dg.RunRequest(run_key=key, partition_key=key)]
    return [dg.RunRequest(run_key=f"{key}-{name}", partition_key=key, tags={ORGANISATION_TAG: name}) for name in names]


purge_every_month = dg.ScheduleDefinition(
    name="purge_every_month",
    job=purge_records,
    cron_schedule="0 4 1 * *",
    execution_timezone="Europe/London",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="On the first of each month, remove records that retention.keep_years no longer keeps; 0 keeps all.",
)
