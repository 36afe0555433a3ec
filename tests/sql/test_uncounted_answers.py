import duckdb
import pytest

from assets.warehouse.tables import sql_text
from equity_audit.contracts import ANSWERS
from tests.conftest import insert
from tests.sql.conftest import SECOND
from tests.sql.test_counted_answers import OCTOBER, answer
from tests.sql.test_survey import INDIAN, PERIOD


@pytest.fixture
def counted(two_extracts: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    rows = answer(OCTOBER, 30, 9, SECOND), answer(OCTOBER, 12, 3, SECOND, **INDIAN)
    insert(two_extracts, ANSWERS, answer(OCTOBER, 99, 9), *rows, answer(OCTOBER, 5, 0, SECOND, item="Safe"))
    two_extracts.register("rows", two_extracts.sql(sql_text("survey"), params=PERIOD).pl())
    two_extracts.execute("insert into out.survey by name select * from rows")
    return two_extracts


def missed(connection: duckdb.DuckDBPyConnection) -> list[tuple[str]]:
    return connection.sql(sql_text("uncounted_answers"), params=PERIOD).fetchall()


def test_nobody_is_missed(counted: duckdb.DuckDBPyConnection) -> None:
    assert missed(counted) == []


@pytest.mark.parametrize("level", ["all", "wres", "group"])
@pytest.mark.parametrize("number", ["answered", "agreed"])
def test_somebody_who_is_missing_at_one_level_is_found(
    counted: duckdb.DuckDBPyConnection, level: str, number: str
) -> None:
    counted.execute(f"update out.survey set {number} = {number} - 1 where level = ? and answered = 5", [level])
    assert missed(counted) == [("Trust",)]


@pytest.mark.parametrize("which", ["true", "level = 'group'", "breakdown_value = 'Safe'"])
def test_rows_that_are_missing_are_found(counted: duckdb.DuckDBPyConnection, which: str) -> None:
    counted.execute(f"delete from out.survey where {which}")
    assert missed(counted) == [("Trust",)]
