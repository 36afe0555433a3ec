"""People of whom only numbers are known: how many there are in each group, and how many of these in one respect.

Staff in post, of those employed since the last snapshot; members of a board. Beside applicants they are the simple
case: a row has one number, or two of which the second counts some of the first.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from equity_audit.disclosure.table.count_rows import MARK_OF, NOTE_OF
from equity_audit.disclosure.table.count_table import CountTable, Part, Quantity, Row, check_sums, rows_of, ties_of
from equity_audit.disclosure.table.suppression_status import Mark, Published


class TotalsAndParts(CountTable):
    """People whose quantities are those counted, `reached`, and of two the rest, `rejected`, which is not published."""

    def relations_of_a_row(self) -> list[tuple[Quantity, list[Quantity]]]:
        """The first number is the second and the rest."""
        first, second, rest = Quantity("reached", 0, 0), Quantity("reached", 1, 1), Quantity("rejected", 0, 1)
        return [(first, [second, rest])] if len(self.stages) > 1 else []

    def relations_of_outcomes(self) -> list[tuple[Quantity, list[Quantity]]]:
        """None: there is no outcome but to be counted or not."""
        return []


def totals_and_parts_of(
    counts: pl.DataFrame, columns: Mapping[str, str], coarser: Mapping[Part, Part] | None = None
) -> TotalsAndParts:
    """Set out rows of numbers. Groups of a level that are missing from a part of a split get rows of zeros.

    columns: one or two, each by what is counted in it. counts: these columns and Row's, of one organisation and period.
    Raises ValueError where the rows of one level or split do not add up to those of another.
    """
    first, stages = next(iter(columns.values())), tuple(columns)
    rows = rows_of(counts.filter(pl.col(first) > 0))
    place = {row: index for index, row in enumerate(rows)}
    numbers = np.zeros((len(rows), len(stages)), np.int64)
    for line in counts.filter(pl.col(first) > 0).iter_rows(named=True):
        numbers[place[_row(line)]] = [line[column] for column in columns.values()]
    quantities = tuple(Quantity("reached", k, k) for k in range(len(stages)))
    membership = np.ones((1, 1), np.int64)
    if len(stages) > 1:
        # Outcomes: to be in the first number only, or in both.
        quantities += (Quantity("rejected", 0, 1),)
        membership = np.array([[1, 1], [0, 1], [1, 0]])
        numbers = np.column_stack([numbers[:, 0] - numbers[:, 1], numbers[:, 1]])
    people = TotalsAndParts(stages, rows, quantities, membership, numbers, ties_of(rows, coarser), dict(coarser or {}))
    check_sums(people)
    return people


def published_rows(published: Published, columns: Mapping[str, str]) -> pl.DataFrame:
    """Row's columns, and of each number its published value and its note."""
    found = [row._asdict() for row in published.people.rows]
    for place, line in enumerate(found):
        for column, cell in zip(columns.values(), _places(published.people), strict=True):
            mark = Mark(published.mark[place, cell])
            line[column] = int(published.shown[place, cell]) if mark == Mark.SHOWN else None
            line[f"{column}_note"] = NOTE_OF[mark]
    kinds: dict[str, type[pl.DataType]] = {}
    for column in columns.values():
        kinds |= {column: pl.Int64, f"{column}_note": pl.String}
    return pl.DataFrame(found, schema_overrides=kinds)


def published_again(people: CountTable, rows: pl.DataFrame, columns: Mapping[str, str]) -> Published:
    """What a table of `published_rows` says, arranged by the people that its rows count."""
    counted, people = people, people.only({_row(line) for line in rows.iter_rows(named=True)})
    shape = (len(people.rows), len(people.quantities))
    shown, mark = np.zeros(shape, np.int64), np.full(shape, Mark.UNPUBLISHED, np.int8)
    places = {row: index for index, row in enumerate(people.rows)}
    for line in rows.iter_rows(named=True):
        for column, cell in zip(columns.values(), _places(people), strict=True):
            place = places[_row(line)], cell
            mark[place], shown[place] = MARK_OF[line[f"{column}_note"]], line[column] or 0
    return Published(people, shown, mark, counted)


def _row(line: Mapping[str, str]) -> Row:
    return Row(*(line[name] for name in Row._fields))


def _places(people: CountTable) -> list[int]:
    """The columns of the numbers."""
    return [people.column[Quantity("reached", k, k)] for k in range(len(people.stages))]
