from datetime import date

import duckdb

from assets.warehouse.tables import sql_text
from equity_audit.contracts import CHECK_RESULTS, DISCLOSED_SOURCES, EXTRACT_FACTS
from tests.conftest import insert
from tests.sql.conftest import FIRST, SECOND

PERIOD = date(2023, 4, 1)


def test_tallies_of_the_files_behind_the_period_and_of_no_other(two_extracts: duckdb.DuckDBPyConnection) -> None:
    """Facts, then warnings, of the file that counts in the period; checks that were met say nothing."""
    two_extracts.execute(
        "update intake.extracts set rows_in = 9, rows_accepted = 6, rows_ignored = 2, rows_rejected = 1, "
        "applications = 5"
    )
    for extract_id, period in ((FIRST, PERIOD), (SECOND, date(2022, 4, 1))):
        insert(two_extracts, DISCLOSED_SOURCES, {"organisation": "Trust", "period": period, "extract_id": extract_id})
        insert(two_extracts, EXTRACT_FACTS, {"extract_id": extract_id, "meaning": "moved", "applications": 7})
        for name, passed in (("dated", False), ("unique", True)):
            result = {"table_name": "t", "check_name": name, "meaning": name, "severity": "warning", "passed": passed}
            insert(two_extracts, CHECK_RESULTS, result | {"partition_key": extract_id})
    rows = two_extracts.sql(sql_text("record_tallies"), params={"period_start": PERIOD}).fetchall()
    assert {row[:4] for row in rows} == {("Trust", "1.csv", f"{1:064}", FIRST)}
    assert [row[4:] for row in rows] == [
        ("applications", 5),
        ("applications: moved", 7),
        ("rows ignored", 2),
        ("rows invalid", 1),
        ("rows read", 9),
        ("rows used", 6),
        ("check not met: dated", None),
    ]
