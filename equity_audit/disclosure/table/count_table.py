"""The exact counts of one organisation and period, laid out as an attacker would lay them out to infer them.

Every application has exactly one outcome: lost at one of the stages in one of five ways, or at the last stage. A
**row** is a set of people: a level, a split, a group. Each published count of a row, a **quantity**, is the sum of some
of its outcomes: those decided at shortlisting are all except those lost before it or left undecided there. **Ties** say
which rows add up to which: groups to White and BME, departments to all.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import polars as pl

from equity_audit.disclosure.table.constraints import Ints
from equity_audit.settings import DisclosurePolicy
from equity_audit.vocabulary import DECIDED, OUTCOMES, always_listed, wider_names

LEVELS = ("all", "wres", "group", "category")
LOST_AS = tuple(outcome for outcome in OUTCOMES if outcome != "progressed")
_LEFT_AS = tuple(outcome for outcome in LOST_AS if outcome not in DECIDED)


class Row(NamedTuple):
    """A set of people: a group of a level, in a part of a split."""

    level: str
    breakdown: str
    breakdown_value: str
    group_name: str


class Quantity(NamedTuple):
    """A count of a row. `name` is reached (at stage `start`), or decided, rejected, left or an outcome of a step."""

    name: str
    start: int
    end: int


# A part of a split: the breakdown and its value.
Part = tuple[str, str]


@dataclass(frozen=True)
class CountTable:
    """counts: rows by outcomes; membership: quantities by outcomes, 1 if the quantity counts the outcome.

    coarser: maps parts of a split to the part of a coarser split that they belong to, as pay bands to tiers.
    """

    stages: tuple[str, ...]
    rows: tuple[Row, ...]
    quantities: tuple[Quantity, ...]
    membership: Ints
    counts: Ints
    ties: tuple[tuple[int, tuple[int, ...]], ...]
    coarser: Mapping[Part, Part] = field(default_factory=dict)

    @cached_property
    def values(self) -> Ints:
        """Every quantity of every row, exact."""
        return self.counts @ self.membership.T

    @cached_property
    def column(self) -> dict[Quantity, int]:
        """The index of each quantity."""
        return {quantity: index for index, quantity in enumerate(self.quantities)}

    @cached_property
    def steps(self) -> list[tuple[int, int]]:
        """The steps that have decisions: single steps first, then spans."""
        return [(q.start, q.end) for q in self.quantities if q.name == "decided"]

    @cached_property
    def first_row(self) -> int:
        """The index of the row of all applicants, whose outcomes are published separately; -1 if there is none."""
        indices = [index for index, row in enumerate(self.rows) if row[:2] == ("all", "all")]
        return indices[0] if indices else -1

    @cached_property
    def headlines(self) -> frozenset[Row]:
        """Rows that are not split, and rows of coarser parts such as tiers: readers look at these first."""
        whole = {("all", "all"), *self.coarser.values()}
        return frozenset(row for row in self.rows if row[1:3] in whole)

    def only(self, rows: Collection[Row]) -> "CountTable":
        """Return the same table with only some of its rows."""
        kept = [index for index, row in enumerate(self.rows) if row in rows]
        kept_rows = tuple(self.rows[index] for index in kept)
        parts = {(row.breakdown, row.breakdown_value) for row in kept_rows}
        coarser = {part: whole for part, whole in self.coarser.items() if {part, whole} <= parts}
        ties = ties_of(kept_rows, coarser)
        return replace(self, rows=kept_rows, counts=self.counts[kept], ties=ties, coarser=coarser)

    def relations_of_a_row(self) -> list[tuple[Quantity, list[Quantity]]]:
        """Return how the quantities of any row add up; those of single outcomes are only for the first row."""
        relations = []
        for k in range(len(self.stages) - 1):
            step = (k, k + 1)
            relations += [
                (Quantity("reached", k, k), [Quantity("decided", *step), Quantity("left", *step)]),
                (Quantity("decided", *step), [Quantity("reached", k + 1, k + 1), Quantity("rejected", *step)]),
            ]
        for start, end in self.steps:
            if end > start + 1:
                span, lost = (start, end), {name: Quantity(name, start, end) for name in ("left", "rejected")}
                relations += [(lost[name], [Quantity(name, k, k + 1) for k in range(*span)]) for name in lost]
                relations += [
                    (Quantity("reached", start, start), [Quantity("decided", *span), lost["left"]]),
                    (Quantity("decided", *span), [Quantity("reached", end, end), lost["rejected"]]),
                ]
        return relations

    def relations_of_outcomes(self) -> list[tuple[Quantity, list[Quantity]]]:
        """Return how the outcomes of the first row add up."""
        return [
            (Quantity("left", k, k + 1), [Quantity(name, k, k + 1) for name in _LEFT_AS])
            for k in range(len(self.stages) - 1)
        ]


def published_rows(stage_counts: pl.DataFrame, policy: DisclosurePolicy) -> pl.DataFrame:
    """Return the rows of out.stage_counts that policy publishes: all unsplit rows, and some splits at some levels."""
    unsplit, by_quarter = pl.col("breakdown") == "all", pl.col("breakdown") == "quarter"
    # Quarters of all applicants together are not published: they have no use, and sums with them disclose other counts.
    at_level = (
        pl.when(by_quarter)
        .then(pl.col("level").is_in(policy.quarter_levels))
        .otherwise(pl.col("level").is_in(["all", *policy.split_levels]))
    )
    return stage_counts.filter(unsplit | (pl.col("breakdown").is_in(policy.publish_splits) & at_level))


def count_table_of(stage_counts: pl.DataFrame, rows: Sequence[Row] | None = None) -> CountTable:
    """Lay out the rows of out.stage_counts of one organisation and period; empty groups get rows of zeros.

    rows: the rows listed; by default those that `rows_of` gives. Raises ValueError if the rows of one level or split do
    not add up to those of another.
    """
    steps = stage_counts.filter(pl.col("step_kind") == "stage").sort("step_order")
    order = steps.select("from_stage", "to_stage").unique(maintain_order=True)
    stages = (order["from_stage"][0], *order["to_stage"])
    spans = stage_counts.filter(pl.col("step_kind") == "span").sort("step_order")
    order_of = {stage: k for k, stage in enumerate(stages)}
    pairs = [(k, k + 1) for k in range(len(stages) - 1)]
    pairs += [
        (order_of[start], order_of[end])
        for start, end in spans.select("from_stage", "to_stage").unique(maintain_order=True).iter_rows()
        if (order_of[start], order_of[end]) not in pairs
    ]
    rows = tuple(rows) if rows is not None else rows_of(stage_counts.filter(pl.col("reached") > 0))
    quantities, membership = _quantities(len(stages), pairs)
    people = CountTable(stages, rows, quantities, membership, _outcomes(steps, rows, stages), ties_of(rows))
    check_sums(people)
    return people


def check_sums(people: CountTable) -> None:
    """Raise ValueError if the rows of one level or split do not add up to those of another."""
    for whole, parts in people.ties:
        if (people.counts[whole] != people.counts[list(parts)].sum(axis=0)).any():
            raise ValueError(f"the parts of {' '.join(people.rows[whole])} do not add up to it")


def rows_of(counts: pl.DataFrame) -> tuple[Row, ...]:
    """Return every group of a level in every part of every split that occurs at that level.

    counts: rows with somebody in them. All groups of a classification are listed, so that the listing of a row
    discloses nothing (ADR 17); a broad label, and a part of a split, is listed only if somebody is in it.
    """
    present: dict[str, set[str]] = {}
    for level, name in counts.select("level", "group_name").unique().iter_rows():
        present.setdefault(level, set()).add(name)
    parts = counts.select("level", "breakdown", "breakdown_value").unique()
    return in_order(
        Row(level, breakdown, value, name)
        for level, breakdown, value in parts.iter_rows()
        for name in always_listed(level, present[level], present)
    )


def in_order(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return rows in the order used everywhere: unsplit rows first, then wider levels before finer ones."""
    depth = {level: index for index, level in enumerate(LEVELS)}
    return tuple(sorted(rows, key=lambda row: (row.breakdown != "all", row[1:3], depth[row.level], row.group_name)))


def _outcomes(steps: pl.DataFrame, rows: tuple[Row, ...], stages: Sequence[str]) -> Ints:
    index = {row: number for number, row in enumerate(rows)}
    order_of = {stage: k for k, stage in enumerate(stages)}
    counts = np.zeros((len(rows), 5 * (len(stages) - 1) + 1), np.int64)
    for step in steps.iter_rows(named=True):
        row, k = index.get(Row(*(step[name] for name in Row._fields))), order_of[step["from_stage"]]
        if row is None:
            continue
        counts[row, 5 * k : 5 * k + 5] = [step[name] for name in LOST_AS]
        if step["to_stage"] == stages[-1]:
            counts[row, -1] = step["progressed"]
    return counts


def _quantities(stages: int, pairs: Sequence[tuple[int, int]]) -> tuple[tuple[Quantity, ...], Ints]:
    """Return the quantities, and which outcomes each counts.

    An outcome is numbered 5 * stage + way of being lost; the last one is the end of the path.
    """
    end, rejected = 5 * (stages - 1), LOST_AS.index("rejected")
    counted: dict[Quantity, list[int]] = {}
    for k in range(stages):
        counted[Quantity("reached", k, k)] = list(range(5 * k, end + 1))
    for start, stop in pairs:
        lost = [5 * k + rejected for k in range(start, stop)]
        counted[Quantity("decided", start, stop)] = [*lost, *range(5 * stop, end + 1)]
    # Over a span as well: anybody can subtract two counts of a row, and what lies between them is not published.
    for start, stop in pairs:
        counted[Quantity("rejected", start, stop)] = [5 * k + rejected for k in range(start, stop)]
        counted[Quantity("left", start, stop)] = [
            5 * k + way for k in range(start, stop) for way in range(5) if way != rejected
        ]
    for k in range(stages - 1):
        for name in _LEFT_AS:
            counted[Quantity(name, k, k + 1)] = [5 * k + LOST_AS.index(name)]
    membership = np.zeros((len(counted), end + 1), np.int64)
    for index, outcomes in enumerate(counted.values()):
        membership[index, outcomes] = 1
    return tuple(counted), membership


def ties_of(
    rows: tuple[Row, ...], coarser: Mapping[Part, Part] | None = None
) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Return the rows that add up to another: finer levels to the next coarser level present, splits to the whole.

    Parts of a split also add up to the part of a coarser split that they belong to. A whole that is not published has
    no row and no sum: level by level, its parts add up all the same.
    """
    index = {row: number for number, row in enumerate(rows)}
    everyone = {(row.breakdown, row.breakdown_value): number for number, row in enumerate(rows) if row.level == "all"}
    ties: dict[tuple[int, str], list[int]] = {}
    for number, row in enumerate(rows):
        if row.level != "all":
            wider = wider_names(row.level, row.group_name)
            candidates = [index.get(row._replace(level=level, group_name=name)) for level, name in wider.items()]
            candidates.append(everyone.get((row.breakdown, row.breakdown_value)))
            whole = next((candidate for candidate in candidates if candidate is not None), None)
            if whole is not None:
                ties.setdefault((whole, row.level), []).append(number)
        part = (row.breakdown, row.breakdown_value)
        above = [("all", "all")] if row.breakdown != "all" else []
        above += [coarser[part]] if coarser and part in coarser else []
        for breakdown, value in above:
            whole = index.get(row._replace(breakdown=breakdown, breakdown_value=value))
            if whole is not None:
                ties.setdefault((whole, row.breakdown), []).append(number)
    return tuple((whole, tuple(parts)) for (whole, _), parts in ties.items())
