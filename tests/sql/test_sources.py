from datetime import date

import duckdb

from assets.warehouse.tables import sql_text
from equity_audit.contracts import APPLICATIONS, DISCLOSED_SOURCES
from equity_audit.intake.commitments import commit
from tests.conftest import application, insert
from tests.sql.conftest import FIRST, SECOND


def test_only_extracts_that_still_have_a_counted_application_of_the_period(
    two_extracts: duckdb.DuckDBPyConnection,
) -> None:
    insert(two_extracts, APPLICATIONS, application("A", None, "applied", "pending"))
    insert(two_extracts, APPLICATIONS, application("A", None, "applied", "rejected", extract_id=SECOND))
    next_year = application("B", None, "applied", "rejected", applied_on=date(2024, 4, 1))
    insert(two_extracts, APPLICATIONS, next_year)

    def sources(start: date, end: date) -> list[str]:
        rows = two_extracts.sql(sql_text("sources"), params={"period_start": start, "period_end": end}).pl()
        assert set(commit(rows, b"k" * 32).columns) == set(DISCLOSED_SOURCES.column_names)
        return rows["extract_id"].to_list()

    assert sources(date(2023, 4, 1), date(2024, 4, 1)) == [SECOND]
    assert sources(date(2024, 4, 1), date(2025, 4, 1)) == [FIRST]
    assert sources(date(2025, 4, 1), date(2026, 4, 1)) == []
