"""The analyst's own list of what was withheld and why. It names counts that may not be published.

It never leaves the house: private/<organisation>/<period>-withheld.csv, made anew with every run, whether or not
anything was published.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from assets.release.publish import folder_name
from assets.warehouse.private_files import write_listing
from equity_audit.disclosure.suppression.choosing import Cell
from equity_audit.disclosure.suppression.secondary_suppression import Protected
from equity_audit.disclosure.table.count_table import People
from equity_audit.wording import stage_name, step_name

# Whose counts are protected together; staff, board and answers are others.
APPLICANTS = "applicants"
HEADER = ("level", "split", "part", "group", "count", "what", "because")
_ITSELF = "no other set of counts was found that would be published the same"


def withheld_list(private: Path, organisation: str, period: str, population: str = APPLICANTS) -> Path:
    """Where the list of an organisation and period stands; of others than applicants in a file of their own."""
    whose = "" if population == APPLICANTS else f"-{folder_name(population)}"
    return private / folder_name(organisation) / f"{period}-withheld{whose}.csv"


def write_protection_report(target: Path, done: Protected) -> None:
    """List every count withheld, and every count that could have been worked out if none had been."""
    people = done.published.people
    rows = [*_withheld(people, done), *_listed(people, done.fell, "could be worked out without that")]
    write_listing(target, HEADER, rows)


def write_failure_report(target: Path, people: People, fallen: Mapping[Cell, frozenset[Cell]]) -> None:
    """List every count that can be worked out from what was about to be published."""
    write_listing(target, HEADER, _listed(people, fallen, "can be worked out"))


def _withheld(people: People, done: Protected) -> Iterator[tuple[str, ...]]:
    for cell in done.withheld:
        kept = [fallen for fallen, behind in done.fell.items() if cell in behind]
        others = [_named(people, fallen) for fallen in kept if fallen != cell]
        because = f"with it these could be worked out: {'; '.join(others)}" if others else _ITSELF
        yield (*_columns(people, cell), "withheld", because)


def _listed(people: People, fallen: Mapping[Cell, frozenset[Cell]], what: str) -> Iterator[tuple[str, ...]]:
    for cell, behind in sorted(fallen.items()):
        others = "; ".join(_named(people, other) for other in sorted(behind) if other != cell)
        yield (*_columns(people, cell), what, f"from these: {others}" if others else _ITSELF)


def _columns(people: People, cell: Cell) -> tuple[str, ...]:
    row = people.rows[cell[0]]
    return (row.level, row.breakdown, row.breakdown_value, row.group_name, _count(people, cell[1]))


def _named(people: People, cell: Cell) -> str:
    row = people.rows[cell[0]]
    part = "" if row.breakdown == "all" else f", {row.breakdown.replace('_', ' ')} {row.breakdown_value}"
    return f"{row.group_name}{part}: {_count(people, cell[1])}"


def _count(people: People, column: int) -> str:
    quantity = people.quantities[column]
    start, end = people.stages[quantity.start], people.stages[quantity.end]
    if quantity.name == "reached":
        return f"{'reached ' if people.steps else ''}{stage_name(start).lower()}"
    return f"{quantity.name.replace('_', ' ')}, {step_name(start, end).lower()}"
