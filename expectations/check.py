"""What a check is, as data: what it makes sure of, how bad its failure is, and how it is asked.

SQL is written for one batch, {batch}, which is one partition of the table, and gives a row where the check fails: never
more than one, and never a value of a record. {condition} is what tells the partition apart, for another table that has
the same column.
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
    """One check: passes when all its expectations hold. A critical one stops the run, a warning is said."""

    name: str
    table: str
    severity: Literal["critical", "warning"]
    meaning: str
    expectations: tuple[Expectation, ...]


def no_rows(query: str) -> tuple[Expectation, ...]:
    """Expect a query to give nothing."""
    return (Expectation("UnexpectedRowsExpectation", {"unexpected_rows_query": f"{query} limit 1"}),)
