"""Selection rates of one group over time on the control chart that fits them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from equity_audit.programme.programme_file import ProgrammeFile
from equity_audit.programme.timeline import Timeline
from reports.cells.words import period_words
from reports.charts.series import control_traces, time_layout
from reports.charts.stage_charts import Chart
from reports.figures.printable import people, percent, point_or_range, sentence
from reports.figures.shown_numbers import shown_rows

# Why a series is drawn on this kind of chart, as control_chart.which_chart decides.
KINDS = {
    "xmr": "an XmR chart, since similar numbers were decided on each time",
    "p": "a p-chart, whose limits widen where few were decided on",
    "p_prime": "a p-prime chart, since rates vary more than expected by chance",
}


def rates_chart(chart_id: str, rows: pl.DataFrame, timeline: Timeline, programme_file: ProgrammeFile) -> Chart:
    """Draw one series of disclosed.trend. rows: of one step and group, in order, at least one."""
    first = shown_rows(rows, "trend")[0]
    periods: list[date] = rows["period"].to_list()
    names = [period_words(day, first["unit"]) for day in periods]
    columns = ("rate_lower", "rate_upper", "rate_centre", "selection_rate")
    lines = [rows[name].fill_null(float("nan")).to_list() for name in columns]
    special = rows["rate_signals"].is_not_null().to_list()
    shown = shown_rows(rows, "trend")
    words = [f"{name}: {_rate(row) or 'none'}" for name, row in zip(names, shown, strict=True)]
    ranges = [
        (row["selection_rate_low"], row["selection_rate_high"]) if row["selection_rate_reason"] else None
        for row in shown
    ]
    drawn = time_layout(periods, first["unit"], timeline, programme_file)
    drawn["yaxis"] |= {"tickformat": ".0%", "rangemode": "tozero"}
    group = sentence(people(first["group_name"]))
    figure = {"data": control_traces(periods, lines, special, words, ranges), "layout": drawn}
    return Chart(chart_id, group, figure, _words(group, first, names, rows, special))


def _rate(row: Mapping[str, Any]) -> str:
    return point_or_range(row, "selection_rate", percent)


def _words(group: str, first: dict[str, object], names: list[str], rows: pl.DataFrame, special: list[bool]) -> str:
    known = rows.with_columns(name=pl.Series(names)).filter(pl.col("selection_rate_low").is_not_null())
    if known.is_empty():
        return f"{group}: no {first['unit']} has a selection rate."
    ends = [shown_rows(known, "trend")[end] for end in (0, -1)]
    unusual = ", ".join(name for name, mark in zip(names, special, strict=True) if mark) or "none"
    return (
        f"{group}, selection rate by {first['unit']} from {ends[0]['name']} ({_rate(ends[0])}) to "
        f"{ends[1]['name']} ({_rate(ends[1])}); mean {percent(ends[0]['rate_centre'])}. "
        f"More than chance: {unusual}."
    )
