"""Remove individual records that are no longer needed. Published editions stay, and so does a note of the removal.

DuckDB keeps deleted rows in its file until the space is used again, so the warehouse is rewritten without them and
replaces the old file.
"""

import json
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from assets.warehouse.connection import open_warehouse
from assets.warehouse.durable import move
from assets.warehouse.extract_register import purged_before
from assets.warehouse.keys import WAREHOUSE_FILE, read_key
from assets.warehouse.tables import count
from equity_audit.contracts import POPULATION_TABLES, PROGRAMME_EFFECT, TABLES
from equity_audit.errors import Problem, UsageError
from equity_audit.intake.steps import literal
from equity_audit.periods import period_start
from equity_audit.settings import Settings

_PERIOD = re.compile(r"\d{4}-\d\d-\d\d")
_REACHING_BACK = ("*/analyst.html", "*/tables.xlsx", "programme.html", "not-borne-out.csv")


@dataclass(frozen=True)
class Purge:
    """What was removed, and which exports in the drop folder still contain records from before the day."""

    before: date
    applications: int
    files_removed: list[str]
    files_left: list[str]


def purge(home: Path, before: date, settings: Settings) -> Purge:
    """Remove all records of applications from before a day: rows, exact counts, exports and the analyst's files.

    `before` must be the first day of a reporting period: half a period could not be counted again. Running it a second
    time changes nothing. Raises UsageError.
    """
    _check_day(before, settings)
    removed, left = _exports(home / "drop", before)
    connection = open_warehouse(home)
    try:
        applications = _delete(connection, before, [path.name for path in removed])
        _rewrite(connection, home)
    finally:
        connection.close()
    for path in removed:
        path.unlink(missing_ok=True)
    remove_private_files(home / "private", before)
    return Purge(before, applications, [path.name for path in removed], [path.name for path in left])


def remove_private_files(private: Path, before: date) -> None:
    """Remove the analyst's files that hold figures of records from before a day; the next run makes the others again.

    Everything of the periods removed, and of later ones what reaches back: the private pages, whose series begin with
    the first record, and the answer on a programme.
    """
    for organisation in (path for path in private.glob("*") if path.is_dir()):
        for path in sorted(organisation.iterdir()):
            period = _PERIOD.match(path.name)
            if period and period[0] < before.isoformat():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for name in _REACHING_BACK:
            for path in organisation.glob(name):
                path.unlink()


def _check_day(before: date, settings: Settings) -> None:
    start = period_start(before, settings.period)
    if start != before:
        raise UsageError(
            Problem(
                f"{before} is not the first day of a reporting period ({settings.period.unit})",
                "--before",
                f"a period is removed completely or not at all: give {start}, or the first day of a later period",
            )
        )
    if before > datetime.now(UTC).date():
        raise UsageError(Problem(f"{before} is in the future", "--before", "give an earlier day"))


def _delete(connection: duckdb.DuckDBPyConnection, before: date, files: list[str]) -> int:
    connection.execute("begin")
    applications = count(connection, "select count(*) from core.applications where applied_on < ?", [before])
    connection.execute("delete from core.applications where applied_on < ?", [before])
    connection.execute(
        "delete from intake.rejected_rows where extract_id in "
        "(select extract_id from intake.extracts where last_applied_on < ?)",
        [before],
    )
    exact = [table for table in TABLES if "period" in table.column_names and table.schema in ("out", "core")]
    for table in exact:
        connection.execute(f"delete from {table.full_name} where period < ?", [before])
    # Covers all years together: rebuilt from the remaining records at the next review of programmes.
    connection.execute(f"delete from {PROGRAMME_EFFECT.full_name}")
    for one in POPULATION_TABLES:
        connection.execute(f"delete from {one.received.full_name} where {one.day} < ?", [before])
    connection.execute("update intake.published_counts set exact = null where period < ?", [before])
    earlier = purged_before(connection)
    if applications or files or earlier is None or earlier < before:
        now = datetime.now(UTC).replace(tzinfo=None)
        connection.execute("insert into intake.purges values (?, ?, ?, ?)", [now, before, applications, files])
    connection.execute("commit")
    return applications


def _rewrite(connection: duckdb.DuckDBPyConnection, home: Path) -> None:
    """Write a copy without the space of deleted rows and rename it over the old file, which is intact until then."""
    fresh, key = home / f"{WAREHOUSE_FILE}.fresh", read_key(home, "warehouse").hex()
    fresh.unlink(missing_ok=True)
    try:
        connection.execute(f"attach {literal(str(fresh))} as fresh (encryption_key '{key}')")
        connection.execute("copy from database warehouse to fresh")
        connection.execute("checkpoint fresh")
        connection.execute("checkpoint warehouse")
        connection.execute("detach fresh")
    except duckdb.IOException:
        fresh.unlink(missing_ok=True)
        raise UsageError(
            Problem(
                "the records were removed, but there is no disk space to rewrite the warehouse without their traces",
                str(home),
                "free some space, then run the same command again",
            )
        ) from None
    move(fresh, home / WAREHOUSE_FILE)


def _exports(drop: Path, before: date) -> tuple[list[Path], list[Path]]:
    """Return the archived files to remove, exports wholly from before the day and their receipts, and those to keep."""
    removed, left = [], []
    for receipt in sorted((drop / "taken-in").glob("*.receipt.json")):
        export = receipt.with_name(receipt.name.removesuffix(".receipt.json"))
        record = json.loads(receipt.read_text(encoding="utf-8"))
        if str(record["last_applied_on"]) < before.isoformat():
            removed += [path for path in (export, receipt) if path.exists()]
        elif str(record["first_applied_on"]) < before.isoformat() and export.exists():
            left.append(export)
    return removed, left
