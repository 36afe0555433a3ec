"""The drop folder, watched: a file that lies still is taken in, its periods are reported, and it is put away."""

import json
from pathlib import Path
from typing import Any

import dagster as dg

from assets.partitions import EXTRACTS
from assets.release.programme_sources import has_programmes
from assets.resources import ORGANISATION_TAG, Home
from assets.warehouse.connection import look_into_warehouse
from assets.warehouse.extract_register import periods_with_applications
from assets.warehouse.failures import kept_words
from assets.warehouse.keys import commitment_key
from equity_audit.errors import InputRefused, UsageError
from pipelines.drop_folder import put_away, still_files, turn_away, waiting_files
from pipelines.jobs import report_period, review_programmes, take_in_extract
from pipelines.planning import plan, run_config

_SECONDS = 30
# Runs that a person started put no file away.
_TAG = "equity_audit/drop_folder"


def drop_folder(home: Path) -> Path:
    """Where exports are dropped."""
    return home / "drop"


@dg.sensor(
    job=take_in_extract,
    minimum_interval_seconds=_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Takes in each file that is dropped into <home>/drop, once it has not changed between two looks.",
)
def watch_drop_folder(context: dg.SensorEvaluationContext, home: Home) -> dg.SensorResult | dg.SkipReason:
    """Ask for one run per file that lies still; turn away at once what cannot be taken in."""
    folder = drop_folder(home.path)
    folder.mkdir(parents=True, exist_ok=True)
    before = json.loads(context.cursor or "{}")
    settings, key = home.settings(), commitment_key(home.path)
    requests, extracts = [], []
    for name, mark in still_files(folder, before).items():
        try:
            (planned,) = plan([folder / name], _common_mapping(folder, name), settings, key)
        except (InputRefused, UsageError) as error:
            turn_away(folder / name, str(error))
            continue
        extracts.append(planned.extract_id)
        requests.append(
            dg.RunRequest(
                # The same file dropped again is asked for again: it is then checked anew, and changes nothing.
                run_key=f"{planned.extract_id}-{mark}",
                partition_key=planned.extract_id,
                run_config={"ops": run_config(planned)},
                tags={_TAG: name},
            )
        )
    context.update_cursor(json.dumps(waiting_files(folder)))
    if not requests:
        return dg.SkipReason("no file lies still in the drop folder")
    return dg.SensorResult(run_requests=requests, dynamic_partitions_requests=[EXTRACTS.build_add_request(extracts)])


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[take_in_extract],
    request_job=report_period,
    minimum_interval_seconds=_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="After a dropped file was taken in: puts it away with a receipt and asks for the periods concerned.",
)
def after_taking_in(context: dg.RunStatusSensorContext, home: Home) -> Any:
    """Put the file away and report its periods."""
    run = context.dagster_run
    if _TAG not in run.tags:
        return dg.SkipReason("the run was not asked for by the drop folder")
    extract = run.tags["dagster/partition"]
    with look_into_warehouse(home.path) as connection:
        periods = periods_with_applications(connection, home.settings(), [extract])
        query = "select * from intake.extracts where extract_id = $extract"
        register = connection.sql(query, params={"extract": extract}).pl().to_dicts()
    file = _file_of(run)
    if file.exists():
        put_away(file, {**register[0], "periods": [start.isoformat() for start in periods]}, _rejected_list(home, file))
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
    description="After a period was published: asks for the review of the home's programmes, if it has any.",
)
def after_reporting(context: dg.RunStatusSensorContext, home: Home) -> Any:
    """Review programmes with what is now published."""
    if not has_programmes(home.path):
        return dg.SkipReason("the home has no programme files")
    return dg.RunRequest(run_key=context.dagster_run.run_id)


@dg.run_failure_sensor(
    monitored_jobs=[take_in_extract],
    minimum_interval_seconds=_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="After a dropped file was refused: moves it aside with the reason in plain words.",
)
def after_refusal(context: dg.RunFailureSensorContext, home: Home) -> None:
    """Turn the file away, with the words of the failed step."""
    file = _file_of(context.dagster_run)
    if _TAG in context.dagster_run.tags and file.exists():
        turn_away(file, _reason(home, context), _rejected_list(home, file))


def _rejected_list(home: Home, file: Path) -> Path:
    """Where the list of a file's unusable rows is, if there are any."""
    return home.rejected / f"{file.name}.rejected.csv"


def _common_mapping(folder: Path, name: str) -> Path | None:
    """The mapping for everything that is dropped, drop/mapping.toml, unless the file has one of its own."""
    common = folder / "mapping.toml"
    return common if common.exists() and not (folder / f"{name}.toml").exists() else None


def _file_of(run: dg.DagsterRun) -> Path:
    return Path(run.run_config["ops"]["load_extract"]["config"]["file"])


def _reason(home: Home, context: dg.RunFailureSensorContext) -> str:
    """The words of a person's error; of a fault of ours only where to look, since its words may quote a record."""
    run_id = context.dagster_run.run_id
    said = kept_words(home.path, run_id)
    return (
        str(said) if said else f"A check did not hold, or the program failed: see run {run_id} in equity-audit serve."
    )
