"""The layouts of a table of counts, all read as lines with one label and a number for each stage.

Groups down: a row for each group, a column for each stage. Groups across: a row for each stage, a column for each
group. Long: a row for each group and stage, with one column of numbers. A table may also be divided by sex, department
or year: its lines then carry the values of these columns, and those of one group are added together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from equity_audit.errors import Problem
from equity_audit.intake.counted_applicants import Total
from equity_audit.intake.mapping import NOT_READ, Mapping
from equity_audit.vocabulary import fold, is_total, says_total

# A row of the file with its number from 1 below the header.
NumberedRow = tuple[int, Sequence[str]]
_UNNAMED = "(column "
_LISTED = 20


@dataclass(frozen=True)
class CountedLine:
    """One line of a table of counts. `row` counts from 1 below the header; if groups run across, it is the column.

    texts: the cell of each stage, in order; None if there is none. split: the values that distinguish lines of one
    group, such as the sex.
    """

    row: int
    label: str
    texts: tuple[str | None, ...]
    split: tuple[str, ...] = ()


def counted_lines(
    mapping: Mapping, columns: Sequence[str], rows: Sequence[NumberedRow]
) -> list[CountedLine] | list[Problem]:
    """Return the lines of a table in the mapping's layout, or what is wrong with the names of its stages."""
    places = {name: index for index, name in enumerate(columns)}
    if mapping.source.orientation == "groups across":
        return _across(mapping, columns, rows)
    split = [places[name] for name in mapping.source.sum_over]
    group = places[mapping.columns.ethnicity]
    if mapping.columns.number:
        return _long(mapping, places, rows)
    stages = [places[name] for name in mapping.stage_counts.values()]
    return [
        CountedLine(number, row[group], tuple(row[place] for place in stages), tuple(row[place] for place in split))
        for number, row in rows
    ]


def undivided_labels(lines: Sequence[CountedLine]) -> set[str]:
    """Return the folded labels of groups that have a single row although the table is divided by a further column."""
    divided = {fold(line.label) for line in lines if all(map(fold, line.split))}
    return {fold(line.label) for line in lines} - divided


def total_of(line: CountedLine, undivided: set[str]) -> Total | None:
    """Return what a line is the total of; None if it is a group's own line.

    A blank in a column that divides the table means all its values, if the group also has lines for single values.
    """
    blank_means_all = is_total(line.label) or fold(line.label) not in undivided
    # "Asian total" in a column of categories is a total too. What only seems one is refused as a wrong total.
    split = tuple(None if says_total(value) or (blank_means_all and not fold(value)) else value for value in line.split)
    if not is_total(line.label) and None not in split:
        return None
    return Total(line.row, (), None if is_total(line.label) else line.label, split)


def stage_columns(mapping: Mapping) -> list[str]:
    """Return words for the column of each stage, for messages."""
    if mapping.stage_counts:
        return list(mapping.stage_counts.values())
    return [f"{mapping.columns.number or mapping.columns.stage}, stage {stage}" for stage in mapping.source.stages]


def _across(mapping: Mapping, columns: Sequence[str], rows: Sequence[NumberedRow]) -> list[CountedLine] | list[Problem]:
    column = mapping.columns.stage or ""
    stages, unknown = _stages(mapping, {row[columns.index(column)] for _, row in rows})
    by_stage: dict[str, Sequence[str]] = {}
    problems = _unknown_stages(unknown, column, mapping)
    for number, row in rows:
        stage = stages.get(row[columns.index(column)])
        if stage in by_stage:
            problems.append(Problem(f"row {number} is a second row of the stage {stage}", f"column {column}", _ONE_ROW))
        if stage:
            by_stage[stage] = row
    problems += [
        Problem(
            f"no row has the numbers of the stage {stage}",
            f"column {column}",
            "give its row a meaning under [stage_labels] in the mapping, or leave the stage out of source.stages",
        )
        for stage in mapping.source.stages
        if stage not in by_stage
    ]
    if problems:
        return problems
    unread = {column, *mapping.privacy.drop}
    return [
        CountedLine(
            place + 1,
            "" if name.startswith(_UNNAMED) else name,
            tuple(by_stage[stage][place] for stage in mapping.source.stages),
        )
        for place, name in enumerate(columns)
        if name not in unread
    ]


_ONE_ROW = "give one row for each group and stage, or name the column that distinguishes them in source.sum_over"


def _long(mapping: Mapping, places: dict[str, int], rows: Sequence[NumberedRow]) -> list[CountedLine] | list[Problem]:
    column, order = mapping.columns.stage or "", {stage: index for index, stage in enumerate(mapping.source.stages)}
    group, at, number = (places[name] for name in (mapping.columns.ethnicity, column, mapping.columns.number or ""))
    split = [places[name] for name in mapping.source.sum_over]
    filled = [(index, row) for index, row in rows if any(cell.strip() for cell in row)]
    stages, unknown = _stages(mapping, {row[at] for _, row in filled})
    problems = _unknown_stages(unknown, column, mapping)
    lines: dict[tuple[str, ...], tuple[int, list[str | None]]] = {}
    repeated = []
    for index, row in filled:
        if (stage := stages.get(row[at])) is None:
            continue
        key = (row[group].strip(), *(row[place].strip() for place in split))
        _, texts = lines.setdefault(key, (index, [None] * len(order)))
        if texts[order[stage]] is not None:
            repeated.append(str(index))
        texts[order[stage]] = row[number]
    if repeated:
        listed = ", ".join(repeated[:_LISTED])
        problems.append(Problem(f"the same group and stage is in more than one row: {listed}", "", _ONE_ROW))
    if problems:
        return problems
    return [CountedLine(index, key[0], tuple(texts), key[1:]) for key, (index, texts) in lines.items()]


def _stages(mapping: Mapping, labels: set[str]) -> tuple[dict[str, str | None], list[str]]:
    """Return the stage of each label, None for a row that is not to be read, and the labels that mean no stage."""
    words = {fold(stage): stage for stage in mapping.source.stages}
    words |= {fold(label): stage for label, stage in mapping.stage_labels.items()}
    unknown = sorted(label for label in labels if fold(label) and fold(label) not in words)
    known = {label: words.get(fold(label)) for label in labels}
    return {label: None if stage == NOT_READ else stage for label, stage in known.items()}, unknown


def _unknown_stages(labels: list[str], column: str, mapping: Mapping) -> list[Problem]:
    if not labels:
        return []
    listed = "; ".join(f'"{label}"' for label in labels[:_LISTED])
    return [
        Problem(
            f"these stage labels are not in the mapping: {listed}",
            f"column {column}",
            f"give each one a meaning under [stage_labels] in the mapping: {', '.join(mapping.source.stages)}, or "
            f'"{NOT_READ}" for rows to leave out, such as percentages',
        )
    ]
