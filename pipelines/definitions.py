"""Assembly only: everything that Dagster knows of this project."""

import dagster as dg

from assets import edition, index, private_lists, programme
from assets.graph import CHECK_MODULES, TABLE_MODULES
from assets.warehouse.failures import mask_faults
from assets.warehouse.home import home_folder
from pipelines.jobs import purge_records, report_period, review_programmes, take_in_extract
from pipelines.progress import progress_logger
from pipelines.resources import make_resources
from pipelines.schedules import purge_every_month, report_period_just_ended
from pipelines.sensors import after_refusal, after_reporting, after_taking_in, watch_drop_folder

# In every process that runs a step: a command, the daemon's, or one that Dagster starts.
mask_faults(home_folder)

defs = dg.Definitions(
    assets=dg.load_assets_from_modules([*TABLE_MODULES, edition, index, programme, private_lists]),
    asset_checks=dg.load_asset_checks_from_modules(CHECK_MODULES),
    jobs=[take_in_extract, report_period, review_programmes, purge_records],
    schedules=[report_period_just_ended, purge_every_month],
    sensors=[watch_drop_folder, after_taking_in, after_reporting, after_refusal],
    resources=make_resources(home_folder()),
    loggers={"progress": progress_logger},
    # DuckDB has one writing process: the steps of a run share it.
    executor=dg.in_process_executor,
)
