"""How assets are partitioned: intake by extract, everything after it by reporting period.

A home's policy sets the length of a period, but assets are defined before the home is known. They use PERIODS, the
periods of the default policy, and `cut_by_policy` replaces these with the periods of the home.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import dagster as dg

from equity_audit.periods import MONTHS_IN, period_start
from equity_audit.settings import Settings, load_settings


def period_partitions(settings: Settings) -> dg.TimeWindowPartitionsDefinition:
    """Return one partition per reporting period, including the current one so that part of a year can be reported."""
    policy = settings.period
    first = int(policy.year_starts[:2])
    months = sorted((first - 1 + step) % 12 + 1 for step in range(0, 12, MONTHS_IN[policy.unit]))
    start = period_start(policy.earliest, policy)
    return dg.TimeWindowPartitionsDefinition(
        start=datetime(start.year, start.month, 1),  # noqa: DTZ001  Dagster takes the time zone separately, UTC by default
        fmt="%Y-%m-%d",
        cron_schedule=f"0 0 1 {','.join(map(str, months))} *",
        end_offset=1,
    )


EXTRACTS = dg.DynamicPartitionsDefinition(name="extracts")
PERIODS = period_partitions(load_settings())


def cut_by_policy(assets: Iterable[dg.AssetsDefinition], settings: Settings) -> list[Any]:
    """Return the same assets, partitioned by the periods of a home's policy."""
    periods = period_partitions(settings)
    return list(
        dg.map_asset_specs(
            lambda spec: spec.replace_attributes(partitions_def=periods) if spec.partitions_def is PERIODS else spec,
            assets,
        )
    )
