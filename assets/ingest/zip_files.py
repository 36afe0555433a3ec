"""ZIPs of CSVs: their members, the one format that all have, and their texts in turn, never unpacked to disk."""

import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from assets.ingest.csv_files import HEAD_BYTES, TextFormat, detect_format
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.mapping import Source
from equity_audit.settings import IntakePolicy

_PIECE = 1 << 20
# So few bytes are not worth a refusal, however well they were packed.
_SMALL = 10_000_000
# What a ZIP raises that was cut short or changed on its way: the library names them by what it stumbled on.
DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, UnicodeDecodeError)


def check_unpacked(path: Path, policy: IntakePolicy) -> None:
    """Refuse a ZIP, or a workbook, that unpacks to more than policy allows: before any of it is used.

    It is unpacked piece by piece and counted, and dropped. What its own list says of sizes is not believed.
    """
    most = min(policy.max_zip_bytes, max(policy.max_zip_ratio * path.stat().st_size, _SMALL))
    total = 0
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > policy.max_zip_members:
                raise _too_much(path, f"it has {len(members):,} files in it", "max_zip_members", policy)
            for info in members:
                if info.flag_bits & 1:
                    continue  # protected by a password, which is said where it is read
                # Otherwise reading ends where the list says.
                info.file_size = sys.maxsize
                with archive.open(info) as stream:
                    while part := stream.read(_PIECE):
                        total += len(part)
                        if total > most:
                            key = "max_zip_bytes" if most == policy.max_zip_bytes else "max_zip_ratio"
                            raise _too_much(path, f"it unpacks to more than {most:,} bytes", key, policy)
    except DAMAGED_ZIP:
        return  # said where it is read, as what it was to be


def _too_much(path: Path, what: str, key: str, policy: IntakePolicy) -> InputRefused:
    return InputRefused(
        Problem(
            f"{what}: more than is allowed ({key} = {getattr(policy, key):,})",
            path.name,
            f"look into it; if all of it is needed, give the files unpacked, or raise intake.{key} in settings.toml",
        )
    )


def zip_members(path: Path) -> list[str]:
    """The CSVs of a ZIP, in the order of their names. Raises InputRefused."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [
                info
                for info in archive.infolist()
                if Path(info.filename).suffix.lower() in (".csv", ".tsv", ".txt") and "__MACOSX" not in info.filename
            ]
    except DAMAGED_ZIP:
        raise _no_zip(path) from None
    if not members:
        raise InputRefused(Problem("there is no CSV in the ZIP", path.name, "put .csv, .tsv or .txt files into it"))
    if any(info.flag_bits & 1 for info in members):
        raise InputRefused(Problem("the ZIP is protected by a password", path.name, "give the files without one"))
    return sorted(info.filename for info in members)


def _no_zip(path: Path) -> InputRefused:
    return InputRefused(Problem("this is not a readable ZIP file", path.name, "make or copy it again"))


def zip_format(path: Path, source: Source | None) -> TextFormat:
    """The one format that all members of a ZIP have. Raises InputRefused where they differ."""
    formats = {}
    members = zip_members(path)
    try:
        with zipfile.ZipFile(path) as archive:
            for member in members:
                with archive.open(member) as stream:
                    head = stream.read(HEAD_BYTES)
                formats[member] = detect_format(head, len(head) < HEAD_BYTES, f"{path.name}: {member}", source)
    except DAMAGED_ZIP:
        raise _no_zip(path) from None
    first = next(iter(formats.values()))
    odd = [member for member, form in formats.items() if form != first]
    if odd:
        raise InputRefused(
            Problem(f"{', '.join(odd)} differ from the first CSV in columns, delimiter or encoding", path.name,
                    "give files of one kind together")
        )  # fmt: skip
    return first


def zip_parts(path: Path) -> Iterator[IO[bytes]]:
    """The members of a ZIP one after the other, open."""
    with zipfile.ZipFile(path) as archive:
        for member in zip_members(path):
            with archive.open(member) as stream:
                yield stream
