from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from equity_audit.contracts import APPLICATIONS
from tests.conftest import add_extract, insert

EXTRACT = "a" * 16
Freeze = Callable[..., duckdb.DuckDBPyConnection]


@pytest.fixture
def frozen(warehouse: duckdb.DuckDBPyConnection) -> Freeze:
    """Load applications, then make core.applicant_stages a table with ids as text: a test can put any fault in."""

    def freeze(*applications: dict[str, Any], **register: Any) -> duckdb.DuckDBPyConnection:
        add_extract(warehouse, EXTRACT, 1, applications=len(applications), **register)
        for row in applications:
            insert(warehouse, APPLICATIONS, row)
        warehouse.execute(
            "create temp table rows as select * replace (application_id::varchar as application_id, "
            "vacancy_id::varchar as vacancy_id, candidate_id::varchar as candidate_id) from core.applicant_stages; "
            "drop view core.applicant_stages; create table core.applicant_stages as from rows; drop table rows"
        )
        return warehouse

    return freeze
