"""A finished file compared with the same file rebuilt: where they differ, by line or by part of a workbook."""

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from reports.release_check.finding import MOST, Finding

_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError)


def differences(file: str, content: bytes, expected: bytes) -> Iterator[Finding]:
    """Yield the first places where the file differs from the one expected; nothing if they are identical."""
    if content == expected:
        return
    unit, parts, wanted = _split(content, expected)
    places = [index for index, part in enumerate(parts) if index >= len(wanted) or part != wanted[index]]
    yield from (Finding(file, f"{unit} {index + 1}", "not as the package writes it") for index in places[:MOST])
    if len(parts) < len(wanted):
        yield Finding(file, "whole file", "shorter than the package writes it")
    elif not places:
        yield Finding(file, "whole file", "not as the package writes it")


def _split(content: bytes, expected: bytes) -> tuple[str, Sequence[Any], Sequence[Any]]:
    try:
        return "part", _parts(content), _parts(expected)
    except _UNREADABLE:
        return "line", content.split(b"\n"), expected.split(b"\n")


def _parts(content: bytes) -> list[tuple[str, bytes]]:
    """Return every part of an archive in order, even if two have the same name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(part.filename, archive.read(part)) for part in archive.infolist()]
