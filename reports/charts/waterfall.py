"""Which stage makes the gap: a waterfall of one group's path from application to appointment, with a sentence."""

from collections.abc import Sequence
from math import exp, log
from typing import Any

import polars as pl

from equity_audit.vocabulary import display_order
from reports.cells.words import SETTLED
from reports.charts.stage_charts import LINE, ROOM, SOFT, Chart, layout
from reports.edition.record import Edition
from reports.figures.printable import likely_range, people, point_or_range, ratio, sentence, stage_name, to_stage
from reports.figures.shown_numbers import derived, fixed, shown_rows

_LESS, _MORE, _WHOLE = "#1d4f91", "#9db7d8", "#52606d"
_TICKS = (0.1, 0.25, 0.5, 0.8, 1, 1.25, 2, 4, 10)
_PATH = "Whole path"


def waterfalls(edition: Edition) -> list[tuple[Chart | None, str]]:
    """Return a chart and a sentence for each group whose whole path can be shown; `edition` without splits.

    There is no chart where only the range of the path's ratio, or of a stage's, is shown: bars add up to one figure.
    """
    shown = pl.col("overall_ratio_low").is_not_null()
    paths = edition.tables["overall_paths"].filter(pl.col("level") == "group", shown)
    stages = edition.tables["stage_contributions"].filter(pl.col("level") == "group").sort("step_order")
    ratios = edition.tables["disparities"].filter(pl.col("level") == "group", pl.col("step_kind") == "stage")
    by_group = {row["group_name"]: row for row in shown_rows(paths, "overall_paths") if row["reference_name"]}
    charts: list[tuple[Chart | None, str]] = []
    for position, name in enumerate(group for group in display_order("group") if group in by_group):
        stage_rows, ratio_rows = (
            shown_rows(frame.filter(pl.col("group_name") == name), table)
            for frame, table in ((stages, "stage_contributions"), (ratios, "disparities"))
        )
        path = by_group[name]
        chart = _chart(f"waterfall-{position}", path, stage_rows) if stage_rows else None
        charts.append((chart, _sentence(path, ratio_rows)))
    return charts


def _chart(chart_id: str, path: dict[str, Any], stages: Sequence[dict[str, Any]]) -> Chart:
    """Draw bars on a log scale, where the stages add up to the whole path."""
    names = [stage_name(row["to_stage"]) for row in stages]
    shown = [_times(row) for row in stages]
    whole = {**path, "log_before": fixed(0), "log_ratio": path["overall_log_ratio"]}
    less, more = (
        [(name, row) for name, row in zip(names, stages, strict=True) if (row["log_ratio"] < 0) is lower]
        for lower in (True, False)
    )
    traces = [
        _bars(bars, colour) for bars, colour in ((less, _LESS), (more, _MORE), ([(_PATH, whole)], _WHOLE)) if bars
    ]
    reach = [0.0, *(row["log_before"] + row["log_ratio"] for row in stages)]
    span = (min(*reach, log(0.75)) - 0.12, max(*reach, log(1.33)) + 0.12)
    ticks = [tick for tick in _TICKS if span[0] <= log(tick) <= span[1]]
    figure_layout = {
        **layout(height=76 + 30 * (len(stages) + 1), bottom=52),
        "xaxis": {
            "range": list(span),
            "tickvals": [log(tick) for tick in ticks],
            "ticktext": [f"{tick:g}" for tick in ticks],
            "tickangle": 0,
            "title": {
                "text": f"times as likely as {people(path['reference_name'])}",
                "font": {"size": 12, "color": SOFT},
                "standoff": 10,
            },
            "fixedrange": True,
            "gridcolor": "#e4e7eb",
            "zeroline": True,
            "zerolinecolor": LINE,
            "zerolinewidth": 2,
        },
        "yaxis": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": [*names, _PATH],
            "range": [len(names) + 0.5, -0.5],
            "fixedrange": True,
            "automargin": True,
            **ROOM,
        },
        "barmode": "overlay",
        "bargap": 0.3,
    }
    words = ", ".join(f"{name.lower()} {ratio(value)}" for name, value in zip(names, shown, strict=True))
    alternative = (
        f"{path['group_name']}, times as likely as {people(path['reference_name'])} at each stage: {words}; "
        f"together {ratio(path['overall_ratio'])}."
    )
    return Chart(chart_id, path["group_name"], {"data": traces, "layout": figure_layout}, alternative)


def _times(row: dict[str, Any]) -> float:
    """Return the ratio whose logarithm a row has."""
    return derived(exp(row["log_ratio"]), row["log_ratio"])


def _bars(bars: Sequence[tuple[str, dict[str, Any]]], colour: str) -> dict[str, Any]:
    """Draw bars of one colour, each from the gap before the stage to the gap after it."""
    return {
        "type": "bar",
        "orientation": "h",
        "y": [name for name, _ in bars],
        "base": [row["log_before"] for _, row in bars],
        "x": [row["log_ratio"] for _, row in bars],
        "text": [ratio(_times(row)) for _, row in bars],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": colour},
        "hovertemplate": "%{y}: %{text} times as likely<extra></extra>",
    }


def _sentence(path: dict[str, Any], ratios: Sequence[dict[str, Any]]) -> str:
    """Say how likely a group was to reach the end, and at which stages the difference is clear."""
    likely = f" (likely range {likely_range(path['overall_ratio_low'], path['overall_ratio_high'])})"
    whole = (
        f"{sentence(people(path['group_name']))} were {point_or_range(path, 'overall_ratio')} times as likely as "
        f"{people(path['reference_name'])} to reach the end from applying{likely if path['overall_ratio'] else ''}."
    )
    stated = [row for row in ratios if row["finding"] in SETTLED]
    less = [row for row in stated if row["reading"] == "less_often"]
    more = [row for row in stated if row["reading"] == "more_often"]
    if not less and not more:
        return f"{whole} At no single stage is the difference settled."
    parts = [
        f"{word} likely {' and '.join(to_stage(row['to_stage']) for row in rows)}"
        for word, rows in (("less", less), ("more", more))
        if rows
    ]
    return f"{whole} This is settled: they were {', and '.join(parts)}."
