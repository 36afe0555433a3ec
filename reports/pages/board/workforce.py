"""Has the workforce changed? For the board, from the numbers of staff that its editions published."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from equity_audit.programme.programme_file import ProgrammeFile
from equity_audit.programme.timeline import Timeline
from reports.charts.series import time_layout
from reports.charts.stage_charts import BLUE, Chart
from reports.edition.record import Earlier
from reports.figures.printable import day, likely_range, name, percent, ratio
from reports.pages.panel.workforce_words import disparity, measure_of, why

_Row = dict[str, Any]


def workforce_over_time(
    editions: Sequence[Earlier], timeline: Timeline, programme_file: ProgrammeFile
) -> dict[str, Any] | None:
    """Return what the page says; None if no edition has a published share of BME staff. editions: oldest first."""
    shares = [(edition, row) for edition in editions if (row := _measure(edition, "share"))]
    shown = [(row["snapshot"], row) for _, row in shares if row["value"] is not None]
    if not shown:
        return None
    latest, latest_share = shares[-1]
    settles, alike = (_measure(latest, name) for name in ("settles_at", "settles_at_if_selected_alike"))
    return {
        "answer": _answer(shown),
        "chart": _chart(shown, timeline, programme_file),
        "rows": [_cells(edition, row) for edition, row in shares],
        "disparity": disparity(latest.tables["workforce_measures"]),
        "day": day(latest_share["snapshot"]),
        "settles": _settles(settles, alike),
    }


def _measure(edition: Earlier, name: str, breakdown: str = "all", value: str = "all") -> _Row | None:
    table = edition.tables.get("workforce_measures")
    return None if table is None else measure_of(table, name, breakdown, value)


def _answer(shown: Sequence[tuple[date, _Row]]) -> str:
    (first, before), (last, now) = shown[0], shown[-1]
    share = percent(now["value"])
    if first == last:
        return f"On {day(last)}, {share} of the people in post were BME. There is no other year to compare with."
    return f"{percent(before['value'])} of the people in post were BME on {day(first)}, {share} on {day(last)}."


def _cells(edition: Earlier, share: _Row) -> dict[str, Any]:
    upper = _measure(edition, "race_disparity_ratio", "tier_step", "lower to upper")
    board = _measure(edition, "board_gap", "board", "voting members")
    return {
        "name": day(share["snapshot"]),
        "cells": [
            _cell(share, percent, lambda low, high: f"{percent(low)} to {percent(high)}"),
            _cell(upper, ratio, likely_range),
            _cell(board, percent, lambda low, high: f"{percent(low)} to {percent(high)}"),
        ],
    }


def _cell(row: _Row | None, write: Any, write_range: Any) -> dict[str, str]:
    if row is None or row["value"] is None:
        return {"mark": why(row) if row else "none"}
    return {"value": write(row["value"]), "range": write_range(row["value_low"], row["value_high"])}


def _settles(settles: _Row | None, alike: _Row | None) -> str:
    """Say where the share is heading, and where it would be if both were selected alike; empty if not shown."""
    if not settles or not alike or settles["value"] is None or alike["value"] is None:
        return ""
    share, other = percent(settles["value"]), percent(alike["value"])
    return (
        f"If selection and leaving stayed as they are, {share} of staff would be BME in the end; if BME and White "
        f"applicants were selected at the same rate, {other} would be."
    )


def _chart(shown: Sequence[tuple[date, _Row]], timeline: Timeline, programme_file: ProgrammeFile) -> Chart:
    days = [when for when, _ in shown]
    values = [row["value"] for _, row in shown]
    words = [f"{day(when)}: {percent(row['value'])}" for when, row in shown]
    drawn = time_layout([*sorted({*days, timeline.start})], "quarter", timeline, programme_file)
    drawn["yaxis"] |= {"tickformat": ".0%", "rangemode": "tozero"}
    points = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [name(when.isoformat()) for when in days],
        "y": values,
        "line": {"color": BLUE, "width": 1.5},
        "marker": {"size": 9, "color": BLUE},
        "text": words,
        "hovertemplate": "%{text}<extra></extra>",
    }
    title = "BME staff as a share of the people in post"
    return Chart("workforce", title, {"data": [points], "layout": drawn}, f"{title}: {'; '.join(words)}.")
