"""Every published figure by a name: its table, what tells its row from others, its column, with slashes between.

`disparities/group/Asian/applied-shortlisted/impact_ratio`, and of a split
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
    """One cell of a published table, its row as texts; an empty text is a value that is not shown."""

    table: Table
    row: dict[str, str]
    column: Column

    @property
    def value(self) -> str:
        """As it stands in the CSV."""
        return self.row.get(self.column.name, "")

    @property
    def name(self) -> str:
        """The name that `find` takes."""
        return "/".join((self.table.name, *_row_name(self.table, self.row), self.column.name))


def rows(edition: EditionFolder, table: Table) -> list[dict[str, str]]:
    """A table of the edition, as texts."""
    return list(csv.DictReader(io.StringIO(edition.text(f"tables/{table.name}.csv").removeprefix("\ufeff"))))


def figures(edition: EditionFolder) -> Iterator[Figure]:
    """Every figure of the edition; what only names a row is none."""
    for table in (table for table in DISCLOSED if table.name in edition.record["tables"]):
        naming = {*table.key, "step_kind", "from_stage", "to_stage", "reference_name", "snapshot", "wave"}
        columns = [column for column in table.columns if column.name not in naming]
        for row in rows(edition, table):
            yield from (Figure(table, row, column) for column in columns)


def find(edition: EditionFolder, asked: str) -> list[Figure]:
    """The figure of a name, in capitals or not; of a number, all that are printed so, unsplit ones first."""
    if _NUMBER.fullmatch(asked):
        wanted = asked.replace(",", "")
        found = [figure for figure in figures(edition) if wanted in printed(figure)]
        return sorted(found, key=lambda figure: figure.row.get("breakdown", "all") != "all")
    return [figure for figure in figures(edition) if figure.name.casefold() == asked.casefold()]


def near(edition: EditionFolder, asked: str) -> list[str]:
    """Names like the one asked for."""
    names = {figure.name.casefold(): figure.name for figure in figures(edition)}
    start = [name for folded, name in names.items() if folded.startswith(asked.casefold())]
    return start[:5] or [names[found] for found in difflib.get_close_matches(asked.casefold(), names, n=5, cutoff=0.7)]


def printed(figure: Figure) -> list[str]:
    """How pages may print a figure, without separators of thousands, the likeliest first."""
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
