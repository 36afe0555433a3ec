"""How groups add up at each level, and parts of splits to what is not split."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import NamedTuple

from tests.attackers.system import Constraints, Linear

UNKNOWN, WHITE, BME = "Unknown", "White", "BME"
NOT_GIVEN = {"group": ", group not given", "category": ", category not given"}
UK_GROUPS = ("Asian", "Black", "Mixed", "White", "Other", UNKNOWN)


class Cell(NamedTuple):
    """Some people: a group at a level, in a part of a split; "all" of "all" is no split."""

    level: str
    breakdown: str
    part: str
    group: str


Name = Callable[[Cell], Hashable]


def add_sums(system: Constraints, cells: Iterable[Cell], name: Name, *, of_splits: bool = True) -> None:
    """Note for one count, named by cell, everything that adds up among the cells that are listed."""
    listed = list(dict.fromkeys(cells))
    for where in dict.fromkeys((cell.breakdown, cell.part) for cell in listed):
        here = [cell for cell in listed if (cell.breakdown, cell.part) == where]
        _add_levels(system, here, name)
    if of_splits:
        _add_splits(system, listed, name)


def _add_levels(system: Constraints, here: list[Cell], name: Name) -> None:
    """Groups to all, groups to White and BME, categories to groups."""
    of = {level: [cell for cell in here if cell.level == level] for level in ("all", "wres", "group", "category")}
    for finer, coarser, of_finer in _nested(of):
        if of_finer:
            system.equal(name(coarser), map(name, of_finer), f"{finer} of {coarser}")
        else:
            system.know(Linear.of(name(coarser)), ((0, 0),), f"{coarser} without any {finer}")
    for group, parts in _some_of(of):
        system.no_more(Linear.of(name(group), less=map(name, parts)), f"categories of {group}")


def _nested(of: dict[str, list[Cell]]) -> Iterator[tuple[str, Cell, list[Cell]]]:
    """Which cells of a finer level make up each of a coarser one."""
    for whole in of["all"]:
        for level in ("wres", "group", "category"):
            if of[level]:
                yield level, whole, of[level]
    for wres in of["wres"]:
        for level in ("group", "category"):
            if of[level]:
                yield level, wres, [cell for cell in of[level] if _wres(cell) == wres.group]
    for group in of["group"] if of["category"] else ():
        if not _is_shared(group, of):
            yield "category", group, [cell for cell in of["category"] if _group(cell) == group.group]


def _some_of(of: dict[str, list[Cell]]) -> Iterator[tuple[Cell, list[Cell]]]:
    """Where a broad row may belong to two groups, the named categories are no more than their group."""
    for group in of["group"] if of["category"] else ():
        if _is_shared(group, of) and group.group in UK_GROUPS:
            parts = [cell for cell in of["category"] if cell.group.startswith(f"{group.group}: ")]
            if parts:
                yield group, parts


def _is_shared(group: Cell, of: dict[str, list[Cell]]) -> bool:
    """Whether "White, category not given" may be of the group White, or of White people without a group."""
    return f"{_wres(group)}{NOT_GIVEN['group']}" in {cell.group for cell in of["group"]} and (
        group.group == WHITE or group.group.endswith(NOT_GIVEN["group"])
    )


def _group(category: Cell) -> str:
    """The group of a category: what stands before its colon, or before ", category not given"."""
    broad = category.group.removesuffix(NOT_GIVEN["category"])
    if broad == BME:
        return f"{BME}{NOT_GIVEN['group']}"
    return broad.split(": ")[0]


def _wres(cell: Cell) -> str:
    """White, BME or Unknown, of a group or a category."""
    group = (_group(cell) if cell.level == "category" else cell.group).removesuffix(NOT_GIVEN["group"])
    return group if group in (WHITE, BME, UNKNOWN) else BME


def _add_splits(system: Constraints, listed: list[Cell], name: Name) -> None:
    """The parts of each split to what is not split, at the levels at which the split is listed."""
    whole = [cell for cell in listed if cell.breakdown == "all"]
    for breakdown in dict.fromkeys(cell.breakdown for cell in listed if cell.breakdown != "all"):
        split = [cell for cell in listed if cell.breakdown == breakdown]
        levels = {cell.level for cell in split}
        for cell in whole:
            if cell.level in levels:
                parts = [part for part in split if (part.level, part.group) == (cell.level, cell.group)]
                why = f"{breakdown} of {cell}"
                if parts:
                    system.equal(name(cell), map(name, parts), why)
                else:
                    system.know(Linear.of(name(cell)), ((0, 0),), why)
