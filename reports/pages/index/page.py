"""The index of an organisation's editions, and of all organisations: made from published folders, without scripts."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from reports.cells.not_shown import mark
from reports.cells.whole_path import path_ratios, step_title
from reports.cells.words import ratio_cell
from reports.charts.sparkline import Point, span_of, sparkline
from reports.edition.published_editions import Listed, ListedReview
from reports.figures.printable import between, name, ratio, tally
from reports.figures.shown_numbers import shown_rows
from reports.pages.index.organisations import limit_levels, side_by_side_of
from reports.pages.shell import Page, render
from reports.pages.variation import side_by_side

# A step of the path: its kind, and the stages from which and to which.
Step = tuple[str, str, str]
# The row of each step.
Ratios = Mapping[Step, Mapping[str, Any]]
# Files by purpose; any other is listed under its name.
_FILES = {
    "panel.html": "Report for the panel",
    "panel.pdf": "The same on paper (PDF)",
    "analyst.html": "Report for analysts",
    "audit.html": "How it was made",
    "tables.xlsx": "Tables (workbook)",
    "datapackage.json": "Tables (CSV, described)",
    "edition.json": "Record",
}


def render_editions(editions: Sequence[Listed], reviews: Sequence[ListedReview] = ()) -> Page:
    """Return the index of one organisation; `editions` as published_editions returns them, at least one."""
    intact = [edition for edition in editions if edition.published is not None]
    ratios = [_ratios(edition) for edition in intact]
    steps = list(ratios[0]) if ratios else []
    return render(
        "index/editions.html.j2",
        (),
        organisation=name(_name(editions)),
        editions=[_edition(edition) for edition in editions],
        reviews=reviews,
        trends=_trends(intact[::-1], ratios[::-1], steps),
        first=name(intact[-1].period_label) if len(intact) > 1 else "",
        last=name(intact[0].period_label) if intact else "",
        columns=[_heading(step) for step in steps],
        rows=[
            (name(edition.period_label), [_cell(by_step.get(step)) for step in steps])
            for edition, by_step in zip(intact, ratios, strict=True)
        ],
    )


def render_organisations(organisations: Mapping[str, Sequence[Listed]]) -> Page:
    """Return the index of all organisations, by folder; side by side if there are enough of them."""
    compared = side_by_side_of(organisations)
    below = compared.settings.disclosure.withhold_below if compared else 0
    return render(
        "index/organisations.html.j2",
        (),
        organisations=[
            {
                "folder": name(folder),
                "name": name(_name(editions) or folder),
                "editions": len(editions),
                "latest": editions[0],
            }
            for folder, editions in organisations.items()
        ],
        compared=compared,
        levels=limit_levels(compared),
        steps=side_by_side(compared.rows, "stage_counts", "organisation", below) if compared else [],
    )


def _name(editions: Sequence[Listed]) -> str:
    return next((edition.organisation for edition in editions if edition.organisation), "")


def _edition(edition: Listed) -> dict[str, Any]:
    """Return an entry of the list; if files are not as published, it says only that."""
    if edition.published is None:
        return {"label": name(edition.period_label), "folder": name(edition.folder), "intact": False}
    return {
        "label": name(edition.period_label),
        "folder": name(edition.folder),
        "intact": True,
        "revision": tally(edition.published.revision),
        "replaced": tally(edition.replaces) if edition.replaces else "",
        "published_on": name(edition.published_on),
        "checks": edition.checks,
        "files": [(file, label) for file, label in _FILES.items() if file in edition.files]
        + [(name(file), name(file)) for file in edition.files if file not in _FILES],
    }


def _ratios(edition: Listed) -> Ratios:
    """Return the comparison of BME and White applicants at each step, the whole path as the panel's page has it."""
    if edition.published is None or "disparities" not in edition.published.tables:
        return {}
    rows = path_ratios(edition.published.tables).filter(
        pl.col("breakdown") == "all", pl.col("level") == "wres", pl.col("group_name") == "BME"
    )
    return {
        (row["step_kind"], row["from_stage"], row["to_stage"]): row
        for row in shown_rows(rows.sort("step_order"), "disparities")
    }


def _heading(step: Step) -> str:
    return step_title(dict(zip(("step_kind", "from_stage", "to_stage"), step, strict=True)))


def _trends(editions: Sequence[Listed], ratios: Sequence[Ratios], steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Return a line over the periods for each step, oldest first; steps without any shown ratio are left out.

    ratios: those of each edition.
    """
    lines = {step: [_point(by_step.get(step)) for by_step in ratios] for step in steps}
    lines = {step: points for step, points in lines.items() if any(point.low is not None for point in points)}
    span = span_of(list(lines.values()))
    trends = []
    for step, points in lines.items():
        heading = _heading(step)
        listed = "; ".join(
            f"{name(edition.period_label)} {_words(point)}" for edition, point in zip(editions, points, strict=True)
        )
        words = f"{heading}, BME applicants, times as likely as White applicants. {listed}."
        trends.append({"name": heading, "drawn": sparkline(points, span, words), "cell": _cell(ratios[-1].get(step))})
    return trends


def _point(row: Mapping[str, Any] | None) -> Point:
    if row is None:
        return Point(None, None, None)
    return Point(row["impact_ratio"], row["impact_ratio_low"], row["impact_ratio_high"])


def _words(point: Point) -> str:
    if point.value is not None:
        return ratio(point.value)
    return "not shown" if point.low is None else between(point.low, point.high)


def _cell(row: Mapping[str, Any] | None) -> dict[str, str]:
    if row is None:
        return {"mark": "no such step"}
    if row["not_shown_reason"]:
        return {"mark": mark(row["not_shown_reason"])}
    return ratio_cell(row)
