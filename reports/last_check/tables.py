"""Finished tables and records against the disclosed tables: cell for cell, and value for value by its path."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import PurePosixPath

from reports.csv_tables import csv_text
from reports.last_check.charts import leaves
from reports.last_check.finding import Finding
from reports.last_check.known import Known, digits
from reports.record import Edition


def strange_in_csv(file: str, text: str, edition: Edition) -> Iterator[Finding]:
    """Cells that the disclosed table of the file's name has not, or has elsewhere."""
    table = edition.tables.get(PurePosixPath(file).stem)
    if table is None:
        yield Finding(file, "whole file", "no disclosed table of this name")
        return
    found = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    wanted = list(csv.reader(io.StringIO(csv_text(table))))
    for place, row in enumerate(found, 1):
        due = wanted[place - 1] if place <= len(wanted) else []
        for column, cell in enumerate(row):
            if column >= len(due):
                yield Finding(file, f"row {place}, column {column + 1}", "a cell that the table has not")
            elif cell != due[column]:
                yield Finding(file, f"row {place}, {table.columns[column]}", "not the table's value")
    if len(found) < len(wanted):
        yield Finding(file, "whole file", "fewer rows than the table")


def strange_in_json(file: str, text: str, edition: Edition, known: Known) -> Iterator[Finding]:
    """Values that the edition does not have at the same path and that are no disclosed figures either."""
    about = {
        **asdict(replace(edition, tables={}, checks=[], previous=None, replaced=None)),
        "period": edition.period.isoformat(),
    }
    own = {(path, value) for path, value in leaves(json.loads(json.dumps(about)))}
    try:
        found = list(leaves(json.loads(text)))
    except ValueError:
        yield Finding(file, "whole file", "not readable as JSON")
        return
    names = {key for path, _ in own for key in path}
    for path, value in found:
        kinds = [kind for key in path if isinstance(key, str) and key not in names for kind in known.strange(key)]
        place = ".".join("?" if key not in names and known.strange(str(key)) else str(key) for key in path)
        if isinstance(value, str) and (path, value) not in own:
            kinds += known.strange(value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            kinds += [] if (path, value) in own or digits(value) in known.exact else ["a number"]
        for kind in kinds:
            yield Finding(file, place, kind)
