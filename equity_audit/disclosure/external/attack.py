"""The attack on a whole table: everything that it prints put together, and the counts that this gives away.

Sums and printed figures narrow the counts in turn until nothing moves; then each count's bounds are made exact by
integer programmes (`attacker`), unless the table is too large for that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from equity_audit.disclosure.external.figure_inversion import Figure, Masked, values_left
from equity_audit.disclosure.suppression.mip_bounds import Contradiction, tightest
from equity_audit.disclosure.table.constraints import UNBOUNDED, Ints, Narrowed, System, narrowed

# Above so many counts with more than one possible value, bounds are those that follow by passing them along the sums.
_MOST_EXACT = 600


@dataclass(frozen=True)
class Target:
    """A published table as its attacker sees it.

    `names`: row and column of each count. `printed`: its cell, None where the table does not have it. `needed`: how
    many whole numbers must remain possible. `told`: how the table was understood, a line each.
    """

    system: System
    names: Sequence[tuple[str, str]]
    printed: Sequence[str | None]
    needed: Ints
    figures: Sequence[Figure] = ()
    masked: Sequence[Masked] = ()
    told: Sequence[str] = ()


@dataclass(frozen=True)
class Fall:
    """A count, or a masked figure, with too few possible values. `behind`: places of the counts that it rests on."""

    row: str
    column: str
    printed: str | None
    left: str
    behind: tuple[int, ...]
    figures: tuple[str, ...]
    by_all_sums: bool = False


@dataclass(frozen=True)
class Attack:
    """What is left of a table. `exact`: bounds are the tightest; else each count may fall further than is said."""

    target: Target
    lowest: Ints
    highest: Ints
    falls: tuple[Fall, ...]
    exact: bool


@dataclass
class _Known:
    """What is known so far: `base` without the sums, so that it can be told what a bound rests on."""

    base: System
    figures: dict[int, set[int]] = field(default_factory=dict)
    values: dict[int, Ints] = field(default_factory=dict)


def attack(target: Target, interval: int, confidence: float, most_exact: int = _MOST_EXACT) -> Attack:
    """Find what a table gives away. `interval`: how many pairs of counts must remain possible behind a masked figure.

    Raises Contradiction where no counts fit all that it prints.
    """
    known = _Known(System(target.system.lowest.copy(), target.system.highest.copy(), target.system.relations))
    passed = _narrowed_by_all(target, known, confidence)
    lowest, highest = passed.lowest.copy(), passed.highest.copy()
    asked = np.nonzero((target.needed > 1) & (highest > lowest))[0]
    exact = len(asked) <= most_exact
    if exact:
        found = tightest(System(lowest, highest, target.system.relations), asked.tolist())
        exact = found.proven
        for cell in found.lowest:
            lowest[cell], highest[cell] = found.lowest[cell], found.highest[cell]
    falls = [
        _fall(target, known, passed, cell, (lowest, highest))
        for cell in range(len(lowest))
        if _number_left(known, cell, lowest, highest) < target.needed[cell]
    ]
    falls += _masked_falls(target, lowest, highest, interval)
    return Attack(target, lowest, highest, tuple(falls), exact)


def _narrowed_by_all(target: Target, known: _Known, confidence: float) -> Narrowed:
    """Sums and figures in turn until neither moves a bound."""
    while True:
        passed = narrowed(known.base)
        if (passed.lowest > passed.highest).any():
            raise Contradiction("no counts fit what is published")
        moved = False
        for number, figure in enumerate(target.figures):
            places = list(figure.counts)
            left = values_left(figure, passed.lowest[places].tolist(), passed.highest[places].tolist(), confidence)
            if left is None:
                continue
            if not len(left[0]):
                raise Contradiction(f"no counts fit what is published: {figure.label}")
            for cell, values in zip(places, left, strict=True):
                moved |= _learn(known, passed, cell, values, number)
        if not moved:
            return passed


def _learn(known: _Known, passed: Narrowed, cell: int, values: Ints, number: int) -> bool:
    """Note the values that a figure leaves of a count; whether its bounds moved."""
    before = known.values.get(cell)
    known.values[cell] = values if before is None else np.intersect1d(before, values)
    if len(values) == passed.highest[cell] - passed.lowest[cell] + 1:
        return False
    known.figures.setdefault(cell, set()).add(number)
    if values[0] == passed.lowest[cell] and values[-1] == passed.highest[cell]:
        return False
    known.base.lowest[cell] = max(known.base.lowest[cell], values[0])
    known.base.highest[cell] = min(known.base.highest[cell], values[-1])
    return True


def _number_left(known: _Known, cell: int, lowest: Ints, highest: Ints) -> int:
    """How many values are left: within its bounds, and there may be gaps."""
    values = known.values.get(cell)
    if values is None:
        return int(highest[cell] - lowest[cell] + 1)
    return int(((values >= lowest[cell]) & (values <= highest[cell])).sum())


def _fall(target: Target, known: _Known, passed: Narrowed, cell: int, bounds: tuple[Ints, Ints]) -> Fall:
    behind, figures = _reasons(target, known, passed, cell)
    row, column = target.names[cell]
    low, high = int(bounds[0][cell]), int(bounds[1][cell])
    values = known.values.get(cell, np.arange(low, min(high, low + 99) + 1))
    left = _joined(values[(values >= low) & (values <= high)].tolist())
    further = bool(low > passed.lowest[cell] or high < passed.highest[cell])
    return Fall(
        row,
        column,
        target.printed[cell],
        left,
        tuple(sorted(place for place in behind - {cell} if _says_something(target, place))),
        tuple(target.figures[number].label for number in sorted(figures)),
        further,
    )


def _reasons(target: Target, known: _Known, passed: Narrowed, cell: int) -> tuple[set[int], set[int]]:
    """The counts and the figures that a count's bounds rest on, with what the counts of those figures rest on."""
    behind: set[int] = set()
    figures: set[int] = set()
    seen, stack = {cell}, [cell]
    while stack:
        place = stack.pop()
        rests_on = passed.published_behind(place) | {place}
        behind |= rests_on
        for number in {number for c in rests_on for number in known.figures.get(c, ())} - figures:
            figures.add(number)
            new = set(target.figures[number].counts) - seen
            seen |= new
            stack += new
    return behind, figures


def _says_something(target: Target, cell: int) -> bool:
    """Whether a count is printed as more than a mark that it is withheld."""
    bounded = target.system.lowest[cell] > 0 or target.system.highest[cell] < UNBOUNDED
    return target.printed[cell] is not None and bool(bounded)


def _masked_falls(target: Target, lowest: Ints, highest: Ints, interval: int) -> Iterable[Fall]:
    """Figures that are masked beside counts that leave only few values of them."""
    for figure in target.masked:
        places = list(figure.counts)
        if np.prod((highest[places] - lowest[places] + 1).astype(float)) < interval:
            row, _ = target.names[places[0]]
            left = " / ".join(_joined(list(range(lowest[p], highest[p] + 1))) for p in places)
            yield Fall(row, figure.column, figure.text, left, tuple(places), ())


def _joined(values: list[int]) -> str:
    if len(values) > 2 and values[-1] - values[0] == len(values) - 1:
        return f"{values[0]} to {values[-1]}"
    return " or ".join(map(str, values))
