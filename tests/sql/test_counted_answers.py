from datetime import date
from typing import Any

import duckdb

from equity_audit.contracts import ACCEPTED_EXTRACTS, ANSWERS
from tests.conftest import insert
from tests.sql.conftest import FIRST, SECOND

JUNE, OCTOBER = date(2023, 6, 30), date(2023, 10, 31)


def answer(wave: date, answered: int, agreed: int, extract_id: str = FIRST, **columns: Any) -> dict[str, Any]:
    """A row of core.answers, of a label that tests have."""
    row = {"organisation": "Trust", "wave": wave, "item": "Heard", "ethnicity_code": "White: Irish"}
    return row | {"answered": answered, "agreed": agreed, "extract_id": extract_id} | columns


def counted(connection: duckdb.DuckDBPyConnection) -> list[tuple[date, int, int]]:
    return connection.sql("select wave, answered, agreed from core.counted_answers order by all").fetchall()


def test_the_newest_extract_of_a_day_counts_for_that_day(two_extracts: duckdb.DuckDBPyConnection) -> None:
    insert(two_extracts, ANSWERS, answer(OCTOBER, 40, 9), answer(OCTOBER, 41, 8, SECOND), answer(JUNE, 50, 7))
    assert counted(two_extracts) == [(JUNE, 50, 7), (OCTOBER, 41, 8)]


def test_an_extract_that_was_not_accepted_does_not_count(two_extracts: duckdb.DuckDBPyConnection) -> None:
    insert(two_extracts, ANSWERS, answer(OCTOBER, 40, 9), answer(OCTOBER, 41, 8, SECOND))
    two_extracts.execute(f"delete from {ACCEPTED_EXTRACTS.full_name} where extract_id = ?", [SECOND])
    assert counted(two_extracts) == [(OCTOBER, 40, 9)]
