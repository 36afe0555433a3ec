"""A file dropped into the folder, from its first sight to its receipt or the reason why not."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from assets.resources import Home
from assets.warehouse.home import home_folder
from equity_audit.synthetic import generate, write
from pipelines.definitions import build_definitions
from pipelines.resources import prepare_home
from pipelines.sensors import after_refusal, after_taking_in, drop_folder, watch_drop_folder


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("EQUITY_AUDIT_HOME", "DAGSTER_HOME"):
        monkeypatch.setenv(name, str(home_folder()))
    prepare_home(home_folder())
    folder = drop_folder(home_folder())
    folder.mkdir(exist_ok=True)
    yield folder
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def home() -> Home:
    return Home(root=str(home_folder()))


def export(path: Path, seed: int) -> Path:
    write(generate(300, seed, years=1), path, "wide")
    path.with_name(f"{path.stem}.truth.json").unlink()
    return path


def look(instance: dg.DagsterInstance, cursor: str | None) -> tuple[list[Any], str | None]:
    """One look of the sensor: what it asks for, and what it remembers."""
    context = dg.build_sensor_context(instance=instance, cursor=cursor, resources={"home": home()})
    result = watch_drop_folder(context)
    requests = list(result.run_requests or []) if isinstance(result, dg.SensorResult) else []
    return requests, context.cursor


def take_in(instance: dg.DagsterInstance, request: Any) -> tuple[Any, Any]:
    """The run that was asked for, and its last event."""
    instance.add_dynamic_partitions("extracts", [request.partition_key])
    result = (
        build_definitions(home_folder())
        .resolve_job_def("take_in_extract")
        .execute_in_process(
            instance=instance,
            partition_key=request.partition_key,
            run_config=request.run_config,
            tags=request.tags,
            raise_on_error=False,
        )
    )
    end = dg.DagsterEventType.RUN_SUCCESS if result.success else dg.DagsterEventType.RUN_FAILURE
    event = next(event for event in reversed(result.all_events) if event.event_type == end)
    return result.dagster_run, event


def test_a_file_is_asked_for_only_when_it_lies_still(folder: Path, instance: dg.DagsterInstance) -> None:
    path = export(folder / "export.csv", 31)
    requests, seen = look(instance, None)
    assert requests == []  # first sight: it may still be growing
    with path.open("a", encoding="utf-8") as stream:
        stream.write("\n")
    requests, seen = look(instance, seen)
    assert requests == []  # it was
    requests, seen = look(instance, seen)
    assert [request.tags["equity_audit/drop_folder"] for request in requests] == ["export.csv"]
    again, _ = look(instance, seen)
    assert [request.run_key for request in again] == [
        request.run_key for request in requests
    ]  # Dagster runs a key once


def test_a_file_that_was_taken_in_is_put_away_and_its_periods_are_asked_for(
    folder: Path, instance: dg.DagsterInstance
) -> None:
    export(folder / "export.csv", 32)
    _, seen = look(instance, None)
    (request,), _ = look(instance, seen)
    run, event = take_in(instance, request)
    context = dg.build_run_status_sensor_context("after_taking_in", event, instance, run)
    periods = after_taking_in(context, home=home())
    assert [period.partition_key for period in periods] == ["2021-04-01"]
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == [
        "taken-in/export.csv",
        "taken-in/export.csv.receipt.json",
    ]
    receipt = json.loads((folder / "taken-in" / "export.csv.receipt.json").read_text(encoding="utf-8"))
    assert (receipt["rows_in"], receipt["rows_accepted"], receipt["periods"]) == (300, 300, ["2021-04-01"])


def test_a_file_that_cannot_be_taken_in_is_turned_away_with_the_reason(
    folder: Path, instance: dg.DagsterInstance
) -> None:
    (folder / "notes.csv").write_text("SECRET,b\n1,2\n", encoding="utf-8")
    _, seen = look(instance, None)
    requests, _ = look(instance, seen)
    assert requests == []
    reason = (folder / "refused" / "notes.csv.reason.txt").read_text(encoding="utf-8")
    assert "no mapping was given" in reason
    assert "SECRET" not in reason
    assert (folder / "refused" / "notes.csv").exists()


def test_a_file_without_a_mapping_is_turned_away_with_one_proposed(folder: Path, instance: dg.DagsterInstance) -> None:
    table = "Group,Applied,Appointed\nWhite,600,60\nAsian,100,8\n"
    (folder / "table_2022-23.csv").write_text(table, encoding="utf-8")
    _, seen = look(instance, None)
    assert look(instance, seen)[0] == []
    reason = (folder / "refused" / "table_2022-23.csv.reason.txt").read_text(encoding="utf-8")
    assert "equity-audit profile" in reason
    assert "table_2022-23.csv.proposed.toml, which ends with what you have to decide" in reason
    proposal = (folder / "refused" / "table_2022-23.csv.proposed.toml").read_text(encoding="utf-8")
    # Dropped again with it, the file is taken in.
    (folder / "table_2022-23.csv.toml").write_text(proposal, encoding="utf-8")
    (folder / "table_2022-23.csv").write_text(table, encoding="utf-8")
    _, seen = look(instance, seen)
    (request,), _ = look(instance, seen)
    run, _ = take_in(instance, request)
    assert run.is_finished


def test_a_file_whose_labels_are_unknown_is_turned_away_after_its_run(
    folder: Path, instance: dg.DagsterInstance
) -> None:
    path = export(folder / "export.csv", 33)
    path.write_text(path.read_text(encoding="utf-8").replace("Asian: Indian", "BAME"), encoding="utf-8")
    _, seen = look(instance, None)
    (request,), _ = look(instance, seen)
    run, event = take_in(instance, request)
    context = dg.build_run_status_sensor_context("after_refusal", event, instance, run).for_run_failure()
    after_refusal(context, home=home())
    assert '"BAME"' in (folder / "refused" / "export.csv.reason.txt").read_text(encoding="utf-8")


def test_one_mapping_serves_the_whole_folder(folder: Path, instance: dg.DagsterInstance) -> None:
    path = export(folder / "export.csv", 34)
    path.write_text(path.read_text(encoding="utf-8").replace("vacancy_id", "post", 1), encoding="utf-8")
    import assets

    standard = (Path(assets.__file__).parent / "mappings" / "standard_wide.toml").read_text(encoding="utf-8")
    (folder / "mapping.toml").write_text(standard.replace('= "vacancy_id"', '= "post"'), encoding="utf-8")
    _, seen = look(instance, None)
    (request,), _ = look(instance, seen)
    assert request.run_config["ops"]["load_extract"]["config"]["mapping"].endswith("mapping.toml")


def test_runs_that_a_person_started_move_nothing(folder: Path, instance: dg.DagsterInstance) -> None:
    export(folder / "export.csv", 35)
    _, seen = look(instance, None)
    (request,), _ = look(instance, seen)
    run, event = take_in(instance, dg.RunRequest(partition_key=request.partition_key, run_config=request.run_config))
    context = dg.build_run_status_sensor_context("after_taking_in", event, instance, run)
    assert isinstance(after_taking_in(context, home=home()), dg.SkipReason)
    assert (folder / "export.csv").exists()


@pytest.mark.parametrize("name", [".hidden.csv", "export.csv.part", "export.csv.toml", "x.tmp"])
def test_what_is_no_export_is_left_alone(folder: Path, instance: dg.DagsterInstance, name: str) -> None:
    (folder / name).write_text("x", encoding="utf-8")
    _, seen = look(instance, None)
    assert look(instance, seen)[0] == []
    assert (folder / name).exists()


def test_a_second_file_of_the_same_name_does_not_replace_the_first(folder: Path, instance: dg.DagsterInstance) -> None:
    for content in ("one,b\n1,2\n", "two,b\n1,2\n"):
        (folder / "notes.csv").write_text(content, encoding="utf-8")
        os.utime(folder / "notes.csv", (1, 1))
        _, seen = look(instance, None)
        look(instance, seen)
    kept = sorted(path.read_text(encoding="utf-8")[:3] for path in (folder / "refused").glob("*notes.csv"))
    assert kept == ["one", "two"]
