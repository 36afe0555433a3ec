"""What the indexes print of each edition, kept in a row beside it, so that an index of thousands reads none again.

published/<organisation>/.<period>.row.json holds the row, with a hash of the name, size and time of change of every
file that the edition had. While that is the same the row is used. Otherwise it is rebuilt from the edition,
whose files are all compared with its record first. An edition whose files do not match its record has no row: it is
read each time. Rows say nothing that the edition beside them does not; deleting them costs time alone.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import polars as pl

from reports.edition.manifest_hash import sha256
from reports.edition.published_editions import Listed, for_indexes, from_json, read_listed, to_json

# Of the rows' own layout: rows of another version are rebuilt.
_VERSION = 1
_SUFFIX = ".row.json"


def listed_edition(folder: Path) -> Listed | None:
    """Return an edition as the indexes print it, from its row if that is still true; None if there is no edition."""
    row, files = _row_of(folder), _files(folder)
    if (kept := _kept(row, files)) is not None:
        return kept
    listed = read_listed(folder)
    if listed is None or listed.published is None:
        row.unlink(missing_ok=True)
        return listed
    listed = for_indexes(listed)
    content = {"version": _VERSION, "files": files, "edition": to_json(listed)}
    # Not synced, which would take most of the time: a row cut short by a power cut is rebuilt.
    building = row.with_name(f"{row.name}.{uuid4().hex}.building")
    building.write_bytes(json.dumps(content, ensure_ascii=False).encode())
    building.replace(row)
    return listed


def remove_rows_without_edition(organisation: Path) -> None:
    """Remove rows whose edition is no longer there."""
    for row in organisation.glob(f".*{_SUFFIX}"):
        if not (organisation / row.name.removeprefix(".").removesuffix(_SUFFIX)).is_dir():
            row.unlink(missing_ok=True)


def _row_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}{_SUFFIX}")


def _kept(row: Path, files: str) -> Listed | None:
    """Return what a row says; None if there is none, it is damaged, or it is about other files."""
    try:
        content = json.loads(row.read_bytes())
        if (content["version"], content["files"]) == (_VERSION, files):
            return from_json(content["edition"])
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        return None
    return None


def _files(folder: Path) -> str:
    """Return a hash of name, size and time of change of every file."""
    found = sorted((path[len(str(folder)) + 1 :], size, changed) for path, size, changed in _walk(str(folder)))
    return sha256(json.dumps(found).encode())


def _walk(folder: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path)
            else:
                status = entry.stat()
                yield entry.path, status.st_size, status.st_mtime_ns
