"""An edition's folder as it lies somewhere: its record read, and every file held against the hash that it names.

Needs nothing but the folder, so a copy can be looked at anywhere. Does not know how the figures were made.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from equity_audit.errors import CheckFailed, Problem, UsageError
from reports.edition.manifest_hash import RECORD, SEAL, SIGNATURE, read_record, seal_of, sha256, written

_AGAIN = "take a copy of the edition again from where it was published"


class _NoSignature(Exception):
    """A signature that is none, or of another record."""


@dataclass(frozen=True)
class EditionFolder:
    """A folder and what its record says."""

    folder: Path
    record: dict[str, Any]
    signed_by: str | None

    def text(self, name: str) -> str:
        """The text of one of its files."""
        return (self.folder / name).read_text(encoding="utf-8")


def open_edition(folder: Path) -> EditionFolder:
    """Read the record of an edition whose every file is as it says.

    Raises UsageError for a folder that is no edition, CheckFailed with every file that differs, is missing or is extra.
    """
    content = _record_bytes(folder)
    try:
        record = read_record(content)
    except ValueError:
        raise CheckFailed(Problem("not readable as JSON, or says something twice", RECORD, _AGAIN)) from None
    if SEAL not in record and "files" not in record:
        raise UsageError(
            Problem("its record names no hashes", str(folder / RECORD), "publish the period again: equity-audit run")
        )
    try:
        problems = [*_record_problems(record, content), *_file_problems(folder, record)]
        signed_by = _signer(folder, content)
    except _NoSignature:
        raise CheckFailed(Problem("does not sign this record", SIGNATURE, _AGAIN), *problems) from None
    except (KeyError, TypeError, ValueError, AttributeError):
        problems = [Problem("does not say what a record has to say", RECORD, _AGAIN)]
    if problems:
        raise CheckFailed(*problems)
    return EditionFolder(folder, record, signed_by)


def _record_bytes(folder: Path) -> bytes:
    try:
        return (folder / RECORD).read_bytes()
    except OSError:
        raise UsageError(
            Problem(
                f"this folder is no edition: it has no readable {RECORD}",
                str(folder),
                "give the folder of one period: <home>/published/<organisation>/<period>",
            )
        ) from None


def _signer(folder: Path, content: bytes) -> str | None:
    """The public key that signed the record; None where nobody did."""
    if not (folder / SIGNATURE).exists():
        return None
    from reports.edition.signature import signer

    try:
        return signer(content, (folder / SIGNATURE).read_bytes())
    except ValueError:
        raise _NoSignature from None


def _record_problems(record: dict[str, Any], content: bytes) -> Iterator[Problem]:
    if record.get(SEAL) != seal_of(record):
        yield Problem("says something else than when it was sealed", RECORD, _AGAIN)
    elif written(record) != content:
        yield Problem("says the same as when it was sealed, but is written otherwise", RECORD, _AGAIN)
    for name, hash_ in record["tables"].items():
        if record["files"].get(f"tables/{name}.csv", {}).get("sha256") != hash_:
            yield Problem(f"names two hashes of table {name}", RECORD, _AGAIN)


def _file_problems(folder: Path, record: dict[str, Any]) -> Iterator[Problem]:
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    present -= {RECORD, SIGNATURE}
    for name, said in record["files"].items():
        if name not in present:
            yield Problem("missing", name, _AGAIN)
            continue
        content = (folder / name).read_bytes()
        if len(content) != said["bytes"] or sha256(content) != said["sha256"]:
            yield Problem(
                f"differs: it has {len(content):,} bytes and SHA-256 {sha256(content)}, "
                f"its record says {said['bytes']:,} and {said['sha256']}",
                name,
                _AGAIN,
            )
    for name in sorted(present - set(record["files"])):
        yield Problem("extra: the edition has no such file", name, "remove it")
