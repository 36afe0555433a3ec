"""Convert published counts to rows of the disclosed tables, and back."""

import numpy as np
import polars as pl

from equity_audit.contracts import DISCLOSED_OUTCOME_COUNTS, DISCLOSED_STAGE_COUNTS
from equity_audit.disclosure.table.count_table import LOST_AS, People, Quantity, Row
from equity_audit.disclosure.table.suppression_status import Mark, Published

FEWER_THAN, PROTECTS = "fewer_than", "protects_another"
_NOTES = {Mark.SHOWN: None, Mark.FEWER_THAN: FEWER_THAN, Mark.PROTECTS: PROTECTS}
_MARKS = {note: mark for mark, note in _NOTES.items()}
_STEP = ("organisation", "period", "step_order", "step_kind", "from_stage", "to_stage")
_COUNTS = ("reached", "decided", "progressed")


def stage_count_rows(published: Published, stage_counts: pl.DataFrame) -> pl.DataFrame:
    """Return rows of disclosed.stage_counts of one organisation and period. `stage_counts` names the steps."""
    people = published.people
    steps = stage_counts.select(_STEP).unique().sort("step_order").to_dicts()
    rows = []
    for index, row in enumerate(people.rows):
        for step in steps:
            values = step | row._asdict()
            for name, quantity in _quantities(people, step["from_stage"], step["to_stage"]).items():
                values[name], values[f"{name}_note"] = _cell(published, index, quantity)
            rows.append(values)
    names = DISCLOSED_STAGE_COUNTS.column_names
    schema = _schema(stage_counts)
    return (
        pl.DataFrame(rows, schema_overrides=schema).select(names) if rows else pl.DataFrame(schema=schema).select(names)
    )


def outcome_count_rows(published: Published, stage_counts: pl.DataFrame) -> pl.DataFrame:
    """Return rows of disclosed.outcome_counts of one organisation and period: all applicants, each single step.

    Progressed is as in disclosed.stage_counts. Rejected is the difference of the published counts decided and
    progressed, and so discloses nothing more; null if one of them is not shown.
    """
    people, first = published.people, published.people.first_row
    steps = stage_counts.filter(pl.col("step_kind") == "stage").select(_STEP).unique().sort("step_order").to_dicts()
    rows = []
    for step in steps if first >= 0 else []:
        counts = _quantities(people, step["from_stage"], step["to_stage"])
        k = people.stages.index(step["from_stage"])
        decided, _ = _cell(published, first, counts["decided"])
        progressed = _cell(published, first, counts["progressed"])
        rejected: tuple[int | None, str | None] = (None, progressed[1] or PROTECTS)
        if decided is not None and progressed[0] is not None:
            rejected = (max(decided - progressed[0], 0), None)
        lost = {name: _cell(published, first, Quantity(name, k, k + 1)) for name in LOST_AS if name != "rejected"}
        for outcome, (value, note) in {"progressed": progressed, "rejected": rejected, **lost}.items():
            rows.append(step | {"outcome": outcome, "applications": value, "applications_note": note})
    schema = _schema(stage_counts) | {"outcome": pl.String, "applications": pl.Int64, "applications_note": pl.String}
    names = DISCLOSED_OUTCOME_COUNTS.column_names
    return (
        pl.DataFrame(rows, schema_overrides=schema).select(names) if rows else pl.DataFrame(schema=dict.fromkeys(names))
    )


def published_again(people: People, counts: pl.DataFrame, outcomes: pl.DataFrame) -> Published:
    """Read disclosed.stage_counts and disclosed.outcome_counts back as published counts, for the rows listed."""
    people = people.only({Row(*row) for row in counts.select(Row._fields).iter_rows()})
    shape = (len(people.rows), len(people.quantities))
    shown, mark = np.zeros(shape, np.int64), np.full(shape, Mark.UNPUBLISHED, np.int8)
    index = {row: number for number, row in enumerate(people.rows)}
    for values in counts.iter_rows(named=True):
        row = index[Row(*(values[name] for name in Row._fields))]
        for name, quantity in _quantities(people, values["from_stage"], values["to_stage"]).items():
            column = people.column[quantity]
            mark[row, column], shown[row, column] = _MARKS[values[f"{name}_note"]], values[name] or 0
    for values in outcomes.filter(~pl.col("outcome").is_in(["progressed", "rejected"])).iter_rows(named=True):
        k = people.stages.index(values["from_stage"])
        column = people.column[Quantity(values["outcome"], k, k + 1)]
        mark[people.first_row, column] = _MARKS[values["applications_note"]]
        shown[people.first_row, column] = values["applications"] or 0
    return Published(people, shown, mark)


def _quantities(people: People, from_stage: str, to_stage: str) -> dict[str, Quantity]:
    """Return the three counts of a step. Those who progressed are those who reached its last stage."""
    start, end = people.stages.index(from_stage), people.stages.index(to_stage)
    return dict(
        zip(
            _COUNTS,
            (Quantity("reached", start, start), Quantity("decided", start, end), Quantity("reached", end, end)),
            strict=True,
        )
    )


def _cell(published: Published, row: int, quantity: Quantity) -> tuple[int | None, str | None]:
    column = published.people.column[quantity]
    mark = Mark(published.mark[row, column])
    return (int(published.shown[row, column]) if mark == Mark.SHOWN else None), _NOTES[mark]


def _schema(stage_counts: pl.DataFrame) -> dict[str, pl.DataType]:
    kept = {name: stage_counts.schema[name] for name in (*_STEP, *Row._fields)}
    counts = {name: pl.Int64() for name in _COUNTS}
    return kept | counts | {f"{name}_note": pl.String() for name in _COUNTS}
