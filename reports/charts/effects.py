"""Charts of effects with their ranges, one below another: 1 is no change."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, isnan, sqrt
from typing import Any

from reports.charts.stage_charts import BLUE, SOFT, Chart, away, ratio_axes
from reports.figures.printable import between, likely_range, ratio
from reports.figures.shown_numbers import derived, modelled


@dataclass(frozen=True)
class Effect:
    """A line in a chart of effects: a ratio with its range, or `why` there is none. high: inf if unbounded.

    Without a value, and without a reason, the range is shown alone: rounded counts leave no single figure.
    """

    name: str
    value: float
    low: float
    high: float
    why: str = ""

    def __post_init__(self) -> None:
        """Mark the numbers as results of the review."""
        for field in ("value", "low", "high"):
            object.__setattr__(self, field, modelled(getattr(self, field)))

    @property
    def drawn(self) -> bool:
        """Whether it can be drawn on a logarithmic scale."""
        return self.alone if isnan(self.value) else not self.why and isfinite(self.value) and self.value > 0

    @property
    def alone(self) -> bool:
        """Whether only the range is shown."""
        return not self.why and isnan(self.value) and self.low > 0

    @property
    def point(self) -> float:
        """The middle of the line: the ratio, or the middle of a range alone, at which no point is drawn."""
        if not self.alone:
            return self.value
        return derived(sqrt(self.low * self.high) if isfinite(self.high) else self.low, self.low, self.high)

    @property
    def words(self) -> str:
        """Name and figure, for hover text and text alternative."""
        return f"{self.name}: {self.figure}"

    @property
    def figure(self) -> str:
        """The ratio with its range, or why there is none."""
        return f"{self.ratio} (likely range {self.range})" if self.range else self.ratio

    @property
    def ratio(self) -> str:
        """The ratio, or why there is none."""
        if self.alone:
            return f"{between(self.low, self.high if isfinite(self.high) else None)} times"
        return self.why or ("none" if isnan(self.value) else ratio(self.value))

    @property
    def range(self) -> str:
        """The likely range; empty if there is no ratio."""
        if self.why or isnan(self.value):
            return ""
        return likely_range(self.low, self.high if isfinite(self.high) else None)


def effects_chart(chart_id: str, title: str, unit: str, effects: Sequence[Effect]) -> Chart:
    """Draw effects below one another, with 1 as no change; those without a figure are named, with the reason."""
    drawn = [effect for effect in effects if effect.drawn]
    highs = [effect.high if isfinite(effect.high) else None for effect in drawn]
    axes, top = ratio_axes(
        [effect.name for effect in effects], [effect.low for effect in drawn], highs, "", height=72 + 34 * len(effects)
    )
    axes["xaxis"]["title"]["text"] = unit
    # There is no usual range of effects: only the line of no change stays.
    axes["shapes"] = [shape for shape in axes["shapes"] if shape["type"] == "line"]
    axes["annotations"] = [_why(effect) for effect in effects if not effect.drawn]
    # Plotly gives all ranges of a trace the same ends.
    traces = [
        _ranges(chosen, top, "circle" if clear else "circle-open")
        for clear in (True, False)
        for alone in (False, True)
        if (chosen := [e for e in drawn if (e.low > 1 or e.high < 1) == clear and e.alone == alone]) or not alone
    ]
    words = f"{title}, {unit}. {'; '.join(effect.words for effect in effects)}."
    return Chart(chart_id, title, {"data": traces, "layout": axes}, words)


def _ranges(effects: Sequence[Effect], top: float, symbol: str) -> dict[str, Any]:
    highs = [effect.high if isfinite(effect.high) else modelled(top) for effect in effects]
    alone = any(effect.alone for effect in effects)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [effect.point for effect in effects],
        "y": [effect.name for effect in effects],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [away(high, effect.point) for high, effect in zip(highs, effects, strict=True)],
            "arrayminus": [away(effect.point, effect.low) for effect in effects],
            "color": BLUE,
            "thickness": 2,
            "width": 5 if alone else 0,
        },
        "marker": {
            "size": 11,
            "opacity": 0 if alone else 1,
            "symbol": symbol,
            "color": BLUE,
            "line": {"width": 2, "color": BLUE},
        },
        "text": [effect.words for effect in effects],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _why(effect: Effect) -> dict[str, Any]:
    return {
        "x": 0.02,
        "xref": "paper",
        "y": effect.name,
        "text": effect.figure,
        "showarrow": False,
        "xanchor": "left",
        "font": {"size": 12, "color": SOFT},
    }
