"""Runs killed at random moments, in processes of their own: what is left, and whether the next run completes."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.made_up import Sizes, organisation, plain, write_files

# Files that name the run or the day; all others follow from the figures.
OF_ONE_RUN = ("edition.json", "openlineage.json", "index.html")
# So many kills one after another before a run may end.
CHAIN = 4


@dataclass
class Killed:
    """What became of the kills. failures: kind and words of each."""

    kills: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)


def kill_runs(kills: int, seed: int, folder: Path) -> Killed:
    """Kill runs of a first file, then of its corrections, so many in all; each chain of kills ends with a run.

    A run of corrections is compared with the same run left alone.
    """
    done, number, lasts = Killed(), 0, 8.0
    while done.kills < kills:
        one = plain(organisation(seed, number, Sizes((300, 300), 0)))
        place = folder / f"killed-{number}"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        files = write_files(one, place)
        home, moments = place / "home", random.Random(f"{seed}-{number}-kills")
        home.mkdir()
        (home / "settings.toml").write_text(one.settings, encoding="utf-8")
        for step in ("first", "corrections"):
            if done.kills == kills:
                break
            alone = Path(shutil.copytree(home, place / "alone")) if step == "corrections" else None
            for _ in range(min(CHAIN, kills - done.kills)):
                before = _editions(home)
                done.kills += _kill(home, files[step], lasts * moments.random())
                done.failures += [("kill", f"{number} {step}: {words}") for words in _left(home, before)]
            began = time.monotonic()
            if (words := _finish(_start(home, files[step]))) is not None:
                done.failures.append(("run after a kill", f"{number} {step}: {words}"))
                break
            lasts = time.monotonic() - began
            done.failures += [("after a kill", f"{number} {step}: {words}") for words in _whole(home, step)]
            if alone is not None:
                words = _finish(_start(alone, files[step]))
                content = _content(home)
                # The same home, keys and all: what was killed on the way must not show.
                differ = [name for name, data in _content(alone).items() if content.get(name) != data]
                wrong = [f"alone: {words}"] if words else [f"{name} differs" for name in differ]
                done.failures += [("after a kill", f"{number} {step}: {words}") for words in wrong]
        number += 1
    return done


def _start(home: Path, files: list[Path]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pipelines.cli", "--home", str(home), "run", *map(str, files)]
    kept = {name: value for name, value in os.environ.items() if name not in ("EQUITY_AUDIT_HOME", "DAGSTER_HOME")}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=kept)


def _finish(process: subprocess.Popen[str]) -> str | None:
    """None where it ends well, else its words."""
    out, error = process.communicate(timeout=900)
    return None if process.returncode == 0 and "Traceback" not in error else f"exit {process.returncode}: {out}{error}"


def _kill(home: Path, files: list[Path], after: float) -> int:
    """Kill a run after so many seconds; 0 where it had ended by then, else 1."""
    process = _start(home, files)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    return int(process.returncode == -signal.SIGKILL)


def _editions(home: Path) -> dict[str, dict[str, bytes]]:
    """The files of every edition that can be seen or was replaced, by folder."""
    records = [*home.glob("published/*/*/edition.json"), *home.glob("superseded/*/*/*/edition.json")]
    return {
        record.parent.relative_to(home).as_posix(): {
            path.relative_to(record.parent).as_posix(): path.read_bytes()
            for path in record.parent.rglob("*")
            if path.is_file()
        }
        for record in records
    }


def _left(home: Path, before: dict[str, dict[str, bytes]]) -> list[str]:
    """What is wrong after a kill: half an edition, or one that was there and is lost."""
    now = _editions(home)
    wrong = [f"{name} is not whole: {fault}" for name, files in now.items() if (fault := _fault(files))]
    wrong += [f"{name} is lost" for name, files in before.items() if files not in now.values()]
    for folder in home.glob("published/*/*"):
        hidden = folder.name.startswith(".") or folder.name.endswith((".building", ".partial", ".tmp"))
        if folder.is_dir() and not hidden and not (folder / "edition.json").exists():
            wrong.append(f"{folder.name} has no record")
    return wrong


def _fault(files: dict[str, bytes]) -> str | None:
    """What an edition's own record says is not as it was."""
    try:
        said = json.loads(files["edition.json"])["files"]
    except (ValueError, KeyError) as error:
        return f"its record cannot be read ({type(error).__name__})"
    for name, facts in said.items():
        digest = facts["sha256"] if isinstance(facts, dict) else facts
        if name not in files:
            return f"{name} is missing"
        if hashlib.sha256(files[name]).hexdigest() != digest:
            return f"{name} differs"
    return None


def _whole(home: Path, step: str) -> list[str]:
    """What is wrong once a run has ended: the edition must be there, nothing half beside it, the first one kept."""
    now = _editions(home)
    wrong = [f"{name} is not whole: {fault}" for name, files in now.items() if (fault := _fault(files))]
    published = [name for name in now if name.startswith("published/")]
    replaced = [name for name in now if name.startswith("superseded/")]
    if len(published) != 1 or len(replaced) != (step == "corrections"):
        wrong.append(f"there are {len(published)} editions and {len(replaced)} that were replaced")
    wrong += [f"{path.name} is left over" for path in home.glob("published/*/*.building")]
    return wrong


def _content(home: Path) -> dict[str, bytes]:
    """What is published but for what names the run."""
    return {
        f"{folder}/{name}": data
        for folder, files in _editions(home).items()
        for name, data in files.items()
        if name not in OF_ONE_RUN
    }
