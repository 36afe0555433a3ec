"""The index of an organisation's editions, and of all organisations: made from published folders, without a script."""

from collections.abc import Mapping, Sequence
from typing import Any

from reports.cells.not_shown import mark
from reports.charts.sparkline import Point, span_of, sparkline
from reports.edition.published_editions import Listed, ListedReview, Step
from reports.figures.printable import likely_range, name, ratio, step_name, tally
from reports.pages.index.organisations import limit_levels, side_by_side_of
from reports.pages.shell import Page, render
from reports.pages.variation import side_by_side

# Files by what they are for; others are called by their names.
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
    """The index of one organisation; `editions` as published_editions gives them, at least one."""
    sound = [one for one in editions if one.published is not None]
    steps = list(sound[0].ratios()) if sound else []
    return render(
        "index/editions.html.j2",
        (),
        organisation=name(_name(editions)),
        editions=[_edition(one) for one in editions],
        reviews=reviews,
        trends=_trends(sound[::-1], steps),
        first=name(sound[-1].period_label) if len(sound) > 1 else "",
        last=name(sound[0].period_label) if sound else "",
        columns=[step_name(*step) for step in steps],
        rows=[(name(one.period_label), [_cell(one, step) for step in steps]) for one in sound],
    )


def render_organisations(organisations: Mapping[str, Sequence[Listed]]) -> Page:
    """The index of all organisations, by folder; side by side where there are enough of them."""
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
    return next((one.organisation for one in editions if one.organisation), "")


def _edition(one: Listed) -> dict[str, Any]:
    """A row of the list; where files are not as published, only that."""
    if one.published is None:
        return {"label": name(one.period_label), "folder": name(one.folder), "sound": False}
    return {
        "label": name(one.period_label),
        "folder": name(one.folder),
        "sound": True,
        "revision": tally(one.published.revision),
        "replaced": tally(one.replaces) if one.replaces else "",
        "published_on": name(one.published_on),
        "warnings": one.warnings,
        "files": [(file, said) for file, said in _FILES.items() if file in one.files]
        + [(name(file), name(file)) for file in one.files if file not in _FILES],
    }


def _trends(editions: Sequence[Listed], steps: Sequence[Step]) -> list[dict[str, Any]]:
    """For each step a line over the periods, oldest first; none where no edition shows a ratio of it."""
    lines = {step: [_point(one, step) for one in editions] for step in steps}
    lines = {step: points for step, points in lines.items() if any(point.value for point in points)}
    span = span_of(list(lines.values()))
    found = []
    for step, points in lines.items():
        heading = step_name(*step)
        said = "; ".join(
            f"{name(one.period_label)} {'not shown' if point.value is None else ratio(point.value)}"
            for one, point in zip(editions, points, strict=True)
        )
        words = f"{heading}, BME applicants, times as likely as White applicants. {said}."
        found.append({"name": heading, "drawn": sparkline(points, span, words), "cell": _cell(editions[-1], step)})
    return found


def _point(one: Listed, step: Step) -> Point:
    row = one.ratios().get(step)
    if row is None:
        return Point(None, None, None)
    return Point(row["impact_ratio"], row["impact_ratio_low"], row["impact_ratio_high"])


def _cell(one: Listed, step: Step) -> dict[str, str]:
    row = one.ratios().get(step)
    if row is None:
        return {"mark": "no such step"}
    if row["not_shown_reason"]:
        return {"mark": mark(row["not_shown_reason"])}
    low, high = row["impact_ratio_low"], row["impact_ratio_high"]
    bold = "" if row["reading"] == "not_clear" else "yes"
    return {"value": ratio(row["impact_ratio"]), "range": likely_range(low, high), "bold": bold}
