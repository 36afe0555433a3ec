"""Steps side by side in blocks of eight, from counts written by hand."""

from datetime import date

import duckdb

from equity_audit.contracts import STAGE_COUNTS
from tests.conftest import STAGES, insert

APRIL, LATER = date(2023, 4, 1), date(2024, 4, 1)


def add_step(connection: duckdb.DuckDBPyConnection, period: date, order: int, start: str, end: str) -> None:
    row = {"organisation": "Trust", "period": period, "step_order": order, "from_stage": start, "to_stage": end}
    insert(connection, STAGE_COUNTS, row | {"level": "all", "group_name": "All applicants"})


def test_each_step_is_the_positions_of_its_stages(two_extracts: duckdb.DuckDBPyConnection) -> None:
    """Two extracts with the same stages; a step that is counted for no group of a period is not in its block."""
    add_step(two_extracts, APRIL, 0, STAGES[0], STAGES[1])
    add_step(two_extracts, APRIL, 1, STAGES[1], STAGES[2])
    add_step(two_extracts, APRIL, 9, STAGES[0], STAGES[-1])
    add_step(two_extracts, LATER, 0, STAGES[0], STAGES[1])
    rows = two_extracts.sql(
        "select period, block, from_1, to_1, from_2, to_2, from_3 from out.step_blocks order by all"
    ).fetchall()
    assert rows == [
        (APRIL, 0, 0, 1, 1, 2, None),
        (APRIL, 1, None, None, 0, len(STAGES) - 1, None),
        (LATER, 0, 0, 1, None, None, None),
    ]
