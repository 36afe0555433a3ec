from datetime import date
from typing import Any

import duckdb
import pytest

from assets.warehouse.tables import sql_text
from equity_audit.contracts import HEADCOUNTS
from tests.conftest import insert
from tests.sql.conftest import SECOND
from tests.sql.test_counted_headcounts import MARCH, headcount

PERIOD = {"period_start": date(2023, 4, 1), "period_end": date(2024, 4, 1)}
INDIAN, BOARD = {"ethnicity_code": "Asian: Indian"}, {"board": True}
Counts = dict[tuple[str, str, str, str], tuple[int | None, ...]]


def workforce(connection: duckdb.DuckDBPyConnection) -> Counts:
    rows = connection.sql(sql_text("workforce"), params=PERIOD).pl().to_dicts()
    key = ("level", "breakdown", "breakdown_value", "group_name")
    return {tuple(row[k] for k in key): (row["headcount"], row["leavers"], row["joiners"]) for row in rows}


@pytest.fixture
def staffed(two_extracts: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    band5: dict[str, Any] = {"pay_band": "Band 5", "tier": "lower", "staff_group": "Nursing"}
    doctors = {"pay_band": "Consultant", "staff_group": None}
    insert(
        two_extracts,
        HEADCOUNTS,
        headcount(MARCH, 30, **band5, leavers=4, joiners=2),
        headcount(MARCH, 12, **band5, **INDIAN, leavers=3, joiners=5),
        headcount(MARCH, 7, **doctors, **INDIAN, leavers=0, joiners=1),
        headcount(MARCH, 9, **BOARD, leavers=0, joiners=0),
        headcount(MARCH, 2, **BOARD, **INDIAN, leavers=0, joiners=0),
        headcount(date(2023, 6, 30), 1000, leavers=0, joiners=0),
        headcount(date(2024, 4, 1), 1000, extract_id=SECOND, leavers=0, joiners=0),
    )
    return two_extracts


def test_staff_of_the_last_day_of_the_period_by_each_split_by_itself(staffed: duckdb.DuckDBPyConnection) -> None:
    found = workforce(staffed)
    assert found["all", "all", "all", "All staff"] == (49, 7, 8)
    assert found["wres", "all", "all", "BME"] == (19, 3, 6)
    assert found["category", "all", "all", "Asian: Indian"] == (19, 3, 6)
    assert found["wres", "pay_band", "Band 5", "BME"] == (12, 3, 5)
    assert found["wres", "tier", "lower", "BME"] == (12, 3, 5)
    assert found["wres", "tier", "no tier", "BME"] == (7, 0, 1)
    assert found["all", "staff_group", "Not recorded", "All staff"] == (7, 0, 1)


def test_clinical_and_other_staff_by_themselves_and_by_band_and_tier(
    two_extracts: duckdb.DuckDBPyConnection,
) -> None:
    band5: dict[str, Any] = {"pay_band": "Band 5", "tier": "lower"}
    insert(
        two_extracts,
        HEADCOUNTS,
        headcount(MARCH, 30, **band5, staff_group="Nursing and midwifery", clinical="clinical"),
        headcount(MARCH, 12, **band5, **INDIAN, staff_group="Estates and ancillary", clinical="other"),
        headcount(MARCH, 7, pay_band="Consultant", **INDIAN, staff_group="Medical and dental", clinical="clinical"),
        headcount(MARCH, 3, **band5, staff_group="Bank"),
        headcount(MARCH, 9, **BOARD),
    )
    found = {key: row[0] for key, row in workforce(two_extracts).items() if key[1].startswith("clinical")}
    assert found["all", "clinical", "clinical", "All staff"] == 37
    assert found["wres", "clinical", "other", "BME"] == 12
    assert found["all", "clinical", "not known", "All staff"] == 3
    assert found["wres", "clinical_band", "clinical, Consultant", "BME"] == 7
    assert found["wres", "clinical_band", "other, Band 5", "BME"] == 12
    assert found["all", "clinical_tier", "clinical, lower", "All staff"] == 30
    assert found["all", "clinical_tier", "clinical, no tier", "All staff"] == 7


def test_the_board_is_counted_apart(staffed: duckdb.DuckDBPyConnection) -> None:
    board = {key: row[0] for key, row in workforce(staffed).items() if key[1] == "board"}
    assert board["all", "board", "voting members", "All staff"] == 11
    assert board["wres", "board", "voting members", "BME"] == 2


def test_what_the_source_has_not_is_no_split_and_no_number(two_extracts: duckdb.DuckDBPyConnection) -> None:
    insert(two_extracts, HEADCOUNTS, headcount(MARCH, 30))
    found = workforce(two_extracts)
    assert {key[1] for key in found} == {"all"}
    assert found["all", "all", "all", "All staff"] == (30, None, None)


def test_executive_members_are_counted_once_more_whether_or_not_they_vote(
    two_extracts: duckdb.DuckDBPyConnection,
) -> None:
    insert(
        two_extracts,
        HEADCOUNTS,
        headcount(MARCH, 30, executive=False),
        headcount(MARCH, 1, **INDIAN, pay_band="VSM", executive=True),
        headcount(MARCH, 6, **BOARD, executive=False),
        headcount(MARCH, 3, **BOARD, pay_band="VSM", executive=True),
        headcount(MARCH, 2, **BOARD, **INDIAN, executive=False),
    )
    found = {key: row[0] for key, row in workforce(two_extracts).items()}
    assert found["all", "board_executive", "executive members", "All staff"] == 4
    assert found["wres", "board_executive", "executive members", "BME"] == 1
    assert found["wres", "board_executive", "other voting members", "BME"] == 2
    # Nobody moves: staff and voting members are those of a source that does not say who is executive.
    assert found["all", "all", "all", "All staff"] == 31
    assert found["wres", "board", "voting members", "White"] == 9
    two_extracts.execute("update core.headcounts set executive = null")
    without = {key: row[0] for key, row in workforce(two_extracts).items()}
    assert without == {key: people for key, people in found.items() if key[1] != "board_executive"}
