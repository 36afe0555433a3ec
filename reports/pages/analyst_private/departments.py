"""Departments on funnel plots, from exact counts."""

from typing import Any

import polars as pl

from equity_audit import wording
from equity_audit.contracts import STAGE_COUNTS
from reports.charts.funnel_plot import funnel
from reports.figures.exact_numbers import exact_rows
from reports.pages.analyst_private import tables
from reports.pages.analyst_private.record import ExactReport
from reports.pages.analyst_private.seen import figure_seen
from reports.pages.analyst_private.tables import Column, count, share

_PLACES = {
    "within": "within",
    "below_inner": "below the inner limits",
    "below_outer": "below the outer limits",
    "above_inner": "above the inner limits",
    "above_outer": "above the outer limits",
}
_KEY = ("from_stage", "to_stage", "group_name", "breakdown_value")
_COLUMNS = (
    Column("Department", lambda row: row["breakdown_value"]),
    Column("Applicants", lambda row: row["group_name"], words=True),
    Column("Went on, of decided", lambda row: f"{count(row['progressed'])} of {count(row['decided'])}"),
    Column("Rate", lambda row: share(row["selection_rate"])),
    Column("Drawn in", *tables.ranged("shrunken_rate", share)),
    Column("Place", lambda row: _PLACES[row["place"]], words=True),
    Column("Panel sees", lambda row: figure_seen(row, "shrunken_rate", wording.percent), words=True),
)


def departments(report: ExactReport) -> list[dict[str, Any]]:
    """Return for each step the plots of BME and White applicants and the table behind them; empty without departments.

    Nobody is ranked: departments are in the order of their names.
    """
    if report.departments.is_empty():
        return []
    rows = report.beside(report.departments, "variation", _KEY)
    return [
        {
            "name": wording.step_name(of_step["from_stage"][0], of_step["to_stage"][0]),
            "plots": [_plot(group) for _, group in of_step.group_by("group_name", maintain_order=True)],
            "table": tables.table(
                "Departments: " + wording.step_name(of_step["from_stage"][0], of_step["to_stage"][0]),
                _COLUMNS,
                of_step.sort("breakdown_value", "group_name").iter_rows(named=True),
            ),
        }
        for _, of_step in rows.group_by("step_order", maintain_order=True)
    ]


def _plot(rows: pl.DataFrame) -> dict[str, Any]:
    units = exact_rows(rows, STAGE_COUNTS)
    who = wording.people(units[0]["group_name"])
    beyond = [unit["breakdown_value"] for unit in units if unit["place"] != "within"]
    return {
        "who": who,
        "drawn": funnel(units, f"{who}: a point for each department. {_beyond(beyond)}"),
        "spread": _spread(units[0]),
    }


def _beyond(names: list[str]) -> str:
    return f"Beyond the limits: {', '.join(names)}." if names else "None is beyond the limits."


def _spread(unit: dict[str, Any]) -> str:
    """Say whether departments vary more than chance."""
    if unit["overdispersed"] is None:
        return "Fewer than two departments: too few to tell whether they vary more than expected by chance."
    if unit["overdispersed"]:
        times = tables.one_place(unit["dispersion"])
        return f"Departments vary {times} times as much as expected by chance: limits are widened."
    return "Departments vary no more than expected by chance."
