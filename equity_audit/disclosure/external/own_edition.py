"""Read the counts of an edition of this project, tables/stage_counts.csv, as an attacker would.

How its counts add up is known from count_table.py and attacker_knowledge.py; only the exact counts are missing here.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl

from equity_audit.contracts import COUNTS, DISCLOSED, DISCLOSED_STAGE_COUNTS
from equity_audit.disclosure.external.attack import Target
from equity_audit.disclosure.suppression.attacker_knowledge import attacker_knowledge
from equity_audit.disclosure.table.count_rows import FEWER_THAN
from equity_audit.disclosure.table.count_table import CountTable, Quantity, Row, count_table_of, in_order
from equity_audit.disclosure.table.suppression_status import Mark, Published
from equity_audit.errors import InputRefused, Problem
from equity_audit.settings import DisclosurePolicy
from equity_audit.vocabulary import ALL_APPLICANTS

_PUBLISHED = ("reached", "decided", "progressed")


def is_own(frame: pl.DataFrame) -> bool:
    """Return whether a table has the columns of disclosed.stage_counts.

    Raises InputRefused for another table of an edition: read as anybody's, it would seem to contradict itself.
    """
    columns = set(frame.columns)
    if set(DISCLOSED_STAGE_COUNTS.column_names) <= columns:
        return True
    if other := next((table for table in DISCLOSED if set(table.column_names) == columns), None):
        raise InputRefused(
            Problem(
                f"this is {other.name}.csv of an edition of this project, which is not read",
                "table",
                f"give {DISCLOSED_STAGE_COUNTS.name}.csv of the same folder: it is the only table of an edition "
                "that is attacked here. Numbers of staff and of answers are attacked before an edition is published",
            )
        )
    return False


def read_own(frame: pl.DataFrame, policy: DisclosurePolicy) -> Target:
    """Read a table of texts with the columns of disclosed.stage_counts, of one organisation and period.

    Raises InputRefused if a count is neither a multiple of the rounding base nor marked as withheld, or if the unsplit
    row of all applicants is missing.
    """
    _refuse(frame, policy)
    typed = frame.with_columns(
        pl.col("step_order").cast(pl.Int64), *(pl.col(name).replace("", None).cast(pl.Int64) for name in _PUBLISHED)
    )
    # Outcomes are not known, only the rows and steps.
    rows = in_order(Row(*row) for row in typed.select(Row._fields).unique().iter_rows())
    people = count_table_of(typed.with_columns(pl.lit(0).alias(name) for name in COUNTS), rows)
    known = attacker_knowledge(_published(typed, people), policy)
    names = [(_label(people.rows[row]), _column(people, people.quantities[q])) for row, q in known.cells]
    marks, shown = known.published.mark, known.published.shown
    printed = [_printed(Mark(marks[cell]), int(shown[cell]), policy) for cell in known.cells]
    notes = [
        f"an edition of this project: {len(people.rows)} rows of people, {len(people.steps)} steps",
        f"{len(known.system.relations)} sums: outcomes of a step, steps along the path, levels, splits",
    ]
    return Target(known.system, names, printed, known.needed, notes=notes)


def _published(typed: pl.DataFrame, people: CountTable) -> Published:
    index = {row: number for number, row in enumerate(people.rows)}
    order_of = {stage: k for k, stage in enumerate(people.stages)}
    shape = len(people.rows), len(people.quantities)
    published = Published(people, np.zeros(shape, np.int64), np.full(shape, Mark.UNPUBLISHED, np.int8))
    for line in typed.iter_rows(named=True):
        row = index[Row(*(line[name] for name in Row._fields))]
        start, end = order_of[line["from_stage"]], order_of[line["to_stage"]]
        quantities = Quantity("reached", start, start), Quantity("decided", start, end), Quantity("reached", end, end)
        for name, quantity in zip(_PUBLISHED, quantities, strict=True):
            cell = row, people.column[quantity]
            published.mark[cell] = _mark(line[name], line[f"{name}_note"])
            published.shown[cell] = line[name] or 0
    return published


def _mark(value: int | None, note: str) -> Mark:
    if value is not None:
        return Mark.SHOWN
    return Mark.FEWER_THAN if note == FEWER_THAN else Mark.PROTECTS


def _refuse(frame: pl.DataFrame, policy: DisclosurePolicy) -> None:
    problems = list(_unreadable(frame, policy))
    if frame.select("organisation", "period").n_unique() != 1:
        problems.append(
            Problem("the table has several organisations or periods", "table", "give one edition at a time")
        )
    unsplit = pl.all_horizontal(pl.col(name) == "all" for name in ("level", "breakdown", "breakdown_value"))
    if frame.filter(unsplit, pl.col("group_name") == ALL_APPLICANTS).is_empty():
        problems.append(Problem(f"the rows of {ALL_APPLICANTS} are missing", "table", "give the whole file"))
    if problems:
        raise InputRefused(*problems[:3])


def _unreadable(frame: pl.DataFrame, policy: DisclosurePolicy) -> Iterator[Problem]:
    for name in ("step_order", *_PUBLISHED):
        base = 1 if name == "step_order" else policy.round_to
        for number, text in enumerate(frame[name], start=1):
            if text and not (text.isdecimal() and int(text) % base == 0):
                yield Problem(
                    f"this is not a multiple of {base}",
                    f"row {number}, column {name}",
                    "give the file as published, and its rounding base with --round-to",
                )


def _printed(mark: Mark, shown: int, policy: DisclosurePolicy) -> str | None:
    return {
        Mark.SHOWN: str(shown),
        Mark.FEWER_THAN: f"fewer than {policy.withhold_below}",
        Mark.PROTECTS: "withheld",
    }.get(mark)


def _label(row: Row) -> str:
    split = "" if row.breakdown == "all" else f", {row.breakdown} {row.breakdown_value}"
    return f"{row.group_name}{split}"


def _column(people: CountTable, quantity: Quantity) -> str:
    start, end = people.stages[quantity.start], people.stages[quantity.end]
    return f"{quantity.name} {start}" if start == end else f"{quantity.name}, {start} to {end}"
