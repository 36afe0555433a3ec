from datetime import date

import duckdb

from equity_audit.contracts import ACCEPTED_EXTRACTS, APPLICATIONS
from tests.conftest import application, insert, pseudonym
from tests.sql.conftest import FIRST, SECOND


def counted(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, date]]:
    rows = connection.sql("select application_id, extract_id, applied_on from core.counted_applications").fetchall()
    names = {pseudonym(name): name for name in ("only-first", "in-both")}
    return {names[application_id]: (extract, day) for application_id, extract, day in rows}


def test_the_newest_extract_that_has_an_application_wins(two_extracts: duckdb.DuckDBPyConnection) -> None:
    insert(two_extracts, APPLICATIONS, application("only-first", None, "applied", "rejected"))
    insert(two_extracts, APPLICATIONS, application("in-both", None, "applied", "pending"))
    later = application("in-both", None, "offered", "declined", applied_on=date(2024, 5, 1), extract_id=SECOND)
    insert(two_extracts, APPLICATIONS, later)

    assert counted(two_extracts) == {
        "only-first": (FIRST, date(2023, 5, 1)),
        "in-both": (SECOND, date(2024, 5, 1)),
    }


def test_an_extract_that_was_not_accepted_does_not_count(two_extracts: duckdb.DuckDBPyConnection) -> None:
    insert(two_extracts, APPLICATIONS, application("in-both", None, "applied", "pending"))
    insert(two_extracts, APPLICATIONS, application("in-both", None, "applied", "rejected", extract_id=SECOND))
    two_extracts.execute(f"delete from {ACCEPTED_EXTRACTS.full_name} where extract_id = ?", [SECOND])

    assert counted(two_extracts) == {"in-both": (FIRST, date(2023, 5, 1))}
