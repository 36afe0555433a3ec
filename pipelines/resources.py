"""The home folder on disk, and the resources that point at it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
"""


def prepare_home(home: Path) -> None:
    """Make the home folder usable and point this process and its children at it.

    Must come before assets are imported: partitions and policy are read from the home. Raises UsageError.
    """
    instance = home / "dagster"
    try:
        instance.mkdir(parents=True, exist_ok=True)
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
    os.environ["EQUITY_AUDIT_HOME"] = str(home)
    os.environ["DAGSTER_HOME"] = str(instance)


@contextmanager
def open_instance(home: Path) -> Iterator["dg.DagsterInstance"]:
    """The home's Dagster instance. Only one process at a time may make its SQLite files."""
    import dagster as dg

    with FileLock(home / "dagster" / "creating.lock"):
        instance = dg.DagsterInstance.get()
    with instance:
        yield instance


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
    from assets.warehouse import Home, Warehouse

    folder = Home(root=str(home))
    return {"home": folder, "warehouse": Warehouse(home=folder)}
