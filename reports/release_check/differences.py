"""A finished file against the same file made again: where they differ, in lines, or in the parts of a workbook."""

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from reports.release_check.finding import MOST, Finding

_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError)


def differences(file: str, content: bytes, due: bytes) -> Iterator[Finding]:
    """The first places where the file is not the one that is due; nothing where the two are the same, byte for byte."""
    if content == due:
        return
    word, found, wanted = _taken_apart(content, due)
    places = [place for place, part in enumerate(found) if place >= len(wanted) or part != wanted[place]]
    yield from (Finding(file, f"{word} {place + 1}", "not as the package writes it") for place in places[:MOST])
    if len(found) < len(wanted):
        yield Finding(file, "whole file", "shorter than the package writes it")
    elif not places:
        yield Finding(file, "whole file", "not as the package writes it")


def _taken_apart(content: bytes, due: bytes) -> tuple[str, Sequence[Any], Sequence[Any]]:
    try:
        return "part", _parts(content), _parts(due)
    except _UNREADABLE:
        return "line", content.split(b"\n"), due.split(b"\n")


def _parts(content: bytes) -> list[tuple[str, bytes]]:
    """Every part of an archive, in order, also where two have one name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(part.filename, archive.read(part)) for part in archive.infolist()]
