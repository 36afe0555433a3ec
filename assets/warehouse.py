"""The home folder and its encrypted DuckDB warehouse, as Dagster resources.

One run holds one connection from its first step to its last: DuckDB lets one process write, so a second run waits and
says so. A killed run leaves no lock behind, since the operating system drops it.
"""

import importlib.util
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import dagster as dg
import duckdb
from pydantic import PrivateAttr

from assets.keys import WAREHOUSE_FILE, ensure_keys, read_key
from assets.lineage import as_failure, sql_text
from equity_audit.contracts import TABLES
from equity_audit.errors import Problem, UsageError
from equity_audit.intake.steps import literal
from equity_audit.settings import Settings, load_settings

LOCK_SECONDS = 600
# Views that every question goes through; each has a statement of its name.
VIEWS = (
    *("intake.level_names", "core.applicant_stages"),
    *("core.counted_applications", "core.counted_headcounts", "core.counted_answers"),
)
_MEMORY_LIMIT = "2GB"


class Home(dg.ConfigurableResource):
    """The folder in which everything of one audit lives: warehouse, keys, settings and published editions."""

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

    @property
    def rejected(self) -> Path:
        """Where lists of unusable rows go."""
        return self.path / "rejected"

    @property
    def private(self) -> Path:
        """Where lists go that name what may not be published: for the analyst alone."""
        return self.path / "private"

    def settings(self) -> Settings:
        """The effective policy: the package's, with what <home>/settings.toml replaces."""
        return load_settings(self.path / "settings.toml")

    def pseudonym_key(self) -> bytes:
        """The organisation's key for pseudonyms."""
        return read_key(self.path, "pseudonym")

    def commitment_key(self) -> bytes:
        """The key of commitments to the files that are taken in."""
        return read_key(self.path, "commitment")


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
            if "no space left" in str(error).lower():
                raise as_failure(
                    UsageError(Problem("the disk is full", str(self.home.path), "free some space, then run again"))
                ) from None
            # DuckDB quotes the value that it stumbled on, and Dagster keeps every message.
            raise RuntimeError(f"{type(error).__name__} in the warehouse; its words may quote a record") from None
        except BaseException:
            connection.execute("rollback")
            raise


def open_warehouse(home: Path, say: Callable[[str], None] | None = None) -> duckdb.DuckDBPyConnection:
    """Open (and on first use make) the warehouse for writing, waiting while another run has it."""
    ensure_keys(home)
    connection = _attached(home, read_only=False, wait_seconds=LOCK_SECONDS, say=say)
    # In one transaction, or each of seventy statements writes to the disk by itself.
    connection.execute("begin")
    for schema in sorted({table.schema for table in TABLES}):
        connection.execute(f"create schema if not exists {schema}")
    for table in TABLES:
        if not table.is_view:
            connection.execute(table.create_sql())
    _add_new_columns(connection)
    for view in VIEWS:
        connection.execute(f"create or replace view {view} as {sql_text(view.partition('.')[2])}")
    connection.execute("commit")
    return connection


def _add_new_columns(connection: duckdb.DuckDBPyConnection) -> None:
    """Give tables that an earlier version made the columns that they have come to have: empty until made anew."""
    rows = connection.execute(
        "select schema_name || '.' || table_name, column_name from duckdb_columns() where database_name = 'warehouse'"
    ).fetchall()
    there = set(rows)
    for table in TABLES:
        for column in table.columns:
            if not table.is_view and (table.full_name, column.name) not in there:
                connection.execute(f"alter table {table.full_name} add column {column.name} {column.type}")


def look_into_warehouse(home: Path) -> duckdb.DuckDBPyConnection:
    """Open the warehouse for reading only, with no way to files or to other databases. Raises UsageError."""
    if not (home / WAREHOUSE_FILE).exists():
        raise UsageError(Problem("there is no warehouse yet", str(home), "take a file in first: equity-audit run FILE"))
    connection = _attached(home, read_only=True, wait_seconds=0)
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def _attached(
    home: Path, *, read_only: bool, wait_seconds: int, say: Callable[[str], None] | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection whose database is the warehouse. What it spills to disk is encrypted like the file itself."""
    file, key = home / WAREHOUSE_FILE, read_key(home, "warehouse").hex()
    connection = duckdb.connect(
        config={
            "memory_limit": _MEMORY_LIMIT,
            "temp_directory": str(home / "tmp"),
            "temp_file_encryption": "true",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    connection.execute(f"load {literal(_encryption_extension())}")
    attach = f"attach {literal(str(file))} as warehouse (encryption_key '{key}'{', read_only' if read_only else ''})"
    for attempt in range(wait_seconds + 1):
        try:
            connection.execute(attach)
            connection.execute("use warehouse")
            return connection
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise UsageError(
                    Problem("the warehouse cannot be opened or written", str(file), "check the folder and its rights")
                ) from None
            if attempt == 0 and say:
                say("another run is using the warehouse: waiting for it to end")
            if attempt < wait_seconds:
                time.sleep(1)
        except (duckdb.InvalidInputException, duckdb.CatalogException):
            raise UsageError(
                Problem("the warehouse does not open with this key", str(file), "restore the key that it was made with")
            ) from None
    raise UsageError(Problem("another run is using the warehouse", str(file), "wait for it to end, then try again"))


@cache
def _encryption_extension() -> str:
    """DuckDB's httpfs extension, from its wheel: only its OpenSSL may write encrypted files. Nothing is fetched."""
    spec = importlib.util.find_spec("duckdb_extension_httpfs")
    folders = spec.submodule_search_locations if spec else None
    found = [path for folder in folders or () for path in Path(folder).rglob("httpfs.duckdb_extension")]
    if not found:
        raise UsageError(
            Problem("the package duckdb-extension-httpfs is missing", "", "install the project as README.md says")
        )
    return str(found[0])
