"""An edition's folder: read its record, and compare every file with the hash that the record gives.

Needs only the folder, so a copy can be checked anywhere. Does not know how the figures were made.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from equity_audit.errors import CheckFailed, Problem, UsageError
from equity_audit.vocabulary import know
from reports.edition.manifest_hash import (
    MANIFEST_HASH,
    RECORD,
    SIGNATURE,
    manifest_hash,
    read_record,
    record_bytes,
    sha256,
)

_SOURCES = "tables/sources.csv"
_COPY_AGAIN = "copy the edition again from where it was published"


class _NoSignature(Exception):
    """The file is not a signature, or it signs another record."""


@dataclass(frozen=True)
class EditionFolder:
    """An edition's folder, its record, and the public key that signed it, if any."""

    folder: Path
    record: dict[str, Any]
    signed_by: str | None

    def text(self, name: str) -> str:
        """Return the text of one of its files."""
        return (self.folder / name).read_text(encoding="utf-8")


def open_edition(folder: Path) -> EditionFolder:
    """Open an edition whose files all match its record.

    Raises UsageError if the folder is not an edition, CheckFailed with every file that differs, is missing or is extra.
    """
    content = _record_bytes(folder)
    try:
        record = read_record(content)
    except ValueError:
        raise CheckFailed(Problem("not readable as JSON, or has a key twice", RECORD, _COPY_AGAIN)) from None
    if MANIFEST_HASH not in record and "files" not in record:
        raise UsageError(
            Problem("its record lists no hashes", str(folder / RECORD), "publish the period again: equity-audit run")
        )
    try:
        problems = [*_record_problems(record, content), *_file_problems(folder, record)]
        signed_by = _signer(folder, content)
    except _NoSignature:
        raise CheckFailed(Problem("does not sign this record", SIGNATURE, _COPY_AGAIN), *problems) from None
    except (KeyError, TypeError, ValueError, AttributeError):
        problems = [Problem("is not a complete record", RECORD, _COPY_AGAIN)]
    if problems:
        raise CheckFailed(*problems)
    edition = EditionFolder(folder, record, signed_by)
    if _SOURCES in record["files"]:
        # An edition carries the list of groups of a source that has its own.
        rows = csv.DictReader(io.StringIO(edition.text(_SOURCES)))
        know(row.get("ethnicity_classification", "") for row in rows)
    return edition


def _record_bytes(folder: Path) -> bytes:
    try:
        return (folder / RECORD).read_bytes()
    except OSError:
        raise UsageError(
            Problem(
                f"this folder is not an edition: it has no readable {RECORD}",
                str(folder),
                "give the folder of one period: <home>/published/<organisation>/<period>",
            )
        ) from None


def _signer(folder: Path, content: bytes) -> str | None:
    """Return the public key that signed the record; None if nobody did."""
    if not (folder / SIGNATURE).exists():
        return None
    from reports.edition.signature import signer

    try:
        return signer(content, (folder / SIGNATURE).read_bytes())
    except ValueError:
        raise _NoSignature from None


def _record_problems(record: dict[str, Any], content: bytes) -> Iterator[Problem]:
    if record.get(MANIFEST_HASH) != manifest_hash(record):
        yield Problem("its content does not match its own hash", RECORD, _COPY_AGAIN)
    elif record_bytes(record) != content:
        yield Problem("its content matches its own hash, but it is written differently", RECORD, _COPY_AGAIN)
    for name, hash_ in record["tables"].items():
        if record["files"].get(f"tables/{name}.csv", {}).get("sha256") != hash_:
            yield Problem(f"gives two hashes for table {name}", RECORD, _COPY_AGAIN)


def _file_problems(folder: Path, record: dict[str, Any]) -> Iterator[Problem]:
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    present -= {RECORD, SIGNATURE}
    for name, listed in record["files"].items():
        if name not in present:
            yield Problem("missing", name, _COPY_AGAIN)
            continue
        content = (folder / name).read_bytes()
        if len(content) != listed["bytes"] or sha256(content) != listed["sha256"]:
            yield Problem(
                f"differs: it has {len(content):,} bytes and SHA-256 {sha256(content)}, "
                f"its record says {listed['bytes']:,} and {listed['sha256']}",
                name,
                _COPY_AGAIN,
            )
    for name in sorted(present - set(record["files"])):
        yield Problem("extra: the edition has no such file", name, "remove it")
