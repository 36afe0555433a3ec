"""The home folder on disk, and the resources that point at it."""

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from equity_audit.errors import Problem, UsageError

if TYPE_CHECKING:
    import dagster as dg

_WAIT_SECONDS = 600

_INSTANCE = """\
# Written by equity-audit at every start. Nothing is sent anywhere, and one run at a time has the warehouse.
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
# What a step prints may quote a record.
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""

# Dagster's own databases, and what SQLite says of one that is damaged.
_HISTORY = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
_DAMAGED = ("malformed", "not a database", "disk I/O error", "no such table", "no such column")

# What prepare_home keeps to the owner; whatever else lies in the folder is not ours to change.
_OURS = (
    *("dagster", "drop", "private", "programmes", "published", "rejected", "secrets", "superseded", "tmp"),
    *("run.lock", "settings.toml", "warehouse.duckdb", "warehouse.duckdb.wal"),
)


def prepare_home(home: Path) -> None:
    """Make the home folder usable and point this process and its children at it.

    Raises UsageError.
    """
    instance = home / "dagster"
    # For this process and its children: DuckDB, SQLite and Dagster make files whenever they like.
    os.umask(0o077)
    try:
        instance.mkdir(parents=True, exist_ok=True)
        _keep_to_owner(home)
        probe = home / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
        if not (instance / "dagster.yaml").exists() or (instance / "dagster.yaml").read_text() != _INSTANCE:
            (instance / "dagster.yaml").write_text(_INSTANCE)
    except OSError as error:
        raise UsageError(
            Problem(
                f"the home folder cannot be written ({error.strerror or type(error).__name__})",
                str(home),
                "choose another with --home or EQUITY_AUDIT_HOME, or ask for write access to it",
            )
        ) from None
    point_at(home)


def point_at(home: Path) -> None:
    """Point this process and its children at a home, which may be one that nobody can write to."""
    os.environ["EQUITY_AUDIT_HOME"] = str(home)
    os.environ["DAGSTER_HOME"] = str(home / "dagster")


def _keep_to_owner(home: Path) -> None:
    """Take from all others the rights to the home and to what an earlier version, or a copy, left open to them.

    Where another owns a file, or the file system knows no rights, they stay: docs/operations.md says what then.
    """
    _take_rights(home)
    for name in _OURS:
        path = home / name
        _take_rights(path)
        for found in path.rglob("*") if path.is_dir() and not path.is_symlink() else ():
            _take_rights(found)


def _take_rights(path: Path) -> None:
    with suppress(OSError):
        if not path.is_symlink() and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
            path.chmod(mode & 0o700)


@contextmanager
def open_instance(home: Path) -> Iterator["dg.DagsterInstance"]:
    """The home's Dagster instance. Only one process at a time may make its SQLite files.

    Raises UsageError where the history is damaged, now or once it is written to.
    """
    import dagster as dg
    from sqlalchemy.exc import DatabaseError

    folder = home / "dagster"
    try:
        with FileLock(folder / "creating.lock"):
            _check_history(folder)
            instance = dg.DagsterInstance.get()
        with instance:
            yield instance
    except (DatabaseError, sqlite3.DatabaseError) as error:
        if any(words in str(error) for words in _DAMAGED):
            raise _damaged(folder) from None
        raise


def _check_history(folder: Path) -> None:
    """Raise UsageError for files of the history that are none. One in which nothing was written yet is made again."""
    for path in (folder / name for name in _HISTORY):
        if not path.exists():
            continue
        with closing(sqlite3.connect(path)) as connection:
            empty = connection.execute("select count(*) from sqlite_master").fetchone() == (0,)
            if path.name == "index.db" and not empty:
                connection.execute("select max(id) from event_logs").fetchone()
        if empty:
            # A run that was killed as it began: Dagster would take the empty file for a whole one.
            path.unlink()


def _damaged(folder: Path) -> UsageError:
    return UsageError(
        Problem(
            "Dagster's history of runs is damaged",
            str(folder),
            "put this folder back from your backup, or move it away: a new one is made. Then the history of earlier "
            "runs is lost, and nothing else: records, settings and published editions are elsewhere",
        )
    )


@contextmanager
def turn(home: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Let one command at a time run jobs in a home; another waits and says so. Raises UsageError after ten minutes."""
    lock = FileLock(home / "run.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say("Another run is under way: waiting for it to end")
        try:
            lock.acquire(timeout=_WAIT_SECONDS)
        except Timeout:
            raise UsageError(
                Problem("another run is still under way", str(home), "wait for it to end, then try again")
            ) from None
    try:
        yield
    finally:
        lock.release()


def make_resources(home: Path) -> dict[str, Any]:
    """The resources of every job."""
    from assets.resources import Home, Warehouse

    folder = Home(root=str(home))
    return {"home": folder, "warehouse": Warehouse(home=folder)}
