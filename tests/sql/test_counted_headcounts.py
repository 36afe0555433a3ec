from datetime import date
from typing import Any

import duckdb

from equity_audit.contracts import ACCEPTED_EXTRACTS, HEADCOUNTS
from tests.conftest import insert
from tests.sql.conftest import FIRST, SECOND

MARCH, APRIL = date(2024, 3, 31), date(2024, 4, 30)


def headcount(snapshot: date, headcount: int, extract_id: str = FIRST, **columns: Any) -> dict[str, Any]:
    """A row of core.headcounts, of a label that tests have."""
    row = {"organisation": "Trust", "snapshot": snapshot, "ethnicity_code": "White: Irish", "board": False}
    return row | {"headcount": headcount, "extract_id": extract_id} | columns


def counted(connection: duckdb.DuckDBPyConnection) -> list[tuple[date, int]]:
    return connection.sql("select snapshot, headcount from core.counted_headcounts order by all").fetchall()


def test_the_newest_extract_of_a_day_counts_for_that_day(two_extracts: duckdb.DuckDBPyConnection) -> None:
    rows = headcount(MARCH, 40), headcount(MARCH, 41, SECOND), headcount(APRIL, 50)
    insert(two_extracts, HEADCOUNTS, *rows)
    assert counted(two_extracts) == [(MARCH, 41), (APRIL, 50)]


def test_an_extract_that_was_not_accepted_does_not_count(two_extracts: duckdb.DuckDBPyConnection) -> None:
    insert(two_extracts, HEADCOUNTS, headcount(MARCH, 40), headcount(MARCH, 41, SECOND))
    two_extracts.execute(f"delete from {ACCEPTED_EXTRACTS.full_name} where extract_id = ?", [SECOND])
    assert counted(two_extracts) == [(MARCH, 40)]
