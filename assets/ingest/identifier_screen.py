"""Refuse a file with columns that identify people directly, and list the columns.

A sample is examined in memory. Columns that the mapping drops are not read at all.
"""

import duckdb

from assets.ingest.source_files import SourceFile
from equity_audit.details import TEXT_DETAILS
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.identifiers import KINDS, kind_by_name, kind_by_values
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.personal_values import personal_kind, personal_problem
from equity_audit.intake.steps import quoted

_ROWS = 1000
# Keeps the check of a file with thousands of columns to about a second.
_CELLS = 200_000
# A detail has few distinct values. Of a column with more, this many are examined.
_DISTINCT = 100_000


def check_identifiers(connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping) -> None:
    """Raise InputRefused with every column that may identify people and that the mapping does not drop.

    Columns that the mapping does not name are judged by name and content. Details of the post are judged by content
    alone, since the mapping vouches for their names. Ids become pseudonyms, and labels and dates are matched value by
    value, so both are left out.
    """
    details = {mapping.columns.model_dump()[name] for name in TEXT_DETAILS}
    unmapped = [column for column in file.types if column not in mapping.needed_columns()]
    examined = [column for column in unmapped if column not in mapping.privacy.drop]
    examined += [column for column in file.types if column in details]
    identifying = []
    for column, values in sample_columns(connection, file, examined).items():
        by_name = kind_by_name(column) if column in unmapped else None
        kind = by_name or kind_by_values(values)
        if kind:
            identifying.append((column, kind, "its name" if by_name else "its content"))
    if identifying:
        raise InputRefused(
            *(Problem(f"may hold {KINDS[kind]}, by {why}", f"column {column}") for column, kind, why in identifying),
            Problem(
                "columns that identify people do not belong in an equity audit",
                file.path.name,
                "export the file without them, or list them in the mapping as privacy.drop: they are then never read",
            ),
        )


def check_details(connection: duckdb.DuckDBPyConnection, rows: str, numbered: str, mapping: Mapping) -> None:
    """Raise InputRefused if a detail identifies people in any row: details are text that is kept and published.

    rows: a table expression. numbered: the same with the number of each row as source_row, which takes longer to read.
    One value that points to a person is enough to refuse the file. Otherwise all distinct values are judged together,
    each counted once, however rare.
    """
    columns = mapping.columns.model_dump()
    named = {name: columns[name] for name in TEXT_DETAILS if columns[name]}
    problems = []
    for name, column in named.items():
        values = _distinct(connection, rows, name)
        if problem := _personal_rows(connection, numbered, name, column, values):
            problems.append(problem)
        elif kind := kind_by_values(values[:_DISTINCT]):
            problems.append(Problem(f"may hold {KINDS[kind]}, by its content", f"column {column}"))
    _refuse(problems)


def check_labels(connection: duckdb.DuckDBPyConnection, rows: str, numbered: str, mapping: Mapping) -> None:
    """Raise InputRefused if a label of ethnicity, outcome or stage points to a person: labels are kept too.

    rows, numbered: as for check_details.
    """
    columns = mapping.columns
    named = {"ethnicity_code": columns.ethnicity, "outcome_label": columns.outcome, "stage_label": columns.stage}
    problems = (
        _personal_rows(connection, numbered, name, column, _distinct(connection, rows, name))
        for name, column in named.items()
        if column
    )
    _refuse([problem for problem in problems if problem])


def _distinct(connection: duckdb.DuckDBPyConnection, rows: str, name: str) -> list[str]:
    distinct = connection.sql(f"select distinct {name} from {rows} where {name} is not null").fetchall()
    return [value for (value,) in distinct]


def _personal_rows(
    connection: duckdb.DuckDBPyConnection, numbered: str, name: str, column: str, values: list[str]
) -> Problem | None:
    """Return a problem with the rows in which a column points to a person; None if none of its values does."""
    personal = {value: kind for value in values if (kind := personal_kind(value))}
    if not personal:
        return None
    numbers = connection.execute(
        f"select source_row from {numbered} where list_contains($values::varchar[], {name}) order by source_row",
        {"values": list(personal)},
    ).fetchall()
    return personal_problem(personal.values(), [number for (number,) in numbers], column)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InputRefused(
            *problems,
            Problem("no part of the file was loaded", "", "correct the column at the source, or do not map it"),
        )


def sample_columns(connection: duckdb.DuckDBPyConnection, file: SourceFile, columns: list[str]) -> dict[str, list[str]]:
    """Return the first rows of some columns, as text."""
    if not columns:
        return {}
    rows = max(50, min(_ROWS, _CELLS // len(columns)))
    cells = ", ".join(f"{quoted(column)}::varchar" for column in columns)
    with file.rows(connection) as source:
        sample = connection.sql(f"select {cells} from {source} limit {rows}").fetchall()
    return {column: [row[index] or "" for row in sample] for index, column in enumerate(columns)}
