"""A check as data: what it makes sure of, how severe a failure is, and the expectations that test it.

SQL is written for one batch, {batch}, which is one partition of the table, and returns a row if the check fails: never
more than one, and never a value of a record. {condition} selects the same partition in another table that has the same
column.
"""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Expectation:
    """One expectation of Great Expectations by class name, with its arguments."""

    type: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Check:
    """One check: passes when all its expectations hold. A critical one stops the run; a warning is reported."""

    name: str
    table: str
    severity: Literal["critical", "warning"]
    meaning: str
    expectations: tuple[Expectation, ...]


def no_rows(query: str) -> tuple[Expectation, ...]:
    """Expect a query to return no rows."""
    return (Expectation("UnexpectedRowsExpectation", {"unexpected_rows_query": f"{query} limit 1"}),)
