"""The drop folder on disk: which files are complete, and where each is moved with a note of its outcome.

Exports are dropped in <home>/drop/; taken-in/ and refused/ inside it hold files that have been processed. A file is
moved only after its run, and never replaces another.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TAKEN_IN, REFUSED = "taken-in", "refused"


def waiting_files(folder: Path) -> dict[str, str]:
    """Return the exports in the folder, each with a mark that changes while the file is still being written.

    Source mappings (.toml), hidden files, and the .part and .tmp files of copying programs are not exports.
    """
    marks = {}
    for path in sorted(folder.iterdir()) if folder.exists() else []:
        if (
            path.is_file()
            and not path.name.startswith(".")
            and path.suffix not in (".toml", ".part", ".tmp", ".partial")
        ):
            status = path.stat()
            # Hashed, because Dagster's history keeps the mark and the size of a table of counts would disclose
            # something about its numbers.
            mark = f"{status.st_size}-{status.st_mtime_ns}"
            marks[path.name] = hashlib.sha256(mark.encode()).hexdigest()[:16]
    return marks


def still_files(folder: Path, before: Mapping[str, str]) -> dict[str, str]:
    """Return the files that have not changed since their marks were `before`."""
    return {name: mark for name, mark in waiting_files(folder).items() if before.get(name) == mark}


def put_away(file: Path, receipt: Mapping[str, Any], invalid_rows: Path | None = None) -> Path:
    """Move a loaded file, with its receipt and the list of its invalid rows. Return the path of the receipt."""
    moved = _move(file, TAKEN_IN)
    _move_list(invalid_rows, moved)
    note = moved.with_name(moved.name + ".receipt.json")
    note.write_text(json.dumps(receipt, indent=2, default=str) + "\n", encoding="utf-8")
    return note


def turn_away(file: Path, reason: str, invalid_rows: Path | None = None, proposal: str = "") -> Path:
    """Move a refused file, with the reason in a text file beside it. Return the path of the reason.

    proposal: a proposed mapping for the file, which is put beside it too.
    """
    moved = _move(file, REFUSED)
    _move_list(invalid_rows, moved)
    note = moved.with_name(moved.name + ".reason.txt")
    next_step = "Correct this, then drop the file again."
    if proposal:
        proposed = moved.with_name(moved.name + ".proposed.toml")
        proposed.write_text(proposal, encoding="utf-8")
        next_step += (
            f"\n\nA mapping is proposed in {proposed.name}, which ends with what you have to decide. Save it as "
            f"{file.name}.toml in the drop folder, then drop the file again."
        )
    note.write_text(f"{reason}\n\n{next_step}\n", encoding="utf-8")
    return note


def _move_list(invalid_rows: Path | None, moved: Path) -> None:
    if invalid_rows and invalid_rows.exists():
        invalid_rows.replace(moved.with_name(moved.name + ".rejected.csv"))


def _move(file: Path, name: str) -> Path:
    """Move a file to a folder beside it, with the time in front of its name if the name is taken."""
    folder = file.parent / name
    folder.mkdir(exist_ok=True)
    target = folder / file.name
    if target.exists():
        target = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{file.name}"
    return file.rename(target)
