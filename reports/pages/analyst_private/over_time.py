"""Impact ratios and rates by quarter on control charts, from exact counts."""

from math import isnan
from typing import Any

import polars as pl

from equity_audit import wording
from reports.cells.words import period_words
from reports.charts.rates import KINDS
from reports.charts.series import control_traces, dated_layout, with_ratios
from reports.charts.stage_charts import Chart
from reports.figures.printable import name, opened
from reports.pages.analyst_private import tables
from reports.pages.analyst_private.record import ExactReport
from reports.pages.analyst_private.tables import Column, Row, count, ratio, share
from reports.pages.programme.words import SIGNALS

_BY = "quarter"


def _signals(row: Row, short: str) -> str:
    return ", ".join(SIGNALS[rule] for rule in (row[f"{short}_signals"] or "").split()) or "no"


def _quarter(row: Row) -> str:
    return opened(period_words(row["period"], _BY))


_COLUMNS = (
    Column("Quarter", _quarter),
    Column("Selected, of decided", lambda row: f"{count(row['progressed'])} of {count(row['decided'])}"),
    Column("Rate", lambda row: share(row["selection_rate"]), lambda row: tables.ends(*_limits(row, "rate"), share)),
    Column("Special cause", lambda row: _signals(row, "rate"), words=True),
    Column("Ratio", lambda row: ratio(row["impact_ratio"]), lambda row: tables.ends(*_limits(row, "ratio"))),
    Column("Special cause", lambda row: _signals(row, "ratio"), words=True),
)


def over_time(report: ExactReport) -> list[dict[str, Any]]:
    """Return for every step a control chart of the ratio of BME to White applicants, and the tables behind it."""
    rows = report.trend.filter(level="wres")
    return [
        {
            "chart": _chart(of_step.filter(group_name="BME"), int(order)),
            "trial": bool(of_step["trial_limits"][0]),
            "tables": [
                tables.table(f"{group}: {_step(of_group)}", _COLUMNS, of_group.iter_rows(named=True), kind="by-unit")
                for (group,), of_group in of_step.group_by("group_name", maintain_order=True)
                if group != "Unknown"
            ],
            "kinds": [
                f"{wording.people(group)}: {KINDS[of_group['rate_chart'][0]]}"
                for (group,), of_group in of_step.group_by("group_name", maintain_order=True)
                if group != "Unknown"
            ],
            "name": _step(of_step),
        }
        for (order,), of_step in rows.group_by("step_order", maintain_order=True)
        if of_step.filter(pl.col("impact_ratio").is_not_null(), group_name="BME").height
    ]


def _chart(rows: pl.DataFrame, order: int) -> Chart:
    periods = rows["period"].to_list()
    columns = ("ratio_lower", "ratio_upper", "ratio_centre", "impact_ratio")
    lines = [rows[name].fill_null(float("nan")).to_list() for name in columns]
    special = rows["ratio_signals"].is_not_null().to_list()
    words = [f"{_quarter(row)}: {ratio(row['impact_ratio'])}" for row in rows.iter_rows(named=True)]
    known = [value for line in (lines[0], lines[1], lines[3]) for value in line if not isnan(value)]
    figure = {
        "data": control_traces(periods, lines, special, list(map(name, words))),
        "layout": with_ratios(dated_layout(periods, _BY), known),
    }
    unusual = ", ".join(word for word, mark in zip(words, special, strict=True) if mark) or "none"
    alternative = (
        f"Impact ratio of BME to White applicants by quarter. {'; '.join(words)}. More than chance: {unusual}."
    )
    return Chart(f"quarters-{order}", _step(rows), figure, name(alternative))


def _step(rows: pl.DataFrame) -> str:
    return wording.step_name(rows["from_stage"][0], rows["to_stage"][0])


def _limits(row: Row, short: str) -> tuple[float | None, float | None]:
    return row[f"{short}_lower"], row[f"{short}_upper"]
