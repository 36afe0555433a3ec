"""In which order counts are protected: headlines by themselves, then what further detail leaves room for."""

from collections.abc import Sequence
from dataclasses import dataclass

from equity_audit.disclosure.table.count_table import People, Row


@dataclass(frozen=True)
class Block:
    """Rows that are published together or not at all."""

    rows: frozenset[Row]

    @property
    def parts(self) -> frozenset[tuple[str, str]]:
        """Each split and level of it."""
        return frozenset((row.breakdown, row.level) for row in self.rows)


def blocks_of(people: People, splits: Sequence[str] = ()) -> list[Block]:
    """Headlines (everybody, White and BME, groups); categories; then each split, its groups after its wider levels.

    splits: their order; any other stands behind, coarser ones (tiers) before those that make them up (bands).
    """
    coarse = {breakdown for breakdown, _ in people.coarser.values()}
    order = [*splits, *sorted(coarse)]

    def place(row: Row) -> tuple[int, bool, int, str, bool]:
        split = row.breakdown != "all"
        known = order.index(row.breakdown) if row.breakdown in order else len(order)
        return split, row.breakdown not in coarse, known, row.breakdown, row.level in _LATER[split]

    found: dict[tuple[int, bool, int, str, bool], set[Row]] = {}
    for row in people.rows:
        found.setdefault(place(row), set()).add(row)
    return [Block(frozenset(found[key])) for key in sorted(found)]


# The levels that are settled after the wider ones, of what is not split and of splits.
_LATER = {False: ("category",), True: ("group", "category")}
