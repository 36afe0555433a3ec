"""The attack on a whole table: combine everything that it prints, and find the counts that this discloses.

Sums and printed figures narrow the counts in turn until nothing changes; then the bounds of each count are made exact
by integer programming (mip_bounds), unless the table is too large.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from equity_audit.disclosure.external.figure_inversion import Figure, Masked, values_left
from equity_audit.disclosure.suppression.mip_bounds import Contradiction, tightest
from equity_audit.disclosure.table.constraints import UNBOUNDED, Constraints, Ints, Narrowed, narrowed

# With more counts than this that have several possible values, bounds are only propagated along the sums.
_MOST_EXACT = 600


@dataclass(frozen=True)
class Target:
    """A published table as an attacker sees it.

    `names`: row and column of each count. `printed`: its cell, None if the table does not have one. `needed`: how many
    whole numbers must remain possible. `notes`: how the table was understood, one line each.
    """

    system: Constraints
    names: Sequence[tuple[str, str]]
    printed: Sequence[str | None]
    needed: Ints
    figures: Sequence[Figure] = ()
    masked: Sequence[Masked] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class DisclosedCell:
    """A count, or a masked figure, with too few possible values. `behind`: the counts from which it can be inferred."""

    row: str
    column: str
    printed: str | None
    possible: str
    behind: tuple[int, ...]
    figures: tuple[str, ...]
    by_all_sums: bool = False


@dataclass(frozen=True)
class Attack:
    """The result of an attack. `exact`: the bounds are the tightest; otherwise counts may be narrower than reported."""

    target: Target
    lowest: Ints
    highest: Ints
    disclosed: tuple[DisclosedCell, ...]
    exact: bool


@dataclass
class _Known:
    """What is known so far. `base`: bounds without the sums, so that the source of each bound can be traced."""

    base: Constraints
    figures: dict[int, set[int]] = field(default_factory=dict)
    values: dict[int, Ints] = field(default_factory=dict)


def attack(target: Target, interval: int, confidence: float, most_exact: int = _MOST_EXACT) -> Attack:
    """Find what a table discloses. `interval`: how many pairs of counts must remain possible behind a masked figure.

    Raises Contradiction if no counts fit everything that it prints.
    """
    known = _Known(Constraints(target.system.lowest.copy(), target.system.highest.copy(), target.system.relations))
    passed = _narrowed_by_all(target, known, confidence)
    lowest, highest = passed.lowest.copy(), passed.highest.copy()
    open_cells = np.nonzero((target.needed > 1) & (highest > lowest))[0]
    exact = len(open_cells) <= most_exact
    if exact:
        bounds = tightest(Constraints(lowest, highest, target.system.relations), open_cells.tolist())
        exact = bounds.proven
        for cell in bounds.lowest:
            lowest[cell], highest[cell] = bounds.lowest[cell], bounds.highest[cell]
    disclosed = [
        _disclosed_cell(target, known, passed, cell, (lowest, highest))
        for cell in range(len(lowest))
        if _number_possible(known, cell, lowest, highest) < target.needed[cell]
    ]
    disclosed += _disclosed_masked(target, lowest, highest, interval)
    return Attack(target, lowest, highest, tuple(disclosed), exact)


def _narrowed_by_all(target: Target, known: _Known, confidence: float) -> Narrowed:
    """Narrow by sums and figures in turn until neither changes a bound."""
    while True:
        passed = narrowed(known.base)
        if (passed.lowest > passed.highest).any():
            raise Contradiction("no counts fit what is published")
        moved = False
        for number, figure in enumerate(target.figures):
            cells = list(figure.counts)
            possible = values_left(figure, passed.lowest[cells].tolist(), passed.highest[cells].tolist(), confidence)
            if possible is None:
                continue
            if not len(possible[0]):
                raise Contradiction(f"no counts fit what is published: {figure.label}")
            for cell, values in zip(cells, possible, strict=True):
                moved |= _learn(known, passed, cell, values, number)
        if not moved:
            return passed


def _learn(known: _Known, passed: Narrowed, cell: int, values: Ints, number: int) -> bool:
    """Note the values of a count that a figure allows, and return whether its bounds changed."""
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


def _number_possible(known: _Known, cell: int, lowest: Ints, highest: Ints) -> int:
    """Return how many values of a count are possible: within its bounds, where there may be gaps."""
    values = known.values.get(cell)
    if values is None:
        return int(highest[cell] - lowest[cell] + 1)
    return int(((values >= lowest[cell]) & (values <= highest[cell])).sum())


def _disclosed_cell(
    target: Target, known: _Known, passed: Narrowed, cell: int, bounds: tuple[Ints, Ints]
) -> DisclosedCell:
    behind, figures = _reasons(target, known, passed, cell)
    row, column = target.names[cell]
    low, high = int(bounds[0][cell]), int(bounds[1][cell])
    values = known.values.get(cell, np.arange(low, min(high, low + 99) + 1))
    possible = _joined(values[(values >= low) & (values <= high)].tolist())
    by_all_sums = bool(low > passed.lowest[cell] or high < passed.highest[cell])
    return DisclosedCell(
        row,
        column,
        target.printed[cell],
        possible,
        tuple(sorted(other for other in behind - {cell} if _is_informative(target, other))),
        tuple(target.figures[number].label for number in sorted(figures)),
        by_all_sums,
    )


def _reasons(target: Target, known: _Known, passed: Narrowed, cell: int) -> tuple[set[int], set[int]]:
    """Return the counts and figures from which a count's bounds follow, including those behind the figures' counts."""
    behind: set[int] = set()
    figures: set[int] = set()
    seen, stack = {cell}, [cell]
    while stack:
        count = stack.pop()
        sources = passed.published_behind(count) | {count}
        behind |= sources
        for number in {number for source in sources for number in known.figures.get(source, ())} - figures:
            figures.add(number)
            new = set(target.figures[number].counts) - seen
            seen |= new
            stack += new
    return behind, figures


def _is_informative(target: Target, cell: int) -> bool:
    """Return whether a count is printed as more than a mark that it is withheld."""
    bounded = target.system.lowest[cell] > 0 or target.system.highest[cell] < UNBOUNDED
    return target.printed[cell] is not None and bool(bounded)


def _disclosed_masked(target: Target, lowest: Ints, highest: Ints, interval: int) -> Iterable[DisclosedCell]:
    """Yield masked figures that have only a few possible values, given the counts printed beside them."""
    for figure in target.masked:
        cells = list(figure.counts)
        if np.prod((highest[cells] - lowest[cells] + 1).astype(float)) < interval:
            row, _ = target.names[cells[0]]
            possible = " / ".join(_joined(list(range(lowest[cell], highest[cell] + 1))) for cell in cells)
            yield DisclosedCell(row, figure.column, figure.text, possible, tuple(cells), ())


def _joined(values: list[int]) -> str:
    if len(values) > 2 and values[-1] - values[0] == len(values) - 1:
        return f"{values[0]} to {values[-1]}"
    return " or ".join(map(str, values))
