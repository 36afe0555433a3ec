"""The drop folder on disk: which files lie still, and where each goes with a word about what became of it.

<home>/drop/ is where exports are dropped; taken-in/ and refused/ inside it hold what has been dealt with. A file is
moved only after its run, and never over another one.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TAKEN_IN, REFUSED = "taken-in", "refused"


def waiting_files(folder: Path) -> dict[str, str]:
    """The files that lie in the folder, with a mark that changes while one is still being written.

    Source mappings (.toml), hidden files and what copying programs name .part or .tmp are no exports.
    """
    found = {}
    for path in sorted(folder.iterdir()) if folder.exists() else []:
        if (
            path.is_file()
            and not path.name.startswith(".")
            and path.suffix not in (".toml", ".part", ".tmp", ".partial")
        ):
            status = path.stat()
            # Dagster's history keeps the mark, and the size of a table of counts would tell about its numbers.
            mark = f"{status.st_size}-{status.st_mtime_ns}"
            found[path.name] = hashlib.sha256(mark.encode()).hexdigest()[:16]
    return found


def still_files(folder: Path, before: Mapping[str, str]) -> dict[str, str]:
    """The files that have not changed since `before` was seen."""
    return {name: mark for name, mark in waiting_files(folder).items() if before.get(name) == mark}


def put_away(file: Path, receipt: Mapping[str, Any], rejected: Path | None = None) -> Path:
    """Move a file that was taken in, with its receipt and the list of its unusable rows; returns the receipt."""
    moved = _move(file, TAKEN_IN)
    _bring(rejected, moved)
    note = moved.with_name(moved.name + ".receipt.json")
    note.write_text(json.dumps(receipt, indent=2, default=str) + "\n", encoding="utf-8")
    return note


def turn_away(file: Path, reason: str, rejected: Path | None = None) -> Path:
    """Move a file that was refused, with the reason in plain words beside it; returns the reason's file."""
    moved = _move(file, REFUSED)
    _bring(rejected, moved)
    note = moved.with_name(moved.name + ".reason.txt")
    note.write_text(reason + "\n\nMend it, then drop the file again.\n", encoding="utf-8")
    return note


def _bring(rejected: Path | None, moved: Path) -> None:
    if rejected and rejected.exists():
        rejected.replace(moved.with_name(moved.name + ".rejected.csv"))


def _move(file: Path, folder: str) -> Path:
    """To a folder beside it; where the name is taken, with the time before it."""
    place = file.parent / folder
    place.mkdir(exist_ok=True)
    target = place / file.name
    if target.exists():
        target = place / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{file.name}"
    return file.rename(target)
