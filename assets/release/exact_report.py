"""The analyst's private pages of a period: gather exact tables, what the panel sees, and the lists of what is withheld.

private/<organisation>/<period>/analyst.html and tables.xlsx, readable by their owner alone. What the panel sees is read
from the current edition, as anybody could: so the pages are right whether or not this run published. Where policy
asks for it, new-york-city.html is beside them.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from assets.release.publish import folder_name
from assets.release.suppression_report import APPLICANTS, withheld_list
from assets.warehouse.private_files import write_private
from equity_audit.errors import Problem, UsageError
from equity_audit.measures.units import exact_variation
from equity_audit.periods import period_end, period_label, period_start
from equity_audit.programme.trend import trend
from equity_audit.settings import Settings
from reports.edition.earlier_editions import read_earlier
from reports.pages.analyst_private.new_york_city import render_new_york_city
from reports.pages.analyst_private.page import render_exact
from reports.pages.analyst_private.record import ExactReport
from reports.pages.analyst_private.workbook import write_exact_workbook

PAGE, WORKBOOK, NEW_YORK_CITY = "analyst.html", "tables.xlsx", "new-york-city.html"


@dataclass(frozen=True)
class ExactRun:
    """What the private pages of one run have in common. published, private: folders of the home."""

    published: Path
    private: Path
    period: str
    settings: Settings
    run_id: str


def exact_page(private: Path, organisation: str, period: str) -> Path:
    """Return the path of the private page of a period."""
    return private / folder_name(organisation) / period / PAGE


def write_exact_pages(
    run: ExactRun, organisation: str, tables: Mapping[str, pl.DataFrame], monthly: pl.DataFrame, family: str
) -> None:
    """Write the files of an organisation's period. Raises UsageError if they cannot be written.

    tables: of `out.*`, of this organisation and period. monthly: as monthly_counts, of all its months. family: of the
    classifications of its extracts.
    """
    report = exact_report(run, organisation, tables, monthly)
    page = exact_page(run.private, organisation, run.period)
    try:
        write_private(page.with_name(WORKBOOK), write_exact_workbook(report))
        write_private(page, render_exact(report).encode())
        _write_new_york_city(page.with_name(NEW_YORK_CITY), report, family)
    except OSError as error:
        advice = "check the folder, its permissions and the free space; what was published is unchanged"
        raise UsageError(Problem(f"the page cannot be written ({error.strerror})", str(page), advice)) from None


def _write_new_york_city(path: Path, report: ExactReport, family: str) -> None:
    """Write the page of New York City's table; where policy does not ask for it, none is left from an earlier run."""
    asked = report.settings.new_york_city.write_page and family == "us"
    tables = report.tables["rule_tables"]
    page = render_new_york_city(report.organisation, report.period_label, tables, report.settings) if asked else None
    if page is None:
        path.unlink(missing_ok=True)
    else:
        write_private(path, page.encode())


def exact_report(
    run: ExactRun, organisation: str, tables: Mapping[str, pl.DataFrame], monthly: pl.DataFrame
) -> ExactReport:
    """Gather what the private pages are made from."""
    start = date.fromisoformat(run.period)
    return ExactReport(
        organisation=organisation,
        period=start,
        period_label=period_label(start, run.settings.period),
        run_id=run.run_id,
        settings=run.settings,
        tables=tables,
        trend=_quarters(monthly.filter(pl.col("period") < period_end(start, run.settings.period)), run.settings),
        departments=exact_variation(tables["stage_counts"], run.settings),
        edition=read_earlier(run.published / folder_name(organisation) / run.period, organisation, run.period),
        withheld=_withheld(run, organisation),
    )


def _quarters(monthly: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return BME and White applicants by quarter of the reporting year; no rows without records of applications."""
    rows = monthly.filter(level="wres")
    if rows.is_empty():
        return trend(rows, "3mo", settings)
    policy = settings.period.model_copy(update={"unit": "quarter"})
    starts = {day: period_start(day, policy) for day in rows["period"].unique()}
    by_quarter = rows.with_columns(pl.col("period").replace_strict(starts, return_dtype=pl.Date))
    return trend(by_quarter, "3mo", settings)


def _withheld(run: ExactRun, organisation: str) -> dict[str, list[dict[str, str]]]:
    """Return the lists of withheld counts that the last run wrote, by the set of people that they are about."""
    applicants = withheld_list(run.private, organisation, run.period)
    lists = {}
    for path in sorted(applicants.parent.glob(f"{applicants.stem}*.csv")):
        people = path.stem.removeprefix(applicants.stem).removeprefix("-") or APPLICANTS
        with path.open(encoding="utf-8-sig", newline="") as file:
            lists[people] = list(csv.DictReader(file))
    return lists
