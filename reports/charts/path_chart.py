"""The path in one chart: every step with every group's ratio and likely range, the figures beside them."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import log10
from typing import Any

from reports.cells.whole_path import step_title
from reports.charts.stage_charts import INK, Chart, forest_traces, forest_words, ratio_axes, unshown
from reports.figures.printable import likely_range, ratio, stage_name

_LINE, _AXIS = 20, 62
# A longer heading would not fit on a phone: the stage that is reached then names the step.
_LONGEST = 30
# A range from a tenth to ten times would leave no room to see the others: its ends are written beside it.
_WIDEST = 0.25, 4


def path_chart(chart_id: str, rows: Sequence[dict[str, Any]]) -> Chart:
    """Draw the ratios of several steps below one another, those of a step together under its name.

    rows: of disclosed.disparities, one level or several, by step and in display order; not empty. Filled points are
    settled, hollow ones are not; beside each is its figure, or its range where only that is shown.
    """
    steps = [(step_title(group[0]), group) for group in map(list, _by_step(rows))]
    lines, labels, named = [], [], []
    for title, group in steps:
        lines.append(title)
        labels.append("")
        for row in group:
            lines.append(f"{title}: {row['group_name']}")
            labels.append(row["group_name"])
            named.append(row | {"group_name": lines[-1]})
    drawn = [row for row in named if row["not_shown_reason"] is None and row["impact_ratio"] != 0]
    layout, top = ratio_axes(
        lines,
        [row["impact_ratio_low"] for row in drawn],
        [row["impact_ratio_high"] for row in drawn],
        rows[0]["reference_name"],
        height=_AXIS + _LINE * len(lines),
    )
    start, end = layout["xaxis"]["range"]
    layout["xaxis"]["range"] = [max(start, log10(_WIDEST[0])), min(end, log10(_WIDEST[1]))]
    layout["yaxis"]["ticktext"] = labels
    layout["margin"] |= {"r": 84}
    layout["annotations"] = [
        *(_heading(title, group[0]) for title, group in steps),
        *(_figure(row) for row in drawn),
        *(unshown(row) for row in named if row not in drawn),
    ]
    words = " ".join(forest_words(title, group) for title, group in steps)
    return Chart(
        chart_id, "How likely each group was to go on", {"data": forest_traces(drawn, top), "layout": layout}, words
    )


def _by_step(rows: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    return [list(group) for _, group in groupby(rows, key=lambda row: row["step_order"])]


def _heading(title: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Write the name of a step on the line above its groups."""
    text = title if len(title) <= _LONGEST else stage_name(row["to_stage"])
    return {
        "x": 0,
        "xref": "paper",
        "y": title,
        "text": f"<b>{text}</b>",
        "showarrow": False,
        "xanchor": "left",
        "bgcolor": "#fff",
        "font": {"size": 13, "color": INK},
    }


def _figure(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write the figure of a line at its end: the ratio, or the range where only that is shown."""
    low, high = row["impact_ratio_low"], row["impact_ratio_high"]
    return {
        "x": 1,
        "xref": "paper",
        "xshift": 6,
        "y": row["group_name"],
        "text": likely_range(low, high) if row["impact_ratio"] is None else ratio(row["impact_ratio"]),
        "showarrow": False,
        "xanchor": "left",
        "font": {"size": 12, "color": INK},
    }
