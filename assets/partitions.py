"""How assets are cut: intake by extract, everything after it by reporting period.

How long a period is belongs to a home's policy, and assets are defined before anybody knows of which home: they name
PERIODS, the periods of the policy as it ships, and `cut_by_policy` puts those of a home in their place.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import dagster as dg

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
PERIODS = period_partitions(load_settings())


def cut_by_policy(assets: Iterable[dg.AssetsDefinition], settings: Settings) -> list[Any]:
    """The same assets, cut by the periods of a home's policy."""
    periods = period_partitions(settings)
    return list(
        dg.map_asset_specs(
            lambda spec: spec.replace_attributes(partitions_def=periods) if spec.partitions_def is PERIODS else spec,
            assets,
        )
    )
