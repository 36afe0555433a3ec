"""A published table against the same table made again: the first figure that differs."""

import csv
import io
from dataclasses import dataclass

import polars as pl

from equity_audit.contracts import Table
from reports.edition.csv_tables import csv_text


@dataclass(frozen=True)
class Difference:
    """Where two tables differ first. Both values are of protected tables; what is withheld in one is not told."""

    table: str
    row: str
    what: str

    def __str__(self) -> str:
        return f"{self.table}, {self.row}: {self.what}" if self.row else f"{self.table}: {self.what}"


def first_difference(table: Table, published: str, again: pl.DataFrame) -> Difference | None:
    """The first cell of a CSV that is not the table's, by its key; None where all are.

    Order of rows counts for nothing. Numbers are compared to twelve digits: the last ones of a double are the
    machine's.
    """
    columns, rows = _read(published)
    if columns != table.column_names:
        return Difference(table.name, "", "has other columns than this version makes")
    wanted = _read(csv_text(again))[1]
    due = {_key(table, row): row for row in wanted}
    for row in rows:
        key = _key(table, row)
        if key not in due:
            return Difference(table.name, _words(table, row), "is published, but was not made again")
        for column in columns:
            if not _same(row[column], due[key][column]):
                return Difference(table.name, _words(table, row), f"{column} {_told(row[column], due[key][column])}")
    if missing := due.keys() - {_key(table, row) for row in rows}:
        return Difference(table.name, _words(table, due[min(missing)]), "was made again, but is not published")
    return Difference(table.name, "", "has a row twice") if len(rows) != len(wanted) else None


def _told(published: str, again: str) -> str:
    """Both values, unless the published one was withheld: then the other stays so."""
    if not published:
        return "is withheld, made again it is not"
    return f"is published as {published}, made again it is {again or 'withheld'}"


def _read(text: str) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    return tuple(header), [dict(zip(header, row, strict=False)) for row in rows]


def _key(table: Table, row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row.get(name, "") for name in table.key)


def _words(table: Table, row: dict[str, str]) -> str:
    """The row's key in words, without what every row of an edition has."""
    return ", ".join(f"{name} {row.get(name, '')}" for name in table.key if name not in ("organisation", "period"))


def _same(one: str | None, other: str | None) -> bool:
    if one == other:
        return True
    try:
        return f"{float(one or ''):.12g}" == f"{float(other or ''):.12g}"
    except ValueError:
        return False
