"""The home folder and its DuckDB warehouse, as Dagster resources.

One run holds one connection from its first step to its last: DuckDB lets one process write, so a second run waits and
says so. A killed run leaves no lock behind, since the operating system drops it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb
from pydantic import PrivateAttr

from assets.lineage import sql_text
from equity_audit.contracts import TABLES
from equity_audit.errors import Problem, UsageError
from equity_audit.intake.pseudonyms import new_key
from equity_audit.settings import Settings, load_settings

_LOCK_SECONDS = 600
_MEMORY_LIMIT = "2GB"


class Home(dg.ConfigurableResource):
    """The folder in which everything of one audit lives: warehouse, secrets, settings and published editions."""

    root: str

    @property
    def path(self) -> Path:
        """The folder itself."""
        return Path(self.root)

    @property
    def published(self) -> Path:
        """Where editions stand that anyone may read."""
        return self.path / "published"

    @property
    def superseded(self) -> Path:
        """Where editions go that a later revision has replaced."""
        return self.path / "superseded"

    def settings(self) -> Settings:
        """The effective policy: the package's, with what <home>/settings.toml replaces."""
        return load_settings(self.path / "settings.toml")

    def pseudonym_key(self) -> bytes:
        """The organisation's key for pseudonyms; made on first use, readable by its owner only.

        Whoever has this key and the original ids can link them to the warehouse: it is kept apart from both, and
        without it a new extract no longer replaces an earlier one.
        """
        file = self.path / "secrets" / "pseudonym.key"
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not file.exists():
                partial = file.with_suffix(".partial")
                partial.touch(mode=0o600)
                partial.write_text(new_key().hex() + "\n", encoding="ascii")
                partial.rename(file)
            return bytes.fromhex(file.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            raise UsageError(
                Problem(f"the key cannot be read or made ({type(error).__name__})", str(file), "restore it from a copy")
            ) from None


class Warehouse(dg.ConfigurableResource):
    """The DuckDB file `<home>/warehouse.duckdb`, open for the length of a run."""

    home: dg.ResourceDependency[Home]
    _connection: duckdb.DuckDBPyConnection | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Warehouse"]:
        """Open for a run, close after it, whatever happens."""
        log = context.log
        self._connection = open_warehouse(self.home.path, say=log.info if log else None)
        try:
            yield self
        finally:
            self._connection.close()
            self._connection = None

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The run's connection."""
        if self._connection is None:
            raise RuntimeError("the warehouse is open only while a run executes")
        return self._connection

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """All or nothing: committed at the end, rolled back on any error."""
        connection = self.connection
        connection.execute("begin")
        try:
            yield connection
            connection.execute("commit")
        except duckdb.Error as error:
            connection.execute("rollback")
            # DuckDB quotes the value that it stumbled on, and Dagster keeps every message.
            raise RuntimeError(f"{type(error).__name__} in the warehouse; its words may quote a record") from None
        except BaseException:
            connection.execute("rollback")
            raise


def open_warehouse(home: Path, say: Callable[[str], None] | None = None) -> duckdb.DuckDBPyConnection:
    """Open (and on first use make) the warehouse, waiting while another run has it."""
    file = home / "warehouse.duckdb"
    for attempt in range(_LOCK_SECONDS):
        try:
            connection = duckdb.connect(
                file,
                config={
                    "memory_limit": _MEMORY_LIMIT,
                    "temp_directory": str(home / "tmp"),
                    "autoinstall_known_extensions": "false",
                    "autoload_known_extensions": "false",
                },
            )
            break
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise UsageError(
                    Problem("the warehouse cannot be opened or written", str(file), "check the folder and its rights")
                ) from None
            if attempt == 0 and say:
                say("another run is using the warehouse: waiting for it to end")
            time.sleep(1)
    else:
        raise UsageError(
            Problem("another run has held the warehouse for ten minutes", str(file), "end that run, then try again")
        )
    for schema in sorted({table.schema for table in TABLES}):
        connection.execute(f"create schema if not exists {schema}")
    for table in TABLES:
        connection.execute(table.create_sql())
    connection.execute(f"create or replace view core.counted_applications as {sql_text('counted_applications')}")
    return connection
