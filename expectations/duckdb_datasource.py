"""A Great Expectations datasource over a DuckDB connection that is already open.

Great Expectations has none for DuckDB. The warehouse is open once, in this process, so the engine works on cursors of
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
    """Each statement is its own transaction: in one for all, DuckDB refuses every statement after the first error."""

    def begin(self) -> None:
        """Nothing to begin."""

    def commit(self) -> None:
        """Nothing to commit."""

    def rollback(self) -> None:
        """Nothing to roll back."""


@contextmanager
def over(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let datasources made inside this block work on a cursor of `connection`, in the database that it uses."""
    database = connection.sql("select current_database()").fetchall()[0][0]
    engine = sqlalchemy.create_engine(
        "duckdb://",
        # A cursor begins in DuckDB's first database, whichever the connection uses.
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
    """Keeps one connection: the stock engine closes it before it has fetched what DuckDB streams."""

    @contextmanager
    def get_connection(self) -> Iterator[Any]:
        """The connection of the surrounding `over`."""
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
        """An engine on a cursor of the open connection, made once."""
        if self._execution_engine is None:
            self._execution_engine = DuckDBEngine(engine=_OPEN[-1].engine, create_temp_table=False)
        return self._execution_engine

    def test_connection(self, test_assets: bool = True) -> None:
        """Nothing to test: the connection is open."""
