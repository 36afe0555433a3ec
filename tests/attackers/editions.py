"""What stands in the files of an edition: its tables as texts, and the settings that it prints."""

import csv
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.attackers.rule import FEWER, NUMBER, WITHHELD, Print

Row = dict[str, str]


@dataclass(frozen=True)
class Edition:
    """One revision of one period of one organisation."""

    folder: Path

    @cached_property
    def record(self) -> dict[str, Any]:
        """edition.json."""
        record: dict[str, Any] = json.loads((self.folder / "edition.json").read_text(encoding="utf-8"))
        return record

    @property
    def period(self) -> str:
        """The first day of its period."""
        return str(self.record["period"])

    @property
    def revision(self) -> int:
        """1 for the first."""
        return int(self.record["revision"])

    def rows(self, table: str) -> list[Row]:
        """The rows of one table; none where the edition has no such table."""
        path = self.folder / "tables" / f"{table}.csv"
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as text:
            return list(csv.DictReader(text))

    @property
    def is_counted(self) -> bool:
        """Whether sources counted the applications themselves and do not tell leaving from being turned down."""
        shapes = {row["shape"] for row in self.rows("sources")} - {"workforce", "survey"}
        return shapes == {"counts"}


def revisions(published: Path, superseded: Path) -> list[Edition]:
    """The revisions of a period, oldest first: those that were replaced, and the one that stands."""
    folders = [*superseded.glob("r*"), published]
    return sorted((Edition(folder) for folder in folders), key=lambda edition: edition.revision)


def seen(row: Row, column: str) -> Print | None:
    """What is printed in one cell of a row; None where nothing was collected."""
    note = row.get(f"{column}_note", "")
    if note == "not_collected":
        return None
    if note == "fewer_than":
        return Print(FEWER)
    return Print(NUMBER, int(row[column])) if row[column] else Print(WITHHELD)
