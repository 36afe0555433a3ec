"""Identifiers of people in a finished file: those that are given, and whatever has the shape of a pseudonym."""

import html
import re
from collections.abc import Collection, Iterator
from urllib.parse import unquote

from reports.last_check.finding import Finding

# 128 bits as a UUID or not; shorter fingerprints, such as an extract's id, unless they are digits behind a point.
_SHAPES = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}|(?<![0-9a-z.])[0-9a-f]{16,31}(?![0-9a-z])"
)


def shaped(text: str) -> frozenset[str]:
    """Every text of such a shape in a file that is known to have no identifiers."""
    return frozenset(_SHAPES.findall(unquote(html.unescape(text.casefold())).casefold()))


def identifiers(file: str, text: str, allowed: Collection[str], people: Collection[str]) -> Iterator[Finding]:
    """Pseudonym-shaped texts that are not `allowed` as a whole, and any of the ids in `people`, as whole words.

    Looked for as written and as read: a page and an address can write any letter as a number.
    """
    lines = text.casefold().split("\n")
    read = unquote(html.unescape("\n".join(lines))).casefold()
    known = {one.casefold() for one in allowed}
    for line, said in enumerate(read.split("\n"), 1):
        if any(found not in known for found in _SHAPES.findall(said)):
            yield Finding(file, f"line {line}", "a text shaped like a pseudonym")
    for one in {one.casefold() for one in people if one}:
        for found in re.finditer(rf"(?<![^\W_]){re.escape(one)}(?![^\W_])", read) if one in read else ():
            yield Finding(file, f"line {read.count(chr(10), 0, found.start()) + 1}", "an application's id")
