"""A published table compared with the same table recalculated: the first figure that differs."""

import csv
import io
from dataclasses import dataclass

import polars as pl

from equity_audit.contracts import Table
from reports.edition.csv_tables import csv_text


@dataclass(frozen=True)
class Difference:
    """The first difference of two tables. Both values are from protected tables; a withheld one is not given."""

    table: str
    row: str
    what: str

    def __str__(self) -> str:
        return f"{self.table}, {self.row}: {self.what}" if self.row else f"{self.table}: {self.what}"


def first_difference(table: Table, published: str, recalculated: pl.DataFrame) -> Difference | None:
    """Return the first cell of a CSV that differs from the table, by its key; None if all agree.

    The order of rows is ignored. Numbers are compared to twelve digits: the last digits of a double depend on the
    machine.
    """
    columns, rows = _read(published)
    if columns != table.column_names:
        return Difference(table.name, "", "has columns other than those that this version writes")
    wanted = _read(csv_text(recalculated))[1]
    expected = {_key(table, row): row for row in wanted}
    for row in rows:
        key = _key(table, row)
        if key not in expected:
            return Difference(table.name, _words(table, row), "is published, but recalculating does not give it")
        for column in columns:
            if not _same(row[column], expected[key][column]):
                return Difference(
                    table.name, _words(table, row), f"{column} {_in_words(row[column], expected[key][column])}"
                )
    if missing := expected.keys() - {_key(table, row) for row in rows}:
        return Difference(
            table.name, _words(table, expected[min(missing)]), "is given by recalculating, but is not published"
        )
    return Difference(table.name, "", "has a row twice") if len(rows) != len(wanted) else None


def _in_words(published: str, recalculated: str) -> str:
    """Give both values, unless the published one was withheld: then the other is not given either."""
    if not published:
        return "is withheld; recalculated, it is not"
    return f"is published as {published}; recalculated, it is {recalculated or 'withheld'}"


def _read(text: str) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    return tuple(header), [dict(zip(header, row, strict=False)) for row in rows]


def _key(table: Table, row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row.get(name, "") for name in table.key)


def _words(table: Table, row: dict[str, str]) -> str:
    """Write the row's key in words, without what all rows of an edition share."""
    return ", ".join(f"{name} {row.get(name, '')}" for name in table.key if name not in ("organisation", "period"))


def _same(first: str | None, second: str | None) -> bool:
    if first == second:
        return True
    try:
        return f"{float(first or ''):.12g}" == f"{float(second or ''):.12g}"
    except ValueError:
        return False
