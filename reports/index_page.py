"""The index of an organisation's editions, and of all organisations: made from published folders, without a script."""

from collections.abc import Mapping, Sequence
from typing import Any

from equity_audit.wording import likely_range, ratio, step_name
from reports.edition_list import Listed, ListedReview, Step
from reports.marks import mark
from reports.organisations import limit_levels, side_by_side_of
from reports.shell import render
from reports.sparkline import Point, span_of, sparkline
from reports.variation import side_by_side

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


def render_editions(editions: Sequence[Listed], reviews: Sequence[ListedReview] = ()) -> str:
    """The index of one organisation; `editions` as published_editions gives them, at least one."""
    sound = [one for one in editions if one.published is not None]
    steps = list(sound[0].ratios()) if sound else []
    return render(
        "editions.html.j2",
        (),
        organisation=_name(editions),
        editions=[_edition(one) for one in editions],
        reviews=reviews,
        trends=_trends(sound[::-1], steps),
        first=sound[-1].period_label if len(sound) > 1 else "",
        last=sound[0].period_label if sound else "",
        columns=[step_name(*step) for step in steps],
        rows=[(one.period_label, [_cell(one, step) for step in steps]) for one in sound],
    )


def render_organisations(organisations: Mapping[str, Sequence[Listed]]) -> str:
    """The index of all organisations, by folder; side by side where there are enough of them."""
    compared = side_by_side_of(organisations)
    below = compared.settings.disclosure.withhold_below if compared else 0
    return render(
        "organisations.html.j2",
        (),
        organisations=[
            {"folder": folder, "name": _name(editions) or folder, "editions": len(editions), "latest": editions[0]}
            for folder, editions in organisations.items()
        ],
        compared=compared,
        levels=limit_levels(compared),
        steps=side_by_side(compared.rows, "organisation", below) if compared else [],
    )


def _name(editions: Sequence[Listed]) -> str:
    return next((one.organisation for one in editions if one.organisation), "")


def _edition(one: Listed) -> dict[str, Any]:
    """A row of the list; where files are not as published, only that."""
    if one.published is None:
        return {"label": one.period_label, "folder": one.folder, "sound": False}
    return {
        "label": one.period_label,
        "folder": one.folder,
        "sound": True,
        "revision": one.published.revision,
        "replaced": one.replaces or 0,
        "published_on": one.published_on,
        "warnings": one.warnings,
        "files": [(name, said) for name, said in _FILES.items() if name in one.files]
        + [(name, name) for name in one.files if name not in _FILES],
    }


def _trends(editions: Sequence[Listed], steps: Sequence[Step]) -> list[dict[str, Any]]:
    """For each step a line over the periods, oldest first; none where no edition shows a ratio of it."""
    lines = {step: [_point(one, step) for one in editions] for step in steps}
    lines = {step: points for step, points in lines.items() if any(point.value for point in points)}
    span = span_of(list(lines.values()))
    found = []
    for step, points in lines.items():
        name = step_name(*step)
        said = "; ".join(
            f"{one.period_label} {'not shown' if point.value is None else ratio(point.value)}"
            for one, point in zip(editions, points, strict=True)
        )
        words = f"{name}, BME applicants, times as likely as White applicants. {said}."
        found.append({"name": name, "drawn": sparkline(points, span, words), "cell": _cell(editions[-1], step)})
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
