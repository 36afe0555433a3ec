from datetime import date

import duckdb

from assets.register import is_accepted, periods_with_applications
from equity_audit.contracts import ACCEPTED_EXTRACTS, APPLICANT_STAGES
from equity_audit.settings import Settings
from tests.conftest import insert, path_rows

FIRST, SECOND, LOADED = "a" * 16, "b" * 16, "c" * 16


def test_an_extract_concerns_its_periods_and_those_that_its_applications_left(
    stage_rows: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    for number, extract_id in enumerate((FIRST, SECOND), start=1):
        insert(stage_rows, ACCEPTED_EXTRACTS, {"extract_id": extract_id, "extract_number": number})
    for name, day, extract_id in (
        ("moved", date(2021, 5, 1), FIRST),
        ("stays", date(2022, 5, 1), FIRST),
        ("moved", date(2023, 5, 1), SECOND),
        ("not accepted", date(2024, 5, 1), LOADED),
    ):
        rows = path_rows(name, None, "shortlisted", "pending", applied_on=day, extract_id=extract_id)
        insert(stage_rows, APPLICANT_STAGES, *rows)

    def periods(*extracts: str) -> list[date]:
        return periods_with_applications(stage_rows, settings, extracts or None)

    assert periods(SECOND) == [date(2021, 4, 1), date(2023, 4, 1)]
    assert periods(FIRST) == [date(2021, 4, 1), date(2022, 4, 1), date(2023, 4, 1)]
    assert periods() == [date(2021, 4, 1), date(2022, 4, 1), date(2023, 4, 1)]
    assert is_accepted(stage_rows, FIRST)
    assert not is_accepted(stage_rows, LOADED)
