"""Everything that Dagster knows of this project. Assembly only."""

from pathlib import Path

import dagster as dg

from assets import edition, private_lists, private_pages, programme
from assets.checks.policy import checks_by_policy
from assets.graph import CHECK_MODULES, TABLE_MODULES
from assets.partitions import cut_by_policy
from assets.warehouse.failures import mask_faults
from assets.warehouse.home import home_folder
from equity_audit.settings import load_settings
from pipelines.jobs import purge_records, report_period, review_programmes, take_in_extract
from pipelines.progress import progress_logger
from pipelines.resources import make_resources
from pipelines.schedules import purge_every_month, report_after_each_period
from pipelines.sensors import after_refusal, after_reporting, after_taking_in, watch_drop_folder


def build_definitions(home: Path) -> dg.Definitions:
    """Return the definitions of one home, whose settings define its periods. Raises UsageError for invalid settings."""
    # In every process that runs a step: a command, the daemon's, or one that Dagster starts.
    mask_faults(home)
    settings = load_settings(home / "settings.toml")
    assets = dg.load_assets_from_modules([*TABLE_MODULES, edition, programme, private_lists, private_pages])
    return dg.Definitions(
        assets=cut_by_policy(assets, settings),
        asset_checks=checks_by_policy(dg.load_asset_checks_from_modules(CHECK_MODULES), settings),
        jobs=[take_in_extract, report_period, review_programmes, purge_records],
        schedules=[report_after_each_period(settings), purge_every_month],
        sensors=[watch_drop_folder, after_taking_in, after_reporting, after_refusal],
        resources=make_resources(home),
        loggers={"progress": progress_logger},
        # DuckDB allows one writing process, so the steps of a run share it.
        executor=dg.in_process_executor,
    )


@dg.definitions
def definitions() -> dg.Definitions:
    """Return what Dagster's processes load with `-m pipelines.definitions`: the definitions of the current home."""
    return build_definitions(home_folder())
