from datetime import date

import duckdb

from equity_audit.contracts import ACCEPTED_EXTRACTS, APPLICANT_STAGES
from tests.conftest import insert, path_rows
from tests.sql.conftest import FIRST, SECOND


def counted(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, date]]:
    rows = connection.sql("select application_id, extract_id, applied_on from core.counted_applications").fetchall()
    return {application: (extract, day) for application, extract, day in rows}


def test_the_newest_extract_that_has_an_application_wins(two_extracts: duckdb.DuckDBPyConnection) -> None:
    insert(two_extracts, APPLICANT_STAGES, *path_rows("only-first", None, "applied", "rejected"))
    insert(two_extracts, APPLICANT_STAGES, *path_rows("in-both", None, "applied", "pending"))
    later = path_rows("in-both", None, "offered", "declined", applied_on=date(2024, 5, 1), extract_id=SECOND)
    insert(two_extracts, APPLICANT_STAGES, *later)

    assert counted(two_extracts) == {
        "only-first": (FIRST, date(2023, 5, 1)),
        "in-both": (SECOND, date(2024, 5, 1)),
    }


def test_an_extract_that_was_not_accepted_does_not_count(two_extracts: duckdb.DuckDBPyConnection) -> None:
    insert(two_extracts, APPLICANT_STAGES, *path_rows("in-both", None, "applied", "pending"))
    insert(two_extracts, APPLICANT_STAGES, *path_rows("in-both", None, "applied", "rejected", extract_id=SECOND))
    two_extracts.execute(f"delete from {ACCEPTED_EXTRACTS.full_name} where extract_id = ?", [SECOND])

    assert counted(two_extracts) == {"in-both": (FIRST, date(2023, 5, 1))}
