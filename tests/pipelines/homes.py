"""Homes that several test files look at, each made once for all of them, and the command in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from equity_audit.synthetic import generate, write
from tests.conftest import leave_splits_out
from tests.pipelines.conftest import invoke, run

ORGANISATION = "this-organisation"


def keep_to_one_key(home: Path) -> None:
    """Give a new home a key for pseudonyms that is always the same: what is withheld depends on it (ADR 17)."""
    (home / "secrets").mkdir(parents=True, exist_ok=True)
    (home / "secrets" / "pseudonym.key").write_text("6b" * 32 + "\n", encoding="ascii")


def start(home: Path, *arguments: object) -> subprocess.Popen[str]:
    leave_splits_out(home)
    command = [sys.executable, "-m", "pipelines.cli", "--home", str(home), *map(str, arguments)]
    environment = {
        name: value for name, value in os.environ.items() if name not in ("EQUITY_AUDIT_HOME", "DAGSTER_HOME")
    }
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def run_apart(home: Path, *arguments: object) -> tuple[int, str]:
    return ended(start(home, *arguments))


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code and words of a process that ends by itself."""
    out, error = process.communicate(timeout=240)
    assert "Traceback" not in error, error
    return process.returncode, out + error


def published(home: Path) -> dict[str, bytes]:
    folder = home / "published"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def content(home: Path) -> dict[str, bytes]:
    """What follows from the figures alone: records name the run, indexes the day, and rows beside editions both."""
    run_or_day = ("edition.json", "openlineage.json", "index.html", ".row.json", ".index.lock")
    return {name: data for name, data in published(home).items() if not name.endswith(run_or_day)}


def one_year(factory: pytest.TempPathFactory) -> Path:
    """A folder with an export of one year with repeats and the later extract that corrects it; `home`, which has
    published the first; and `corrected`, a copy that has published the second too.

    In `corrected` two processes were at work at once: one took in the correction, one the first export again. What
    they said and how they ended is in said.json.
    """
    return made_once(factory, "one-year", _make_one_year)


def two_years(factory: pytest.TempPathFactory) -> Path:
    """A folder with an export of two years and a `home` that has published both."""
    return made_once(factory, "two-years", _make_two_years)


def _make_one_year(folder: Path) -> None:
    write(generate(3000, 5, years=1, duplicates=0.01, corrections=True), folder / "export.csv", "wide")
    keep_to_one_key(folder / "home")
    said = {"first": run_apart(folder / "home", "run", folder / "export.csv")}
    corrected = shutil.copytree(folder / "home", folder / "corrected")
    other = start(corrected, "run", folder / "export.corrections.csv")
    said["again"] = invoke(corrected, "run", folder / "export.csv")
    said["corrections"] = ended(other)
    (folder / "said.json").write_text(json.dumps(said), encoding="utf-8")


def _make_two_years(folder: Path) -> None:
    write(generate(1500, 77, years=2), folder / "export.csv", "wide")
    keep_to_one_key(folder / "home")
    code, said = run(folder / "home", "run", folder / "export.csv")
    assert code == 0, said


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that is made by whichever process of pytest asks first; all others wait. Nobody may change it."""
    place = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    with FileLock(place / f"{name}.lock"):
        if not (place / name).exists():
            making = place / f"{name}.{os.getpid()}"
            making.mkdir()
            make(making)
            making.rename(place / name)
    return place / name
