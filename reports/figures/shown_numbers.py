"""Numbers as they come from shown tables: each knows the column that it was read from.

A page prints no other number about people (`reports.figures.printable` refuses it), so whatever stands there came from
here. A value is an int or a float like any other, and may be compared, sorted and drawn. What is worked out from
several is a bare number again, until `derived` says what it was worked out from.
"""

from typing import Any

import polars as pl

from equity_audit.contracts import DISCLOSED, DISCLOSED_OVER_TIME, DISCLOSED_TREND

_TABLES = {table.name: table for table in (*DISCLOSED, *DISCLOSED_OVER_TIME, DISCLOSED_TREND)}
DERIVED = "from "
"""How the origin of a derived value begins."""
MODELLED = DERIVED + "the series of a programme"


class Whole(int):
    """A whole number from a shown table. of: "table.column", or what it was worked out from."""

    of: str


class Part(float):
    """The same with places after the point."""

    of: str


Value = Whole | Part


def shown_value(value: float, of: str) -> Value:
    """A number of a shown table's column."""
    found: Value = Whole(value) if isinstance(value, int) else Part(value)
    found.of = of
    return found


def modelled(value: float) -> Value:
    """A number that the review of a programme worked out from its series."""
    return shown_value(value, MODELLED)


def modelled_count(value: int) -> Whole:
    """The same of a number of people, which is a sum of the series."""
    found = modelled(value)
    assert isinstance(found, Whole)
    return found


def fixed(value: float) -> Value:
    """0 or 1, which are none and all of anybody. Raises TypeError for any other number."""
    if value not in (0, 1):
        raise TypeError("a number that no shown table has")
    return shown_value(value, DERIVED + "none or all")


def derived(value: float, *parents: float) -> Value:
    """A number that was worked out from shown ones, `parents`, and from nothing else. Raises TypeError otherwise."""
    of = {parent.of.removeprefix(DERIVED) for parent in parents if isinstance(parent, Value)}
    if not parents or not all(isinstance(parent, Value) for parent in parents):
        raise TypeError("a number that was worked out from one that no shown table has")
    return shown_value(value, DERIVED + " and ".join(sorted(of)))


def shown_rows(frame: pl.DataFrame, *tables: str) -> list[dict[str, Any]]:
    """The rows of a part of one of the shown `tables`, or of several that were joined, with such values.

    A column that none of them has was worked out from them.
    """
    of = {name: _origin(name, tables) for name, kind in frame.schema.items() if kind.is_numeric()}
    return [
        row | {name: shown_value(row[name], origin) for name, origin in of.items() if row[name] is not None}
        for row in frame.iter_rows(named=True)
    ]


def _origin(column: str, tables: tuple[str, ...]) -> str:
    own = [table for table in tables if column in _TABLES[table].column_names]
    return f"{own[0]}.{column}" if own else DERIVED + " and ".join(sorted(tables))
