"""Charts as pure functions of disclosed rows. Each returns a Plotly figure as plain values, and its text alternative.

One figure is one small panel, so that the page can place panels side by side or below one another as its width allows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10, sqrt
from typing import Any

from reports.cells.whole_path import step_title
from reports.cells.words import NOT_SHOWN, SETTLED, count
from reports.figures.printable import between, likely_range, people, ratio
from reports.figures.shown_numbers import derived, fixed

INK, SOFT, LINE, _BAND, BLUE = "#1f2933", "#52606d", "#9aa5b1", "#eef1f4", "#1d4f91"
_FONT = {"family": "system-ui, 'Segoe UI', 'Liberation Sans', Arial, sans-serif", "size": 13, "color": INK}
# The range that the Workforce Race Equality Standard treats as no cause for concern.
USUAL = (0.8, 1.25)
# Invisible ticks keep a name clear of its bar or line.
ROOM = {"ticks": "outside", "ticklen": 6, "tickcolor": "rgba(0,0,0,0)"}
_TICKS = (0.1, 0.25, 0.5, 1, 2, 4, 10)
_FINE_TICKS = (0.5, 0.8, 1, 1.25, 2)


@dataclass(frozen=True)
class Chart:
    """A figure for the page: id, heading, Plotly data and layout, and what it shows in words."""

    id: str
    title: str
    figure: dict[str, Any]
    alternative: str


def stage_bars(chart_id: str, group: str, stages: Sequence[tuple[str, int | None, str | None]], below: int) -> Chart:
    """Draw how many of one group reached each stage, as a share of its applicants. Withheld counts have no bar."""
    first = stages[0][1]
    shares = [
        derived(value / first, value, first) if value is not None and first else fixed(0) for _, value, _ in stages
    ]
    labels = [count(value, note, below) for _, value, note in stages]
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": [name for name, _, _ in stages],
        "x": shares,
        "text": labels,
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": BLUE},
        "hovertemplate": "%{y}: %{text}<extra></extra>",
    }
    drawn = {
        **layout(height=44 + 30 * len(stages)),
        "xaxis": {"range": [0, 1.32], "visible": False, "fixedrange": True},
        "yaxis": {"autorange": "reversed", "fixedrange": True, "automargin": True, **ROOM},
        "bargap": 0.35,
    }
    words = ", ".join(f"{name.lower()} {label}" for (name, _, _), label in zip(stages, labels, strict=True))
    return Chart(chart_id, group, {"data": [bars], "layout": drawn}, f"{group}: {words}.")


def forest_chart(chart_id: str, rows: Sequence[dict[str, Any]]) -> Chart:
    """Draw impact ratios of one step with likely ranges on a log scale; groups not shown are named with the reason.

    A ratio that is shown only as a range is a line with ends and without a point. rows: disclosed.disparities of one
    step and level, in display order; not empty.
    """
    step = step_title(rows[0])
    reference = rows[0]["reference_name"]
    shown = [row for row in rows if row["not_shown_reason"] is None and row["impact_ratio"] != 0]
    drawn, top = ratio_axes(
        [row["group_name"] for row in rows],
        [row["impact_ratio_low"] for row in shown],
        [row["impact_ratio_high"] for row in shown],
        reference,
        height=72 + 32 * len(rows),
    )
    drawn["annotations"] = [unshown(row) for row in rows if row not in shown]
    figure = {"data": forest_traces(shown, top), "layout": drawn}
    return Chart(chart_id, step, figure, forest_words(step, rows))


def forest_traces(rows: Sequence[dict[str, Any]], top: float) -> list[dict[str, Any]]:
    """Return the points of shown ratios with their ranges, filled if settled; a range alone has ends and no point."""
    # Plotly gives all ranges of a trace the same ends.
    return [
        _points(chosen, clear, top)
        for clear in (True, False)
        for alone in (False, True)
        if (
            chosen := [
                row for row in rows if (row["finding"] in SETTLED) == clear and (row["impact_ratio"] is None) == alone
            ]
        )
        or not alone
    ]


def ratio_axes(
    names: Sequence[str], lows: Sequence[float], highs: Sequence[float | None], reference: str, height: int
) -> tuple[dict[str, Any], float]:
    """Return the layout of a chart of ratios on a log scale with a name for each line, and the right end of its axis.

    lows, highs: ends of the ranges to be drawn, None for no upper end. height in pixels.
    """
    span = _span(lows, highs)
    ticks = _FINE_TICKS if span[1] < 6 * span[0] else _TICKS
    drawn = {
        **layout(height=height, bottom=52),
        "xaxis": {
            "type": "log",
            "range": [log10(span[0]), log10(span[1])],
            "tickvals": list(ticks),
            "ticktext": [f"{tick:g}" for tick in ticks],
            "tickangle": 0,
            "title": {
                "text": f"times as likely as {people(reference)}",
                "font": {"size": 12, "color": SOFT},
                "standoff": 10,
            },
            "fixedrange": True,
            "gridcolor": "#e4e7eb",
            "zeroline": False,
        },
        "yaxis": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": list(names),
            "range": [len(names) - 0.5, -0.5],
            "tickvals": list(names),
            "fixedrange": True,
            "automargin": True,
            "showgrid": False,
            **ROOM,
        },
        "shapes": [band(*USUAL), _equal()],
    }
    return drawn, span[1]


def _points(rows: Sequence[dict[str, Any]], clear: bool, top: float) -> dict[str, Any]:
    """Draw markers with ranges: filled if the difference is settled, else hollow. A range alone is thick, or thin."""
    drawn = ranges(rows, "impact_ratio", ["circle" if clear else "circle-open"] * len(rows), BLUE, top)
    if clear and rows and rows[0]["impact_ratio"] is None:
        drawn["error_x"]["thickness"] = 4
    return {
        "type": "scatter",
        "mode": "markers",
        "y": [row["group_name"] for row in rows],
        **drawn,
        "text": [f"{row['group_name']}: {times_as_likely(row, 'impact_ratio')}" for row in rows],
        "hovertemplate": "%{text}<extra></extra>",
    }


def ranges(
    rows: Sequence[Mapping[str, Any]], figure: str, symbols: Sequence[str], color: str, top: float
) -> dict[str, Any]:
    """Return what a trace draws of figures and their ranges: x, error_x and marker. top: where an open range ends.

    Where only a range is shown, its ends are marked and nothing between them. Plotly hangs a range, and its text, on a
    point: that is the middle of the range, and it is not drawn.
    """
    lows = [row[f"{figure}_low"] for row in rows]
    highs = [row[f"{figure}_high"] or derived(top, low) for row, low in zip(rows, lows, strict=True)]
    points = [
        _middle(low, high) if row[figure] is None else row[figure]
        for row, low, high in zip(rows, lows, highs, strict=True)
    ]
    alone = [row[figure] is None for row in rows]
    return {
        "x": points,
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [away(high, point) for high, point in zip(highs, points, strict=True)],
            "arrayminus": [away(point, low) for point, low in zip(points, lows, strict=True)],
            "color": color,
            "thickness": 2,
            "width": 5 if alone and all(alone) else 0,
        },
        "marker": {
            "size": 11,
            "symbol": list(symbols),
            "opacity": [0 if is_alone else 1 for is_alone in alone],
            "color": color,
            "line": {"width": 2, "color": color},
        },
    }


def times_as_likely(row: Mapping[str, Any], figure: str) -> str:
    """Write a ratio with its likely range, or its range alone."""
    low, high = row[f"{figure}_low"], row[f"{figure}_high"]
    if row[figure] is None:
        return f"{between(low, high)} times as likely"
    return f"{ratio(row[figure])} times as likely (likely range {likely_range(low, high)})"


def _middle(low: float, high: float) -> float:
    # On the logarithmic scale, where a range that begins at 0 begins at the edge.
    return derived(sqrt(max(low, 0.01) * high), low, high)


def away(end: float, value: float) -> float:
    """Return the distance from a value to an end of its range, which is how Plotly draws ranges."""
    return derived(end - value, end, value)


def _span(lows: Sequence[float], highs: Sequence[float | None]) -> tuple[float, float]:
    """Return the part of the axis that contains every range: at least 0.4 to 1.6, with ranges cut at 0.08 and 12.

    Of a range that begins at 0, which a logarithmic scale does not reach, half of its upper end and more.
    """
    ends = [min(high or 12, 12) for high in highs]
    starts = [max(low or high / 2, 0.08) for low, high in zip(lows, ends, strict=True)]
    return min([0.4, *(low * 0.9 for low in starts)]), max([1.6, *(high * 1.1 for high in ends)])


def unshown(row: dict[str, Any]) -> dict[str, Any]:
    """Say why a group has no point, in the place of its point."""
    words = NOT_SHOWN[row["not_shown_reason"]] if row["not_shown_reason"] else "none selected"
    return {
        "x": 0.02,
        "xref": "paper",
        "y": row["group_name"],
        "text": words,
        "showarrow": False,
        "xanchor": "left",
        "font": {"size": 12, "color": SOFT},
    }


def band(start: Any, end: Any) -> dict[str, Any]:
    """Shade a range of the horizontal axis over the whole height of a chart."""
    return {
        "type": "rect",
        "x0": start,
        "x1": end,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "fillcolor": _BAND,
        "line": {"width": 0},
        "layer": "below",
    }


def _equal() -> dict[str, Any]:
    return {
        "type": "line",
        "x0": 1,
        "x1": 1,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": LINE, "width": 2},
        "layer": "below",
    }


def layout(height: int, bottom: int = 8) -> dict[str, Any]:
    """Return the layout that all charts share; heights in pixels."""
    return {
        "font": _FONT,
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 8, "b": bottom},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "hoverlabel": {"font": {"size": 13}},
    }


def forest_words(step: str, rows: Sequence[dict[str, Any]]) -> str:
    """Write the ratios of one step as a text alternative."""
    parts = []
    for row in rows:
        if row["not_shown_reason"]:
            parts.append(f"{row['group_name']}: {NOT_SHOWN[row['not_shown_reason']]}")
        elif row["impact_ratio"] is None:
            likely = between(row["impact_ratio_low"], row["impact_ratio_high"])
            parts.append(f"{row['group_name']} {likely}, with no single figure")
        else:
            likely = likely_range(row["impact_ratio_low"], row["impact_ratio_high"])
            parts.append(f"{row['group_name']} {ratio(row['impact_ratio'])}, likely range {likely}")
    return f"{step}, times as likely as {people(rows[0]['reference_name'])}. {'; '.join(parts)}."
