"""People's protection at the door: a file with columns that identify people directly is refused, with the list.

A sample is looked at in memory. Columns that the mapping drops are not read even for that.
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
# So that a file of thousands of columns is looked at in a second as well.
_CELLS = 200_000
# A detail has few different values. Of one that has more, so many are looked at.
_DIFFERENT = 100_000


def check_identifiers(connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping) -> None:
    """Raise InputRefused with every column that may identify people and that the mapping does not drop.

    Columns that nobody asked for are judged by name and content; details of the post by content, since the mapping
    vouches for their names. Ids become pseudonyms, and labels and dates are matched value by value: both are left out.
    """
    attributes = {mapping.columns.model_dump()[name] for name in TEXT_DETAILS}
    unasked = [column for column in file.types if column not in mapping.needed_columns()]
    looked_at = [column for column in unasked if column not in mapping.privacy.drop]
    looked_at += [column for column in file.types if column in attributes]
    found = []
    for column, values in sample_columns(connection, file, looked_at).items():
        by_name = kind_by_name(column) if column in unasked else None
        kind = by_name or kind_by_values(values)
        if kind:
            found.append((column, kind, "its name" if by_name else "its content"))
    if found:
        raise InputRefused(
            *(Problem(f"may hold {KINDS[kind]}, by {why}", f"column {column}") for column, kind, why in found),
            Problem(
                "columns that identify people have no place in an equity audit",
                file.path.name,
                "export it without them, or name them under [privacy] drop in the mapping: they are then never read",
            ),
        )


def check_details(connection: duckdb.DuckDBPyConnection, rows: str, mapping: Mapping) -> None:
    """Raise InputRefused if a detail that was just read holds people anywhere: it is text that is kept and published.

    rows: a table expression with the number of each row as source_row. A value that points to one person refuses the
    file wherever it stands; beyond that, every different value counts once, however rare it is.
    """
    columns = mapping.columns.model_dump()
    named = {name: columns[name] for name in TEXT_DETAILS if columns[name]}
    found = []
    for name, column in named.items():
        if problem := _personal_rows(connection, rows, name, column):
            found.append(problem)
            continue
        different = connection.sql(
            f"select distinct {name} from {rows} where {name} is not null limit {_DIFFERENT}"
        ).fetchall()
        if kind := kind_by_values([value for (value,) in different]):
            found.append(Problem(f"may hold {KINDS[kind]}, by its content", f"column {column}"))
    _refuse(found)


def check_labels(connection: duckdb.DuckDBPyConnection, rows: str, mapping: Mapping) -> None:
    """Raise InputRefused if a label of ethnicity, outcome or stage points to one person: labels are kept too."""
    columns = mapping.columns
    named = {"ethnicity_code": columns.ethnicity, "outcome_label": columns.outcome, "stage_label": columns.stage}
    problems = (_personal_rows(connection, rows, name, column) for name, column in named.items() if column)
    _refuse([problem for problem in problems if problem])


def _personal_rows(connection: duckdb.DuckDBPyConnection, rows: str, name: str, column: str) -> Problem | None:
    """The refusal of the rows in which a column points to somebody; None if it does nowhere."""
    different = connection.sql(f"select distinct {name} from {rows} where {name} is not null").fetchall()
    personal = {value: kind for (value,) in different if (kind := personal_kind(value))}
    if not personal:
        return None
    found = connection.execute(
        f"select source_row from {rows} where list_contains($values::varchar[], {name}) order by source_row",
        {"values": list(personal)},
    ).fetchall()
    return personal_problem(personal.values(), [row for (row,) in found], column)


def _refuse(found: list[Problem]) -> None:
    if found:
        raise InputRefused(
            *found, Problem("nothing of the file was loaded", "", "mend the column at the source, or do not map it")
        )


def sample_columns(connection: duckdb.DuckDBPyConnection, file: SourceFile, columns: list[str]) -> dict[str, list[str]]:
    """The first rows of some columns, as text."""
    if not columns:
        return {}
    rows = max(50, min(_ROWS, _CELLS // len(columns)))
    cells = ", ".join(f"{quoted(column)}::varchar" for column in columns)
    with file.rows(connection) as source:
        found = connection.sql(f"select {cells} from {source} limit {rows}").fetchall()
    return {column: [row[place] or "" for row in found] for place, column in enumerate(columns)}
