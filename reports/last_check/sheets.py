"""A workbook taken apart as a reader would: its sheets in order, and what each of their cells holds.

Read from the archive's XML with nothing but Python's own library, so that it owes nothing to what wrote the workbook.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
UNREADABLE = (zipfile.BadZipFile, zlib.error, ElementTree.ParseError, EOFError, ValueError, LookupError)
"""What a damaged workbook raises while it is read."""


class NoValue:
    """A cell that holds anything else than a text, a number or a truth value: a formula, an error, styled text."""


@dataclass(frozen=True)
class Sheet:
    """cells: values by row and column, from 1; numbers as float."""

    name: str
    hidden: bool
    cells: Mapping[tuple[int, int], Any]


def archive_parts(content: bytes) -> list[tuple[str, bytes]]:
    """Every part of the archive, in order, also where two have one name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(part.filename, archive.read(part)) for part in archive.infolist()]


@lru_cache(maxsize=1)  # asked for twice of each workbook: for its cells, and for its texts
def read_sheets(content: bytes) -> list[Sheet]:
    """The sheets that the workbook names. Raises one of UNREADABLE."""
    parts = dict(archive_parts(content))
    relations = {
        relation.attrib["Id"]: relation.attrib["Target"]
        for relation in ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])
    }
    texts = [_text(item) for item in ElementTree.fromstring(parts["xl/sharedStrings.xml"])]
    book = ElementTree.fromstring(parts["xl/workbook.xml"])
    return [
        Sheet(
            sheet.attrib["name"],
            sheet.attrib.get("state", "visible") != "visible",
            _cells(parts[f"xl/{relations[sheet.attrib[_RELATION]]}"], texts),
        )
        for sheet in book.iter(f"{_MAIN}sheet")
    ]


def _cells(part: bytes, texts: list[Any]) -> dict[tuple[int, int], Any]:
    found = {}
    for element in ElementTree.fromstring(part).iter(f"{_MAIN}c"):
        place = _place(element.attrib["r"])
        found[place] = NoValue() if place in found else _value(element, texts)
    return found


def _place(reference: str) -> tuple[int, int]:
    """Row and column of a reference such as "AB12"."""
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(reference[len(letters) :]), column


def _value(element: ElementTree.Element, texts: list[Any]) -> Any:
    children = list(element)
    if [child.tag for child in children] != [f"{_MAIN}v"]:
        return NoValue()
    written = children[0].text or ""
    match element.attrib.get("t", "n"):
        case "s":
            return texts[int(written)]
        case "n":
            return float(written)
        case "b":
            return written == "1"
    return NoValue()


def _text(item: ElementTree.Element) -> Any:
    """A shared text. What XML cannot hold is written as its number: _x000D_ is a carriage return."""
    children = list(item)
    if [child.tag for child in children] != [f"{_MAIN}t"]:
        return NoValue()
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), children[0].text or "")
