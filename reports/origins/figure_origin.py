"""Where a published figure comes from: the published figures behind it, and the columns behind those, to the file.

The contracts say which column is derived from which. The exact counts are not in an edition, so their columns are
named but their values are not.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from equity_audit.contracts import (
    DISCLOSED,
    DISCLOSED_DESIGN_EFFECTS,
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
# Columns that come from the department's own row alone.
_OWN = ("progressed", "progressed_note", "decided", "decided_note", "selection_rate")
# Statements that take part in counting the records, although no column's values come from them.
_COUNTING = {
    "out.stage_counts": ("core.counted_applications", "intake.level_names"),
    **{one.exact.full_name: (one.view, "intake.level_names") for one in POPULATION_TABLES},
}
# Tables that are filled from one shape of file only.
_ONLY_OF = {"core.group_counts": "counts", **{one.received.full_name: one.name for one in POPULATION_TABLES}}
# Measures of people counted beside recruitment.
_MEASURES = frozenset(one.shown_measures.full_name for one in POPULATION_TABLES)


@dataclass(frozen=True)
class Step:
    """One column of the chain; `made_of` is empty if it is read from the file."""

    table: Table
    column: Column
    made_of: tuple[str, ...]

    @property
    def name(self) -> str:
        """The column with its table."""
        return f"{self.table.full_name}.{self.column.name}"


def published_behind(edition: EditionFolder, figure: Figure) -> list[Figure]:
    """Return the published figures that a figure is calculated from, and those behind them, down to the counts."""
    behind: dict[str, Figure] = {}
    waiting = [figure]
    while waiting:
        for parent in _parents(edition, waiting.pop(0)):
            if parent.name not in behind:
                behind[parent.name] = parent
                waiting.append(parent)
    return list(behind.values())


def chain(figure: Figure, shapes: frozenset[str]) -> list[Step]:
    """Return every column behind a figure, from the figure to what is read from the file.

    shapes: of the edition's extracts. Columns of records are included only if some extract had records, columns of
    counted tables only if some extract was one.
    """
    steps: dict[str, Step] = {}
    waiting = [(figure.table, figure.column)]
    while waiting:
        table, column = waiting.pop(0)
        made_of = tuple(name for name in column.derived_from if _is_in_use(name, shapes))
        step = Step(table, column, made_of)
        if step.name not in steps:
            steps[step.name] = step
            for name in made_of:
                source, _, source_column = name.rpartition(".")
                waiting.append((_TABLES[source], _TABLES[source].column(source_column)))
    return list(steps.values())


def statements_behind(record: Mapping[str, Any], steps: list[Step]) -> dict[str, Mapping[str, str]]:
    """Return the statements that make the tables of the chain, as the record lists them."""
    tables = {step.table.full_name for step in steps}
    for table, others in _COUNTING.items():
        if table in tables:
            tables.update(others)
    return {table: statement for table, statement in record["statements"].items() if table in tables}


def rule(record: Mapping[str, Any], figure: Figure) -> list[str]:
    """Say in sentences what disclosure control does to such a figure."""
    policy = record["settings"]["disclosure"]
    small = opened(small_counts(policy))
    marked = f"Counts {small} are published as fewer than {policy['withhold_below']}; all others" if small else "Counts"
    if figure.table.full_name in ("disclosed.sources", "disclosed.checks") and figure.column.type != "bigint":
        return ["It is about files and checks, not people, and is published as it is."]
    if figure.table == DISCLOSED_DESIGN_EFFECTS:
        return [
            "It is estimated from who applied to which vacancy and rounded up to a class of the settings, so coarse "
            "that it reveals no count: every table of counts that fits the edition could have it.",
            "Where published counts show too few, the default of the settings is used. Corrections keep the first one.",
        ]
    sentences = [
        f"{marked} are rounded to the nearest {policy['round_to']}. More are withheld where another could be "
        "inferred from them, and a few at random.",
    ]
    if figure.column.name == "finding":
        sentences.append(
            "A finding is calculated from the exact counts, and shown only if all counts published identically give it."
        )
    elif figure.column.type != "bigint":
        sentences.append(
            "Rates and figures derived from them are calculated from the published counts alone, if the rounded number "
            f"decided on is at least {policy['rate_min_denominator']}. They reveal nothing more than those counts do."
        )
    if figure.column.point_reason:
        share, within = (f"{100 * policy[name]:g}%" for name in ("point_share", "point_within"))
        sentences.append(
            f"It is shown as a single figure only if at least {share} of the counts that would be published alike "
            f"give one within {within} of it; otherwise only its range is."
        )
    return sentences


def _parents(edition: EditionFolder, figure: Figure) -> Iterator[Figure]:
    for name in figure.column.derived_from:
        source, _, column = name.rpartition(".")
        if source in _DISCLOSED:
            table = _TABLES[source]
            yield from (Figure(table, dict(row), table.column(column)) for row in _rows_behind(edition, table, figure))


def _rows_behind(edition: EditionFolder, table: Table, figure: Figure) -> Iterable[Mapping[str, str]]:
    candidates = rows(edition, table)
    if figure.table == DISCLOSED_WORKFORCE_MEASURES:
        of_staff = table == DISCLOSED_WORKFORCE
        return staff_behind(figure.row, candidates) if of_staff else recruitment_behind(figure.row, candidates)
    if figure.table.full_name in _MEASURES:
        return numbers_behind(figure.row, candidates)
    return (row for row in candidates if _is_behind(row, figure))


def _is_behind(row: Mapping[str, str], figure: Figure) -> bool:
    """Whether a row is about the same group and step as a figure, or about the group compared with."""
    if "group_name" not in row:
        # The design effect of a step is that of all its groups.
        return (
            row["step_order"] == figure.row["step_order"] if "step_order" in figure.row else row["step_kind"] == "stage"
        )
    groups = {figure.row.get("group_name")}
    # A rate of the whole path is about the group alone; everything else in a row with a reference compares with it.
    if not figure.column.name.startswith("overall_rate"):
        groups.add(figure.row.get("reference_name") or None)
    # A whole path is made from its single steps.
    steps = row["step_order"] == figure.row["step_order"] if "step_order" in figure.row else row["step_kind"] == "stage"
    # Like for like is made from every part of its split.
    if "stratified_by" in figure.row:
        same = (row["level"], row["breakdown"]) == (figure.row["level"], figure.row["stratified_by"])
    elif "first_year" in figure.row:
        # Several years: from this year's counts, which may also be split, and from those of earlier editions.
        same = (row["level"], row.get("breakdown", "all")) == (figure.row["level"], "all")
    elif "target_rate" in figure.row:
        same = row["level"] == figure.row["level"] and _is_beside(row, figure)
    else:
        same = all(row[key] == figure.row[key] for key in ("level", "breakdown", "breakdown_value"))
    return same and steps and row["group_name"] in groups


def _is_beside(row: Mapping[str, str], figure: Figure) -> bool:
    """Whether a department's figure is derived from a row: its own, the whole organisation's, or any department's."""
    column, split = figure.column.name, figure.row["breakdown"]
    is_own = (row["breakdown"], row["breakdown_value"]) == (split, figure.row["breakdown_value"])
    is_whole = row["breakdown"] == "all"
    if column in _OWN:
        return is_own
    if column == "target_rate":
        return is_whole
    return is_whole or (is_own if column.startswith(("inner", "outer")) else row["breakdown"] == split)


def _is_in_use(name: str, shapes: frozenset[str]) -> bool:
    source = name.rpartition(".")[0]
    if source not in _TABLES:
        return False
    if source in _ONLY_OF:
        return _ONLY_OF[source] in shapes
    return source != "core.applications" or bool(shapes - set(_ONLY_OF.values()))
