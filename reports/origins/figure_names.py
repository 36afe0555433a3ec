"""A name for every published figure: its table, the key of its row and its column, separated by slashes.

`disparities/group/Asian/applied-shortlisted/impact_ratio`, and within a split
`disparities/wres/pay_band=5/BME/applied-shortlisted/impact_ratio`. Figures are read from an edition's CSV files, as
text.
"""

import csv
import difflib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from equity_audit.contracts import DISCLOSED, Column, Table
from equity_audit.wording import number, percent, ratio
from reports.edition.folder import EditionFolder

_NUMBER = re.compile(r"-?[\d.,]*\d%?")


@dataclass(frozen=True)
class Figure:
    """One cell of a published table, with its row as texts; an empty text is a value that is not shown."""

    table: Table
    row: dict[str, str]
    column: Column

    @property
    def value(self) -> str:
        """The value as written in the CSV."""
        return self.row.get(self.column.name, "")

    @property
    def name(self) -> str:
        """The name that `find` accepts."""
        return "/".join((self.table.name, *_row_name(self.table, self.row), self.column.name))


def rows(edition: EditionFolder, table: Table) -> list[dict[str, str]]:
    """Return a table of the edition, as texts."""
    return list(csv.DictReader(io.StringIO(edition.text(f"tables/{table.name}.csv").removeprefix("\ufeff"))))


def figures(edition: EditionFolder) -> Iterator[Figure]:
    """Yield every figure of the edition; columns that only identify a row are not figures."""
    for table in (table for table in DISCLOSED if table.name in edition.record["tables"]):
        naming = {*table.key, "step_kind", "from_stage", "to_stage", "reference_name", "snapshot", "wave"}
        columns = [column for column in table.columns if column.name not in naming]
        for row in rows(edition, table):
            yield from (Figure(table, row, column) for column in columns)


def find(edition: EditionFolder, asked: str) -> list[Figure]:
    """Find the figure with a name, ignoring case, or all figures printed as a number, unsplit ones first."""
    if _NUMBER.fullmatch(asked):
        wanted = asked.replace(",", "")
        matches = [figure for figure in figures(edition) if wanted in printed(figure)]
        return sorted(matches, key=lambda figure: figure.row.get("breakdown", "all") != "all")
    return [figure for figure in figures(edition) if figure.name.casefold() == asked.casefold()]


def near(edition: EditionFolder, asked: str) -> list[str]:
    """Return names similar to the one asked for."""
    names = {figure.name.casefold(): figure.name for figure in figures(edition)}
    start = [name for folded, name in names.items() if folded.startswith(asked.casefold())]
    return start[:5] or [names[match] for match in difflib.get_close_matches(asked.casefold(), names, n=5, cutoff=0.7)]


def printed(figure: Figure) -> list[str]:
    """Return how pages may print a figure, without thousands separators, the most likely first."""
    if not figure.value:
        return []
    if figure.column.type == "double":
        value = float(figure.value)
        rounded = [ratio(value), percent(value)]
        return [*(reversed(rounded) if figure.column.unit == "share" else rounded[:1]), figure.value]
    if figure.column.type == "bigint":
        return [number(int(figure.value)).replace(",", "")]
    return [figure.value]


def _row_name(table: Table, row: dict[str, str]) -> Iterator[str]:
    for key in table.key:
        match key:
            case "organisation" | "period" | "breakdown" | "step_kind" | "from_stage" | "to_stage" | "step_order":
                continue
            case "breakdown_value":
                if row["breakdown"] != "all":
                    yield f"{row['breakdown']}={row[key]}"
            case _:
                yield row[key]
    if "step_order" in table.key:
        yield f"{row['from_stage']}-{row['to_stage']}"
