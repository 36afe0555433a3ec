"""Dagster's history of runs, kept open: Dagster's own classes read it, and nothing stays open afterwards."""

import sqlite3
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.runs import SqliteRunStorage

from pipelines import resources
from pipelines.history import EventHistory, RunHistory
from pipelines.resources import open_instance, prepare_home


@dg.asset
def numbers() -> int:
    return 1


@dg.asset_check(asset=numbers)
def positive() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # prepare_home sets them for the whole process: here they are put back.
    for name in ("EQUITY_AUDIT_HOME", "DAGSTER_HOME"):
        monkeypatch.setenv(name, "")
    prepare_home(tmp_path / "home")
    return tmp_path / "home"


def run_twice(home: Path) -> list[str]:
    with open_instance(home) as instance:
        return [dg.materialize([numbers, positive], instance=instance).run_id for _ in range(2)]


def test_dagsters_own_classes_read_what_ours_wrote(home: Path) -> None:
    run_ids = run_twice(home)

    runs = SqliteRunStorage.from_local(str(home / "dagster/history"))
    events = SqliteEventLogStorage(str(home / "dagster/history/runs"))

    assert {run.run_id for run in runs.get_runs()} == set(run_ids)
    assert all(run.status == dg.DagsterRunStatus.SUCCESS for run in runs.get_runs())
    assert events.get_latest_materialization_events([numbers.key])[numbers.key].run_id == run_ids[-1]
    assert [len(events.get_logs_for_run(run_id, of_type=dg.DagsterEventType.STEP_SUCCESS)) for run_id in run_ids] == [
        2,
        2,
    ]


def test_ours_reads_what_dagsters_own_classes_wrote(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of an earlier version, whose dagster.yaml named no storage."""
    with monkeypatch.context() as earlier:
        earlier.setattr(resources, "_INSTANCE", "telemetry:\n  enabled: false\n")
        prepare_home(home)
        before = run_twice(home)
    prepare_home(home)

    after = run_twice(home)

    with open_instance(home) as instance:
        assert isinstance(instance.run_storage, RunHistory)
        assert isinstance(instance.event_log_storage, EventHistory)
        assert {run.run_id for run in instance.get_runs()} == {*before, *after}
        assert all(instance.all_logs(run_id) for run_id in (*before, *after))


def test_after_a_command_every_database_is_whole_by_itself(home: Path) -> None:
    run_twice(home)

    history = home / "dagster/history"
    assert len([*history.rglob("*.db")]) == 4  # runs, index, and one for each run
    assert [path.name for path in history.rglob("*-wal")] == []


def test_a_table_is_asked_for_until_it_is_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_instance(home) as instance:
        events = instance.event_log_storage
        assert not events.has_table("later")
        with events.index_connection() as connection:
            connection.exec_driver_sql("create table later (number integer)")
        assert events.has_table("later")

        monkeypatch.setattr(SqliteEventLogStorage, "has_table", lambda _, name: pytest.fail(f"{name} asked for again"))
        assert events.has_table("later")


def made_of(database: Path) -> list[object]:
    with closing(sqlite3.connect(database)) as connection:
        made = connection.execute("select type, name, tbl_name, sql from sqlite_master order by type, name").fetchall()
        return [*made, connection.execute("select version_num from alembic_version").fetchall()]


def test_the_database_of_every_run_is_as_dagster_makes_it(home: Path, tmp_path: Path) -> None:
    """Later ones are copies of the first one that a process made."""
    with SqliteEventLogStorage(str(tmp_path / "own")).run_connection("a-run"):
        own = made_of(tmp_path / "own/a-run.db")
    run_ids = [*run_twice(home), *run_twice(home)]

    databases = [home / f"dagster/history/runs/{run_id}.db" for run_id in run_ids]
    assert all(made_of(database) == own for database in databases)
    with closing(sqlite3.connect(databases[-1])) as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
        assert connection.execute("select distinct run_id from event_logs").fetchall() == [(run_ids[-1],)]
    assert {path.stem for path in databases[0].parent.iterdir()} == {"index", *run_ids}


def test_a_database_that_is_there_is_kept(home: Path) -> None:
    run_id, other = run_twice(home)
    with open_instance(home) as instance:
        events = len(instance.all_logs(run_id))
    with open_instance(home) as instance:
        instance.all_logs(other)
        assert len(instance.all_logs(run_id)) == events > 0
