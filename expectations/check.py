"""A check as data: what it makes sure of, how severe a failure is, and the rules that records may not break.

SQL is written for `batch`, one partition of the table, and gives no value of a record: tally.py counts what breaks each
rule. {condition} selects the same partition in another table that has the same column.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Grain:
    """What rules judge one by one, such as applications: a query over the batch, or over grains given before it."""

    name: str
    query: str
    reads: "tuple[Grain, ...]" = ()


ROWS = Grain("single_rows", "select * from batch")


@dataclass(frozen=True)
class Rule:
    """One rule as SQL: a row of `grain` breaks it if `broken` is true; null, as of a missing value, is not."""

    grain: Grain
    broken: str


@dataclass(frozen=True)
class Check:
    """One check: passes when nothing breaks any of its rules. A critical one stops the run; a warning is reported.

    Checks that Python makes, on other tables than suites look at, have no rules.
    """

    name: str
    table: str
    severity: Literal["critical", "warning"]
    meaning: str
    rules: tuple[Rule, ...] = ()
