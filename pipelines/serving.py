"""Dagster's web pages, with the daemon that runs schedules beside them."""

import subprocess
import sys


def serve_pages(read_only: bool, port: int) -> int:
    """Serve on this machine only until interrupted; returns the exit code of the web server.

    For auditors no daemon is started: nothing can begin by itself while they look.
    """
    module = ["-m", "pipelines.definitions"]
    daemon = None if read_only else subprocess.Popen([sys.executable, "-m", "dagster._daemon", "run", *module])
    try:
        return subprocess.call(
            [
                *(sys.executable, "-m", "dagster_webserver", *module),
                *("--host", "127.0.0.1", "--port", str(port)),
                *(["--read-only"] if read_only else []),
            ]
        )
    except KeyboardInterrupt:
        return 0
    finally:
        if daemon:
            daemon.terminate()
            daemon.wait()
