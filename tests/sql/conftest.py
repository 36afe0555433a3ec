import duckdb
import pytest

from equity_audit.contracts import ACCEPTED_EXTRACTS, EXTRACTS
from tests.conftest import STAGES, insert

FIRST, SECOND = "a" * 16, "b" * 16


@pytest.fixture
def two_extracts(stage_rows: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A warehouse with two accepted extracts of one trust, no rows yet."""
    for number, extract_id in enumerate((FIRST, SECOND), start=1):
        row = {"extract_id": extract_id, "extract_number": number}
        insert(stage_rows, EXTRACTS, row | {"organisation": "Trust", "stages": STAGES, "file_name": f"{number}.csv"})
        insert(stage_rows, ACCEPTED_EXTRACTS, row)
    return stage_rows
