"""What a home holds, for a Data Protection Officer: numbers of rows, days, removals and folders; no record."""

import stat
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import duckdb

from assets.warehouse.connection import look_into_warehouse
from assets.warehouse.keys import WAREHOUSE_FILE
from equity_audit.contracts import TABLES, Table

# What the folders of a home hold, in the order of who may see them.
FOLDERS = {
    WAREHOUSE_FILE: "every table, encrypted",
    "secrets": "keys",
    "drop": "exports waiting to be loaded, and those loaded or refused from there",
    "rejected": "lists of invalid rows, by row number",
    "private": "exact figures and lists for the analyst alone",
    "dagster": "history of runs: steps, times, checks and who started them, without exact figures",
    "programmes": "descriptions of programmes",
    "superseded": "editions that a later revision has replaced",
    "published": "editions, which are made for everybody",
}


@dataclass(frozen=True)
class Purged:
    """A removal of records: when it was done, before which day, and how many applications it removed."""

    at: datetime
    before: date
    applications: int


@dataclass(frozen=True)
class Folder:
    """A file or folder of the home: what it holds, and its permissions, such as drwx------."""

    name: str
    holds: str
    permissions: str


@dataclass(frozen=True)
class Holdings:
    """rows: of each table of the warehouse that has any. organisations: name, applications, first and last day."""

    rows: list[tuple[Table, int]] = field(default_factory=list)
    organisations: list[tuple[str, int, date, date]] = field(default_factory=list)
    files_loaded: int = 0
    purges: list[Purged] = field(default_factory=list)
    checks: int = 0
    failed_checks: list[tuple[str, str]] = field(default_factory=list)


def holdings(home: Path) -> Holdings:
    """Return what the warehouse holds; nothing if there is none yet. Raises UsageError if it cannot be opened."""
    if not (home / WAREHOUSE_FILE).exists():
        return Holdings()
    with look_into_warehouse(home) as connection:
        present = {name for (name,) in connection.execute(_PRESENT).fetchall()}
        counted = [
            (table, _count(connection, table)) for table in TABLES if not table.is_view and table.full_name in present
        ]
        failed = connection.execute(
            "select distinct table_name, check_name from intake.check_results where not passed order by all"
        ).fetchall()
        return Holdings(
            rows=[(table, rows) for table, rows in counted if rows],
            organisations=connection.execute(
                "select organisation, count(*), min(applied_on), max(applied_on) from core.applications "
                "group by organisation order by organisation"
            ).fetchall(),
            files_loaded=_number(connection, "select count(*) from intake.accepted_extracts"),
            purges=[
                Purged(*row)
                for row in connection.execute(
                    "select purged_at, purged_before, applications from intake.purges order by purged_at"
                ).fetchall()
            ],
            checks=_number(connection, "select count(*) from intake.check_results"),
            failed_checks=failed,
        )


def folders(home: Path) -> list[Folder]:
    """Return the home and what is in it, each with its permissions as they are on the disk."""
    found = [Folder(".", "the home itself", stat.filemode(home.stat().st_mode))]
    for name, holds in FOLDERS.items():
        if (home / name).exists():
            found.append(Folder(name, holds, stat.filemode((home / name).stat().st_mode)))
    return found


_PRESENT = "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'warehouse'"


def _count(connection: duckdb.DuckDBPyConnection, table: Table) -> int:
    return _number(connection, f"select count(*) from {table.full_name}")


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
