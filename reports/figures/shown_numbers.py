"""Numbers from shown tables: each knows the column that it was read from.

A page prints no other number about people (`reports.figures.printable` refuses it), so every figure on a page came
from here. A value is an ordinary int or float, and may be compared, sorted and drawn. The result of arithmetic on
values is a bare number again, until `derived` names the values that it was calculated from.
"""

from collections.abc import Iterator
from typing import Any

import polars as pl

from equity_audit.contracts import DISCLOSED, DISCLOSED_OVER_TIME, DISCLOSED_TREND

_TABLES = {table.name: table for table in (*DISCLOSED, *DISCLOSED_OVER_TIME, DISCLOSED_TREND)}
DERIVED = "from "
"""How the origin of a derived value begins."""
MODELLED = DERIVED + "the series of a programme"
WHOLE_PATH = "path"
"""The step_kind of rows that have figures of disclosed.overall_paths (`reports.cells.whole_path`)."""
_OF_WHOLE_PATH = {
    "disparities": {f"impact_ratio{end}": f"overall_ratio{end}" for end in ("", "_reason", "_low", "_high")},
    "selection_rates": {f"selection_rate{end}": f"overall_rate{end}" for end in ("", "_reason", "_low", "_high")},
}


class Whole(int):
    """A whole number from a shown table. of: "table.column", or what it was calculated from."""

    of: str


class Part(float):
    """The same for a number with decimal places."""

    of: str


Value = Whole | Part


def shown_value(value: float, of: str) -> Value:
    """Return a number that knows the column of a shown table that it is from."""
    shown: Value = Whole(value) if isinstance(value, int) else Part(value)
    shown.of = of
    return shown


def modelled(value: float) -> Value:
    """Return a number that the review of a programme calculated from its series."""
    return shown_value(value, MODELLED)


def modelled_count(value: int) -> Whole:
    """Return the same for a number of people, which is a sum of the series."""
    count = modelled(value)
    assert isinstance(count, Whole)
    return count


def fixed(value: float) -> Value:
    """Return 0 or 1, the share of nobody or of everybody. Raises TypeError for any other number."""
    if value not in (0, 1):
        raise TypeError("a number that is not from a shown table")
    return shown_value(value, DERIVED + "none or all")


def derived(value: float, *parents: float) -> Value:
    """Return a number calculated from shown numbers, `parents`, and nothing else. Raises TypeError otherwise."""
    of = {parent.of.removeprefix(DERIVED) for parent in parents if isinstance(parent, Value)}
    if not parents or not all(isinstance(parent, Value) for parent in parents):
        raise TypeError("calculated from a number that is not from a shown table")
    return shown_value(value, DERIVED + " and ".join(sorted(of)))


def shown_rows(frame: pl.DataFrame, *tables: str) -> list[dict[str, Any]]:
    """Return rows of one of the shown `tables`, or of several joined, as such values.

    A column that none of the tables has counts as calculated from them.
    """
    origins = {name: _origin(name, tables) for name, kind in frame.schema.items() if kind.is_numeric()}
    of_paths = origins | {name: origin for name, origin in _path_origins(tables) if name in origins}
    return [
        row
        | {
            name: shown_value(row[name], origin)
            for name, origin in (of_paths if row.get("step_kind") == WHOLE_PATH else origins).items()
            if row[name] is not None
        }
        for row in frame.iter_rows(named=True)
    ]


def of_whole_path(table: str) -> dict[str, str]:
    """Return the columns of a table in which a row of the whole path has figures of disclosed.overall_paths: which."""
    return _OF_WHOLE_PATH[table]


def _path_origins(tables: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for table in tables:
        yield from ((name, f"overall_paths.{figure}") for name, figure in _OF_WHOLE_PATH.get(table, {}).items())
        if table == "disparities":
            yield "relative_likelihood", f"{DERIVED}overall_paths.overall_ratio"


def _origin(column: str, tables: tuple[str, ...]) -> str:
    holders = [table for table in tables if column in _TABLES[table].column_names]
    return f"{holders[0]}.{column}" if holders else DERIVED + " and ".join(sorted(tables))
