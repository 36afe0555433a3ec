"""When reports are made by themselves."""

from datetime import timedelta

import dagster as dg

from assets.resources import ORGANISATION_TAG
from assets.warehouse.connection import look_into_warehouse
from assets.warehouse.extract_register import organisations_in
from assets.warehouse.home import home_folder
from equity_audit.errors import UsageError
from equity_audit.periods import cron_after_period, period_start
from equity_audit.settings import load_settings
from pipelines.jobs import purge_records, report_period

_POLICY = load_settings(home_folder() / "settings.toml")


@dg.schedule(
    job=report_period,
    cron_schedule=cron_after_period(_POLICY.period),
    execution_timezone="Europe/London",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="On the first morning after a period has ended, report on that period.",
)
def report_period_just_ended(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
    """Ask for the period that the day before belongs to, not the one that has just begun: of each organisation."""
    last_day = context.scheduled_execution_time.date() - timedelta(days=1)
    start = period_start(last_day, _POLICY.period)
    key = start.isoformat()
    if last_day < (earliest := _POLICY.period.earliest):
        return dg.SkipReason(f"the period from {key} ended before period.earliest of the settings, {earliest}")
    try:
        with look_into_warehouse(home_folder()) as connection:
            names = organisations_in(connection, _POLICY, start)
    except UsageError:
        # While another run has the warehouse nobody can look: then one run is about all of them.
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
