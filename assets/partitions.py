"""How assets are cut: intake by extract, everything after it by reporting period.

The home folder decides the policy, so it must be known before assets are defined: EQUITY_AUDIT_HOME, else ./var.
"""

from datetime import datetime

import dagster as dg

from assets.warehouse.home import home_folder
from equity_audit.periods import MONTHS_IN, period_start
from equity_audit.settings import Settings, load_settings


def period_partitions(settings: Settings) -> dg.TimeWindowPartitionsDefinition:
    """One partition per reporting period, the running one included so that a part of a year can be looked at."""
    policy = settings.period
    first = int(policy.year_starts[:2])
    months = sorted((first - 1 + step) % 12 + 1 for step in range(0, 12, MONTHS_IN[policy.unit]))
    start = period_start(policy.earliest, policy)
    return dg.TimeWindowPartitionsDefinition(
        start=datetime(start.year, start.month, 1),  # noqa: DTZ001  Dagster takes the zone apart, UTC by default
        fmt="%Y-%m-%d",
        cron_schedule=f"0 0 1 {','.join(map(str, months))} *",
        end_offset=1,
    )


EXTRACTS = dg.DynamicPartitionsDefinition(name="extracts")
PERIODS = period_partitions(load_settings(home_folder() / "settings.toml"))
