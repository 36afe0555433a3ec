"""Read TOML files that people write, with errors that they can act on, and find the line of a key."""

import re
import tomllib
from typing import Any

from equity_audit.errors import Problem, UsageError


def read_toml(text: str, file_name: str) -> dict[str, Any]:
    """Parse a TOML text. Raises UsageError with the line if it is not valid."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(Problem(f"this is not valid TOML ({error})", file_name, "correct the line named")) from None


def line_of(text: str, key: tuple[str, ...]) -> int | None:
    """Return the line of a key, or else of the nearest table around it; None for the whole file.

    Understands the plain layout: a table's name in brackets, and each key on a line of its own. For a key in another
    layout it returns the line of its table.
    """
    table: tuple[str, ...] = ()
    nearest: tuple[int, int | None] = (0, None)
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.fullmatch(r"\s*\[(.+)\]\s*(#.*)?", line):
            path = table = parts_of(header[1])
        elif assignment := re.match(r'\s*("[^"]*"|[\w-]+)((\s*\.\s*("[^"]*"|[\w-]+))*)\s*=', line):
            path = (*table, *parts_of(assignment[1] + assignment[2]))
        else:
            continue
        if path == key[: len(path)] and len(path) > nearest[0]:
            nearest = (len(path), number)
    return nearest[1]


def parts_of(dotted: str) -> tuple[str, ...]:
    """Return the parts of a dotted key, without quotes."""
    return tuple(part.strip('"') for part in re.findall(r'"[^"]*"|[\w-]+', dotted))
