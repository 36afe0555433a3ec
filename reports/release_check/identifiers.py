"""Identifiers of people in a finished file: anything with the shape of a pseudonym, as all ids in the warehouse are."""

import html
import re
from collections.abc import Iterator, Set
from functools import cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote

from reports.pages.shell import plotly
from reports.release_check.finding import Finding

# 128 bits, as a UUID or not; shorter fingerprints, such as an extract's id, unless they are decimal places.
_SHAPES = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}|(?<![0-9a-z.])[0-9a-f]{16,31}(?![0-9a-z])"
)


def shaped(text: str) -> frozenset[str]:
    """Return every text of such a shape in a text known to have no identifiers."""
    return frozenset(_SHAPES.findall(_read(text)))


def identifiers(file: str, text: str, allowed: Set[str]) -> Iterator[Finding]:
    """Find pseudonym-shaped texts that are not `allowed`.

    They are searched for in the decoded text: pages and addresses can write any letter as a character code.
    """
    for code, lines in _own_code():
        text = text.replace(code, lines)
    read = _read(text)
    # No shape spans lines: if the whole text has none that is new, no line has, and an edition has 60,000 of them.
    if not allowed >= set(_SHAPES.findall(read)):
        for line, words in enumerate(read.split("\n"), 1):
            if any(shape not in allowed for shape in _SHAPES.findall(words)):
                yield Finding(file, f"line {line}", "a text shaped like a pseudonym")


def _read(text: str) -> str:
    return unquote(html.unescape(text.casefold())).casefold()


@cache
def _own_code() -> tuple[tuple[str, str], ...]:
    """Return the shipped scripts, and the library as pages embed it; each with as many blank lines to replace it."""
    texts = (plotly(), *(file.read_text(encoding="utf-8") for file in Path(str(files("reports"))).rglob("*.js")))
    return tuple((text, "\n" * text.count("\n")) for text in texts)
