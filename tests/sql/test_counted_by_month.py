from datetime import date

import duckdb

from assets.warehouse.tables import sql_text
from equity_audit.contracts import APPLICATIONS, GROUP_COUNTS
from tests.conftest import application, insert
from tests.sql.conftest import FIRST, SECOND

MAY, JUNE = date(2023, 5, 1), date(2023, 6, 1)


def test_each_application_in_its_newest_extract_and_month(two_extracts: duckdb.DuckDBPyConnection) -> None:
    for name, day, extract_id in (
        ("A", date(2023, 5, 2), FIRST),
        ("B", date(2023, 5, 31), FIRST),
        ("B", date(2023, 6, 1), SECOND),
        ("C", date(2023, 6, 30), SECOND),
    ):
        rows = application(name, None, "shortlisted", "pending", applied_on=day, extract_id=extract_id)
        insert(two_extracts, APPLICATIONS, rows)
    found = two_extracts.sql(sql_text("counted_by_month")).fetchall()
    assert found == [("Trust", MAY, FIRST, 1), ("Trust", JUNE, SECOND, 2)]


def test_a_table_of_counts_has_those_of_its_newest_extract(two_extracts: duckdb.DuckDBPyConnection) -> None:
    for extract_id, order, applications in ((FIRST, 0, 70), (SECOND, 0, 40), (SECOND, 0, 20), (SECOND, 1, 50)):
        row = {"organisation": "Other", "period": MAY, "extract_id": extract_id, "stage_order": order}
        insert(two_extracts, GROUP_COUNTS, row | {"applications": applications})
    assert two_extracts.sql(sql_text("counted_by_month")).fetchall() == [("Other", MAY, SECOND, 60)]
