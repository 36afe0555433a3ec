"""Private files for the analyst, built aside and readable only by their owner; lists are CSV safe for spreadsheets."""

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path


def write_listing(target: Path, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Write a list as CSV; text that a spreadsheet would take for a formula gets an apostrophe in front."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    # Without a byte order mark a spreadsheet assumes another encoding.
    write_private(target, text.getvalue().encode("utf-8-sig"))


def write_private(target: Path, content: bytes) -> None:
    """Write a file that only its owner may read, in folders with the same protection; never half of it."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    partial.touch(mode=0o600)
    partial.write_bytes(content)
    partial.replace(target)


def _plain(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
