"""Dagster's web pages, with the daemon that runs schedules beside them."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

from assets.warehouse.home import home_folder
from pipelines.resources import open_instance

# How long children may take to end by themselves.
_GRACE = 30


def serve_pages(read_only: bool, port: int) -> int:
    """Serve on this machine only until interrupted; returns the exit code of the web server.

    For auditors no daemon is started: nothing can begin by itself while they look. The children, and theirs, end with
    this process, also when a service manager stops it while they start.
    """
    stopping = threading.Event()
    # A handler that raised could do so between a child's start and the note of it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with open_instance(home_folder()):
        pass  # so that the children do not both make its files
    module = ["-m", "pipelines.definitions"]
    pages = [*("--host", "127.0.0.1", "--port", str(port)), *(["--read-only"] if read_only else [])]
    commands = [["dagster_webserver", *module, *pages]]
    if not read_only:
        commands.append(["dagster._daemon", "run", *module])
    children: list[subprocess.Popen[bytes]] = []
    try:
        for command in commands:
            if not stopping.is_set():
                # In a group of its own, which its own children are in, too.
                children.append(subprocess.Popen([sys.executable, "-m", *command], start_new_session=True))
        while not stopping.wait(0.2):
            if (code := children[0].poll()) is not None:
                return code
        return 0
    finally:
        _end(children)


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    """End the children and whatever they have started: asked first, then without asking."""
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
