"""Has the workforce changed? For the board, from the numbers of staff that its editions published."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from equity_audit.programme.programme_file import ProgrammeFile
from equity_audit.programme.timeline import Timeline
from reports.cells.words import figure_cell, percent_cell
from reports.charts.series import time_layout
from reports.charts.stage_charts import BLUE, Chart, away
from reports.edition.record import Earlier
from reports.figures.printable import day, likely_range, name, percent, point_or_range, ratio, sentence
from reports.figures.shown_numbers import derived, fixed
from reports.pages.panel.workforce_words import disparity, measure_of, why

_Row = dict[str, Any]


def workforce_over_time(
    editions: Sequence[Earlier], timeline: Timeline, programme_file: ProgrammeFile
) -> dict[str, Any] | None:
    """Return what the page says; None if no edition has a published share of BME staff. editions: oldest first."""
    shares = [(edition, row) for edition in editions if (row := _measure(edition, "share"))]
    shown = [(row["snapshot"], row) for _, row in shares if row["not_shown_reason"] is None]
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
    share = point_or_range(now, "value", percent)
    if first == last:
        return f"On {day(last)}, {share} of the people in post were BME. There is no other year to compare with."
    earlier = sentence(point_or_range(before, "value", percent))
    return f"{earlier} of the people in post were BME on {day(first)}, {share} on {day(last)}."


def _cells(edition: Earlier, share: _Row) -> dict[str, Any]:
    upper = _measure(edition, "race_disparity_ratio", "tier_step", "lower to upper")
    board = _measure(edition, "board_gap", "board", "voting members")
    return {
        "name": day(share["snapshot"]),
        "cells": [
            _cell(share, percent_cell),
            _cell(upper, lambda row, figure: figure_cell(row, figure, ratio, likely_range)),
            _cell(board, percent_cell),
        ],
    }


def _cell(row: _Row | None, cell: Callable[[_Row, str], dict[str, str]]) -> dict[str, str]:
    if row is None or row["not_shown_reason"]:
        return {"mark": why(row) if row else "none"}
    return cell(row, "value")


def _settles(settles: _Row | None, alike: _Row | None) -> str:
    """Say where the share is heading, and where it would be if both were selected alike; empty if not shown."""
    if not settles or not alike or settles["not_shown_reason"] or alike["not_shown_reason"]:
        return ""
    share, other = (point_or_range(row, "value", percent) for row in (settles, alike))
    return (
        f"If selection and leaving stayed as they are, {share} of staff would be BME in the end; if BME and White "
        f"applicants were selected at the same rate, {other} would be."
    )


def _chart(shown: Sequence[tuple[date, _Row]], timeline: Timeline, programme_file: ProgrammeFile) -> Chart:
    days = [when for when, _ in shown]
    words = [f"{day(when)}: {point_or_range(row, 'value', percent)}" for when, row in shown]
    middles = [
        derived((row["value_low"] + row["value_high"]) / 2, row["value_low"], row["value_high"])
        if row["value"] is None
        else row["value"]
        for _, row in shown
    ]
    # A share that is shown only as its range is a line with ends; its middle is not drawn.
    ends = [
        fixed(0) if row["value"] is not None else away(row["value_high"], middle)
        for (_, row), middle in zip(shown, middles, strict=True)
    ]
    is_alone = [row["value"] is None for _, row in shown]
    drawn = time_layout([*sorted({*days, timeline.start})], "quarter", timeline, programme_file)
    drawn["yaxis"] |= {"tickformat": ".0%", "rangemode": "tozero"}
    points = {
        "type": "scatter",
        "mode": "markers" if any(is_alone) else "lines+markers",
        "x": [name(when.isoformat()) for when in days],
        "y": middles,
        "error_y": {"type": "data", "array": ends, "color": BLUE, "thickness": 2, "width": 5},
        "line": {"color": BLUE, "width": 1.5},
        "marker": {"size": 9, "color": BLUE, "opacity": [0 if alone else 1 for alone in is_alone]},
        "text": words,
        "hovertemplate": "%{text}<extra></extra>",
    }
    title = "BME staff as a share of the people in post"
    return Chart("workforce", title, {"data": [points], "layout": drawn}, f"{title}: {'; '.join(words)}.")
