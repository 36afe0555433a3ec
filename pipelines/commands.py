"""What the commands do, once the home is known. Imports the heavy libraries: the command line starts without them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import polars as pl
from rich.console import Console

from assets.keys import commitment_key
from assets.partitions import EXTRACTS, home_folder
from assets.profiling import profile_file
from assets.protection_report import withheld_list
from assets.publishing import folder_name
from assets.register import is_accepted, periods_with_applications, stale_periods
from assets.rehearsal import rehearse
from assets.retention import purge
from assets.warehouse import look_into_warehouse, open_warehouse
from equity_audit.errors import InputRefused, Problem, UsageError
from equity_audit.intake.pseudonyms import new_key
from equity_audit.periods import period_label
from equity_audit.settings import Settings, load_settings
from pipelines.definitions import defs
from pipelines.planning import Planned, plan, run_config
from pipelines.progress import shown
from pipelines.resources import open_instance, turn
from pipelines.runs import execute


def run_files(files: list[Path], source: Path | None, period: date | None, console: Console) -> list[Path]:
    """Take the files in and publish the periods that they concern; returns the pages."""
    home = home_folder()
    settings = load_settings(home / "settings.toml")
    planned = plan(files, source, settings, commitment_key(home))
    with turn(home, console.print), open_instance(home) as instance:
        for item in planned:
            _take_in(item, home, instance, console)
        periods = _periods(home, settings, planned, period)
        for start in periods:
            with shown(console, f"Reporting on {period_label(start, settings.period)}"):
                execute(defs, instance, "report_period", start.isoformat(), {})
            _say_withheld(home, start, console)
    _say_stale(home, settings, console)
    folders = sorted({folder_name(item.organisation) for item in planned})
    pages = [home / "published" / name / start.isoformat() / "panel.html" for name in folders for start in periods]
    return [page for page in pages if page.exists()]


def purge_records(before: date, console: Console) -> None:
    """Remove the records of single people from before a day and say what was done."""
    home = home_folder()
    with shown(console, f"Removing records from before {before}"):
        done = purge(home, before, load_settings(home / "settings.toml"))
    console.print(f"Removed {done.applications:,} applications from before {before}; published figures stay.")
    if done.files_removed:
        console.print(f"Removed from drop/taken-in: {', '.join(done.files_removed)}", markup=False)
    if done.files_left:
        console.print(
            f"These exports in drop/taken-in also hold later records and were kept: {', '.join(done.files_left)}",
            markup=False,
        )
    console.print("Not looked at: exports elsewhere, drop/refused, and your backups.")


def check_files(files: list[Path], source: Path | None, console: Console) -> None:
    """Rehearse taking files in: everything is read, sorted and counted in a throwaway place, and told."""
    settings = load_settings(home_folder() / "settings.toml")
    # What a trial would call a file matters to nobody.
    for item in plan(files, source, settings, new_key()):
        with shown(console, f"Checking {item.file.name}"):
            told = rehearse(item.file, item.mapping, settings)
        _say_rows(told.extract, console)
        for line in told.lines():
            console.print(f"  {line}", markup=False)
    console.print("Nothing was taken in: equity-audit run does that.")


def propose(file: Path) -> str:
    """A mapping proposed for a file, as TOML."""
    with duckdb.connect() as connection:
        return profile_file(connection, file, load_settings(home_folder() / "settings.toml"))


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
    extract, facts = _ask(home, lambda connection: _register_entry(connection, item.extract_id))
    _say_rows(extract, console)
    for fact, applications in facts:
        console.print(f"  {applications:,} applications: {fact}", markup=False)
    listed = home / "rejected" / f"{item.file.name}.rejected.csv"
    if extract["rows_rejected"] and listed.exists():
        console.print(f"  the rows set aside are listed in {listed}", markup=False)


def _register_entry(
    connection: duckdb.DuckDBPyConnection, extract_id: str
) -> tuple[dict[str, Any], list[tuple[str, int]]]:
    """What is written down of an extract, and what to know of its applications."""
    extract = connection.sql("select * from intake.extracts where extract_id = $id", params={"id": extract_id}).pl()
    facts = connection.execute(
        "select meaning, applications from intake.extract_facts where extract_id = ?", [extract_id]
    ).fetchall()
    return extract.to_dicts()[0], facts


def _say_rows(extract: dict[str, Any], console: Console) -> None:
    """How the rows of a file were used."""
    console.print(
        f"{extract['file_name']}: {extract['rows_in']:,} rows read, {extract['rows_accepted']:,} used, "
        f"{extract['rows_ignored']:,} ignored (repeats, blank lines, totals), {extract['rows_rejected']:,} set aside "
        f"(extract {extract['extract_id']})",
        markup=False,
    )
    if extract["columns_ignored"]:
        unread = ", ".join(extract["columns_ignored"])
        console.print(f"  columns not read, as the mapping does not name them: {unread}", markup=False)


def _say_withheld(home: Path, start: date, console: Console) -> None:
    """How much was left out to protect people, and where the analyst reads why."""
    for organisation, published, withheld, population in _ask(
        home,
        lambda connection: connection.execute(
            "select organisation, counts_published, counts_withheld, population from intake.protections "
            "where period = ? order by organisation, population",
            [start],
        ).fetchall(),
    ):
        listed = withheld_list(home / "private", organisation, start.isoformat(), population)
        if withheld:
            console.print(
                f"  {withheld:,} of {published + withheld:,} counts of {population} withheld because others could be "
                f"worked out from them; why is in {listed}, for your eyes only",
                markup=False,
            )


def _say_stale(home: Path, settings: Settings, console: Console) -> None:
    """Which published editions no longer say what the records say."""
    for organisation, start in _ask(home, lambda connection: stale_periods(connection, settings)):
        console.print(
            f"Out of date: {organisation}, {period_label(start, settings.period)}; equity-audit run without --period "
            "reports it",
            markup=False,
        )


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
