"""Publish an edition atomically: build it beside its place and rename it, so that nobody ever sees half of one.

published/<organisation>/<period>/ holds the current revision; a replaced one moves to superseded/. An edition whose
content has not changed is left as it is, so that running twice publishes once. A folder counts as an edition only if
its record matches its manifest hash: one damaged by a power cut or a disk is moved away and published again.
"""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from assets.warehouse.durable import make_folder, move, sync_tree, write_synced
from equity_audit.errors import EquityAuditError, Problem, UsageError
from reports.edition.folder import open_edition
from reports.edition.manifest_hash import MANIFEST_HASH, OF_ONE_RUN, RECORD, manifest_hash, read_record

_BUILDING = ".building"
_REVISION = re.compile(r"r(\d+)")


def folder_name(organisation: str) -> str:
    """Return the name of an organisation's folder: its name in lower case with hyphens."""
    return re.sub(r"[\W_]+", "-", organisation.casefold()).strip("-") or "organisation"


def publish(
    edition: Path,
    superseded: Path,
    build: Callable[[int, int | None], Mapping[str, bytes]],
    before: Callable[[int], None],
    taken: int = 0,
) -> tuple[int, bool]:
    """Publish one edition; return its revision and whether anything changed.

    `build(revision, replaces)` returns the files by relative name; the record is written last. Files that name the run
    are not compared. `before(revision)` is called once the files are known and before anybody can see them. taken: a
    new revision gets a higher number than this, whatever is left on the disk. Raises UsageError if the folder cannot be
    written.
    """
    try:
        finish_interrupted(edition)
        current = standing_record(edition)
        if current and _same(edition, build(current["revision"], current["replaces"])):
            return current["revision"], False
        replaces = current["revision"] if current else _latest(superseded) or None
        revision = max(replaces or 0, taken) + 1
        files = build(revision, replaces)
        before(revision)
        building = _building(edition)
        _write(building, files)
        _clear(edition, superseded, f"r{current['revision']}" if current else None)
        move(building, edition)
    except OSError as error:
        raise UsageError(
            Problem(
                f"the edition cannot be written ({error.strerror or type(error).__name__})",
                str(edition),
                "check the folder's permissions and the free space, then run again: nothing incomplete was published",
            )
        ) from None
    return revision, True


def standing_record(edition: Path) -> dict[str, Any] | None:
    """Return the record of the edition in a folder; None without an edition or if its manifest hash does not match."""
    try:
        record = read_record((edition / RECORD).read_bytes())
    except (OSError, ValueError):
        return None
    intact = (
        record.get(MANIFEST_HASH) == manifest_hash(record)
        and isinstance(record.get("revision"), int)
        and "replaces" in record
    )
    return record if intact else None


def finish_all_interrupted(published: Path) -> None:
    """Finish or remove what a killed run was building, for every organisation and period."""
    for building in (*published.glob(f"*{_BUILDING}"), *published.glob(f"*/*{_BUILDING}")):
        if building.is_dir() and building.parent != published:
            finish_interrupted(building.with_name(building.name.removeprefix(".").removesuffix(_BUILDING)))
        elif building.is_file():
            # An index is rebuilt from published editions, so there is nothing to finish.
            building.unlink(missing_ok=True)


def finish_interrupted(edition: Path) -> None:
    """Finish what a killed run was building: move a complete edition to its place if that is empty; delete any other.

    An edition is complete if every file matches its hash in the record. Earlier versions built under a name that was
    not hidden.
    """
    for building in (_building(edition), edition.with_name(edition.name + _BUILDING)):
        if building.exists() and not edition.exists() and _is_complete(building):
            move(building, edition)
        elif building.exists():
            shutil.rmtree(building)


def _building(edition: Path) -> Path:
    """Return where an edition is built: hidden, and beside its place, since a rename must stay in one file system."""
    return edition.with_name(f".{edition.name}{_BUILDING}")


def _is_complete(folder: Path) -> bool:
    try:
        open_edition(folder)
    except EquityAuditError:
        return False
    return True


def _latest(superseded: Path) -> int:
    """Return the latest revision that was replaced; 0 if none was."""
    names = (path.name for path in superseded.iterdir()) if superseded.is_dir() else ()
    return max((int(match[1]) for name in names if (match := _REVISION.fullmatch(name))), default=0)


def _clear(edition: Path, superseded: Path, name: str | None) -> None:
    """Move the folder in an edition's place to the superseded ones, named by its revision or as damaged without one."""
    if not edition.exists():
        return
    make_folder(superseded)
    number = 1
    while name is None or (superseded / name).exists():
        name, number = f"damaged-{number}", number + 1
    move(edition, superseded / name)


def _same(edition: Path, files: Mapping[str, bytes]) -> bool:
    present = {path.relative_to(edition).as_posix() for path in edition.rglob("*") if path.is_file()}
    return present - OF_ONE_RUN == set(files) - OF_ONE_RUN and all(
        (edition / name).read_bytes() == content for name, content in files.items() if name not in OF_ONE_RUN
    )


def _write(building: Path, files: Mapping[str, bytes]) -> None:
    """Write every file, the record last, and wait until everything is on the disk."""
    shutil.rmtree(building, ignore_errors=True)
    try:
        for name in sorted(files, key=lambda name: name == RECORD):
            target = building / name
            make_folder(target.parent)
            write_synced(target, files[name])
        sync_tree(building)
    except OSError:
        shutil.rmtree(building, ignore_errors=True)
        raise
