from datetime import date

import duckdb

from assets.lineage import sql_text
from equity_audit.contracts import DISCLOSED_EXTRACT_FACTS, DISCLOSED_SOURCES, EXTRACT_FACTS
from tests.conftest import insert
from tests.sql.conftest import FIRST, SECOND

PERIOD = date(2023, 4, 1)


def test_facts_of_the_extracts_behind_the_period_and_of_no_other(two_extracts: duckdb.DuckDBPyConnection) -> None:
    for extract_id, period in ((FIRST, PERIOD), (SECOND, date(2022, 4, 1))):
        insert(two_extracts, DISCLOSED_SOURCES, {"organisation": "Trust", "period": period, "extract_id": extract_id})
        insert(two_extracts, EXTRACT_FACTS, {"extract_id": extract_id, "fact": "reopened", "applications": 7})
    answer = two_extracts.sql(sql_text("extract_facts"), params={"period_start": PERIOD})
    assert tuple(answer.columns) == DISCLOSED_EXTRACT_FACTS.column_names
    assert answer.fetchall() == [("Trust", PERIOD, FIRST, "reopened", None, 7)]
