"""Serve Dagster's web pages, and run the daemon for its schedules and sensors."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

from assets.warehouse.home import home_folder
from pipelines.resources import open_instance

# Seconds that child processes have to end before they are killed.
_GRACE = 30


def serve_pages(read_only: bool, port: int) -> int:
    """Serve on this machine only, until interrupted. Return the exit code of the web server.

    read_only, for auditors: the daemon is not started, so that no run starts by itself. All child processes end with
    this process, even if a service manager stops it while they are starting.
    """
    stopping = threading.Event()
    # A handler that raises an exception could do so after a child has started but before it is recorded.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with open_instance(home_folder()):
        pass  # creates its files, so that the children do not both do so
    module = ["-m", "pipelines.definitions"]
    pages = [*("--host", "127.0.0.1", "--port", str(port)), *(["--read-only"] if read_only else [])]
    commands = [["dagster_webserver", *module, *pages]]
    if not read_only:
        commands.append(["dagster._daemon", "run", *module])
    children: list[subprocess.Popen[bytes]] = []
    try:
        for command in commands:
            if not stopping.is_set():
                # In a process group of its own, which includes its own children.
                children.append(subprocess.Popen([sys.executable, "-m", *command], start_new_session=True))
        while not stopping.wait(0.2):
            if (code := children[0].poll()) is not None:
                return code
        return 0
    finally:
        _end(children)


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    """End the children and their own children: with SIGTERM first, then with SIGKILL."""
    for child in children:
        _signal(child, signal.SIGTERM)
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(_GRACE)
        _signal(child, signal.SIGKILL)
        child.wait()


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)
