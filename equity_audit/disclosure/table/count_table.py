"""Who stands behind the figures of one organisation and period, set out as somebody would who wanted to work them out.

Every application ends in exactly one outcome: lost at one of the stages in one of five ways, or at the last stage. A
**row** is a set of people: a level, a split, a group. Each published count of a row, a **quantity**, adds up some of
its outcomes: whoever was decided on at shortlisting is everybody but those lost before it or left undecided there.
**Ties** say which rows add up to which: groups to White and BME, departments to all.
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
    """A set of people."""

    level: str
    breakdown: str
    breakdown_value: str
    group_name: str


class Quantity(NamedTuple):
    """A count of a row. `name` is reached (at stage `start`), or decided, rejected, left or an outcome between two."""

    name: str
    start: int
    end: int


# A part of a split: the breakdown, and its value.
Part = tuple[str, str]


@dataclass(frozen=True)
class People:
    """counts: rows by outcomes; membership: quantities by outcomes, 1 where the quantity counts the outcome.

    coarser: parts of a split that make up a part of a coarser split, as pay bands make up tiers.
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
        """The place of each quantity."""
        return {quantity: place for place, quantity in enumerate(self.quantities)}

    @cached_property
    def steps(self) -> list[tuple[int, int]]:
        """The stages between which somebody is decided on: single steps first, then spans."""
        return [(q.start, q.end) for q in self.quantities if q.name == "decided"]

    @cached_property
    def first_row(self) -> int:
        """The row of all applicants, whose outcomes are published one by one; -1 where there is none."""
        found = [place for place, row in enumerate(self.rows) if row[:2] == ("all", "all")]
        return found[0] if found else -1

    @cached_property
    def headlines(self) -> frozenset[Row]:
        """Rows of what is not split, and of parts that parts of another split make up: readers look at these first."""
        whole = {("all", "all"), *self.coarser.values()}
        return frozenset(row for row in self.rows if row[1:3] in whole)

    def only(self, rows: Collection[Row]) -> "People":
        """The same people, told apart by some of the rows alone."""
        kept = [place for place, row in enumerate(self.rows) if row in rows]
        lines = tuple(self.rows[place] for place in kept)
        parts = {(row.breakdown, row.breakdown_value) for row in lines}
        coarser = {part: whole for part, whole in self.coarser.items() if {part, whole} <= parts}
        return replace(self, rows=lines, counts=self.counts[kept], ties=ties_of(lines, coarser), coarser=coarser)

    def relations_of_a_row(self) -> list[tuple[Quantity, list[Quantity]]]:
        """How the quantities of any row add up; those of outcomes one by one are for the first row."""
        found = []
        for k in range(len(self.stages) - 1):
            step = (k, k + 1)
            found += [
                (Quantity("reached", k, k), [Quantity("decided", *step), Quantity("left", *step)]),
                (Quantity("decided", *step), [Quantity("reached", k + 1, k + 1), Quantity("rejected", *step)]),
            ]
        for start, end in self.steps:
            if end > start + 1:
                span, lost = (start, end), {name: Quantity(name, start, end) for name in ("left", "rejected")}
                found += [(lost[name], [Quantity(name, k, k + 1) for k in range(*span)]) for name in lost]
                found += [
                    (Quantity("reached", start, start), [Quantity("decided", *span), lost["left"]]),
                    (Quantity("decided", *span), [Quantity("reached", end, end), lost["rejected"]]),
                ]
        return found

    def relations_of_outcomes(self) -> list[tuple[Quantity, list[Quantity]]]:
        """How the first row's outcomes add up."""
        return [
            (Quantity("left", k, k + 1), [Quantity(name, k, k + 1) for name in _LEFT_AS])
            for k in range(len(self.stages) - 1)
        ]


def published_rows(stage_counts: pl.DataFrame, policy: DisclosurePolicy) -> pl.DataFrame:
    """The rows of out.stage_counts that policy publishes: everything unsplit, and some splits at some levels."""
    unsplit, by_quarter = pl.col("breakdown") == "all", pl.col("breakdown") == "quarter"
    # Of quarters not all applicants together: nothing is made of those, and sums with them give others away.
    told_apart = (
        pl.when(by_quarter)
        .then(pl.col("level").is_in(policy.quarter_levels))
        .otherwise(pl.col("level").is_in(["all", *policy.split_levels]))
    )
    return stage_counts.filter(unsplit | (pl.col("breakdown").is_in(policy.publish_splits) & told_apart))


def people_behind(stage_counts: pl.DataFrame, rows: Sequence[Row] | None = None) -> People:
    """Set out the rows of out.stage_counts of one organisation and period; groups without anybody get rows of zeros.

    rows: those that are listed; by default all that `rows_of` gives. Raises ValueError where the rows of one level or
    split do not add up to those of another.
    """
    steps = stage_counts.filter(pl.col("step_kind") == "stage").sort("step_order")
    order = steps.select("from_stage", "to_stage").unique(maintain_order=True)
    stages = (order["from_stage"][0], *order["to_stage"])
    spans = stage_counts.filter(pl.col("step_kind") == "span").sort("step_order")
    place = {stage: k for k, stage in enumerate(stages)}
    pairs = [(k, k + 1) for k in range(len(stages) - 1)]
    pairs += [
        (place[start], place[end])
        for start, end in spans.select("from_stage", "to_stage").unique(maintain_order=True).iter_rows()
        if (place[start], place[end]) not in pairs
    ]
    rows = tuple(rows) if rows is not None else rows_of(stage_counts.filter(pl.col("reached") > 0))
    quantities, membership = _quantities(len(stages), pairs)
    people = People(stages, rows, quantities, membership, _outcomes(steps, rows, stages), ties_of(rows))
    check_sums(people)
    return people


def check_sums(people: People) -> None:
    """Raise ValueError where the rows of one level or split do not add up to those of another."""
    for whole, parts in people.ties:
        if (people.counts[whole] != people.counts[list(parts)].sum(axis=0)).any():
            raise ValueError(f"the parts of {' '.join(people.rows[whole])} do not add up to it")


def rows_of(counts: pl.DataFrame) -> tuple[Row, ...]:
    """Every group of a level within every part of every split that is there at that level.

    counts: rows with somebody in them. All groups of a classification are listed, so that a listed row says nothing
    (ADR 17); a broad label, and a part of a split, only where somebody has it.
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
    """Rows as they are numbered everywhere: what is not split first, then wider levels before finer ones."""
    depth = {level: place for place, level in enumerate(LEVELS)}
    return tuple(sorted(rows, key=lambda row: (row.breakdown != "all", row[1:3], depth[row.level], row.group_name)))


def _outcomes(steps: pl.DataFrame, rows: tuple[Row, ...], stages: Sequence[str]) -> Ints:
    index = {row: place for place, row in enumerate(rows)}
    at = {stage: k for k, stage in enumerate(stages)}
    counts = np.zeros((len(rows), 5 * (len(stages) - 1) + 1), np.int64)
    for step in steps.iter_rows(named=True):
        line, k = index.get(Row(*(step[name] for name in Row._fields))), at[step["from_stage"]]
        if line is None:
            continue
        counts[line, 5 * k : 5 * k + 5] = [step[name] for name in LOST_AS]
        if step["to_stage"] == stages[-1]:
            counts[line, -1] = step["progressed"]
    return counts


def _quantities(stages: int, pairs: Sequence[tuple[int, int]]) -> tuple[tuple[Quantity, ...], Ints]:
    """Which outcomes each quantity counts. An outcome is 5 * stage + way lost; the last is the end of the path."""
    end, rejected = 5 * (stages - 1), LOST_AS.index("rejected")
    found: dict[Quantity, list[int]] = {}
    for k in range(stages):
        found[Quantity("reached", k, k)] = list(range(5 * k, end + 1))
    for start, stop in pairs:
        lost = [5 * k + rejected for k in range(start, stop)]
        found[Quantity("decided", start, stop)] = [*lost, *range(5 * stop, end + 1)]
    # Over a span as well: what is not published between two counts of a row is anybody's to subtract.
    for start, stop in pairs:
        found[Quantity("rejected", start, stop)] = [5 * k + rejected for k in range(start, stop)]
        found[Quantity("left", start, stop)] = [
            5 * k + way for k in range(start, stop) for way in range(5) if way != rejected
        ]
    for k in range(stages - 1):
        for name in _LEFT_AS:
            found[Quantity(name, k, k + 1)] = [5 * k + LOST_AS.index(name)]
    membership = np.zeros((len(found), end + 1), np.int64)
    for place, outcomes in enumerate(found.values()):
        membership[place, outcomes] = 1
    return tuple(found), membership


def ties_of(
    rows: tuple[Row, ...], coarser: Mapping[Part, Part] | None = None
) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Rows that add up to another: finer levels to the next coarser one that is there, splits to what they split.

    And parts of a split to the part of a coarser one that they make up. A whole that is not published has no row, and
    is no sum to know of: by levels, its parts add up all the same.
    """
    index = {row: place for place, row in enumerate(rows)}
    everybody = {(row.breakdown, row.breakdown_value): place for place, row in enumerate(rows) if row.level == "all"}
    ties: dict[tuple[int, str], list[int]] = {}
    for place, row in enumerate(rows):
        if row.level != "all":
            wider = wider_names(row.level, row.group_name)
            found = [index.get(row._replace(level=level, group_name=name)) for level, name in wider.items()]
            found.append(everybody.get((row.breakdown, row.breakdown_value)))
            whole = next((p for p in found if p is not None), None)
            if whole is not None:
                ties.setdefault((whole, row.level), []).append(place)
        part = (row.breakdown, row.breakdown_value)
        above = [("all", "all")] if row.breakdown != "all" else []
        above += [coarser[part]] if coarser and part in coarser else []
        for breakdown, value in above:
            whole = index.get(row._replace(breakdown=breakdown, breakdown_value=value))
            if whole is not None:
                ties.setdefault((whole, row.breakdown), []).append(place)
    return tuple((whole, tuple(parts)) for (whole, _), parts in ties.items())
