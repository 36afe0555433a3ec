"""Dagster's history of runs in SQLite, with its databases kept open while a process uses them.

Dagster's own classes open and close a database for every event: SQLite then writes its log back to the file each time,
and SQLAlchemy compiles each statement again. A run of a small organisation spent a third of its time on that (decision
21). The tables, their versions and the files are Dagster's: the first database of a run that a process makes is made
by Dagster, and its later ones are copies of that one, empty as it was.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy.engine import Connection, Engine

_INDEX = "index"
# The content of a database of a run without events, once this process has made one.
_EMPTY: list[bytes] = []


def _kept_open(address: str) -> Engine:
    engine = sa.create_engine(address, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})
    sa.event.listen(engine, "connect", _sync_when_written_back)
    return engine


def _sync_when_written_back(connection: Any, _record: object) -> None:
    # In SQLite's WAL mode this cannot damage the file. After a power cut the last events may be missing from the
    # history; editions and the warehouse are synced by themselves.
    connection.execute("pragma synchronous = normal")


class RunHistory(SqliteRunStorage):
    """Runs, with their tags and the heartbeats of the daemon."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engine = _kept_open(conn_string)
        super().__init__(conn_string, inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Nothing to set: the files are where Dagster has them by default."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:  # noqa: ARG003
        """Open, or create, the history of the home that this process uses."""
        return cls.from_local(str(_folder()), inst_data)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """One transaction."""
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close the database."""
        self._engine.dispose()


class EventHistory(SqliteEventLogStorage):
    """Events: a database for each run, and an index of what became of each asset.

    The index and the database used last stay open.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._there: set[tuple[str, str]] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Nothing to set: the files are where Dagster has them by default."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:  # noqa: ARG003
        """Open, or create, the history of the home that this process uses."""
        return cls(str(_folder() / "runs"), inst_data)

    def has_table(self, table_name: str) -> bool:
        """Whether the index has the table. Dagster asks at every event, with a new engine; no table is ever removed."""
        return self._stays(("table", table_name), super().has_table)

    def has_secondary_index(self, name: str) -> bool:
        """Whether a summary was filled from older events. Dagster asks as often, and none is ever undone."""
        return self._stays(("summary", name), super().has_secondary_index)

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        ask = super()._has_asset_key_col_on_connection
        return self._stays(("column", column_name), lambda name: ask(conn, name))

    def _stays(self, what: tuple[str, str], ask: Callable[[str], bool]) -> bool:
        """Return the answer, which is not asked for again once it is yes."""
        if what not in self._there and ask(what[1]):
            self._there.add(what)
        return what in self._there

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).begin() as connection:
            yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            for other in self._engines.keys() - {_INDEX} if shard != _INDEX else ():
                self._engines.pop(other).dispose()
            self._engines[shard] = _kept_open(self.conn_string_for_shard(shard))
        if shard not in self._initialized_dbs:
            self._create(shard)
            self._initialized_dbs.add(shard)
        return self._engines[shard]

    def _create(self, shard: str) -> None:
        """Make a database that is not there, and bring an older one to its present version, as Dagster does."""
        file = Path(self.path_for_shard(shard))
        is_new = shard != _INDEX and not file.exists()
        if is_new and _EMPTY:
            # Aside and renamed: a part of a file would be taken for a damaged database.
            aside = file.with_suffix(f".{os.getpid()}")
            aside.write_bytes(_EMPTY[0])
            aside.replace(file)
            return
        self._initdb(self._engines[shard])
        if is_new:
            with closing(sqlite3.connect(file)) as connection:
                _EMPTY.append(connection.serialize())

    def dispose(self) -> None:
        """Close the databases."""
        super().dispose()
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()


def _folder() -> Path:
    return Path(os.environ["DAGSTER_HOME"]) / "history"
