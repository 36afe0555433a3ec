import duckdb
import pytest

from assets.warehouse.tables import sql_text
from equity_audit.contracts import HEADCOUNTS
from tests.conftest import insert
from tests.sql.conftest import SECOND
from tests.sql.test_counted_headcounts import MARCH, headcount
from tests.sql.test_workforce import PERIOD


@pytest.fixture
def counted(two_extracts: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    insert(
        two_extracts,
        HEADCOUNTS,
        headcount(MARCH, 99, pay_band="Band 5", tier="lower"),
        headcount(MARCH, 30, SECOND, pay_band="Band 5", tier="lower", executive=False),
        headcount(MARCH, 2, SECOND, pay_band="VSM", tier="upper", executive=True),
        headcount(MARCH, 9, SECOND, board=True, executive=False),
        headcount(MARCH, 4, SECOND, board=True, executive=True),
    )
    two_extracts.register("rows", two_extracts.sql(sql_text("workforce"), params=PERIOD).pl())
    two_extracts.execute("insert into out.workforce by name select * from rows")
    return two_extracts


def missed(connection: duckdb.DuckDBPyConnection) -> list[tuple[str]]:
    return connection.sql(sql_text("uncounted_headcounts"), params=PERIOD).fetchall()


def test_nobody_is_missed(counted: duckdb.DuckDBPyConnection) -> None:
    assert missed(counted) == []


@pytest.mark.parametrize("part", ["pay_band", "tier", "board", "board_executive", "all"])
def test_somebody_who_is_missing_from_one_split_is_found(counted: duckdb.DuckDBPyConnection, part: str) -> None:
    counted.execute("update out.workforce set headcount = headcount - 1 where breakdown = ? and level = 'wres'", [part])
    assert missed(counted) == [("Trust",)]


def test_staff_without_any_row_are_found(counted: duckdb.DuckDBPyConnection) -> None:
    counted.execute("delete from out.workforce")
    assert set(missed(counted)) == {("Trust",)}


@pytest.mark.parametrize(
    ("part", "level"), [("all", "all"), ("all", "group"), ("board", "wres"), ("board_executive", "wres")]
)
def test_a_level_that_is_missing_altogether_is_found(counted: duckdb.DuckDBPyConnection, part: str, level: str) -> None:
    counted.execute("delete from out.workforce where breakdown = ? and level = ?", [part, level])
    assert missed(counted) == [("Trust",)]


def test_an_executive_member_who_is_counted_as_another_voting_member_is_found(
    counted: duckdb.DuckDBPyConnection,
) -> None:
    counted.execute(
        "update out.workforce set headcount = headcount + if(breakdown_value = 'executive members', -1, 1) "
        "where breakdown = 'board_executive'"
    )
    assert missed(counted) == [("Trust",)]
