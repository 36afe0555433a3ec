"""What the commands do, once the home is known. Imports the heavy libraries: the command line starts without them."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import polars as pl
from rich.console import Console

from assets.ingest.dry_run import rehearse
from assets.ingest.profile import profile_file
from assets.partitions import EXTRACTS
from assets.private_lists import attempt_note
from assets.programme import has_programmes
from assets.release.publish import folder_name
from assets.release.suppression_report import withheld_list
from assets.warehouse.connection import look_into_warehouse, open_warehouse
from assets.warehouse.damage import damaged, is_damage
from assets.warehouse.extract_register import extracts_of, is_accepted, periods_with_applications, stale_periods
from assets.warehouse.home import home_folder
from assets.warehouse.keys import WAREHOUSE_FILE, commitment_key
from assets.warehouse.retention import purge
from equity_audit.errors import InputRefused, Problem, UsageError
from equity_audit.intake.pseudonyms import new_key
from equity_audit.periods import period_label, period_start
from equity_audit.settings import Settings, load_settings
from pipelines.definitions import defs
from pipelines.outcomes import Outcomes
from pipelines.planning import Planned, all_together, plan, plan_each, run_config
from pipelines.progress import shown
from pipelines.resources import open_instance, turn
from pipelines.reviewing import review
from pipelines.runs import execute


def run_files(files: list[Path], source: Path | None, period: date | None, console: Console) -> list[Path]:
    """Take the files in and publish the periods that they concern, each organisation by itself; returns the pages.

    Raises what went wrong only once everything else is done and said.
    """
    home = home_folder()
    settings = load_settings(home / "settings.toml")
    _check_covered(period, settings)
    planned, refused = plan_each(files, source, settings, commitment_key(home))
    stopped = {one.organisation for one in refused}
    if refused and (None in stopped or all(item.organisation in stopped for item in planned)):
        # Whose a file is that has no mapping, nobody can say: it may be anybody's.
        raise all_together(refused)
    outcomes = Outcomes()
    for one in refused:
        outcomes.errors[one.organisation or "", None] = all_together(
            [other for other in refused if other.organisation == one.organisation]
        )
    with turn(home, console.print), open_instance(home) as instance:
        for item in planned:
            if not outcomes.holds(item.organisation):
                outcomes.attempt((item.organisation, None), partial(_take_in, item, home, instance, console))
        taken = [item for item in planned if not outcomes.holds(item.organisation)]
        for organisation, start in _periods(home, settings, taken, period) if taken else ():
            of = (organisation, period_label(start, settings.period))
            outcomes.attempt(of, partial(_report, of, start, home, instance, console))
            page = home / "published" / folder_name(organisation) / start.isoformat() / "panel.html"
            if page.exists() and of not in outcomes.errors:
                outcomes.pages[of] = page
    _say_stale(home, settings, console)
    outcomes.say_pages(console)
    if has_programmes(home):
        # Last, so that what cannot be reviewed hides nothing of what is published.
        outcomes.attempt(("reviews of programmes", None), partial(review, home, console))
    outcomes.raise_errors()
    return list(outcomes.pages.values())


def _report(of: tuple[str, str], start: date, home: Path, instance: dg.DagsterInstance, console: Console) -> None:
    """Report on one organisation's period."""
    organisation, label = of
    with shown(console, f"Reporting on {organisation}, {label}"):
        execute(defs, instance, "report_period", start.isoformat(), {}, organisation)
    note = attempt_note(home / "private", organisation, start.isoformat())
    if note.exists():
        console.print(
            f"  too few applications count otherwise for a new edition: {note} says what stands", markup=False
        )
    else:
        _say_withheld(home, organisation, start, console)


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
        if is_damage(error):
            raise damaged(home_folder() / WAREHOUSE_FILE) from None
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


def _say_withheld(home: Path, organisation: str, start: date, console: Console) -> None:
    """How much was left out to protect people, and where the analyst reads why."""
    for published, withheld, population in _ask(
        home,
        lambda connection: connection.execute(
            "select counts_published, counts_withheld, population from intake.protections "
            "where organisation = ? and period = ? order by population",
            [organisation, start],
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


def _check_covered(asked: date | None, settings: Settings) -> None:
    """Raise InputRefused for a period before those that policy covers, before anything is taken in."""
    if asked and asked < (first := period_start(settings.period.earliest, settings.period)):
        raise InputRefused(
            Problem(
                f"the period that begins on {asked} lies before the first day that settings cover "
                f"(period.earliest, {settings.period.earliest})",
                "--period",
                f"choose one from {first} on, or set period.earliest in settings.toml to an earlier day",
            )
        )


def _periods(home: Path, settings: Settings, planned: list[Planned], asked: date | None) -> list[tuple[str, date]]:
    """The periods that files concern, with their organisations; or the one asked for, of those that have it."""

    def question(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, date]]:
        found = []
        for organisation in sorted({item.organisation for item in planned}):
            if asked is None:
                extracts = [item.extract_id for item in planned if item.organisation == organisation]
            else:
                extracts = extracts_of(connection, organisation)
            found += [(organisation, start) for start in periods_with_applications(connection, settings, extracts)]
        return found

    found: list[tuple[str, date]] = _ask(home, question)
    if asked is None:
        return found
    if not any(start == asked for _, start in found):
        present = sorted({start for _, start in found})
        raise InputRefused(
            Problem(
                f"there are no applications in the period that begins on {asked}",
                "--period",
                f"choose one of {', '.join(str(start) for start in present) or '(no period has any)'}",
            )
        )
    return [(organisation, start) for organisation, start in found if start == asked]


def _ask(home: Path, question: Callable[[duckdb.DuckDBPyConnection], Any]) -> Any:
    """Ask the warehouse something between runs. Raises UsageError where it is damaged."""
    connection = open_warehouse(home)
    try:
        return question(connection)
    except duckdb.Error as error:
        if is_damage(error):
            raise damaged(home / WAREHOUSE_FILE) from None
        raise
    finally:
        connection.close()
