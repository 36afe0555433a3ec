import duckdb
import pytest

from tests.conftest import add_extract

FIRST, SECOND = "a" * 16, "b" * 16


@pytest.fixture
def two_extracts(warehouse: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A warehouse with two accepted extracts of one trust, no rows yet."""
    for number, extract_id in enumerate((FIRST, SECOND), start=1):
        add_extract(warehouse, extract_id, number)
    return warehouse
