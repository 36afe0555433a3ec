"""Identifiers of people in a finished file: those that are given, and whatever has the shape of a pseudonym."""

import html
import re
from collections.abc import Collection, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote

from reports.pages.shell import plotly
from reports.release_check.finding import Finding

# 128 bits as a UUID or not; shorter fingerprints, such as an extract's id, unless they are digits behind a point.
_SHAPES = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}|(?<![0-9a-z.])[0-9a-f]{16,31}(?![0-9a-z])"
)


def shaped(text: str) -> frozenset[str]:
    """Every text of such a shape in what is known to have no identifiers."""
    return frozenset(_SHAPES.findall(_read(text)))


def identifiers(file: str, text: str, allowed: Collection[str], people: Collection[str]) -> Iterator[Finding]:
    """Pseudonym-shaped texts that are not `allowed`, and any of the ids in `people`, as whole words.

    Looked for as read: a page and an address can write any letter as a number.
    """
    for code, lines in _own_code():
        text = text.replace(code, lines)
    read = _read(text)
    for line, words in enumerate(read.split("\n"), 1):
        if any(found not in allowed for found in _SHAPES.findall(words)):
            yield Finding(file, f"line {line}", "a text shaped like a pseudonym")
    for one in {one.casefold() for one in people if one}:
        for found in re.finditer(rf"(?<![^\W_]){re.escape(one)}(?![^\W_])", read) if one in read else ():
            yield Finding(file, f"line {read.count(chr(10), 0, found.start()) + 1}", "an application's id")


def _read(text: str) -> str:
    return unquote(html.unescape(text.casefold())).casefold()


@cache
def _own_code() -> tuple[tuple[str, str], ...]:
    """Scripts as they are shipped, and the library as the package hands it to a page; each with lines in its place."""
    texts = (plotly(), *(file.read_text(encoding="utf-8") for file in Path(str(files("reports"))).rglob("*.js")))
    return tuple((text, "\n" * text.count("\n")) for text in texts)
