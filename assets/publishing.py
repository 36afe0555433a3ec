"""Putting an edition in its place: built aside and renamed, so that nobody ever sees half of one.

published/<organisation>/<period>/ holds the current revision; a replaced one goes to superseded/. An edition whose
content has not changed is left as it is, so that running twice publishes once.
"""

import json
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from equity_audit.errors import Problem, UsageError
from reports.seal import OF_ONE_RUN, RECORD

_BUILDING = ".building"


def folder_name(organisation: str) -> str:
    """An organisation's folder: its name in lower case with hyphens."""
    return re.sub(r"[\W_]+", "-", organisation.casefold()).strip("-") or "organisation"


def publish(
    edition: Path,
    superseded: Path,
    build: Callable[[int, int | None], Mapping[str, bytes]],
    before: Callable[[int], None],
) -> tuple[int, bool]:
    """Publish one edition; returns its revision and whether anything changed.

    `build(revision, replaces)` gives the files by relative name; the record among them is written last. Files that name
    the run are not compared. `before(revision)` is called once the files are known and before anybody can see them.
    Raises UsageError where the folder cannot be written.
    """
    try:
        finish_interrupted(edition)
        revision, replaces = _revision(edition)
        if revision and _same(edition, build(revision, replaces)):
            return revision, False
        files = build(revision + 1, revision or None)
        before(revision + 1)
        building = edition.with_name(edition.name + _BUILDING)
        _write(building, files)
        if revision:
            old = superseded / f"r{revision}"
            old.parent.mkdir(parents=True, exist_ok=True)
            edition.rename(old)
        building.rename(edition)
    except OSError as error:
        raise UsageError(
            Problem(
                f"the edition cannot be written ({error.strerror or type(error).__name__})",
                str(edition),
                "check the folder's rights and the free space, then run again: nothing half-made was published",
            )
        ) from None
    return revision + 1, True


def finish_interrupted(edition: Path) -> None:
    """After a run that was killed: put a complete edition in its empty place, throw an incomplete one away."""
    building = edition.with_name(edition.name + _BUILDING)
    if not building.exists():
        return
    if (building / RECORD).exists() and not edition.exists():
        building.rename(edition)
    else:
        shutil.rmtree(building)


def _revision(edition: Path) -> tuple[int, int | None]:
    """The current revision (0 for none) and the one that it replaced."""
    if not (edition / RECORD).exists():
        return 0, None
    record = json.loads((edition / RECORD).read_text(encoding="utf-8"))
    return record["revision"], record["replaces"]


def _same(edition: Path, files: Mapping[str, bytes]) -> bool:
    present = {path.relative_to(edition).as_posix() for path in edition.rglob("*") if path.is_file()}
    return present - OF_ONE_RUN == set(files) - OF_ONE_RUN and all(
        (edition / name).read_bytes() == content for name, content in files.items() if name not in OF_ONE_RUN
    )


def _write(building: Path, files: Mapping[str, bytes]) -> None:
    """Write every file, the record last: its presence says that the rest is whole."""
    shutil.rmtree(building, ignore_errors=True)
    try:
        for name in sorted(files, key=lambda name: name == RECORD):
            target = building / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(files[name])
    except OSError:
        shutil.rmtree(building, ignore_errors=True)
        raise
