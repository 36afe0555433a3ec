"""Load a table of counts into core.group_counts: all of it or nothing."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import polars as pl

from assets.ingest.extract import Load
from assets.ingest.labelling import keep_ethnicities, match_received
from assets.ingest.source_files import SourceFile
from equity_audit.contracts import GROUP_COUNTS
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.counted_applicants import (
    GroupCount,
    Total,
    added_together,
    cells,
    read_count,
    table_problems,
    total_problems,
    without_split_sums,
    without_sums,
)
from equity_audit.intake.counted_layouts import (
    CountedLine,
    NumberedRow,
    counted_lines,
    stage_columns,
    total_of,
    undivided_labels,
)
from equity_audit.intake.counted_people import personal_problems
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.steps import quoted
from equity_audit.intake.unlabelled import is_blank, means_people, sort_unlabelled, unlabelled_problem
from equity_audit.periods import period_end, period_named, period_start
from equity_audit.settings import Settings
from equity_audit.vocabulary import Ethnicity, fold

_PERCENT = re.compile(r"[0-9]{1,3}([.,][0-9]+)? ?%|[0-9]{1,2}\.[0-9]{1,2}")
# What a cell may be that is not a count: (what is wrong, what to do).
_NOT_COUNTS = {
    "percent": (
        "these cells are percentages, or have decimals; counts are needed",
        "name the columns of numbers under [stage_counts] in the mapping, or ask the source for the numbers of people",
    ),
    "mark": (
        "these cells are not whole numbers",
        "a count that was withheld or replaced by a mark cannot be used: ask the source for the number",
    ),
    "empty": (
        "these cells are empty",
        "write 0 if nobody reached the stage, otherwise ask the source for the number",
    ),
    "missing": (
        "these groups have no row for a stage",
        "add a row with 0 if nobody reached the stage, otherwise ask the source for the number",
    ),
}


def load_counts(
    connection: duckdb.DuckDBPyConnection,
    file: SourceFile,
    mapping: Mapping,
    load: Load,
) -> dict[str, Any]:
    """Load a table of counts and return its totals for the register.

    Raises InputRefused with every number and label that cannot be used.
    """
    check_period(mapping, load.settings, load.today)
    columns, received = _received(connection, file, mapping)
    file.check_unchanged()
    wanted = {columns.index(column): fold(value) for column, value in mapping.only.items()}
    counting = [
        (number, row) for number, row in received if all(fold(row[place]) == value for place, value in wanted.items())
    ]
    counted: dict[date, tuple[list[GroupCount], int]] = {}
    meanings: dict[str, Ethnicity] = {}
    for period, rows in _by_period(mapping, columns, counting, load).items():
        counted[period], matched = _counted(mapping, columns, rows, file.path.name, load.settings)
        meanings |= matched
    keep_ethnicities(connection, meanings, load.extract_id)
    schema = {
        **{"period": pl.Date, "label": pl.String, "stage_order": pl.Int8, "outcome": pl.String},
        "applications": pl.Int64,
    }
    found = [(period, row.label, *cell) for period, (rows, _) in counted.items() for row in rows for cell in cells(row)]
    connection.register("cells", pl.DataFrame(found, schema=schema, orient="row"))
    connection.execute(
        f"insert into {GROUP_COUNTS.full_name} by name "
        "select ? as organisation, c.label as ethnicity_code, "
        "l.* exclude (extract_id, label), c.* exclude (label), l.extract_id "
        "from cells as c join intake.ethnicity_labels as l on c.label = l.label and l.extract_id = ?",
        [load.organisation, load.extract_id],
    )
    connection.unregister("cells")
    rows_used = sum(used for _, used in counted.values())
    return {
        "rows_in": len(received),
        "rows_accepted": rows_used,
        "rows_ignored": len(received) - rows_used,
        "rows_rejected": 0,
        "applications": sum(row.reached[0] for rows, _ in counted.values() for row in rows),
        "stage_rows": 0,
        "first_applied_on": min(counted),
        "last_applied_on": max(counted),
    }


def _counted(
    mapping: Mapping, columns: list[str], received: list[NumberedRow], file_name: str, settings: Settings
) -> tuple[tuple[list[GroupCount], int], dict[str, Ethnicity]]:
    """Return one row for each label of a period, the number of rows behind them, and what the labels mean.

    Raises InputRefused.
    """
    rows, totals = _sorted(mapping, columns, received, file_name)
    personal = personal_problems([(row.row, row.label) for row in rows], mapping.columns.ethnicity)
    meanings, problems = match_received({row.label for row in rows}, mapping, settings)
    problems = personal + problems
    if not problems:
        rows, more = without_split_sums(rows)
        totals += more
        rows, _ = without_sums(rows, totals, meanings)
        problems = table_problems(rows, totals, meanings, mapping)
    across = mapping.source.orientation == "groups across"
    problems += total_problems(totals, rows, stage_columns(mapping), across=across) if rows else []
    if problems or not rows:
        raise InputRefused(*(problems or [Problem("the file has no rows of counts", file_name, "check the export")]))
    added = added_together(rows)
    return (added, _rows_used(mapping, rows)), {row.label: meanings[row.label] for row in added}


def _received(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping
) -> tuple[list[str], list[NumberedRow]]:
    """Return the columns that are read, and all rows with their numbers from 1 below the header."""
    across = mapping.source.orientation == "groups across"
    columns = [name for name in file.types if across or name in mapping.needed_columns()]
    with file.rows(connection) as source:
        cells_sql = ", ".join(f"coalesce({quoted(column)}::varchar, '')" for column in columns)
        rows = connection.sql(f"select {cells_sql} from {source}").fetchall()
    return columns, list(enumerate(rows, start=1))


def _by_period(
    mapping: Mapping, columns: list[str], received: list[NumberedRow], load: Load
) -> dict[date, list[NumberedRow]]:
    """Return the rows of each reporting period: one period for all, or the one that each row names.

    Raises InputRefused for a period that is not one of the settings, with the rows.
    """
    if mapping.source.period:
        return {mapping.source.period: received}
    place = columns.index(mapping.columns.period or "")
    periods: dict[date, list[NumberedRow]] = {}
    starts: dict[str, date | Problem] = {}
    wrong: dict[str, list[str]] = {}
    for number, row in received:
        if not any(cell.strip() for cell in row):
            continue
        text = row[place].strip()
        start = starts.setdefault(text, period_named(text, load.settings.period))
        if isinstance(start, Problem):
            wrong.setdefault(text, []).append(str(number))
        else:
            periods.setdefault(start, []).append((number, row))
    if wrong:
        where = f"column {mapping.columns.period}"
        raise InputRefused(
            *(
                Problem(f"{problem.what} (rows {', '.join(wrong[text][:20])})", where, problem.remedy)
                for text, problem in starts.items()
                if isinstance(problem, Problem)
            )
        )
    for start in periods:
        _check_covered(start, load.settings, load.today, f"column {mapping.columns.period}")
    return periods or {load.today: []}


def _rows_used(mapping: Mapping, rows: list[GroupCount]) -> int:
    """Return the number of rows of the file behind the counts: if the stages run down, one for each stage."""
    if mapping.source.orientation == "groups across":
        return len(mapping.source.stages)
    return len(rows) * (len(mapping.source.stages) if mapping.columns.number else 1)


def _sorted(
    mapping: Mapping, columns: list[str], received: list[NumberedRow], file_name: str
) -> tuple[list[GroupCount], list[Total]]:
    """Return the rows of groups and the rows of totals.

    Raises InputRefused for cells that are not numbers, and for unlabelled rows that are not the sum of the others.
    """
    across = mapping.source.orientation == "groups across"
    lines = counted_lines(mapping, columns, received)
    if problems := [line for line in lines if isinstance(line, Problem)]:
        raise InputRefused(*problems)
    read = [line for line in lines if isinstance(line, CountedLine)]
    undivided = undivided_labels(read)
    rows, blank, totals, faulty = [], [], [], []
    for line in read:
        if not any((text or "").strip() for text in line.texts):
            continue
        numbers = [None if text is None else read_count(text) for text in line.texts]
        if (total := total_of(line, undivided)) is not None:
            totals.append(replace(total, stated=tuple(numbers)))
            continue
        faulty += [
            (line, stage, text)
            for stage, (text, value) in enumerate(zip(line.texts, numbers, strict=True))
            if value is None
        ]
        label = fold(line.label) and line.label.strip()
        row = GroupCount(line.row, label, tuple(value or 0 for value in numbers), line.split)
        (blank if is_blank(line.label, mapping) else rows).append(row)
    if faulty:
        raise InputRefused(*_not_numbers(faulty, stage_columns(mapping), "column" if across else "row", file_name))
    not_stated = sort_unlabelled(
        blank, rows, lambda row: row.reached, lambda row: [[other for other in rows if other.split == row.split], rows]
    )
    if not_stated and not means_people(mapping):
        raise InputRefused(unlabelled_problem([row.row for row in not_stated], mapping.columns.ethnicity))
    return sorted([*rows, *not_stated], key=lambda row: row.row), totals


def _not_numbers(
    faulty: list[tuple[CountedLine, int, str | None]], columns: list[str], line_is: str, file_name: str
) -> Iterator[Problem]:
    """Yield a problem for each kind of cell that is not a count, with where these cells are."""
    kinds: dict[str, list[str]] = {kind: [] for kind in _NOT_COUNTS}
    for line, stage, text in faulty:
        cell = (text or "").strip()
        kind = "missing" if text is None else "empty" if not cell else "percent" if _PERCENT.fullmatch(cell) else "mark"
        kinds[kind].append(f"{line_is} {line.row}, column {columns[stage]}")
    for kind, positions in kinds.items():
        if positions:
            what, remedy = _NOT_COUNTS[kind]
            more = " and more" if positions[20:] else ""
            yield Problem(f"{what}: {'; '.join(positions[:20])}{more}", file_name, remedy)


def check_period(mapping: Mapping, settings: Settings, today: date) -> None:
    """Raise InputRefused if a table of counts is not for a reporting period that policy covers.

    This is also checked before any file is loaded: a period without a partition could be loaded but never reported.
    """
    day = mapping.source.period
    if mapping.source.shape != "counts" or day is None:
        return
    where = f"mapping {mapping.source.name}, key source.period"
    if (start := period_start(day, settings.period)) != day:
        raise InputRefused(
            Problem(
                f"{day} is not the first day of a reporting period ({settings.period.unit}), whose years begin on "
                f"{settings.period.year_starts} (month and day)",
                where,
                "if the table counts calendar, academic or other years, set period.year_starts in settings.toml to the "
                f"month and day on which they begin; else give the first day of its period, such as {start} or "
                f"{period_end(start, settings.period)}",
            )
        )
    _check_covered(day, settings, today, where)


def _check_covered(day: date, settings: Settings, today: date, where: str) -> None:
    """Raise InputRefused for a period that begins before the first one covered, or in the future."""
    if day < period_start(settings.period.earliest, settings.period):
        raise InputRefused(
            Problem(
                f"the period that begins on {day} is before the first day that the settings cover "
                f"(period.earliest, {settings.period.earliest})",
                where,
                "correct the date, or set period.earliest in settings.toml to an earlier day",
            )
        )
    if day > today:
        raise InputRefused(Problem(f"the period that begins on {day} is in the future", where, "correct the date"))
