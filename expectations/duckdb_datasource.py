"""A Great Expectations datasource over a DuckDB connection that is already open.

Great Expectations has none for DuckDB. The warehouse is opened once, in this process, so the engine works on cursors of
that connection and never opens the file. Imported only where checks run: Great Expectations takes seconds to import.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import duckdb
import sqlalchemy
from duckdb_engine import ConnectionWrapper
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine

_OPEN: list[sqlalchemy.Connection] = []


class _OwnTransactions(ConnectionWrapper):
    """Each statement is its own transaction: in a shared one, DuckDB refuses everything after the first error."""

    def begin(self) -> None:
        """Do nothing."""

    def commit(self) -> None:
        """Do nothing."""

    def rollback(self) -> None:
        """Do nothing."""


@contextmanager
def over(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let datasources created in this block work on a cursor of `connection`, in the database that it uses."""
    database = connection.sql("select current_database()").fetchall()[0][0]
    engine = sqlalchemy.create_engine(
        "duckdb://",
        # A cursor starts in DuckDB's first database, whichever one the connection uses.
        creator=lambda: _OwnTransactions(connection.cursor().execute(f"use {database}")),
        poolclass=sqlalchemy.NullPool,
    )
    with engine.connect() as opened:
        _OPEN.append(opened)
        try:
            yield
        finally:
            _OPEN.pop()


class DuckDBEngine(SqlAlchemyExecutionEngine):
    """Keeps one connection: the stock engine closes it before fetching all that DuckDB streams."""

    @contextmanager
    def get_connection(self) -> Iterator[Any]:
        """Return the connection of the surrounding `over`."""
        yield _OPEN[-1]


_EngineType = type[SqlAlchemyExecutionEngine]  # below, "type" is the datasource's own field


class DuckDBDatasource(SQLDatasource):
    """Registers `context.data_sources.add_duckdb`."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]

    @property
    def execution_engine_type(self) -> _EngineType:
        """The engine that keeps its connection."""
        return DuckDBEngine

    def get_execution_engine(self) -> SqlAlchemyExecutionEngine:
        """Return an engine on a cursor of the open connection, created once."""
        if self._execution_engine is None:
            self._execution_engine = DuckDBEngine(engine=_OPEN[-1].engine, create_temp_table=False)
        return self._execution_engine

    def test_connection(self, test_assets: bool = True) -> None:
        """Do nothing: the connection is open."""
