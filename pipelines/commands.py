"""What the commands do, once the home is known. Imports the heavy libraries: the command line starts without them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import polars as pl
from rich.console import Console

from assets.partitions import EXTRACTS, home_folder
from assets.publishing import folder_name
from assets.register import is_accepted, periods_with_applications
from assets.warehouse import look_into_warehouse, open_warehouse
from equity_audit.errors import InputRefused, Problem, UsageError
from equity_audit.periods import period_label
from equity_audit.settings import Settings, load_settings
from pipelines.definitions import defs
from pipelines.planning import Planned, plan, run_config
from pipelines.progress import shown
from pipelines.runs import execute


def run_files(files: list[Path], source: Path | None, period: date | None, console: Console) -> list[Path]:
    """Take the files in and publish the periods that they concern; returns the pages."""
    home = home_folder()
    settings = load_settings(home / "settings.toml")
    planned = plan(files, source, settings)
    with dg.DagsterInstance.get() as instance:
        for item in planned:
            _take_in(item, home, instance, console)
        periods = _periods(home, settings, planned, period)
        for start in periods:
            with shown(console, f"Reporting on {period_label(start, settings.period)}"):
                execute(defs, instance, "report_period", start.isoformat(), {})
    folders = sorted({folder_name(item.organisation) for item in planned})
    pages = [home / "published" / name / start.isoformat() / "panel.html" for name in folders for start in periods]
    return [page for page in pages if page.exists()]


def look(query: str) -> pl.DataFrame:
    """The answer to one question in SQL about the warehouse, which cannot be changed by it. Raises UsageError."""
    connection = look_into_warehouse(home_folder())
    try:
        answer = connection.sql(query)
        return answer.pl() if answer is not None else pl.DataFrame()
    except duckdb.Error as error:
        raise UsageError(Problem(str(error), "query", "docs/tables.md lists tables and columns")) from None
    finally:
        connection.close()


def _take_in(item: Planned, home: Path, instance: dg.DagsterInstance, console: Console) -> None:
    if _ask(home, lambda connection: is_accepted(connection, item.extract_id)):
        console.print(f"{item.file.name}: already taken in as extract {item.extract_id}")
        return
    instance.add_dynamic_partitions(EXTRACTS.name or "", [item.extract_id])
    with shown(console, f"Taking in {item.file.name}"):
        execute(defs, instance, "take_in_extract", item.extract_id, run_config(item))
    rows = _ask(
        home,
        lambda connection: connection.execute(
            "select rows_in, rows_accepted, rows_ignored, rows_rejected, columns_ignored "
            "from intake.extracts where extract_id = ?",
            [item.extract_id],
        ).fetchone(),
    )
    console.print(
        f"{item.file.name}: {rows[0]:,} rows read, {rows[1]:,} used, {rows[2]:,} repeats ignored, "
        f"{rows[3]:,} set aside (extract {item.extract_id})"
    )
    if rows[4]:
        console.print(f"  columns not read, as the mapping does not name them: {', '.join(rows[4])}")


def _periods(home: Path, settings: Settings, planned: list[Planned], asked: date | None) -> list[date]:
    extracts = [item.extract_id for item in planned]
    if asked is None:
        return _ask(home, lambda connection: periods_with_applications(connection, settings, extracts))
    present = _ask(home, lambda connection: periods_with_applications(connection, settings))
    if asked not in present:
        raise InputRefused(
            Problem(
                f"there are no applications in the period that begins on {asked}",
                "--period",
                f"choose one of {', '.join(str(start) for start in present) or '(no period has any)'}",
            )
        )
    return [asked]


def _ask(home: Path, question: Callable[[duckdb.DuckDBPyConnection], Any]) -> Any:
    """Ask the warehouse something between runs."""
    connection = open_warehouse(home)
    try:
        return question(connection)
    finally:
        connection.close()
