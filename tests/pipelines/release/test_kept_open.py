"""A warehouse that a command keeps open over several runs."""

from pathlib import Path

import duckdb
import pytest

from assets.warehouse import connection as opening
from assets.warehouse.connection import close_kept, kept_open, look_into_warehouse, open_warehouse

COUNT = "select count(*) from duckdb_tables() where database_name = 'warehouse'"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[duckdb.DuckDBPyConnection]:
    """What was opened for writing, once for each time."""
    connections, really_open = [], opening._open

    def note(home: Path, say: None) -> duckdb.DuckDBPyConnection:
        connections.append(really_open(home, say))
        return connections[-1]

    monkeypatch.setattr(opening, "_open", note)
    return connections


def is_closed(connection: duckdb.DuckDBPyConnection) -> bool:
    try:
        connection.execute("select 1")
    except duckdb.ConnectionException:
        return True
    return False


def test_its_runs_open_the_file_once_and_it_is_closed_at_the_end(
    tmp_path: Path, opened: list[duckdb.DuckDBPyConnection]
) -> None:
    with kept_open(tmp_path):
        for number in range(3):
            with open_warehouse(tmp_path) as connection:
                connection.execute(f"create table intake.kept_{number} as select 1 as one")
        assert [is_closed(connection) for connection in opened] == [False]
    assert is_closed(opened[0])
    with look_into_warehouse(tmp_path) as connection:
        names = {name for (name,) in connection.sql("select table_name from duckdb_tables()").fetchall()}
    assert {"kept_0", "kept_1", "kept_2"} <= names


def test_a_run_knows_nothing_of_the_organisation_of_the_run_before(tmp_path: Path) -> None:
    with kept_open(tmp_path):
        with open_warehouse(tmp_path) as connection:
            connection.execute("set variable organisation = 'A'")
            connection.execute("begin")
            connection.execute("create temporary table left_over as select 1 as one")
        with open_warehouse(tmp_path) as connection:
            assert connection.sql("select getvariable('organisation')").fetchone() == (None,)
            assert connection.sql("select count(*) from duckdb_tables() where temporary").fetchone() == (0,)
            # In the warehouse and in no transaction: both would otherwise raise.
            connection.execute("begin")
            connection.execute("create table intake.its_own as select 1 as one")
            connection.execute("commit")


def test_after_an_error_the_file_is_opened_again(tmp_path: Path, opened: list[duckdb.DuckDBPyConnection]) -> None:
    with kept_open(tmp_path):
        broken = open_warehouse(tmp_path)
        close_kept(tmp_path)
        with open_warehouse(tmp_path) as connection:
            assert connection.sql(COUNT).fetchone() != (0,)
        broken.close()
        assert [is_closed(connection) for connection in opened] == [True, False]


def test_without_it_each_run_opens_the_file(tmp_path: Path, opened: list[duckdb.DuckDBPyConnection]) -> None:
    for _ in range(2):
        open_warehouse(tmp_path).close()
    close_kept(tmp_path)
    assert len(opened) == 2


def test_what_ends_a_command_closes_the_file(tmp_path: Path, opened: list[duckdb.DuckDBPyConnection]) -> None:
    with pytest.raises(ZeroDivisionError):
        interrupted_command(tmp_path)
    assert is_closed(opened[0])


def interrupted_command(home: Path) -> float:
    with kept_open(home), open_warehouse(home):
        return 1 / 0
