"""Dagster's web pages, with the daemon that runs schedules beside them."""

import signal
import subprocess
import sys
from types import FrameType

from assets.partitions import home_folder
from pipelines.resources import open_instance


def serve_pages(read_only: bool, port: int) -> int:
    """Serve on this machine only until interrupted; returns the exit code of the web server.

    For auditors no daemon is started: nothing can begin by itself while they look. Both children end with this process,
    also when a service manager stops it.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    with open_instance(home_folder()):
        pass  # so that the children do not both make its files
    module = ["-m", "pipelines.definitions"]
    pages = [*("--host", "127.0.0.1", "--port", str(port)), *(["--read-only"] if read_only else [])]
    children = [subprocess.Popen([sys.executable, "-m", "dagster_webserver", *module, *pages])]
    if not read_only:
        children.append(subprocess.Popen([sys.executable, "-m", "dagster._daemon", "run", *module]))
    try:
        return children[0].wait()
    except KeyboardInterrupt:
        return 0
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait()


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt
