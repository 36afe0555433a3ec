"""Departments or organisations side by side: a funnel plot and a table for each step and group. Nobody is ranked."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from reports.cells import words
from reports.cells.not_shown import RANGE_ONLY, mark
from reports.cells.rate_tables import steps_of
from reports.charts.funnel_plot import funnel
from reports.edition.record import Edition
from reports.figures.printable import name, people, percent, point_or_range, ratio, sentence, step_name
from reports.figures.shown_numbers import shown_rows

_PLACES = {
    "within": "within the limits",
    "below_inner": "below the inner limits",
    "below_outer": "below the outer limits",
    "above_inner": "above the inner limits",
    "above_outer": "above the outer limits",
}


def variation(edition: Edition) -> list[dict[str, Any]]:
    """Return for each step the plots and tables of BME and White applicants; empty if departments are not published.

    Departments are in the order of their names.
    """
    below = edition.settings["disclosure"]["withhold_below"]
    return side_by_side(edition.tables["variation"], "variation", "department", below)


def side_by_side(table: pl.DataFrame, source: str, unit: str, below: int) -> list[dict[str, Any]]:
    """Return the same for any rows like those of disclosed.variation.

    source: the shown table that they are from or were calculated from; unit: what each row is about, in the singular;
    below: counts below this are withheld.
    """
    steps = []
    for step in steps_of(table):
        rows = table.filter(pl.col("step_order") == step["step_order"]).sort("group_name", "breakdown_value")
        heading = step_name(step["from_stage"], step["to_stage"])
        steps.append({"name": heading, "groups": list(_groups(rows, heading, unit, below, source))})
    return steps


def _groups(rows: pl.DataFrame, step: str, unit: str, below: int, source: str) -> Iterator[dict[str, Any]]:
    for (group,), of_group in rows.group_by("group_name", maintain_order=True):
        units = shown_rows(of_group, source)
        shown = [row for row in units if row["not_shown_reason"] is None]
        yield {
            "who": people(str(group)),
            "drawn": funnel(shown, _alternative(step, str(group), unit, shown)) if shown else None,
            "shown": len(shown),
            "all": len(units),
            "spread": _spread(shown, f"{unit}s"),
            "rows": [_row(row, below) for row in units],
        }


def _spread(shown: Sequence[Mapping[str, Any]], units: str) -> str:
    """Say in a sentence whether units vary more than chance."""
    if not shown or shown[0]["overdispersed"] is None:
        return f"Fewer than two {units} are large enough to tell whether they vary more than expected by chance."
    spread = f"{sentence(units)} vary {ratio(shown[0]['dispersion'])} times as much as expected by chance"
    if shown[0]["overdispersed"]:
        return f"{spread}: clearly more, so the limits are drawn wider to allow for it."
    return f"{spread}: not clearly more."


def _alternative(step: str, group: str, unit: str, shown: Sequence[Mapping[str, Any]]) -> str:
    rates = "; ".join(f"{name(row['breakdown_value'])} {_rate(row)}, {_PLACES[row['place']]}" for row in shown)
    return f"{step}, {people(group)} by {unit}. Of all of them {percent(shown[0]['target_rate'])} went on. {rates}."


def _row(row: Mapping[str, Any], below: int) -> dict[str, Any]:
    unit_name = name(row["breakdown_value"])
    decided = words.count(row["decided"], row["decided_note"], below)
    if row["not_shown_reason"]:
        unshown = {"mark": mark(row["not_shown_reason"])}
        return {"name": unit_name, "decided": decided, "rate": unshown, "shrunken": unshown, "place": unshown}
    return {
        "name": unit_name,
        "decided": decided,
        "rate": {"value": _rate(row)} if row["selection_rate"] is not None else {"mark": RANGE_ONLY},
        "shrunken": words.percent_cell(row, "shrunken_rate"),
        "place": {"value": _PLACES[row["place"]]},
    }


def _rate(row: Mapping[str, Any]) -> str:
    """Write a rate; where only a range is shown, that of the rate drawn in, which allows for chance and rounding."""
    if row["selection_rate"] is None:
        return point_or_range(row, "shrunken_rate", percent)
    return percent(row["selection_rate"])
