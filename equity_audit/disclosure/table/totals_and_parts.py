"""People of whom only numbers are known: how many are in each group, and how many of them have a certain property.

For example staff in post among those employed since the last snapshot, or members of a board. This is simpler than for
applicants: a row has one number, or two, where the second counts some of the first.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from equity_audit.disclosure.table.count_rows import FEWER_THAN, PROTECTS
from equity_audit.disclosure.table.count_table import Part, People, Quantity, Row, check_sums, rows_of, ties_of
from equity_audit.disclosure.table.suppression_status import Mark, Published

_NOTES = {Mark.SHOWN: None, Mark.FEWER_THAN: FEWER_THAN, Mark.PROTECTS: PROTECTS}
_MARKS = {note: mark for mark, note in _NOTES.items()}


class CountedPeople(People):
    """People with one or two counts, `reached`; with two there is also their difference, `rejected`, not published."""

    def relations_of_a_row(self) -> list[tuple[Quantity, list[Quantity]]]:
        """Return that the first number is the sum of the second and the rest."""
        first, second, rest = Quantity("reached", 0, 0), Quantity("reached", 1, 1), Quantity("rejected", 0, 1)
        return [(first, [second, rest])] if len(self.stages) > 1 else []

    def relations_of_outcomes(self) -> list[tuple[Quantity, list[Quantity]]]:
        """Return an empty list: there are no other outcomes."""
        return []


def people_counted(
    counts: pl.DataFrame, columns: Mapping[str, str], coarser: Mapping[Part, Part] | None = None
) -> CountedPeople:
    """Lay out rows of numbers. Groups of a level that are missing from a part of a split get rows of zeros.

    columns: one or two, keyed by what they count. counts: these columns and Row's, of one organisation and period.
    Raises ValueError if the rows of one level or split do not add up to those of another.
    """
    first, stages = next(iter(columns.values())), tuple(columns)
    rows = rows_of(counts.filter(pl.col(first) > 0))
    index = {row: number for number, row in enumerate(rows)}
    numbers = np.zeros((len(rows), len(stages)), np.int64)
    for line in counts.filter(pl.col(first) > 0).iter_rows(named=True):
        numbers[index[_row(line)]] = [line[column] for column in columns.values()]
    quantities = tuple(Quantity("reached", k, k) for k in range(len(stages)))
    membership = np.ones((1, 1), np.int64)
    if len(stages) > 1:
        # Outcomes: counted only in the first number, or in both.
        quantities += (Quantity("rejected", 0, 1),)
        membership = np.array([[1, 1], [0, 1], [1, 0]])
        numbers = np.column_stack([numbers[:, 0] - numbers[:, 1], numbers[:, 1]])
    people = CountedPeople(stages, rows, quantities, membership, numbers, ties_of(rows, coarser), dict(coarser or {}))
    check_sums(people)
    return people


def published_rows(published: Published, columns: Mapping[str, str]) -> pl.DataFrame:
    """Return Row's columns, and the published value and note of each number."""
    lines = [row._asdict() for row in published.people.rows]
    for index, line in enumerate(lines):
        for column, cell in zip(columns.values(), _number_columns(published.people), strict=True):
            mark = Mark(published.mark[index, cell])
            line[column] = int(published.shown[index, cell]) if mark == Mark.SHOWN else None
            line[f"{column}_note"] = _NOTES[mark]
    types: dict[str, type[pl.DataType]] = {}
    for column in columns.values():
        types |= {column: pl.Int64, f"{column}_note": pl.String}
    return pl.DataFrame(lines, schema_overrides=types)


def published_again(people: People, rows: pl.DataFrame, columns: Mapping[str, str]) -> Published:
    """Read a table of `published_rows` back as published counts, for the rows listed."""
    people = people.only({_row(line) for line in rows.iter_rows(named=True)})
    shape = (len(people.rows), len(people.quantities))
    shown, mark = np.zeros(shape, np.int64), np.full(shape, Mark.UNPUBLISHED, np.int8)
    index = {row: number for number, row in enumerate(people.rows)}
    for line in rows.iter_rows(named=True):
        for column, quantity in zip(columns.values(), _number_columns(people), strict=True):
            cell = index[_row(line)], quantity
            mark[cell], shown[cell] = _MARKS[line[f"{column}_note"]], line[column] or 0
    return Published(people, shown, mark)


def _row(line: Mapping[str, str]) -> Row:
    return Row(*(line[name] for name in Row._fields))


def _number_columns(people: People) -> list[int]:
    """Return the columns of the numbers."""
    return [people.column[Quantity("reached", k, k)] for k in range(len(people.stages))]
