"""Recognise the layout of a table of counts: groups down or across, or a row for each group and stage.

A table is recognised by its numbers and by rows that do not repeat, not by one name: records have neither.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from equity_audit.intake.counted_applicants import read_count
from equity_audit.intake.proposal.columns import Choice, Column
from equity_audit.intake.proposal.versions import classification_of
from equity_audit.intake.proposal.words import STAGES, stages_named
from equity_audit.vocabulary import UNKNOWN, fold, is_total, match_ethnicity

_PERCENT_NAME = re.compile(
    r"%|\b(per ?cent|percentages?|rates?|proportions?|share|likelihood|ratio|index)\b", re.IGNORECASE
)
_PERCENT = re.compile(r"[0-9]{1,3}([.,][0-9]+)? ?%|[0-9]{1,2}\.[0-9]{1,2}|100(\.0)?")
_YEAR_NAME = re.compile(r"\b(year|years|period|fy|quarter)\b")
_YEAR = re.compile(r"(fy ?)?(19|20)\d\d( ?([/-]|to) ?(\d\d|20\d\d))?", re.IGNORECASE)
_NUMBER_NAME = re.compile(
    r"\b(number|count|n|value|headcount|people|total|applicants|candidates|submissions|applications|no)\b"
)
# A table has few rows; a file with more is not one.
_MOST_ROWS = 3000
_MOST_VALUES = 60


@dataclass(frozen=True)
class TableLayout:
    """A table of counts: its layout, its columns, and the stages that its columns or its rows name, in order."""

    orientation: str
    columns: dict[str, Choice]
    stages: dict[str, Choice]
    sum_over: tuple[str, ...] = ()
    year: str | None = None
    stage_words: dict[str, str | None] = field(default_factory=dict)
    only: tuple[str, str] | None = None


def is_percent_column(column: Column) -> bool:
    """Return whether a column holds percentages, by its name or by all of its values."""
    return bool(_PERCENT_NAME.search(column.name)) or (
        column.share(_PERCENT.fullmatch) >= 0.8 and column.share(lambda v: read_count(v) is None) > 0.3
    )


def find_table(
    chosen: Mapping[str, Choice], counts: Mapping[str, Choice], columns: Mapping[str, Column]
) -> TableLayout | None:
    """Return the layout of a table of counts; None if the file is not one.

    chosen: the columns by role. counts: the column of numbers of each stage.
    """
    ethnicity = chosen.get("ethnicity")
    if across := _across(columns):
        return across
    if ethnicity is None or len(columns[ethnicity.column].values) > _MOST_ROWS:
        return None
    ethnicity = _most_detailed(ethnicity, columns)
    others = [column for name, column in columns.items() if name != ethnicity.column]
    if len(counts) > 1:
        taken = {choice.column for choice in counts.values()}
        return _divided(
            TableLayout("down", {"ethnicity": ethnicity}, _in_order(counts, columns)),
            [ethnicity.column],
            [column for column in others if column.name not in taken],
            columns,
        )
    return _long(ethnicity, others, columns)


def _most_detailed(ethnicity: Choice, columns: Mapping[str, Column]) -> Choice:
    """Return the column of the most labels, if a table has one of groups and another of their categories.

    Not if its totals have no group's name: only the other column tells what they are the total of.
    """
    for name in ethnicity.others:
        column = columns[name]
        totals = [value for value in column.values if is_total(value)]
        if len(column.counts) > len(columns[ethnicity.column].counts) and len(totals) < 2 and column.ethnicities >= 0.8:
            rest = tuple(other for other in (ethnicity.column, *ethnicity.others) if other != name)
            return Choice(name, ethnicity.confidence, "the most detailed of several columns of ethnic categories", rest)
    return ethnicity


def _long(ethnicity: Choice, others: list[Column], columns: Mapping[str, Column]) -> TableLayout | None:
    """Return the layout of a table with a row for each group and stage; None if it is not one."""
    stages = [c for c in others if _stage_words(c) and len(c.counts) <= _MOST_VALUES]
    numbers = [
        column
        for column in others
        if column.filled
        and _NUMBER_NAME.search(column.words)
        and not is_percent_column(column)
        and column.share(lambda value: read_count(value) is not None) > 0.4
    ]
    if not stages or not numbers or any(c.dates > 0.5 for c in others):
        return None
    stage, number = stages[0], numbers[0]
    words = _stage_words(stage)
    reason = f"{sum(word is not None for word in words.values())} of {len(words)} values name a stage"
    layout = TableLayout(
        "long",
        {
            "ethnicity": ethnicity,
            "stage": Choice(stage.name, "high", reason),
            "number": Choice(number.name, "high", "name; whole numbers", tuple(c.name for c in numbers[1:])),
        },
        {},
        stage_words=words,
    )
    rest = [column for column in others if column not in (stage, number)]
    return _divided(layout, [ethnicity.column, stage.name], rest, columns)


def _across(columns: Mapping[str, Column]) -> TableLayout | None:
    """Return the layout of a table whose columns are groups; None if it is not one."""
    # The column with the stages may have no name.
    for name in list(columns)[:2]:
        words = _stage_words(columns[name])
        named = [other for other in columns if fold(other) and not other.startswith("(column ")]
        groups = [other for other in named if other != name and not is_total(other)]
        if len([stage for stage in words.values() if stage]) < 2 or len(groups) < 2:
            continue
        classification, share, _ = classification_of(groups)
        known = [match_ethnicity(group, classification) for group in groups]
        counted = [columns[group].share(lambda value: read_count(value) is not None) for group in groups]
        if share >= 0.6 and any(e and e.group != UNKNOWN for e in known) and min(counted) >= 0.3:
            reason = "groups run across: its values name stages, and the names of the other columns are groups"
            stages = {"stage": Choice(name, "high", reason)}
            return TableLayout("across", stages, {}, stage_words=words)
    return None


def _stage_words(column: Column) -> dict[str, str | None]:
    """Return the stage that each value of a column names, None for one that names none; {} if few name any."""
    words = {
        value: named[0] if len(named := stages_named(value)) == 1 and not _PERCENT_NAME.search(value) else None
        for value in column.counts
    }
    stages = [stage for stage in words.values() if stage]
    # Two rows of one stage could not be told apart.
    unique = {value: stage if stage and stages.count(stage) == 1 else None for value, stage in words.items()}
    return unique if len({*stages}) > 1 and len(stages) >= len(words) / 2 else {}


def _divided(
    layout: TableLayout, keys: list[str], others: list[Column], columns: Mapping[str, Column]
) -> TableLayout | None:
    """Return the layout with the columns that distinguish rows of one group; None if rows repeat all the same."""
    if found := _measures(others):
        measure, value = found
        kept = [index for index, text in enumerate(measure.values) if text == value]
        fewer = {name: Column(name, [c.values[index] for index in kept]) for name, c in columns.items()}
        rest = [fewer[column.name] for column in others if column is not measure]
        divided = _divided(layout, keys, rest, fewer)
        return replace(divided, only=(measure.name, value)) if divided else None
    year = next((column.name for column in others if _is_year(column)), None)
    used = [*keys, *([year] if year else [])]
    possible = [
        column
        for column in others
        if column.name != year
        and column.filled
        and (column.unique < 1 or len(column.values) < 3 or column.ethnicities > 0.5)
        and 1 < len({fold(value) for value in column.values}) <= _MOST_VALUES
        and column.share(lambda value: read_count(value) is not None or _PERCENT.fullmatch(value)) < 0.5
    ]
    added: list[str] = []
    for column in possible:
        if _repeat(used + added, columns):
            added.append(column.name)
    if _repeat(used + added, columns):
        return None
    return TableLayout(layout.orientation, layout.columns, layout.stages, tuple(added), year, layout.stage_words)


def _measures(columns: list[Column]) -> tuple[Column, str] | None:
    """Return the column that says which rows are numbers and which are percentages, and its word for numbers."""
    for column in columns:
        counted = [value for value in column.counts if _NUMBER_NAME.search(fold(value))]
        percent = [value for value in column.counts if _PERCENT_NAME.search(value)]
        both = set(counted) & set(percent)
        if len(counted) == 1 and percent and not both and len(column.counts) == len(counted) + len(percent):
            return column, counted[0]
    return None


def _repeat(names: list[str], columns: Mapping[str, Column]) -> bool:
    rows = [row for row in zip(*(map(fold, columns[name].values) for name in names), strict=True) if any(row)]
    return len(set(rows)) < len(rows)


def _is_year(column: Column) -> bool:
    return bool(column.filled) and (
        column.share(_YEAR.fullmatch) == 1 and bool(_YEAR_NAME.search(column.words) or column.unique < 1)
    )


def _in_order(counts: Mapping[str, Choice], columns: Mapping[str, Column]) -> dict[str, Choice]:
    """Return the stages in the order of the file if the numbers fall in this order, else in the usual one."""
    place = {name: index for index, name in enumerate(columns)}
    in_file = sorted(counts, key=lambda stage: place[counts[stage].column])
    sums = [sum(read_count(value) or 0 for value in columns[counts[stage].column].values) for stage in in_file]
    falling = all(first >= second for first, second in pairwise(sums))
    return {stage: counts[stage] for stage in (in_file if falling else [s for s in STAGES if s in counts])}
