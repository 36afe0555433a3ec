"""Impact ratios over time with limits, the programme and its milestones."""

from collections.abc import Sequence
from datetime import date, timedelta
from math import isnan, log10, nan
from typing import Any, NamedTuple

from equity_audit.programme.programme_file import ProgrammeFile
from equity_audit.programme.series import RatioSeries
from equity_audit.programme.timeline import Timeline
from reports.charts.stage_charts import BLUE, INK, LINE, SOFT, Chart, band, layout
from reports.figures.printable import between, name, ratio
from reports.figures.printable import layout as layout_place
from reports.figures.shown_numbers import derived, modelled

# Both ends of a range as shown numbers; None for no upper limit.
Ends = tuple[float, float | None]


class Points(NamedTuple):
    """The periods of a series in words, and the ranges of those whose ratio is not shown as a single number.

    ranges: None for the other periods; without any, every ratio is shown.
    """

    names: Sequence[str]
    ranges: Sequence[Ends | None] = ()

    @property
    def ends(self) -> Sequence[Ends | None]:
        """The range of each period, None where there is none."""
        return self.ranges or [None] * len(self.names)


_SIGNAL = "#b35900"
_TICKS, _FINE_TICKS = (0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10), (0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.5)
# On a phone, more year labels would overlap.
_MOST_YEARS = 6


def series_chart(
    chart_id: str,
    title: str,
    series: RatioSeries,
    timeline: Timeline,
    programme_file: ProgrammeFile,
    points: Points,
) -> Chart:
    """Draw impact ratios over time on a log scale, with mean, limits and numbered milestones."""
    chart, names, ends = series.chart, points.names, points.ends
    special = [bool(broken) and not end for broken, end in zip(chart.signals, ends, strict=True)]
    words = [
        f"{name}: {between(*end) if end else ratio(modelled(value))}"
        for name, value, end in zip(names, chart.values, ends, strict=True)
    ]
    values = [nan if end else value for value, end in zip(chart.values, ends, strict=True)]
    traces = control_traces(series.periods, [chart.lower, chart.upper, chart.centre, values], special, words, ends)
    figure = {"data": traces, "layout": _over_time(series, timeline, programme_file, ends)}
    return Chart(chart_id, title, figure, _series_words(title, series, names, special, ends))


def control_traces(
    periods: Sequence[date],
    lines: Sequence[Any],
    special: Sequence[bool],
    words: Sequence[str],
    ranges: Sequence[Ends | None] = (),
) -> list[dict[str, Any]]:
    """Return limits, mean and points of a control chart. lines: lower, upper, centre, values; nan for missing.

    special: the points that break a rule, drawn as diamonds; words: the hover text of each point. ranges: of those that
    are not shown as single numbers, drawn as lines without a point.
    """
    days, (lower, upper, centre, values) = [name(day.isoformat()) for day in periods], map(_values, lines)
    line = {"type": "scatter", "x": days, "hoverinfo": "skip", "mode": "lines"}
    alone = [place for place, ends in enumerate(ranges) if ends]
    return [
        {**line, "y": lower, "line": {"color": LINE, "width": 1}},
        {**line, "y": upper, "line": {"color": LINE, "width": 1}},
        {**line, "y": centre, "line": {"color": SOFT, "width": 1.5, "dash": "dash"}},
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": days,
            "y": values,
            "line": {"color": BLUE, "width": 1.5},
            "marker": {
                "opacity": 1,
                "size": [11 if mark else 7 for mark in special],
                "symbol": ["diamond" if mark else "circle" for mark in special],
                "color": [_SIGNAL if mark else BLUE for mark in special],
            },
            "text": list(words),
            "hovertemplate": "%{text}<extra></extra>",
        },
        *(_range(days[place], ends, words[place]) for place in alone if (ends := ranges[place])),
    ]


def _range(day: Any, ends: Ends, words: str) -> dict[str, Any]:
    """Draw a range as a line; without an upper limit it ends at twice its lower one."""
    low, high = ends
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [day, day],
        "y": [low, derived(2 * low, low) if high is None else high],
        "line": {"color": BLUE, "width": 2},
        "text": [words, words],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _values(values: Any) -> list[float | None]:
    """Return values for JSON: a missing point is null."""
    return [None if isnan(value) else modelled(float(value)) for value in values]


def _over_time(
    series: RatioSeries, timeline: Timeline, programme_file: ProgrammeFile, ends: Sequence[Ends | None]
) -> dict[str, Any]:
    """Return the layout with ratios on a log scale."""
    chart = series.chart
    known = [value for line in (chart.values, chart.lower, chart.upper) for value in line if not isnan(value)]
    # Where hardly anybody was selected, ranges leave the chart: the others would be dots.
    known += [min(max(end, _TICKS[0]), _TICKS[-1]) for pair in ends if pair for end in pair if end is not None]
    return with_ratios(time_layout(series.periods, series.by, timeline, programme_file), known)


def with_ratios(drawn: dict[str, Any], known: Sequence[float]) -> dict[str, Any]:
    """Give a layout a log scale that holds the known values and limits, with a line at 1."""
    bottom, top = min([*known, 0.9]) * 0.93, max([*known, 1.1]) * 1.07
    ticks = _FINE_TICKS if top < 2.5 * bottom else _TICKS
    drawn["yaxis"] |= {
        "type": "log",
        "range": [log10(bottom), log10(top)],
        "tickvals": list(ticks),
        "ticktext": [f"{tick:g}" for tick in ticks],
    }
    drawn["shapes"].insert(1, _level(1, {"color": LINE, "width": 2}))
    return drawn


def dated_layout(periods: Sequence[date], by: str) -> dict[str, Any]:
    """Return a layout with years below. by: "quarter" or "month"."""
    first, last = periods[0], periods[-1]
    edge = timedelta(days=45 if by == "quarter" else 15)
    years = [year for year in range(first.year, last.year + 1) if first <= date(year, 1, 1) <= last]
    years = years[:: -(-len(years) // _MOST_YEARS) or 1]
    return {
        **layout(height=300, bottom=28) | {"margin": {"l": 8, "r": 16, "t": 26, "b": 28}},
        "xaxis": {
            "type": "date",
            "range": [(first - edge).isoformat(), (last + edge).isoformat()],
            "tickvals": [f"{year}-01-01" for year in years],
            "ticktext": [str(year) for year in years],
            "tickangle": 0,
            "ticks": "outside",
            "tickcolor": LINE,
            "showgrid": False,
            "fixedrange": True,
        },
        "yaxis": {"gridcolor": "#e4e7eb", "zeroline": False, "automargin": True, "fixedrange": True},
        "shapes": [],
    }


def time_layout(periods: Sequence[date], by: str, timeline: Timeline, programme_file: ProgrammeFile) -> dict[str, Any]:
    """Return the same with the lead-in shaded, start and milestones as vertical lines."""
    first, last = periods[0], periods[-1]
    days: dict[date, list[str]] = {}
    for number, milestone in enumerate(programme_file.milestones, start=1):
        if first <= milestone.first_day <= last:
            days.setdefault(milestone.first_day, []).append(layout_place(number))
    return {
        **dated_layout(periods, by),
        "shapes": [
            band(timeline.start.isoformat(), timeline.settled.isoformat()),
            _vertical(timeline.start, {"color": INK, "width": 2}),
            *(_vertical(day, {"color": SOFT, "width": 1, "dash": "dot"}) for day in days if day != timeline.start),
        ],
        "annotations": [
            {
                "x": day.isoformat(),
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "text": _together(numbers),
                "showarrow": False,
                "font": {"size": 12, "color": INK},
            }
            for day, numbers in days.items()
        ],
    }


def _together(numbers: Sequence[str]) -> str:
    return numbers[0] if len(numbers) == 1 else f"{numbers[0]}\u2013{numbers[-1]}"


def _vertical(day: date, line: dict[str, Any]) -> dict[str, Any]:
    ends = {"x0": day.isoformat(), "x1": day.isoformat(), "y0": 0, "y1": 1}
    return {"type": "line", **ends, "yref": "paper", "line": line, "layer": "below"}


def _level(value: float, line: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": value, "y1": value, "line": line, "layer": "below",
    }  # fmt: skip


def _series_words(
    title: str, series: RatioSeries, names: Sequence[str], special: Sequence[bool], ends: Sequence[Ends | None]
) -> str:
    chart = series.chart
    known = [
        (name, between(*end) if end else ratio(modelled(value)))
        for name, value, end in zip(names, chart.values, ends, strict=True)
        if not isnan(value)
    ]
    if not known:
        return f"{title}: no {series.by} has an impact ratio."
    unusual = ", ".join(name for name, mark in zip(names, special, strict=True) if mark) or "none"
    mean = "" if isnan(chart.centre[0]) else f"; mean before the programme {ratio(modelled(chart.centre[0]))}"
    limits = (
        ""
        if isnan(chart.lower[0])
        else f", limits {ratio(modelled(chart.lower[0]))} to {ratio(modelled(chart.upper[0]))}"
    )
    return (
        f"{title}, impact ratios by {series.by} from {known[0][0]} ({known[0][1]}) to {known[-1][0]} "
        f"({known[-1][1]}){mean}{limits}. More than chance: {unusual}."
    )
