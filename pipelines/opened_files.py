"""The files behind an edition, opened: what a commitment commits to, for whoever has the home or the key of a file."""

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from assets.ingest.source_mappings import load_mapping
from assets.warehouse.keys import read_key
from equity_audit.errors import CheckFailed, InputRefused, Problem, UsageError
from equity_audit.intake.commitments import commitment, file_key
from equity_audit.intake.mapping import mapping_sha256
from equity_audit.intake.pseudonyms import KEY_BYTES
from reports.edition.folder import open_edition

_MAPPING = ".toml"


@dataclass(frozen=True)
class OpenedFile:
    """A file that was taken in, as the home's register has it, and the key that opens its commitments."""

    extract_id: str
    file_name: str
    file_sha256: str
    mapping_name: str
    mapping_sha256: str
    key: bytes


def opened_files(record: dict[str, Any], home: Path) -> dict[str, OpenedFile]:
    """The files of a record by extract, as far as the home knows them; none where it has not their key and records."""
    # Heavy: an auditor who was given a key does without.
    from assets.warehouse.connection import look_into_warehouse

    committed = {row["extract_id"]: row["file_commitment"] for row in record.get("extracts", [])}
    try:
        key = read_key(home, "commitment")
        with look_into_warehouse(home) as connection:
            rows = connection.execute(
                "select extract_id, file_name, file_sha256, mapping_name, mapping_sha256 from intake.extracts "
                "where list_contains($ids, extract_id)",
                {"ids": sorted(committed)},
            ).fetchall()
    except UsageError:
        return {}
    found = [OpenedFile(*row, file_key(key, row[0])) for row in rows]
    return {
        one.extract_id: one
        for one in found
        if hmac.compare_digest(commitment(one.key, one.file_sha256), committed[one.extract_id])
    }


def print_keys(folder: Path, home: Path, console: Console) -> None:
    """Print the key of each file behind an edition, for an auditor. Raises UsageError where the home has not them."""
    opened = opened_files(open_edition(folder).record, home)
    if not opened:
        raise UsageError(
            Problem(
                "this home has not the records and the commitment key that the edition was made with",
                str(home),
                "give the home that published it as --home",
            )
        )
    for one in opened.values():
        console.print(f"{one.file_name}, extract {one.extract_id}\n    key {one.key.hex()}", markup=False)
    console.print("A key opens the commitments to its file and to that file's mapping, and nothing else.")


def check_file(folder: Path, file: Path, key: str | None, home: Path, console: Console) -> None:
    """Say which file of an edition a file is, or which one's mapping. Raises CheckFailed if it is none.

    key: of the file, as `print_keys` gives it; None to use those of the home.
    """
    record = open_edition(folder).record
    column, said, sha256 = _fingerprint(file)
    extracts = record.get("extracts", [])
    keys = (
        {row["extract_id"]: _given(key) for row in extracts}
        if key is not None
        else {one.extract_id: one.key for one in opened_files(record, home).values()}
    )
    if not keys:
        raise UsageError(
            Problem("no key opens this edition's commitments", str(home), "ask who published it for the file's --key")
        )
    for row in extracts:
        own = keys.get(row["extract_id"])
        if own is not None and hmac.compare_digest(commitment(own, sha256), row[column]):
            console.print(f"Match: {file} is {said} extract {row['extract_id']} of this edition.", markup=False)
            return
    raise CheckFailed(
        Problem(
            f"is not {said} any extract of this edition, or the key is that of another",
            str(file),
            "ask who published it for the file as it was taken in, unchanged, and for its key",
        )
    )


def _fingerprint(file: Path) -> tuple[str, str, str]:
    """Which commitment a file is held against, in which words, and its SHA-256. Raises UsageError, InputRefused."""
    try:
        if file.suffix == _MAPPING:
            return "mapping_commitment", "the mapping of", mapping_sha256(load_mapping(str(file)))
        with file.open("rb") as stream:
            return "file_commitment", "the file of", hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputRefused(
            Problem(f"the file cannot be read ({error.strerror})", str(file), "check its name and rights")
        ) from None


def _given(key: str) -> bytes:
    try:
        found = bytes.fromhex(key.strip())
    except ValueError:
        found = b""
    if len(found) != KEY_BYTES:
        raise UsageError(
            Problem(f"a key has {2 * KEY_BYTES} hexadecimal digits", "--key", "copy it again from who gave it")
        )
    return found
