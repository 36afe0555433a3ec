"""People's protection at the door: a file with columns that identify people directly is refused, with the list.

A sample is looked at in memory. Columns that the mapping drops are not read even for that.
"""

import duckdb

from assets.source_files import SourceFile
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.identifiers import KINDS, kind_by_name, kind_by_values, unmistakable_kind
from equity_audit.intake.mapping import TEXT_DETAILS, Mapping
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
    """Raise InputRefused if a detail that was just read holds people anywhere: it is the only text that is kept.

    Every different value counts once here, however far down in the file it stands and however rare it is.
    """
    columns = mapping.columns.model_dump()
    found = []
    for name in TEXT_DETAILS:
        if columns[name]:
            different = connection.sql(
                f"select distinct {name} from {rows} where {name} is not null limit {_DIFFERENT}"
            ).fetchall()
            values = [value for (value,) in different]
            if kind := unmistakable_kind(values) or kind_by_values(values):
                found.append(Problem(f"may hold {KINDS[kind]}, by its content", f"column {columns[name]}"))
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
