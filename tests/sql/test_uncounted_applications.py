from datetime import date

import duckdb

from assets.warehouse.tables import sql_text
from equity_audit.contracts import APPLICATIONS, STAGE_COUNTS
from tests.conftest import application, insert
from tests.sql.conftest import SECOND

PERIOD = {"period_start": date(2023, 4, 1), "period_end": date(2024, 4, 1)}


def uncounted(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [name for (name,) in connection.sql(sql_text("uncounted_applications"), params=PERIOD).fetchall()]


def claim(connection: duckdb.DuckDBPyConnection, reached: int) -> None:
    connection.execute(f"delete from {STAGE_COUNTS.full_name}")
    row = {"organisation": "Trust", "period": PERIOD["period_start"], "level": "all", "breakdown": "all"}
    insert(connection, STAGE_COUNTS, row | {"step_order": 0, "reached": reached})


def test_names_the_organisation_whose_counts_miss_or_invent_someone(two_extracts: duckdb.DuckDBPyConnection) -> None:
    insert(two_extracts, APPLICATIONS, application("A", None, "shortlisted", "pending"))
    insert(two_extracts, APPLICATIONS, application("A", None, "appointed", extract_id=SECOND))
    insert(two_extracts, APPLICATIONS, application("B", None, "applied", "rejected"))

    assert uncounted(two_extracts) == ["Trust"]  # nothing counted yet
    for reached, expected in ((1, ["Trust"]), (2, []), (3, ["Trust"])):
        claim(two_extracts, reached)
        assert uncounted(two_extracts) == expected
