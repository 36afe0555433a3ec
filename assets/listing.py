"""Lists for the analyst as CSV files that a spreadsheet opens without harm: built aside, and for the owner alone."""

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path


def write_listing(target: Path, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Write one list; texts that a spreadsheet would take for a formula are quoted."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    partial.touch(mode=0o600)
    # With a byte order mark, or a spreadsheet takes it for another encoding.
    partial.write_bytes(text.getvalue().encode("utf-8-sig"))
    partial.replace(target)


def _plain(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
