from datetime import date

import duckdb

from assets.register import is_accepted, periods_with_applications
from equity_audit.contracts import APPLICATIONS
from equity_audit.settings import Settings
from tests.conftest import add_extract, application, insert

FIRST, SECOND, LOADED = "a" * 16, "b" * 16, "c" * 16


def test_an_extract_concerns_its_periods_and_those_that_its_applications_left(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    for number, extract_id in enumerate((FIRST, SECOND, LOADED), start=1):
        add_extract(warehouse, extract_id, number)
    warehouse.execute("delete from intake.accepted_extracts where extract_id = ?", [LOADED])
    for name, day, extract_id in (
        ("moved", date(2021, 5, 1), FIRST),
        ("stays", date(2022, 5, 1), FIRST),
        ("moved", date(2023, 5, 1), SECOND),
        ("not accepted", date(2024, 5, 1), LOADED),
    ):
        rows = application(name, None, "shortlisted", "pending", applied_on=day, extract_id=extract_id)
        insert(warehouse, APPLICATIONS, rows)

    def periods(*extracts: str) -> list[date]:
        return periods_with_applications(warehouse, settings, extracts or None)

    assert periods(SECOND) == [date(2021, 4, 1), date(2023, 4, 1)]
    assert periods(FIRST) == [date(2021, 4, 1), date(2022, 4, 1), date(2023, 4, 1)]
    assert periods() == [date(2021, 4, 1), date(2022, 4, 1), date(2023, 4, 1)]
    assert is_accepted(warehouse, FIRST)
    assert not is_accepted(warehouse, LOADED)
