from datetime import date

import duckdb

from assets.warehouse.tables import sql_text
from equity_audit.contracts import APPLICATIONS
from tests.conftest import application, insert
from tests.sql.conftest import SECOND

MAY, JUNE = date(2023, 5, 1), date(2023, 6, 1)


def test_what_a_later_extract_would_move_and_add(two_extracts: duckdb.DuckDBPyConnection) -> None:
    """Four in May; the later extract moves one of them to June, repeats one, and adds one to June."""
    two_extracts.execute("delete from intake.accepted_extracts where extract_id = ?", [SECOND])
    for name in "ABCD":
        insert(two_extracts, APPLICATIONS, application(name, None, "applied", "pending"))
    for name, day in (("A", JUNE), ("B", MAY), ("E", JUNE)):
        row = application(name, None, "applied", "rejected", applied_on=day, extract_id=SECOND)
        insert(two_extracts, APPLICATIONS, row)
    query = sql_text("applications_by_month")
    assert two_extracts.sql(query, params={"extract_id": SECOND}).fetchall() == [
        ("Trust", MAY, 4, 3),
        ("Trust", JUNE, 0, 2),
    ]
