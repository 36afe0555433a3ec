"""A ratio over several periods as a sparkline in SVG, so that a page needs no script for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from markupsafe import Markup

from reports.charts.stage_charts import USUAL

# Pixels of the drawing's own space; the page scales it.
_WIDTH, _HEIGHT, _EDGE = 260, 84, 10
# The scale extends at least this far on either side of equal.
_LEAST = (0.7, 1 / 0.7)


@dataclass(frozen=True)
class Point:
    """A ratio with its range in one period; value is None if not shown, high is None if there is no upper end.

    low is None too if the range is not shown either.
    """

    value: float | None
    low: float | None
    high: float | None


def span_of(lines: Sequence[Sequence[Point]]) -> tuple[float, float]:
    """Return one scale for several lines that contains every value; ranges may extend beyond it."""
    values = [point.value for line in lines for point in line if point.value]
    return min([*_LEAST, *values]) * 0.9, max([*_LEAST, *values]) * 1.1


def sparkline(points: Sequence[Point], span: tuple[float, float], words: str) -> Markup:
    """Draw the line, oldest period first, on a log scale.

    Grey: the usual range; horizontal line: equal; vertical lines: likely ranges, cut off at the edge, and without a
    point where only the range is shown. A cross at the foot marks a period of which nothing is shown, or a ratio of 0.
    The line is interrupted at both. words: the text alternative.
    """
    middle = _height(1, span)
    parts = [
        Markup('<rect class="usual" x="0" y="{}" width="{}" height="{}"/>').format(
            *map(_n, (_height(USUAL[1], span), _WIDTH, _height(USUAL[0], span) - _height(USUAL[1], span)))
        ),
        Markup('<path class="equal" d="M0 {}H{}"/>').format(_n(middle), _n(_WIDTH)),
    ]
    positions = [_position(index, len(points)) for index in range(len(points))]
    runs: list[list[tuple[float, float]]] = [[]]
    for x, point in zip(positions, points, strict=True):
        if not point.value:
            runs.append([])
        if not point.value and (point.low is None or point.value == 0):
            foot = _HEIGHT - 5
            parts.append(
                Markup('<path class="missing" d="M{} {}l6 6m0 -6l-6 6"/>').format(_n(x - 3), _n(foot - 3)),
            )
            continue
        if point.value:
            runs[-1].append((x, _height(point.value, span)))
        ends = (_height(point.high or span[1], span), _height(max(point.low or 0, span[0]), span))
        parts.append(Markup('<path class="range" d="M{} {}V{}"/>').format(_n(x), *map(_n, ends)))
    parts += [Markup('<path class="line" d="{}"/>').format(_path(run)) for run in runs if len(run) > 1]
    parts += [Markup('<circle cx="{}" cy="{}" r="4"/>').format(_n(x), _n(y)) for run in runs for x, y in run]
    return Markup('<svg class="sparkline" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _WIDTH, _HEIGHT, words, Markup("").join(parts)
    )


def _position(index: int, count: int) -> float:
    return _WIDTH / 2 if count == 1 else _EDGE + index * (_WIDTH - 2 * _EDGE) / (count - 1)


def _height(value: float, span: tuple[float, float]) -> float:
    """Return the distance from the top; values beyond the scale are put at its ends."""
    held = min(max(value, span[0]), span[1])
    share = (log(span[1]) - log(held)) / (log(span[1]) - log(span[0]))
    return _EDGE + share * (_HEIGHT - 2 * _EDGE)


def _path(run: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in run)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
