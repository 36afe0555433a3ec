"""TOML that people write: read with errors that they can act on, and the line on which a key stands."""

import re
import tomllib
from typing import Any

from equity_audit.errors import Problem, UsageError


def read_toml(text: str, file_name: str) -> dict[str, Any]:
    """What a TOML text says. Raises UsageError that names the line where it is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(Problem(f"not valid TOML ({error})", file_name, "correct the line named")) from None


def line_of(text: str, key: tuple[str, ...]) -> int | None:
    """The line on which a key, or else the nearest table around it, is written; None for the whole file.

    Reads the plain layout: a table's name in brackets, and a key on a line of its own. A key that is written in another
    way gives the line of its table.
    """
    table: tuple[str, ...] = ()
    nearest: tuple[int, int | None] = (0, None)
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.fullmatch(r"\s*\[(.+)\]\s*(#.*)?", line):
            place = table = parts_of(header[1])
        elif assignment := re.match(r'\s*("[^"]*"|[\w-]+)((\s*\.\s*("[^"]*"|[\w-]+))*)\s*=', line):
            place = (*table, *parts_of(assignment[1] + assignment[2]))
        else:
            continue
        if place == key[: len(place)] and len(place) > nearest[0]:
            nearest = (len(place), number)
    return nearest[1]


def parts_of(dotted: str) -> tuple[str, ...]:
    """The parts of a key that is written with dots, without quotes."""
    return tuple(part.strip('"') for part in re.findall(r'"[^"]*"|[\w-]+', dotted))
