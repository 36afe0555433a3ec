"""Run this machine's Chromium, headless and without network access, to make a PDF and images of a page."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from equity_audit.errors import EquityAuditError, Problem, UsageError

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
_SECONDS = 300
# Virtual time in milliseconds: Chromium waits until the page is drawn, without real delay.
_DRAWING = 30_000


def find_chromium() -> str:
    """Return the program's path. Raises UsageError if there is none."""
    if path := next(filter(None, map(shutil.which, _NAMES)), None):
        return path
    raise UsageError(
        Problem(
            "Chromium is not installed on this machine",
            "",
            "install it (Debian: sudo apt install chromium), or print panel.html to PDF from any browser",
        )
    )


def run_chromium(page: Path, *arguments: str) -> str:
    """Open a page from the disk, wait until it is drawn, and return what Chromium writes to standard output.

    Raises UsageError if Chromium is not installed, EquityAuditError if it fails or does not finish.
    """
    program = find_chromium()
    with tempfile.TemporaryDirectory() as profile:
        command = [
            program,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={profile}",
            f"--virtual-time-budget={_DRAWING}",
            *(["--no-sandbox"] if os.geteuid() == 0 else []),  # Chromium's sandbox does not work for root
            *arguments,
            page.absolute().as_uri(),
        ]
        try:
            return subprocess.run(
                command, capture_output=True, check=True, timeout=_SECONDS, stdin=subprocess.DEVNULL, encoding="utf-8"
            ).stdout
        except (subprocess.SubprocessError, OSError) as error:
            raise EquityAuditError(
                Problem(f"Chromium did not draw the page ({type(error).__name__})", program, f"try to start {program}")
            ) from None
