"""In which order counts are protected: headlines by themselves, then what further detail leaves room for."""

from collections.abc import Sequence
from dataclasses import dataclass

from equity_audit.disclosure.table.count_table import CountTable, Row


@dataclass(frozen=True)
class Block:
    """Rows that are published together or not at all."""

    rows: frozenset[Row]

    @property
    def parts(self) -> frozenset[tuple[str, str]]:
        """Each split and level of it."""
        return frozenset((row.breakdown, row.level) for row in self.rows)

    @property
    def whole(self) -> frozenset[Row]:
        """What is split: rows that stand before those of a split are added, or else these are left out."""
        split = (row for row in self.rows if row.breakdown != "all")
        return frozenset(row._replace(breakdown="all", breakdown_value="all") for row in split)


def blocks_of(people: CountTable, splits: Sequence[str] = ()) -> list[Block]:
    """Headlines (everybody, White and BME, groups); categories; then each split, a level after the wider ones.

    splits: their order; any other stands behind, coarser ones (tiers) before those that make them up (bands).
    """
    coarse = {breakdown for breakdown, _ in people.coarser.values()}
    order = [*splits, *sorted(coarse)]

    def place(row: Row) -> tuple[int, bool, int, str, int]:
        split = row.breakdown != "all"
        known = order.index(row.breakdown) if row.breakdown in order else len(order)
        return split, row.breakdown not in coarse, known, row.breakdown, _LATER[split].get(row.level, 0)

    found: dict[tuple[int, bool, int, str, int], set[Row]] = {}
    for row in people.rows:
        found.setdefault(place(row), set()).add(row)
    return [Block(frozenset(found[key])) for key in sorted(found)]


# The levels that are settled after the wider ones, of what is not split and of splits.
_LATER = {False: {"category": 1}, True: {"group": 1, "category": 2}}
