"""The home folder on disk, and the Dagster resources that use it."""

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
# Written by equity-audit at every start. Nothing is sent anywhere, and one run at a time uses the warehouse.
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
run_storage:
  module: pipelines.history
  class: RunHistory
event_log_storage:
  module: pipelines.history
  class: EventHistory
# What a step prints may quote a record.
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""

# Dagster's databases, and parts of SQLite's messages for a damaged one.
_HISTORY = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
_DAMAGED = ("malformed", "not a database", "disk I/O error", "no such table", "no such column")

# What prepare_home restricts to the owner; the permissions of other files in the folder are left alone.
_OWNER_ONLY = (
    *("dagster", "drop", "private", "programmes", "published", "rejected", "secrets", "superseded", "tmp"),
    *("run.lock", "settings.toml", "warehouse.duckdb", "warehouse.duckdb.wal"),
)


def prepare_home(home: Path) -> None:
    """Create or repair the home folder and point this process and its children at it.

    Raises UsageError if the folder cannot be written.
    """
    instance = home / "dagster"
    # For this process and its children: DuckDB, SQLite and Dagster create files at any time.
    os.umask(0o077)
    try:
        instance.mkdir(parents=True, exist_ok=True)
        _restrict_home(home)
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
    """Point this process and its children at a home, which may be read-only."""
    os.environ["EQUITY_AUDIT_HOME"] = str(home)
    os.environ["DAGSTER_HOME"] = str(home / "dagster")


def _restrict_home(home: Path) -> None:
    """Remove other users' access to the home, including files that an earlier version or a copy left open.

    Files of another owner, or on a file system without permissions, are unchanged: see docs/operations.md.
    """
    _restrict_to_owner(home)
    for name in _OWNER_ONLY:
        path = home / name
        _restrict_to_owner(path)
        for inner in path.rglob("*") if path.is_dir() and not path.is_symlink() else ():
            _restrict_to_owner(inner)


def _restrict_to_owner(path: Path) -> None:
    with suppress(OSError):
        if not path.is_symlink() and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
            path.chmod(mode & 0o700)


@contextmanager
def open_instance(home: Path) -> Iterator["dg.DagsterInstance"]:
    """Open the home's Dagster instance. Only one process at a time may create its SQLite files.

    Raises UsageError if the history is damaged, whether this shows at once or when it is written to.
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
    """Raise UsageError if a database of the history is damaged, and delete an empty one so that it is recreated."""
    for path in (folder / name for name in _HISTORY):
        if not path.exists():
            continue
        with closing(sqlite3.connect(path)) as connection:
            empty = connection.execute("select count(*) from sqlite_master").fetchone() == (0,)
            if path.name == "index.db" and not empty:
                connection.execute("select max(id) from event_logs").fetchone()
        if empty:
            # Left by a run that was killed as it began: Dagster would take the empty file for a complete one.
            path.unlink()


def _damaged(folder: Path) -> UsageError:
    return UsageError(
        Problem(
            "Dagster's history of runs is damaged",
            str(folder),
            "restore this folder from your backup, or move it away so that a new one is created. Moving it loses the "
            "history of earlier runs and nothing else: records, settings and published editions are elsewhere",
        )
    )


@contextmanager
def turn(home: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Let one command at a time run jobs in a home; others wait and say so. Raises UsageError after ten minutes."""
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
    """Return the resources of every job."""
    from assets.resources import Home, Warehouse

    home_resource = Home(root=str(home))
    return {"home": home_resource, "warehouse": Warehouse(home=home_resource)}
