"""Commands about the warehouse's records and about files that are not loaded: `check`, `profile`, `query`, `purge`."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from rich.console import Console

from assets.ingest.dry_run import dry_run
from assets.ingest.profile import profile_file
from assets.warehouse.connection import look_into_warehouse
from assets.warehouse.damage import damaged, is_damage
from assets.warehouse.home import home_folder
from assets.warehouse.keys import WAREHOUSE_FILE
from assets.warehouse.retention import purge
from equity_audit.errors import Problem, UsageError
from equity_audit.intake.pseudonyms import new_key
from equity_audit.settings import load_settings
from pipelines.planning import Planned, plan
from pipelines.progress import shown


def purge_records(before: date, console: Console) -> None:
    """Remove the individual records from before a day and say what was done."""
    home = home_folder()
    with shown(console, f"Removing records from before {before}"):
        removed = purge(home, before, load_settings(home / "settings.toml"))
    console.print(f"Removed {removed.applications:,} applications from before {before}; published figures are kept.")
    if removed.files_removed:
        console.print(f"Removed from drop/taken-in: {', '.join(removed.files_removed)}", markup=False)
    if removed.files_left:
        console.print(
            f"These exports in drop/taken-in also contain later records and were kept: {', '.join(removed.files_left)}",
            markup=False,
        )
    console.print("Not checked: exports elsewhere, drop/refused, and your backups.")


def check_files(files: list[Path], source: Path | None, console: Console) -> None:
    """Try loading files: read, validate and count everything in a temporary home, and report the result."""
    settings = load_settings(home_folder() / "settings.toml")
    # Extract ids of a dry run are not kept, so any key will do.
    for item in plan(files, source, settings, new_key()):
        with shown(console, f"Checking {item.file.name}"):
            trial = dry_run(item.file, item.mapping, settings)
        say_rows(trial.extract, console)
        say_notes(item, console)
        for line in trial.lines():
            console.print(f"  {line}", markup=False)
    console.print("Nothing was loaded: use equity-audit run to load the files.")


def propose_mapping(file: Path) -> str:
    """Return a proposed mapping for a file, as TOML."""
    with duckdb.connect() as connection:
        return profile_file(connection, file, load_settings(home_folder() / "settings.toml"))


def query_warehouse(query: str) -> pl.DataFrame:
    """Run one SQL query on the warehouse, which it cannot change, and return the rows. Raises UsageError."""
    connection = look_into_warehouse(home_folder())
    try:
        result = connection.sql(query)
        return result.pl() if result is not None else pl.DataFrame()
    except duckdb.Error as error:
        if is_damage(error):
            raise damaged(home_folder() / WAREHOUSE_FILE) from None
        raise UsageError(Problem(str(error), "query", "docs/tables.md lists tables and columns")) from None
    finally:
        connection.close()


def say_notes(item: Planned, console: Console) -> None:
    """Print what a file has besides its table, and what its mapping says about all rows."""
    for part in item.notes:
        console.print(f"  {part}", markup=False)


def say_rows(extract: dict[str, Any], console: Console) -> None:
    """Print how the rows of a file were used."""
    console.print(
        f"{extract['file_name']}: {extract['rows_in']:,} rows read, {extract['rows_accepted']:,} used, "
        f"{extract['rows_ignored']:,} ignored (duplicates, blank lines, totals), {extract['rows_rejected']:,} invalid "
        f"(extract {extract['extract_id']})",
        markup=False,
    )
    if extract["columns_ignored"]:
        unread = ", ".join(extract["columns_ignored"])
        console.print(f"  columns not read, because the mapping does not name them: {unread}", markup=False)
