"""Published counts as rows of the disclosed tables, and rows of the disclosed tables as published counts again."""

import numpy as np
import polars as pl

from equity_audit.contracts import DISCLOSED_OUTCOME_COUNTS, DISCLOSED_STAGE_COUNTS
from equity_audit.disclosure.table.count_table import LOST_AS, CountTable, Quantity, Row
from equity_audit.disclosure.table.suppression_status import Mark, Published
from equity_audit.settings import DisclosurePolicy

FEWER_THAN, PROTECTS = "fewer_than", "protects_another"
NOTE_OF = {Mark.SHOWN: None, Mark.FEWER_THAN: FEWER_THAN, Mark.PROTECTS: PROTECTS}
MARK_OF = {note: mark for mark, note in NOTE_OF.items()}
_STEP = ("organisation", "period", "step_order", "step_kind", "from_stage", "to_stage")
_COUNTS = ("reached", "decided", "progressed")


def stage_count_rows(published: Published, stage_counts: pl.DataFrame) -> pl.DataFrame:
    """Rows of disclosed.stage_counts of one organisation and period. `stage_counts` names the steps."""
    people = published.people
    steps = stage_counts.select(_STEP).unique().sort("step_order").to_dicts()
    rows = []
    for place, row in enumerate(people.rows):
        for step in steps:
            found = step | row._asdict()
            for name, quantity in _quantities(people, step["from_stage"], step["to_stage"]).items():
                found[name], found[f"{name}_note"] = _cell(published, place, quantity)
            rows.append(found)
    names = DISCLOSED_STAGE_COUNTS.column_names
    schema = _schema(stage_counts)
    return (
        pl.DataFrame(rows, schema_overrides=schema).select(names) if rows else pl.DataFrame(schema=schema).select(names)
    )


def outcome_count_rows(published: Published, stage_counts: pl.DataFrame, policy: DisclosurePolicy) -> pl.DataFrame:
    """Rows of disclosed.outcome_counts of one organisation and period: all applicants, each single step.

    Who progressed is as in disclosed.stage_counts. Who was rejected is the difference of the two published counts, or
    the mark of a small count if it cannot be a larger one, and so tells nothing more; null where one is not shown.
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
            rejected = _difference(max(decided - progressed[0], 0), policy)
        lost = {name: _cell(published, first, Quantity(name, k, k + 1)) for name in LOST_AS if name != "rejected"}
        for outcome, (value, note) in {"progressed": progressed, "rejected": rejected, **lost}.items():
            rows.append(step | {"outcome": outcome, "applications": value, "applications_note": note})
    schema = _schema(stage_counts) | {"outcome": pl.String, "applications": pl.Int64, "applications_note": pl.String}
    names = DISCLOSED_OUTCOME_COUNTS.column_names
    return (
        pl.DataFrame(rows, schema_overrides=schema).select(names) if rows else pl.DataFrame(schema=dict.fromkeys(names))
    )


def _difference(rounded: int, policy: DisclosurePolicy) -> tuple[int | None, str | None]:
    """Return a difference of two rounded counts, which may be up to round_to - 1 larger: "0" would say that nobody was.

    Where policy does not round, it is exact.
    """
    if policy.zeros == "suppress" and rounded + policy.round_to - 1 < policy.withhold_below:
        return None, FEWER_THAN
    return (None, PROTECTS) if rounded == 0 and policy.round_to > 1 else (rounded, None)


def published_again(people: CountTable, counts: pl.DataFrame, outcomes: pl.DataFrame) -> Published:
    """What disclosed.stage_counts and disclosed.outcome_counts publish, arranged by the people that its rows count."""
    counted, people = people, people.only({Row(*row) for row in counts.select(Row._fields).iter_rows()})
    shape = (len(people.rows), len(people.quantities))
    shown, mark = np.zeros(shape, np.int64), np.full(shape, Mark.UNPUBLISHED, np.int8)
    places = {row: place for place, row in enumerate(people.rows)}
    for found in counts.iter_rows(named=True):
        row = places[Row(*(found[name] for name in Row._fields))]
        for name, quantity in _quantities(people, found["from_stage"], found["to_stage"]).items():
            column = people.column[quantity]
            mark[row, column], shown[row, column] = MARK_OF[found[f"{name}_note"]], found[name] or 0
    for found in outcomes.filter(~pl.col("outcome").is_in(["progressed", "rejected"])).iter_rows(named=True):
        k = people.stages.index(found["from_stage"])
        column = people.column[Quantity(found["outcome"], k, k + 1)]
        mark[people.first_row, column] = MARK_OF[found["applications_note"]]
        shown[people.first_row, column] = found["applications"] or 0
    return Published(people, shown, mark, counted)


def _quantities(people: CountTable, from_stage: str, to_stage: str) -> dict[str, Quantity]:
    """The three counts of a step. Whoever progressed is whoever reached its last stage."""
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
    return (int(published.shown[row, column]) if mark == Mark.SHOWN else None), NOTE_OF[mark]


def _schema(stage_counts: pl.DataFrame) -> dict[str, pl.DataType]:
    kept = {name: stage_counts.schema[name] for name in (*_STEP, *Row._fields)}
    counts = {name: pl.Int64() for name in _COUNTS}
    return kept | counts | {f"{name}_note": pl.String() for name in _COUNTS}
