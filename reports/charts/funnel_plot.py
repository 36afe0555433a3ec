"""A funnel plot as SVG, so that a page needs no script for it: points, target, and two pairs of limits.

Only figures of disclosed.variation are drawn. Limits are known only at the sizes of the departments, and joined up.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from reports.figures.printable import number, percent

# Pixels of the drawing's own space; the page scales it. The room at the left and the foot is for labels.
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _FOOT = 420, 286, 44, 12, 28, 40
_LIMITS = ("inner", "outer")


def funnel(rows: Sequence[Mapping[str, Any]], words: str) -> Markup:
    """Draw one group at one step. rows: of disclosed.variation, shown, at least one; words: the text alternative.

    Right: more people decided on; up: more of them went on. If departments vary more than chance, the widened limits
    are drawn. A filled diamond is beyond limits, a hollow circle is not, and a rate that is shown only as a range is a
    line without a point, in the colour of a diamond if it is beyond. A limit outside the drawing runs at its edge.
    """
    by_size = sorted(rows, key=lambda row: row["decided"])
    prefix = "widened_" if rows[0]["overdispersed"] else ""
    ends = [row[f"{prefix}inner_{end}"] for row in rows for end in ("low", "high")]
    rates = [
        rate
        for row in rows
        for rate in (
            [row[f"shrunken_rate_{end}"] for end in ("low", "high")] if _is_range(row) else [row["selection_rate"]]
        )
    ]
    scale = _Scale(by_size[-1]["decided"], (min([*rates, *ends]), max([*rates, *ends])))
    parts = [
        *(scale.line(by_size, f"{prefix}{pair}_{end}", pair) for pair in _LIMITS for end in ("low", "high")),
        Markup('<path class="target" d="M{} {}H{}"/>').format(
            _LEFT, _n(scale.y(rows[0]["target_rate"])), _WIDTH - _RIGHT
        ),
        *(scale.point(row) for row in by_size),
        *scale.axes(by_size, rows[0]["target_rate"], rates),
    ]
    return Markup('<svg class="funnel" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _WIDTH, _HEIGHT, words, Markup("").join(parts)
    )


class _Scale:
    """Positions in the drawing: sizes from 0, rates from the lowest to the highest with some room."""

    def __init__(self, most: int, span: tuple[float, float]) -> None:
        self.most = most
        room = 0.08 * (span[1] - span[0]) or 0.05
        self.low, self.high = max(span[0] - room, 0.0), min(span[1] + room, 1.0)

    def x(self, decided: int) -> float:
        return _LEFT + decided / self.most * (_WIDTH - _LEFT - _RIGHT - 8)

    def y(self, rate: float) -> float:
        held = min(max(rate, self.low), self.high)
        return _TOP + (self.high - held) / (self.high - self.low) * (_HEIGHT - _TOP - _FOOT)

    def line(self, rows: Sequence[Mapping[str, Any]], column: str, kind: str) -> Markup:
        """Draw a limit from the smallest department to the largest."""
        points = "L".join(f"{_n(self.x(row['decided']))} {_n(self.y(row[column]))}" for row in rows)
        return Markup('<path class="{}" d="M{}"/>').format(kind, points)

    def point(self, row: Mapping[str, Any]) -> Markup:
        if _is_range(row):
            low, high = (self.y(row[f"shrunken_rate_{end}"]) for end in ("low", "high"))
            x = _n(self.x(row["decided"]))
            kind = "alone" if row["place"] == "within" else "alone out"
            return Markup('<path class="{}" d="M{} {}V{}"/>').format(kind, x, _n(low), _n(high))
        x, y = self.x(row["decided"]), self.y(row["selection_rate"])
        if row["place"] == "within":
            return Markup('<circle class="within" cx="{}" cy="{}" r="5"/>').format(_n(x), _n(y))
        return Markup('<path class="beyond" d="M{} {}l7 7l-7 7l-7 -7z"/>').format(_n(x), _n(y - 7))

    def axes(self, rows: Sequence[Mapping[str, Any]], target: float, rates: Sequence[float]) -> list[Markup]:
        """Label both scales with published figures: smallest and largest size, target, lowest and highest rate."""
        foot = _HEIGHT - _FOOT
        sides = [(target, "target")]
        # A label that would overlap another is left out.
        for rate in (max(rates), min(rates)):
            if all(abs(self.y(rate) - self.y(other)) > 15 for other, _ in sides):
                sides.append((rate, "tick"))
        sizes = [rows[0]["decided"], rows[-1]["decided"]]
        do_not_overlap = self.x(sizes[1]) - self.x(sizes[0]) > 60
        return [
            Markup('<path class="axis" d="M{} {}V{}H{}"/>').format(_LEFT, _TOP, foot, _WIDTH - _RIGHT),
            *(
                Markup('<text class="side {}" x="{}" y="{}">{}</text>').format(
                    kind, _LEFT - 6, _n(self.y(rate) + 4), percent(rate)
                )
                for rate, kind in sides
            ),
            *(
                Markup('<text class="foot" x="{}" y="{}">{}</text>').format(_n(self.x(size)), foot + 16, number(size))
                for size in (sizes if do_not_overlap else sizes[1:])
            ),
            Markup('<text class="title" x="{}" y="{}">decided on</text>').format(_WIDTH - _RIGHT, _HEIGHT - 6),
            Markup('<text x="{}" y="{}">went on</text>').format(2, 14),
        ]


def _is_range(row: Mapping[str, Any]) -> bool:
    return row["selection_rate"] is None


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
