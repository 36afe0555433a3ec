"""Open the commitments of an edition to its source files, with the home's key or the key of one file."""

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
from equity_audit.intake.mapping_file import mapping_sha256
from equity_audit.intake.pseudonyms import KEY_BYTES
from reports.edition.folder import open_edition

_MAPPING = ".toml"


@dataclass(frozen=True)
class OpenedFile:
    """A loaded file, as in the home's register, and the key that opens its commitments."""

    extract_id: str
    file_name: str
    file_sha256: str
    mapping_name: str
    mapping_sha256: str
    key: bytes


def opened_files(record: dict[str, Any], home: Path) -> dict[str, OpenedFile]:
    """Return the files of a record by extract, if the home has them; empty if it lacks the key or the records."""
    # Heavy, and not needed by an auditor who has a key.
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
    files = [OpenedFile(*row, file_key(key, row[0])) for row in rows]
    return {
        file.extract_id: file
        for file in files
        if hmac.compare_digest(commitment(file.key, file.file_sha256), committed[file.extract_id])
    }


def print_keys(folder: Path, home: Path, console: Console) -> None:
    """Print the key of each file behind an edition, for an auditor. Raises UsageError if the home has none of them."""
    opened = opened_files(open_edition(folder).record, home)
    if not opened:
        raise UsageError(
            Problem(
                "this home does not have the records and the commitment key from which the edition was made",
                str(home),
                "give the home that published it as --home",
            )
        )
    for file in opened.values():
        console.print(f"{file.file_name}, extract {file.extract_id}\n    key {file.key.hex()}", markup=False)
    console.print("A key opens only the commitments to its file and to that file's mapping.")


def check_file(folder: Path, file: Path, key: str | None, home: Path, console: Console) -> None:
    """Print which extract of an edition a file, or a mapping, belongs to. Raises CheckFailed if none.

    key: the file's key, as `print_keys` prints it; None to use the home's keys.
    """
    record = open_edition(folder).record
    column, relation, sha256 = _fingerprint(file)
    extracts = record.get("extracts", [])
    keys = (
        {row["extract_id"]: _parse_key(key) for row in extracts}
        if key is not None
        else {opened.extract_id: opened.key for opened in opened_files(record, home).values()}
    )
    if not keys:
        raise UsageError(
            Problem(
                "there is no key for this edition's commitments", str(home), "ask its publisher for the file's --key"
            )
        )
    for row in extracts:
        row_key = keys.get(row["extract_id"])
        if row_key is not None and hmac.compare_digest(commitment(row_key, sha256), row[column]):
            console.print(f"Match: {file} is {relation} extract {row['extract_id']} of this edition.", markup=False)
            return
    raise CheckFailed(
        Problem(
            f"this is not {relation} any extract of this edition, or the key belongs to another file",
            str(file),
            "ask the publisher for the original file, unchanged, and for its key",
        )
    )


def _fingerprint(file: Path) -> tuple[str, str, str]:
    """Return the name of the commitment to compare with a file, words for it, and the file's SHA-256.

    Raises UsageError, InputRefused.
    """
    try:
        if file.suffix == _MAPPING:
            return "mapping_commitment", "the mapping of", mapping_sha256(load_mapping(str(file)))
        with file.open("rb") as stream:
            return "file_commitment", "the file of", hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputRefused(
            Problem(f"the file cannot be read ({error.strerror})", str(file), "check its name and permissions")
        ) from None


def _parse_key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise UsageError(
            Problem(f"the key does not have {2 * KEY_BYTES} hexadecimal digits", "--key", "copy it again in full")
        )
    return key
