from datetime import date

import duckdb

from assets.warehouse.tables import sql_text
from equity_audit.contracts import CHECK_RESULTS, DISCLOSED_CHECKS, DISCLOSED_SOURCES
from tests.conftest import insert
from tests.sql.conftest import FIRST, SECOND


def test_the_checks_of_a_period_are_those_on_its_counts_and_on_its_extracts(
    two_extracts: duckdb.DuckDBPyConnection,
) -> None:
    period = date(2023, 4, 1)
    insert(two_extracts, DISCLOSED_SOURCES, {"organisation": "Trust", "period": period, "extract_id": SECOND})
    for partition in (FIRST, SECOND, "2023-04-01", "2024-04-01"):
        result = {"table_name": "t", "check_name": f"on {partition}", "severity": "critical", "passed": True}
        insert(two_extracts, CHECK_RESULTS, result | {"partition_key": partition})
    # Whether a warning is given may hang on one exact count.
    warning = {"table_name": "t", "check_name": "warned", "severity": "warning", "passed": False}
    insert(two_extracts, CHECK_RESULTS, warning | {"partition_key": SECOND})

    rows = two_extracts.sql(sql_text("check_results"), params={"period_start": period}).pl()
    assert tuple(rows.columns) == DISCLOSED_CHECKS.column_names
    assert rows["check_name"].to_list() == ["on 2023-04-01", f"on {SECOND}"]
