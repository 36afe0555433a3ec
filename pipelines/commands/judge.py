"""Judge whether a programme worked: from its file and the warehouse to a verdict for each group and step."""

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
from pipelines.commands.verdicts import say_verdicts
from reports.pages.programme.page import ProgrammeReport, render_programme


def judge_programme(file: Path, organisation: str | None, home: Path, console: Console) -> None:
    """Judge a programme, print the verdicts, and write the analyst's page.

    Raises UsageError for a programme file that cannot be used, an organisation without records, a programme that began
    after the records end, and a folder that cannot be written; InputRefused if there is nothing to compare.
    """
    text = programme_text(file)
    programme_file = parse_programme(text, file.name)
    settings = load_settings(home / "settings.toml")
    with console.status("Counting by month"):
        name, monthly = _counts(home, organisation, settings)
    _check_fits(programme_file, text, file.name, monthly)
    verdicts = _judge(programme_file, monthly, settings, console)
    first, last = monthly["period"].min(), monthly["period"].max()
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    unknown = unknown_shares(monthly, programme_file.programme)
    report = ProgrammeReport(name, programme_file, sha256, first, last, unknown, verdicts, settings)
    page = home / "private" / folder_name(name) / "programme.html"
    with console.status("Writing the page"):
        _write(page, report)
    say_verdicts(report, console)
    console.print(f"Private page with exact figures: {page}", markup=False)


def _write(page: Path, report: ProgrammeReport) -> None:
    try:
        write_private(page, render_programme(report).encode())
    except OSError as error:
        advice = "check the folder, its permissions and the free space"
        raise UsageError(Problem(f"the page cannot be written ({error.strerror})", str(page), advice)) from None


def _counts(home: Path, asked: str | None, settings: Settings) -> tuple[str, pl.DataFrame]:
    """Return the name of the organisation, and its counts by month."""
    connection = look_into_warehouse(home)
    try:
        present = organisations(connection)
        if not present:
            advice = "load an export of applications: a table of counts by year has no months"
            raise InputRefused(Problem("the warehouse has no records of applications", "", advice))
        if asked not in present and (asked is not None or len(present) > 1):
            what = "several organisations have records" if asked is None else f"{asked} has no records of applications"
            raise UsageError(Problem(what, "--organisation", f"choose one of {', '.join(present)}"))
        name = asked or present[0]
        return name, monthly_counts(connection, name, settings)
    finally:
        connection.close()


def _check_fits(programme_file: ProgrammeFile, text: str, file_name: str, monthly: pl.DataFrame) -> None:
    """Raise an error if the records cannot say anything about this programme."""
    if monthly.is_empty():
        advice = "load records with outcomes: withdrawn or undecided applications cannot be compared"
        raise InputRefused(Problem("none of the organisation's applications has been decided", "", advice))
    last = monthly["period"].max()
    problems = {}
    if programme_file.programme.start > last:
        problems["start"] = (
            f"the programme began after the last month that has decisions, {last:%B %Y}",
            "correct the date, or try again when there are later records",
        )
    present = monthly["department"].drop_nulls().unique().sort().to_list()
    if unknown := sorted(set(programme_file.programme.comparator_units) - set(present)):
        problems["comparator_units"] = (
            f"the records have no department called {', '.join(unknown)}",
            f"name departments as the records do: {', '.join(present) or '(none has a department)'}",
        )
    if problems:
        raise UsageError(*(_problem(text, file_name, key, *words) for key, words in problems.items()))


def _problem(text: str, file_name: str, key: str, what: str, remedy: str) -> Problem:
    line = line_of(text, ("programme", key))
    return Problem(what, f"{file_name}, line {line}, key programme.{key}", remedy)


def _judge(programme_file: ProgrammeFile, monthly: pl.DataFrame, settings: Settings, console: Console) -> list[Judged]:
    verdicts = []
    with console.status("Comparing") as status:
        for comparison in comparisons(monthly, settings):
            step = step_name(comparison.from_stage, comparison.to_stage).lower()
            status.update(f"Comparing {people(comparison.group)} with {people(comparison.reference)}, {step}")
            verdicts.append(judged(comparison, programme_file.programme, settings))
    if not verdicts:
        what = "no step has two groups to compare"
        advice = "check the reference groups in settings.toml, comparison.reference_wres and reference_group"
        raise InputRefused(Problem(what, "", advice))
    return verdicts
