"""Open the encrypted DuckDB warehouse of a home, for writing or for reading only.

DuckDB lets one process write, so a second run waits and says so. A killed run leaves no lock behind, since the
operating system releases it.
"""

import importlib.util
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb

from assets.warehouse.damage import damaged, find_damage, is_damage, is_in_use
from assets.warehouse.keys import WAREHOUSE_FILE, ensure_keys, read_key
from assets.warehouse.tables import counted_people, sql_text
from equity_audit.contracts import POPULATION_TABLES, TABLES
from equity_audit.errors import Problem, UsageError
from equity_audit.intake.steps import literal
from equity_audit.vocabulary import know

LOCK_SECONDS = 600
# Beside some 500 MB of Python: a run on ten million applications stays below 2 GB, and spills rather than fails.
_MEMORY_LIMIT = "1400MB"
# The warehouses that a command keeps open between its runs; None until the first of them opens it.
_KEPT_OPEN: dict[Path, duckdb.DuckDBPyConnection | None] = {}


@contextmanager
def kept_open(home: Path) -> Iterator[None]:
    """Keep the warehouse open from its first use to the end: to open and to close it takes as long as many a step."""
    _KEPT_OPEN[home] = None
    try:
        yield
    finally:
        close_kept(home)
        del _KEPT_OPEN[home]


def close_kept(home: Path) -> None:
    """Close a warehouse that is kept open. What uses it next opens it again, and finds it as it is on the disk."""
    if connection := _KEPT_OPEN.get(home):
        _KEPT_OPEN[home] = None
        connection.close()


def open_warehouse(home: Path, say: Callable[[str], None] | None = None) -> duckdb.DuckDBPyConnection:
    """Open the warehouse for writing, creating it on first use and waiting while another run is using it.

    If the home's warehouse is kept open, return a connection of its own to it, with variables of its own.
    """
    if home not in _KEPT_OPEN:
        return _open(home, say)
    kept = _KEPT_OPEN[home] = _KEPT_OPEN[home] or _open(home, say)
    connection = kept.cursor()
    connection.execute("use warehouse")
    return connection


def _open(home: Path, say: Callable[[str], None] | None) -> duckdb.DuckDBPyConnection:
    ensure_keys(home)
    connection = _attached(home, read_only=False, wait_seconds=LOCK_SECONDS, say=say)
    try:
        _prepare(connection)
    except duckdb.Error as error:
        connection.close()
        if is_damage(error):
            raise damaged(home / WAREHOUSE_FILE) from None
        raise
    return connection


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Create any tables, columns and views that are missing."""
    # In one transaction, or each of about seventy statements is written to the disk separately.
    connection.execute("begin")
    for schema in sorted({table.schema for table in TABLES}):
        connection.execute(f"create schema if not exists {schema}")
    for table in TABLES:
        if not table.is_view:
            connection.execute(table.create_sql())
    _add_new_columns(connection)
    for view, query in views().items():
        connection.execute(f"create or replace view {view} as {query}")
    connection.execute("commit")
    _know_own_lists(connection)


def _know_own_lists(connection: duckdb.DuckDBPyConnection) -> None:
    """Make known the groups of the extracts whose mapping has a list of its own."""
    rows = connection.execute(
        "select distinct ethnicity_classification from intake.extracts where ethnicity_classification is not null"
    ).fetchall()
    know(classification for (classification,) in rows)


def views() -> dict[str, str]:
    """The views that every question goes through: each by the statement of its name, and core.counted_people."""
    names = ("intake.level_names", "core.applicant_stages", "core.counted_applications", "out.step_blocks")
    of_people = (one.view for one in POPULATION_TABLES)
    return {view: sql_text(view.partition(".")[2]) for view in (*names, *of_people)} | {
        "core.counted_people": counted_people()
    }


def _add_new_columns(connection: duckdb.DuckDBPyConnection) -> None:
    """Add new columns to the tables of an earlier version; they are empty until the tables are rebuilt."""
    rows = connection.execute(
        "select schema_name || '.' || table_name, column_name from duckdb_columns() where database_name = 'warehouse'"
    ).fetchall()
    existing = set(rows)
    for table in TABLES:
        for column in table.columns:
            if not table.is_view and (table.full_name, column.name) not in existing:
                connection.execute(f"alter table {table.full_name} add column {column.name} {column.type}")


def look_into_warehouse(home: Path) -> duckdb.DuckDBPyConnection:
    """Open the warehouse for reading only, without access to files or other databases. Raises UsageError."""
    if not (home / WAREHOUSE_FILE).exists():
        raise UsageError(Problem("there is no warehouse yet", str(home), "load a file first: equity-audit run FILE"))
    connection = _attached(home, read_only=True, wait_seconds=0)
    _know_own_lists(connection)
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def warehouse_damage(home: Path) -> UsageError | None:
    """Return the error if part of the warehouse cannot be read; None if all of it can, or if it cannot be opened."""
    try:
        with look_into_warehouse(home) as connection:
            return damaged(home / WAREHOUSE_FILE) if find_damage(connection) else None
    except UsageError:
        return None


def _attached(
    home: Path, *, read_only: bool, wait_seconds: int, say: Callable[[str], None] | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a connection to the warehouse. What it spills to disk is encrypted like the file itself."""
    file, key = home / WAREHOUSE_FILE, read_key(home, "warehouse").hex()
    connection = duckdb.connect(
        config={
            "memory_limit": _MEMORY_LIMIT,
            # If the home is read-only, data that does not fit in memory is spilled elsewhere, encrypted all the same.
            "temp_directory": str(home / "tmp") if os.access(home, os.W_OK) else tempfile.gettempdir(),
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
        except duckdb.Error as error:
            if is_damage(error):
                raise damaged(file) from None
            if isinstance(error, duckdb.InvalidInputException | duckdb.CatalogException):
                advice = "restore the key that it was created with"
                raise UsageError(Problem("the warehouse does not open with this key", str(file), advice)) from None
            if not is_in_use(error):
                advice = "check the folder and its permissions"
                raise UsageError(Problem("the warehouse cannot be opened or written", str(file), advice)) from None
            if attempt == 0 and say:
                say("another run is using the warehouse: waiting for it to finish")
            if attempt < wait_seconds:
                time.sleep(1)
    raise UsageError(Problem("another run is using the warehouse", str(file), "wait for it to finish, then try again"))


@cache
def _encryption_extension() -> str:
    """Return the path of DuckDB's httpfs extension in its wheel, so that nothing is downloaded.

    DuckDB writes encrypted files only with the OpenSSL of this extension.
    """
    spec = importlib.util.find_spec("duckdb_extension_httpfs")
    folders = spec.submodule_search_locations if spec else None
    extensions = [path for folder in folders or () for path in Path(folder).rglob("httpfs.duckdb_extension")]
    if not extensions:
        raise UsageError(
            Problem("the package duckdb-extension-httpfs is missing", "", "install the project as README.md says")
        )
    return str(extensions[0])
