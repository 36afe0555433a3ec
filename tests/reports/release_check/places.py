"""Where numbers, and yes or no, stand in published files: a place for each, in words that do not change with them.

JSON: the path, `*` for names and positions that follow from content. CSV and workbook: table and column. Pages: the
heading above, and what stands around it: a table's caption, or the words of the sentence with # for each number.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import Any

import fastexcel

from reports.exports.workbook_notes import SHEET as NOTES

# Keys of objects that are contents, by the path that leads to them.
_OPEN = re.compile(
    r"packages|software|statements|lineage|tables|files|columns|prefix|entity|activity|agent|wasGeneratedBy|used|"
    r"wasDerivedFrom|wasAssociatedWith|actedOnBehalfOf|fields"
)
_VOID = frozenset({"br", "input", "meta", "link", "hr", "col", "img", "wbr"})
_INLINE = ("strong", "em", "span", "a", "code", "small", "b", "abbr")
_SETTINGS = "settings"
# Sections of the audit page that are policy and versions, in any words.
_FACTS = ("Settings", "Software")


def places(name: str, content: bytes) -> set[str]:
    """The places of one file. Raises ValueError for a kind of file that nothing here can look into."""
    match PurePosixPath(name).suffix:
        case ".json":
            return {f"{name}: {place}" for place in _in_json(json.loads(content), "")}
        case ".csv":
            rows = list(csv.DictReader(io.StringIO(content.decode())))
            return {f"{name}: {column}" for row in rows for column, cell in row.items() if _says(cell)}
        case ".xlsx":
            return {f"{name}: {place}" for place in _in_workbook(content)}
        case ".html":
            page = _Page()
            page.feed(content.decode())
            return {f"{name}: {place}" for place in page.found}
    raise ValueError(f"{name}: a kind of file that is not walked")


def _says(value: Any) -> bool:
    """Whether a value is a number or a yes or no, or a text that has one in it."""
    if isinstance(value, str):
        # A hash may happen to have no digit.
        is_hash = re.fullmatch("[0-9a-f]{16,64}", value) is not None
        return value.casefold() in ("true", "false", "yes", "no") or is_hash or any(map(str.isnumeric, value))
    return isinstance(value, (bool, int, float))


def _in_json(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        within = path.rpartition(".")[2]
        for key, part in value.items():
            # Policy is one place: it is the publisher's own words.
            name = "*" if _OPEN.fullmatch(within) else key
            yield from [f"{path}.{name}"] if key == _SETTINGS else _in_json(part, f"{path}.{name}")
    elif isinstance(value, list):
        for part in value:
            yield from _in_json(part, f"{path}.*" if not path.endswith("*") else path)
    elif _says(value):
        yield path


def _in_workbook(content: bytes) -> Iterator[str]:
    book = fastexcel.read_excel(content)
    for sheet in book.sheet_names:
        rows = book.load_sheet(sheet, header_row=None).to_polars().rows()
        head: tuple[Any, ...] = ()
        for row in rows:
            texts = [cell for cell in row if cell is not None]
            if len(texts) > 1 and not any(map(_says, texts)):
                head = row
            for place, cell in enumerate(row):
                if _says(cell) and sheet == NOTES:
                    yield f"{sheet}: {_masked(str(cell))}"
                elif _says(cell):
                    yield f"{sheet}: {head[place] if place < len(head) and head[place] else 'text'}"


def _masked(text: str) -> str:
    """A text with # for each number and hash."""
    return re.sub(r"\b[0-9a-f]{16,64}\b|\d[\d.,%]*", "#", " ".join(text.split()))


class _Page(HTMLParser):
    """Reads element by element: the text of one is its own, with that of the inline elements in it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._open: list[tuple[str, list[str]]] = [("", [])]
        self._heading, self._caption, self._term = "", "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self._open.append((tag, []))
        if tag == "table":
            self._caption = ""
        for name, value in attrs:
            # Where things are drawn, and what links and scripts are called, is not said to anybody.
            if name in ("content", "aria-label", "title", "placeholder") and value and _says(value):
                self.found.add(f"{self._heading}: {tag} {name}")

    def handle_data(self, data: str) -> None:
        self._open[-1][1].append(data)

    def handle_endtag(self, tag: str) -> None:
        while len(self._open) > 1:
            name, parts = self._open.pop()
            if name in _INLINE:
                self._open[-1][1].append("".join(parts))
            else:
                self._read(name, "".join(parts))
            if name == tag:
                return

    def _read(self, tag: str, raw: str) -> None:
        text = _masked(raw)
        if tag in ("h1", "h2"):
            self._heading = text
        elif tag == "caption":
            self._caption = text
        elif tag == "dt":
            self._term = text
        if not _says(raw) or tag == "style":
            return
        if tag == "script":
            self.found.add(f"{self._heading}: {'chart' if raw.lstrip().startswith('{') else 'script'}")
        elif any(name == "table" for name, _ in self._open):
            self.found.add(f"{self._heading}: {tag} of {self._caption}")
        elif self._heading in _FACTS or tag == "pre":
            self.found.add(f"{self._heading}: {tag}")
        elif tag == "dd":
            self.found.add(f"{self._heading}: dd of {self._term}: {text}")
        else:
            self.found.add(f"{self._heading}: {tag} {text}")
