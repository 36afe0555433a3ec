from datetime import date

import duckdb

from assets.lineage import sql_text
from equity_audit.contracts import APPLICANT_STAGES, APPLICATIONS
from tests.conftest import insert, path_rows
from tests.sql.conftest import FIRST, SECOND

MAY, JUNE = date(2023, 5, 1), date(2023, 6, 1)


def test_what_a_later_extract_would_move_and_add(two_extracts: duckdb.DuckDBPyConnection) -> None:
    """Four in May; the later extract moves one of them to June, repeats one, and adds one to June."""
    people = {name: f"{number:032}" for number, name in enumerate("ABCDE")}
    for name in "ABCD":
        insert(two_extracts, APPLICANT_STAGES, *path_rows(str(people[name]), None, "applied", "pending"))
    for name, day in (("A", JUNE), ("B", MAY), ("E", JUNE)):
        row = {"organisation": "Trust", "application_id": people[name], "applied_on": day, "extract_id": SECOND}
        insert(two_extracts, APPLICATIONS, row)
    # The warehouse's ids are uuids, the test's text.
    query = sql_text("applications_by_month")
    two_extracts.execute(
        "create or replace view core.counted_applications as select 'Trust' as organisation, "
        f"application_id::uuid as application_id, '{FIRST}' as extract_id, applied_on from core.applicant_stages"
    )
    assert two_extracts.sql(query, params={"extract_id": SECOND}).fetchall() == [
        ("Trust", MAY, 4, 3),
        ("Trust", JUNE, 0, 2),
    ]
