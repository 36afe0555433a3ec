"""Watch the drop folder: load each complete file, report on its periods, and move it away."""

import json
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from assets.ingest.profile import profile_file
from assets.partitions import EXTRACTS
from assets.release.programme_sources import has_programmes
from assets.resources import ORGANISATION_TAG, Home
from assets.warehouse.connection import look_into_warehouse
from assets.warehouse.extract_register import periods_with_applications
from assets.warehouse.failures import kept_words
from assets.warehouse.keys import commitment_key
from equity_audit.errors import EquityAuditError, InputRefused, UsageError
from equity_audit.settings import Settings
from pipelines.drop_folder import put_away, still_files, turn_away, waiting_files
from pipelines.jobs import report_period, review_programmes, take_in_extract
from pipelines.planning import plan, run_config

_SECONDS = 30
# Only runs that the drop folder requested have this tag; a run that a person started moves no file.
_TAG = "equity_audit/drop_folder"


def drop_folder(home: Path) -> Path:
    """Return the folder where exports are dropped."""
    return home / "drop"


@dg.sensor(
    job=take_in_extract,
    minimum_interval_seconds=_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Loads each file that is dropped into <home>/drop, once it has not changed between two ticks.",
)
def watch_drop_folder(context: dg.SensorEvaluationContext, home: Home) -> dg.SensorResult | dg.SkipReason:
    """Request one run for each complete file; refuse at once a file that cannot be loaded."""
    folder = drop_folder(home.path)
    folder.mkdir(parents=True, exist_ok=True)
    earlier_marks = json.loads(context.cursor or "{}")
    settings, key = home.settings(), commitment_key(home.path)
    requests, extracts = [], []
    for name, mark in still_files(folder, earlier_marks).items():
        try:
            (planned,) = plan([folder / name], _common_mapping(folder, name), settings, key)
        except (InputRefused, UsageError) as error:
            turn_away(folder / name, str(error), proposal=_proposal(folder, name, settings))
            continue
        extracts.append(planned.extract_id)
        requests.append(
            dg.RunRequest(
                # The same file dropped again is requested again: it is then checked again, and changes nothing.
                run_key=f"{planned.extract_id}-{mark}",
                partition_key=planned.extract_id,
                run_config={"ops": run_config(planned)},
                tags={_TAG: name},
            )
        )
    context.update_cursor(json.dumps(waiting_files(folder)))
    if not requests:
        return dg.SkipReason("no complete file is in the drop folder")
    return dg.SensorResult(run_requests=requests, dynamic_partitions_requests=[EXTRACTS.build_add_request(extracts)])


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[take_in_extract],
    request_job=report_period,
    minimum_interval_seconds=_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="After a dropped file was loaded: moves it away with a receipt and requests the periods concerned.",
)
def after_taking_in(context: dg.RunStatusSensorContext, home: Home) -> Any:
    """Move the file away and report on its periods."""
    run = context.dagster_run
    if _TAG not in run.tags:
        return dg.SkipReason("the run was not requested by the drop folder")
    extract = run.tags["dagster/partition"]
    with look_into_warehouse(home.path) as connection:
        periods = periods_with_applications(connection, home.settings(), [extract])
        query = "select * from intake.extracts where extract_id = $extract"
        register = connection.sql(query, params={"extract": extract}).pl().to_dicts()
    file = _file_of(run)
    if file.exists():
        put_away(
            file, {**register[0], "periods": [start.isoformat() for start in periods]}, _invalid_rows_list(home, file)
        )
    return [
        dg.RunRequest(
            run_key=f"{run.run_id}-{start}",
            partition_key=start.isoformat(),
            tags={_TAG: file.name, ORGANISATION_TAG: register[0]["organisation"]},
        )
        for start in periods
    ]


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[report_period],
    request_job=review_programmes,
    minimum_interval_seconds=_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="After a period was published: requests the review of the home's programmes, if it has any.",
)
def after_reporting(context: dg.RunStatusSensorContext, home: Home) -> Any:
    """Review programmes from the editions that are now published."""
    if not has_programmes(home.path):
        return dg.SkipReason("the home has no programme files")
    return dg.RunRequest(run_key=context.dagster_run.run_id)


@dg.run_failure_sensor(
    monitored_jobs=[take_in_extract],
    minimum_interval_seconds=_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="After a dropped file was refused: moves it away with the reason in plain words.",
)
def after_refusal(context: dg.RunFailureSensorContext, home: Home) -> None:
    """Move the file to the refused ones, with the message of the failed step."""
    file = _file_of(context.dagster_run)
    if _TAG in context.dagster_run.tags and file.exists():
        proposal = _proposal(file.parent, file.name, home.settings())
        turn_away(file, _reason(home, context), _invalid_rows_list(home, file), proposal)


def _proposal(folder: Path, name: str, settings: Settings) -> str:
    """Return a proposed mapping for a file that has none; "" if it has one, or nothing can be proposed."""
    if (folder / f"{name}.toml").exists() or _common_mapping(folder, name):
        return ""
    try:
        with duckdb.connect() as connection:
            return profile_file(connection, folder / name, settings)
    except EquityAuditError:
        return ""


def _invalid_rows_list(home: Home, file: Path) -> Path:
    """Return the path of the list of a file's invalid rows, which exists if it has any."""
    return home.rejected / f"{file.name}.rejected.csv"


def _common_mapping(folder: Path, name: str) -> Path | None:
    """Return drop/mapping.toml, the mapping for every dropped file, unless the file has its own."""
    common = folder / "mapping.toml"
    return common if common.exists() and not (folder / f"{name}.toml").exists() else None


def _file_of(run: dg.DagsterRun) -> Path:
    return Path(run.run_config["ops"]["load_extract"]["config"]["file"])


def _reason(home: Home, context: dg.RunFailureSensorContext) -> str:
    """Return the message of a user's error; for an internal error only where to look: its text may quote a record."""
    run_id = context.dagster_run.run_id
    if kept_error := kept_words(home.path, run_id):
        return str(kept_error)
    return f"A check failed, or there was an internal error: see run {run_id} in equity-audit serve."
