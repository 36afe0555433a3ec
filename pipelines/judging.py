"""Did the programme work? From the programme file and the warehouse to a verdict for each group and step."""

import hashlib
from pathlib import Path

import polars as pl
from rich.console import Console

from assets.release.programme_sources import programme_text
from assets.release.publish import folder_name
from assets.warehouse.connection import look_into_warehouse
from assets.warehouse.monthly_counts import monthly_counts, organisations
from assets.warehouse.private_files import write_private
from equity_audit.errors import InputRefused, Problem, UsageError
from equity_audit.programme.comparisons import Judged, comparisons, judged, unknown_shares
from equity_audit.programme.programme_file import ProgrammeFile, parse_programme
from equity_audit.settings import Settings, load_settings
from equity_audit.toml_text import line_of
from equity_audit.wording import people, step_name
from pipelines.verdicts import say_verdicts
from reports.pages.programme.page import ProgrammeReport, render_programme


def judge_programme(file: Path, organisation: str | None, home: Path, console: Console) -> None:
    """Judge a programme, say what came of it, and write the analyst's page.

    Raises UsageError for a programme file that cannot be used, an organisation without records, a programme that began
    after the records end, and a folder that cannot be written; InputRefused where there is nothing to compare.
    """
    text = programme_text(file)
    told = parse_programme(text, file.name)
    settings = load_settings(home / "settings.toml")
    with console.status("Counting by month"):
        name, monthly = _counts(home, organisation, settings)
    _check_fits(told, text, file.name, monthly)
    found = _judge(told, monthly, settings, console)
    first, last = monthly["period"].min(), monthly["period"].max()
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    unknown = unknown_shares(monthly, told.programme)
    report = ProgrammeReport(name, told, sha256, first, last, unknown, found, settings)
    page = home / "private" / folder_name(name) / "programme.html"
    with console.status("Writing the page"):
        _write(page, report)
    say_verdicts(report, console)
    console.print(f"For your eyes only: {page}", markup=False)


def _write(page: Path, report: ProgrammeReport) -> None:
    try:
        write_private(page, render_programme(report).encode())
    except OSError as error:
        advice = "check the folder, its rights and the free space"
        raise UsageError(Problem(f"the page cannot be written ({error.strerror})", str(page), advice)) from None


def _counts(home: Path, asked: str | None, settings: Settings) -> tuple[str, pl.DataFrame]:
    """The organisation that is meant, and its counts by month."""
    connection = look_into_warehouse(home)
    try:
        present = organisations(connection)
        if not present:
            advice = "take in an export of applications: a table of counts by year has no months"
            raise InputRefused(Problem("the warehouse has no records of applications", "", advice))
        if asked not in present and (asked is not None or len(present) > 1):
            what = "which organisation is meant?" if asked is None else "it has no records of applications"
            raise UsageError(Problem(what, "--organisation", f"choose one of {', '.join(present)}"))
        name = asked or present[0]
        return name, monthly_counts(connection, name, settings)
    finally:
        connection.close()


def _check_fits(told: ProgrammeFile, text: str, file_name: str, monthly: pl.DataFrame) -> None:
    """Whether the records can say anything of this programme at all."""
    if monthly.is_empty():
        advice = "take in records with outcomes: those withdrawn or still undecided cannot be compared"
        raise InputRefused(Problem("nobody of the organisation's applicants has been decided on", "", advice))
    last = monthly["period"].max()
    faults = {}
    if told.programme.start > last:
        faults["start"] = (
            f"the programme began after the last month that has decisions, {last:%B %Y}",
            "correct the day, or come back when there are records of the time since",
        )
    present = monthly["department"].drop_nulls().unique().sort().to_list()
    if unknown := sorted(set(told.programme.comparator_units) - set(present)):
        faults["comparator_units"] = (
            f"no department of the records is called {', '.join(unknown)}",
            f"name departments as the records do: {', '.join(present) or '(none has a department)'}",
        )
    if faults:
        raise UsageError(*(_fault(text, file_name, key, *said) for key, said in faults.items()))


def _fault(text: str, file_name: str, key: str, what: str, remedy: str) -> Problem:
    line = line_of(text, ("programme", key))
    return Problem(what, f"{file_name}, line {line}, key programme.{key}", remedy)


def _judge(told: ProgrammeFile, monthly: pl.DataFrame, settings: Settings, console: Console) -> list[Judged]:
    found = []
    with console.status("Comparing") as status:
        for comparison in comparisons(monthly, settings):
            step = step_name(comparison.from_stage, comparison.to_stage).lower()
            status.update(f"Comparing {people(comparison.group)} with {people(comparison.reference)}, {step}")
            found.append(judged(comparison, told.programme, settings))
    if not found:
        what = "there are no two groups to compare at any step"
        advice = "comparison.reference_wres and reference_group in settings.toml name whom groups are compared with"
        raise InputRefused(Problem(what, "", advice))
    return found
