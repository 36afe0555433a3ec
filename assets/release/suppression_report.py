"""The analyst's list of withheld counts, with reasons. It names counts that may not be published.

It never leaves the home: private/<organisation>/<period>-withheld.csv is rewritten by every run, whether or not
anything is published.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from assets.release.publish import folder_name
from assets.warehouse.private_files import write_listing
from equity_audit.disclosure.suppression.choosing import Cell
from equity_audit.disclosure.suppression.secondary_suppression import Protected
from equity_audit.disclosure.table.count_table import CountTable
from equity_audit.wording import stage_name, step_name

# The set of people whose counts are protected together; staff, board and answers are other sets.
APPLICANTS = "applicants"
HEADER = ("level", "split", "part", "group", "count", "what", "because")
_NO_OTHER_TABLE = "no other table of counts was found that would be published in the same way"


def withheld_list(private: Path, organisation: str, period: str, population: str = APPLICANTS) -> Path:
    """Return the path of the list of an organisation and period; each set other than applicants has its own file."""
    suffix = "" if population == APPLICANTS else f"-{folder_name(population)}"
    return private / folder_name(organisation) / f"{period}-withheld{suffix}.csv"


def write_protection_report(target: Path, protected: Protected) -> None:
    """List every withheld count, and every count that could be inferred if none were withheld."""
    people = protected.published.people
    rows = [
        *_withheld(people, protected),
        *_listed(people, protected.fell, "could be inferred if nothing were withheld"),
    ]
    write_listing(target, HEADER, rows)


def write_failure_report(target: Path, people: CountTable, disclosed_cells: Mapping[Cell, frozenset[Cell]]) -> None:
    """List every count that can be inferred from the tables that were to be published."""
    write_listing(target, HEADER, _listed(people, disclosed_cells, "can be inferred"))


def _withheld(people: CountTable, protected: Protected) -> Iterator[tuple[str, ...]]:
    for cell in protected.withheld:
        protected_cells = [disclosed_cells for disclosed_cells, reason in protected.fell.items() if cell in reason]
        others = [_named(people, disclosed_cells) for disclosed_cells in protected_cells if disclosed_cells != cell]
        because = f"with it these could be inferred: {'; '.join(others)}" if others else _NO_OTHER_TABLE
        yield (*_columns(people, cell), "withheld", because)


def _listed(
    people: CountTable, disclosed_cells: Mapping[Cell, frozenset[Cell]], what: str
) -> Iterator[tuple[str, ...]]:
    for cell, reason in sorted(disclosed_cells.items()):
        others = "; ".join(_named(people, other) for other in sorted(reason) if other != cell)
        yield (*_columns(people, cell), what, f"from these: {others}" if others else _NO_OTHER_TABLE)


def _columns(people: CountTable, cell: Cell) -> tuple[str, ...]:
    row = people.rows[cell[0]]
    return (row.level, row.breakdown, row.breakdown_value, row.group_name, _count(people, cell[1]))


def _named(people: CountTable, cell: Cell) -> str:
    row = people.rows[cell[0]]
    part = "" if row.breakdown == "all" else f", {row.breakdown.replace('_', ' ')} {row.breakdown_value}"
    return f"{row.group_name}{part}: {_count(people, cell[1])}"


def _count(people: CountTable, column: int) -> str:
    quantity = people.quantities[column]
    start, end = people.stages[quantity.start], people.stages[quantity.end]
    if quantity.name == "reached":
        return f"{'reached ' if people.steps else ''}{stage_name(start).lower()}"
    return f"{quantity.name.replace('_', ' ')}, {step_name(start, end).lower()}"
