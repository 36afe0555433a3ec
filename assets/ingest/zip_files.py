"""ZIP files of CSVs: their members, their common format, and their texts in turn, never unpacked to disk."""

import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from assets.ingest.csv_files import HEAD_BYTES, TextFormat, detect_format
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.mapping import Mapping
from equity_audit.settings import IntakePolicy

_PIECE = 1 << 20
# A file this small when unpacked is never refused, whatever its compression ratio.
_SMALL = 10_000_000
# What the library may raise for a ZIP that was truncated or damaged in transfer.
DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, UnicodeDecodeError)


def check_unpacked(path: Path, policy: IntakePolicy) -> None:
    """Refuse a ZIP or a workbook that unpacks to more than policy allows, before any of it is used.

    It is unpacked piece by piece to count the bytes, and nothing is kept. The sizes that its directory states are not
    trusted.
    """
    most = min(policy.max_zip_bytes, max(policy.max_zip_ratio * path.stat().st_size, _SMALL))
    total = 0
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > policy.max_zip_members:
                raise _too_much(path, f"it contains {len(members):,} files", "max_zip_members", policy)
            for info in members:
                if info.flag_bits & 1:
                    continue  # protected by a password, which is reported when it is read
                # Otherwise reading stops at the size that the directory states.
                info.file_size = sys.maxsize
                with archive.open(info) as stream:
                    while part := stream.read(_PIECE):
                        total += len(part)
                        if total > most:
                            key = "max_zip_bytes" if most == policy.max_zip_bytes else "max_zip_ratio"
                            raise _too_much(path, f"it unpacks to more than {most:,} bytes", key, policy)
    except DAMAGED_ZIP:
        return  # reported when it is read, by the kind of file that it should be


def _too_much(path: Path, what: str, key: str, policy: IntakePolicy) -> InputRefused:
    return InputRefused(
        Problem(
            f"{what}, more than is allowed ({key} = {getattr(policy, key):,})",
            path.name,
            f"check what it contains; if all of it is needed, unpack the files, or raise intake.{key} in settings.toml",
        )
    )


def zip_members(path: Path) -> list[str]:
    """Return the names of the CSVs in a ZIP, sorted. Raises InputRefused."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [
                info
                for info in archive.infolist()
                if Path(info.filename).suffix.lower() in (".csv", ".tsv", ".txt") and "__MACOSX" not in info.filename
            ]
    except DAMAGED_ZIP:
        raise _not_a_zip(path) from None
    if not members:
        raise InputRefused(Problem("there is no CSV in the ZIP", path.name, "put .csv, .tsv or .txt files into it"))
    if any(info.flag_bits & 1 for info in members):
        raise InputRefused(Problem("the ZIP is protected by a password", path.name, "make it again without a password"))
    return sorted(info.filename for info in members)


def _not_a_zip(path: Path) -> InputRefused:
    return InputRefused(Problem("this is not a readable ZIP file", path.name, "make or copy it again"))


def zip_format(path: Path, mapping: Mapping | None) -> TextFormat:
    """Return the format that all members of a ZIP share. Raises InputRefused if they differ."""
    formats = {}
    members = zip_members(path)
    try:
        with zipfile.ZipFile(path) as archive:
            for member in members:
                with archive.open(member) as stream:
                    head = stream.read(HEAD_BYTES)
                formats[member] = detect_format(head, len(head) < HEAD_BYTES, f"{path.name}: {member}", mapping)
    except DAMAGED_ZIP:
        raise _not_a_zip(path) from None
    first = next(iter(formats.values()))
    different = [member for member, form in formats.items() if form != first]
    if different:
        raise InputRefused(
            Problem(
                f"{', '.join(different)} and the first CSV of the ZIP differ in columns, delimiter or encoding",
                path.name,
                "put only files of the same format into one ZIP",
            )
        )
    return first


def zip_parts(path: Path) -> Iterator[IO[bytes]]:
    """Yield the members of a ZIP in turn, open for reading."""
    with zipfile.ZipFile(path) as archive:
        for member in zip_members(path):
            with archive.open(member) as stream:
                yield stream
