"""Load a table of counts into core.group_counts: all of it or nothing."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import polars as pl

from assets.ingest.extract import Load
from assets.ingest.labelling import keep_ethnicities, match_received
from assets.ingest.source_files import SourceFile
from equity_audit.contracts import GROUP_COUNTS
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.counted_applicants import GroupCount, Total, cells, read_count, table_problems, total_problems
from equity_audit.intake.counted_people import personal_problems
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.steps import quoted
from equity_audit.intake.unlabelled import is_blank, means_people, sort_unlabelled, unlabelled_problem
from equity_audit.periods import period_start
from equity_audit.settings import Settings
from equity_audit.vocabulary import fold, is_total


def load_counts(
    connection: duckdb.DuckDBPyConnection,
    file: SourceFile,
    mapping: Mapping,
    load: Load,
) -> dict[str, Any]:
    """Load a table of counts and return its totals for the register.

    Raises InputRefused with every number and label that cannot be used.
    """
    extract_id, settings = load.extract_id, load.settings
    check_period(mapping, settings, load.today)
    rows, totals, rows_in = _read(connection, file, mapping)
    file.check_unchanged()
    personal = personal_problems([(row.row, row.label) for row in rows], mapping.columns.ethnicity)
    meanings, problems = match_received({row.label for row in rows}, mapping, settings)
    problems = personal + problems or table_problems(rows, meanings, mapping.columns.ethnicity)
    problems += total_problems(totals, rows, [*mapping.stage_counts.values()]) if rows else []
    if problems or not rows:
        raise InputRefused(
            *(problems or [Problem("the file has no rows of counts", file.path.name, "check the export")])
        )
    keep_ethnicities(connection, meanings, extract_id)
    schema = {"label": pl.String, "stage_order": pl.Int8, "outcome": pl.String, "applications": pl.Int64}
    frame = pl.DataFrame([(row.label, *cell) for row in rows for cell in cells(row)], schema=schema, orient="row")
    connection.register("cells", frame)
    connection.execute(
        f"insert into {GROUP_COUNTS.full_name} by name "
        "select ? as organisation, ?::date as period, c.label as ethnicity_code, "
        "l.* exclude (extract_id, label), c.* exclude (label), l.extract_id "
        "from cells as c join intake.ethnicity_labels as l on c.label = l.label and l.extract_id = ?",
        [load.organisation, mapping.source.period, extract_id],
    )
    connection.unregister("cells")
    return {
        "rows_in": rows_in,
        "rows_accepted": len(rows),
        "rows_ignored": rows_in - len(rows),
        "rows_rejected": 0,
        "applications": sum(row.reached[0] for row in rows),
        "stage_rows": 0,
        "first_applied_on": mapping.source.period,
        "last_applied_on": mapping.source.period,
    }


def _read(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping
) -> tuple[list[GroupCount], list[Total], int]:
    """Return the rows of groups, the rows of totals, and the number of all rows, blank ones included.

    Raises InputRefused for cells that are not numbers, and for unlabelled rows that are not the sum of the others.
    """
    columns = [mapping.columns.ethnicity, *mapping.stage_counts.values()]
    with file.rows(connection) as source:
        cells_sql = ", ".join(f"coalesce({quoted(column)}::varchar, '')" for column in columns)
        received = connection.sql(f"select {cells_sql} from {source}").fetchall()
    rows, blank, totals, marks, empty = [], [], [], [], []
    for number, (label, *texts) in enumerate(received, start=1):
        if not any(text.strip() for text in texts):
            continue
        numbers = [read_count(text) for text in texts]
        if is_total(label):
            totals.append(Total(number, tuple(numbers)))
            continue
        for column, text, value in zip(columns[1:], texts, numbers, strict=True):
            if value is None:
                (marks if text.strip() else empty).append(f"row {number}, column {column}")
        row = GroupCount(number, fold(label) and label.strip(), tuple(value or 0 for value in numbers))
        (blank if is_blank(label, mapping) else rows).append(row)
    if marks or empty:
        raise InputRefused(*_not_numbers(marks, empty, file.path.name))
    not_stated = sort_unlabelled(blank, rows, lambda row: row.reached, lambda _: [rows])
    if not_stated and not means_people(mapping):
        raise InputRefused(unlabelled_problem([row.row for row in not_stated], columns[0]))
    return sorted([*rows, *not_stated], key=lambda row: row.row), totals, len(received)


def _not_numbers(marks: list[str], empty: list[str], file_name: str) -> Iterator[Problem]:
    """Yield a problem for cells with a mark, which usually means a withheld number, and one for empty cells."""
    for positions, what, remedy in (
        (
            marks,
            "these cells are not whole numbers",
            "a count that was withheld or replaced by a mark cannot be used: ask the source for the number",
        ),
        (
            empty,
            "these cells are empty",
            "write 0 if nobody reached the stage, otherwise ask the source for the number",
        ),
    ):
        if positions:
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
    if period_start(day, settings.period) != day:
        raise InputRefused(
            Problem(
                f"{day} is not the first day of a reporting period ({settings.period.unit})",
                where,
                f"give the first day of its period, {period_start(day, settings.period)}",
            )
        )
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
