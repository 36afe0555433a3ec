"""Where a published figure comes from: the published figures behind it, and the columns behind those down to the file.

Which column is made of which is read from the contracts. The exact counts are not in an edition, so their columns are
named and their values are not.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from equity_audit.contracts import (
    DISCLOSED,
    DISCLOSED_WORKFORCE,
    DISCLOSED_WORKFORCE_MEASURES,
    POPULATION_TABLES,
    TABLES,
    Column,
    Table,
)
from reports.cells.words import small_counts
from reports.edition.folder import EditionFolder
from reports.figures.printable import opened
from reports.origins.figure_names import Figure, rows
from reports.origins.staff_origin import numbers_behind, recruitment_behind, staff_behind

_TABLES = {table.full_name: table for table in TABLES}
_DISCLOSED = frozenset(table.full_name for table in DISCLOSED)
# What a department's row has of it alone.
_OWN = ("progressed", "progressed_note", "decided", "decided_note", "selection_rate")
# Statements that are part of how the records are counted, though no column's values are theirs.
_COUNTING = {
    "out.stage_counts": ("core.counted_applications", "intake.level_names"),
    **{one.exact.full_name: (one.view, "intake.level_names") for one in POPULATION_TABLES},
}
# Tables that one shape of file alone brings.
_ONLY_OF = {"core.group_counts": "counts", **{one.received.full_name: one.name for one in POPULATION_TABLES}}
# Measures of people counted beside recruitment.
_MEASURES = frozenset(one.shown_measures.full_name for one in POPULATION_TABLES)


@dataclass(frozen=True)
class Step:
    """One column of the chain; `made_of` is empty where it is read from the file."""

    table: Table
    column: Column
    made_of: tuple[str, ...]

    @property
    def name(self) -> str:
        """The column with its table."""
        return f"{self.table.full_name}.{self.column.name}"


def published_behind(edition: EditionFolder, figure: Figure) -> list[Figure]:
    """The published figures that a figure is worked out from, and those behind them, down to the counts; each once."""
    found: dict[str, Figure] = {}
    waiting = [figure]
    while waiting:
        for parent in _parents(edition, waiting.pop(0)):
            if parent.name not in found:
                found[parent.name] = parent
                waiting.append(parent)
    return list(found.values())


def chain(figure: Figure, shapes: frozenset[str]) -> list[Step]:
    """Every column behind a figure, from the figure to what is read from the file.

    shapes: of the edition's extracts. Columns of records stand only where some extract had records, columns of counted
    tables only where some extract was one.
    """
    found: dict[str, Step] = {}
    waiting = [(figure.table, figure.column)]
    while waiting:
        table, column = waiting.pop(0)
        made_of = tuple(name for name in column.derived_from if _stands(name, shapes))
        step = Step(table, column, made_of)
        if step.name not in found:
            found[step.name] = step
            for name in made_of:
                source, _, source_column = name.rpartition(".")
                waiting.append((_TABLES[source], _TABLES[source].column(source_column)))
    return list(found.values())


def statements_behind(record: Mapping[str, Any], steps: list[Step]) -> dict[str, Mapping[str, str]]:
    """The statements by which tables of the chain are made, as the record names them."""
    tables = {step.table.full_name for step in steps}
    for table, others in _COUNTING.items():
        if table in tables:
            tables.update(others)
    return {table: said for table, said in record["statements"].items() if table in tables}


def rule(record: Mapping[str, Any], figure: Figure) -> list[str]:
    """What disclosure control does with such a figure, in sentences."""
    policy = record["settings"]["disclosure"]
    small = opened(small_counts(policy))
    marked = f"Counts {small} are published as fewer than {policy['withhold_below']}; all others" if small else "Counts"
    if figure.table.full_name in ("disclosed.sources", "disclosed.checks") and figure.column.type != "bigint":
        return ["It is about the files and the checks, not about people: published as it is."]
    said = [
        f"{marked} are rounded to the nearest {policy['round_to']}. More are withheld where another could be worked "
        "out from them, and a few by chance.",
    ]
    if figure.column.name == "finding":
        said.append("A finding is that of the exact counts, shown where all counts that would be published so give it.")
    elif figure.column.type != "bigint":
        said.append(
            f"Rates and what is made of them are worked out from the published counts alone, where the rounded number "
            f"decided on is at least {policy['rate_min_denominator']}. Nobody can learn more from them than from those."
        )
    return said


def _parents(edition: EditionFolder, figure: Figure) -> Iterator[Figure]:
    for name in figure.column.derived_from:
        source, _, column = name.rpartition(".")
        if source in _DISCLOSED:
            table = _TABLES[source]
            yield from (Figure(table, dict(row), table.column(column)) for row in _rows_behind(edition, table, figure))


def _rows_behind(edition: EditionFolder, table: Table, figure: Figure) -> Iterable[Mapping[str, str]]:
    found = rows(edition, table)
    if figure.table == DISCLOSED_WORKFORCE_MEASURES:
        of_staff = table == DISCLOSED_WORKFORCE
        return staff_behind(figure.row, found) if of_staff else recruitment_behind(figure.row, found)
    if figure.table.full_name in _MEASURES:
        return numbers_behind(figure.row, found)
    return (row for row in found if _is_behind(row, figure))


def _is_behind(row: Mapping[str, str], figure: Figure) -> bool:
    """Whether a row is about the same people and step as a figure, or about those whom they are compared with."""
    groups = {figure.row.get("group_name")}
    # A rate of a whole path is of the group alone; everything else beside a reference compares with it.
    if not figure.column.name.startswith("overall_rate"):
        groups.add(figure.row.get("reference_name") or None)
    # A whole path is made of its single steps.
    steps = row["step_order"] == figure.row["step_order"] if "step_order" in figure.row else row["step_kind"] == "stage"
    # Like for like is made of every part of its split.
    if "stratified_by" in figure.row:
        same = (row["level"], row["breakdown"]) == (figure.row["level"], figure.row["stratified_by"])
    elif "target_rate" in figure.row:
        same = row["level"] == figure.row["level"] and _is_beside(row, figure)
    else:
        same = all(row[key] == figure.row[key] for key in ("level", "breakdown", "breakdown_value"))
    return same and steps and row["group_name"] in groups


def _is_beside(row: Mapping[str, str], figure: Figure) -> bool:
    """Whether a department's figure is made of a row: its own, the whole organisation's, or any department's."""
    column, split = figure.column.name, figure.row["breakdown"]
    own = (row["breakdown"], row["breakdown_value"]) == (split, figure.row["breakdown_value"])
    whole = row["breakdown"] == "all"
    if column in _OWN:
        return own
    if column == "target_rate":
        return whole
    return whole or (own if column.startswith(("inner", "outer")) else row["breakdown"] == split)


def _stands(name: str, shapes: frozenset[str]) -> bool:
    source = name.rpartition(".")[0]
    if source not in _TABLES:
        return False
    if source in _ONLY_OF:
        return _ONLY_OF[source] in shapes
    return source != "core.applications" or bool(shapes - set(_ONLY_OF.values()))
