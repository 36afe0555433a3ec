"""The command `run`: load files and publish the periods that they concern. Heavy libraries are imported here."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from rich.console import Console

from assets.partitions import EXTRACTS
from assets.release.exact_report import NEW_YORK_CITY, exact_page
from assets.release.programme_sources import has_programmes
from assets.release.publish import folder_name
from assets.release.suppression_report import withheld_list
from assets.release.unpublished_runs import unpublished_run
from assets.warehouse.connection import kept_open, open_warehouse
from assets.warehouse.damage import damaged, is_damage
from assets.warehouse.extract_register import extracts_of, is_accepted, periods_with_applications, stale_periods
from assets.warehouse.home import home_folder
from assets.warehouse.keys import WAREHOUSE_FILE, commitment_key
from equity_audit.errors import InputRefused, Problem
from equity_audit.periods import period_label, period_start
from equity_audit.settings import Settings, load_settings
from pipelines.commands.outcomes import Outcomes
from pipelines.commands.records import say_notes, say_rows
from pipelines.commands.review import review_with
from pipelines.planning import Planned, all_together, plan_each, run_config
from pipelines.progress import shown
from pipelines.resources import open_instance, turn
from pipelines.runs import execute


def run_files(files: list[Path], source: Path | None, period: date | None, console: Console) -> list[Path]:
    """Load files and publish the periods that they concern, each organisation independently. Return the pages.

    Errors are raised only after everything else has been done and reported.
    """
    home = home_folder()
    settings = load_settings(home / "settings.toml")
    _check_covered(period, settings)
    planned, refused = plan_each(files, source, settings, commitment_key(home))
    stopped = {refusal.organisation for refusal in refused}
    if refused and (None in stopped or all(item.organisation in stopped for item in planned)):
        # A file without a mapping may belong to any organisation.
        raise all_together(refused)
    outcomes = Outcomes()
    for refusal in refused:
        outcomes.errors[refusal.organisation or "", None] = all_together(
            [other for other in refused if other.organisation == refusal.organisation]
        )
    with turn(home, console.print), open_instance(home) as instance, kept_open(home):
        _load_all(planned, outcomes, home, instance, console)
        loaded = [item for item in planned if not outcomes.holds(item.organisation)]
        published = []
        for organisation, start in _periods(home, settings, loaded, period) if loaded else ():
            of = (organisation, period_label(start, settings.period))
            page = home / "published" / folder_name(organisation) / start.isoformat() / "panel.html"
            before = _written(page)
            if outcomes.attempt(of, partial(_report, of, start, home, instance, console)):
                published.append((organisation, start))
            # What comes after an edition may fail, and the edition is published all the same.
            if page.exists() and (of not in outcomes.errors or _written(page) != before):
                outcomes.pages[of] = page
        _say_after(home, settings, published, console)
        if has_programmes(home):
            # Last, so that a review that fails does not keep anything from being published.
            outcomes.attempt(("reviews of programmes", None), partial(review_with, instance, home, console))
    outcomes.say_pages(console)
    outcomes.raise_errors()
    return list(outcomes.pages.values())


def _report(of: tuple[str, str], start: date, home: Path, instance: dg.DagsterInstance, console: Console) -> None:
    """Publish the report on one organisation's period."""
    organisation, label = of
    private = exact_page(home / "private", organisation, start.isoformat())
    before = _written(private)
    try:
        with shown(console, f"Reporting on {organisation}, {label}"):
            execute(home, instance, "report_period", start.isoformat(), {}, organisation)
    finally:
        # Written even if the edition was stopped.
        if _written(private) != before:
            console.print(f"  private, with exact figures: {private}", markup=False)
            if (city := private.with_name(NEW_YORK_CITY)).exists():
                console.print(f"  exact, and yours to publish or not: {city}", markup=False)
    note = unpublished_run(home / "private", organisation, start.isoformat())
    if note.exists():
        console.print(f"  too few applications changed for a new edition: {note} says which one remains", markup=False)


def _load_all(
    planned: list[Planned], outcomes: Outcomes, home: Path, instance: dg.DagsterInstance, console: Console
) -> None:
    """Load files, and say what was found in them.

    The warehouse is encrypted, so to open it takes a while: it is asked once before and once after all of them.
    """
    ids = [item.extract_id for item in planned]
    known = _ask(home, lambda connection: {each for each in ids if is_accepted(connection, each)}) if ids else set()
    fresh = []
    for item in planned:
        if outcomes.holds(item.organisation):
            continue
        if item.extract_id in known:
            console.print(f"{item.file.name}: already loaded as extract {item.extract_id}")
        elif outcomes.attempt((item.organisation, None), partial(_load, item, home, instance, console)):
            known.add(item.extract_id)
            fresh.append(item)
    entries = (
        _ask(home, lambda connection: [_register_entry(connection, item.extract_id) for item in fresh]) if fresh else []
    )
    for item, (extract, facts) in zip(fresh, entries, strict=True):
        _say_loaded(item, extract, facts, home, console)


def _written(file: Path) -> int | None:
    """Return when a file was written; None if there is none."""
    return file.stat().st_mtime_ns if file.exists() else None


def _load(item: Planned, home: Path, instance: dg.DagsterInstance, console: Console) -> None:
    instance.add_dynamic_partitions(EXTRACTS.name or "", [item.extract_id])
    with shown(console, f"Taking in {item.file.name}"):
        execute(home, instance, "take_in_extract", item.extract_id, run_config(item))


def _say_loaded(
    item: Planned, extract: dict[str, Any], facts: list[tuple[str, int]], home: Path, console: Console
) -> None:
    """Print what an extract holds."""
    say_rows(extract, console)
    say_notes(item, console)
    for fact, applications in facts:
        console.print(f"  {applications:,} applications: {fact}", markup=False)
    listed = home / "rejected" / f"{item.file.name}.rejected.csv"
    if extract["rows_rejected"] and listed.exists():
        console.print(f"  the invalid rows are listed in {listed}", markup=False)


def _register_entry(
    connection: duckdb.DuckDBPyConnection, extract_id: str
) -> tuple[dict[str, Any], list[tuple[str, int]]]:
    """Return an extract's entry in the register, and the facts about its applications."""
    extract = connection.sql("select * from intake.extracts where extract_id = $id", params={"id": extract_id}).pl()
    facts = connection.execute(
        "select meaning, applications from intake.extract_facts where extract_id = ?", [extract_id]
    ).fetchall()
    return extract.to_dicts()[0], facts


def _say_after(home: Path, settings: Settings, published: list[tuple[str, date]], console: Console) -> None:
    """Print what was withheld from each period's edition, and which published editions no longer match the records."""
    withheld, stale = _ask(
        home,
        lambda connection: (
            [_withheld(connection, *of) for of in published],
            stale_periods(connection, settings),
        ),
    )
    for (organisation, start), counts in zip(published, withheld, strict=True):
        if not unpublished_run(home / "private", organisation, start.isoformat()).exists():
            _say_withheld(home, (organisation, start), period_label(start, settings.period), counts, console)
    for organisation, start in stale:
        console.print(
            f"Out of date: {organisation}, {period_label(start, settings.period)}; equity-audit run without --period "
            "publishes it again",
            markup=False,
        )


def _withheld(connection: duckdb.DuckDBPyConnection, organisation: str, start: date) -> list[tuple[int, int, str]]:
    """Return how many counts were published and withheld, by population."""
    return connection.execute(
        "select counts_published, counts_withheld, population from intake.protections "
        "where organisation = ? and period = ? order by population",
        [organisation, start],
    ).fetchall()


def _say_withheld(
    home: Path, of: tuple[str, date], label: str, counts: list[tuple[int, int, str]], console: Console
) -> None:
    """Print how many counts were withheld to protect people, and where the analyst can read why."""
    for published, withheld, population in counts:
        listed = withheld_list(home / "private", of[0], of[1].isoformat(), population)
        if withheld:
            console.print(
                f"{label}: {withheld:,} of {published + withheld:,} counts of {population} withheld to protect others, "
                f"or at random; reasons are in {listed}, which is private",
                markup=False,
            )


def _check_covered(asked: date | None, settings: Settings) -> None:
    """Raise InputRefused for a period earlier than policy covers, before anything is loaded."""
    if asked and asked < (first := period_start(settings.period.earliest, settings.period)):
        raise InputRefused(
            Problem(
                f"the period that begins on {asked} is before the first day that the settings cover "
                f"(period.earliest, {settings.period.earliest})",
                "--period",
                f"choose a period from {first} on, or set period.earliest in settings.toml to an earlier day",
            )
        )


def _periods(home: Path, settings: Settings, planned: list[Planned], asked: date | None) -> list[tuple[str, date]]:
    """Return the organisations and periods that files concern, or only those of the period asked for."""

    def query(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, date]]:
        concerned = []
        for organisation in sorted({item.organisation for item in planned}):
            if asked is None:
                extracts = [item.extract_id for item in planned if item.organisation == organisation]
            else:
                extracts = extracts_of(connection, organisation)
            starts = periods_with_applications(connection, settings, extracts)
            concerned += [(organisation, start) for start in starts]
        return concerned

    concerned: list[tuple[str, date]] = _ask(home, query)
    if asked is None:
        return concerned
    if not any(start == asked for _, start in concerned):
        present = sorted({start for _, start in concerned})
        raise InputRefused(
            Problem(
                f"there are no applications in the period that begins on {asked}",
                "--period",
                f"choose one of {', '.join(str(start) for start in present) or '(no period has any)'}",
            )
        )
    return [(organisation, start) for organisation, start in concerned if start == asked]


def _ask(home: Path, query: Callable[[duckdb.DuckDBPyConnection], Any]) -> Any:
    """Query the warehouse between runs. Raises UsageError if it is damaged."""
    connection = open_warehouse(home)
    try:
        return query(connection)
    except duckdb.Error as error:
        if is_damage(error):
            raise damaged(home / WAREHOUSE_FILE) from None
        raise
    finally:
        connection.close()
