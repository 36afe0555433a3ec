"""Load staff headcounts, or numbers of answers to a staff survey, into the core tables: all of the file or nothing."""

from collections.abc import Sequence
from typing import Any

import duckdb
import polars as pl

from assets.ingest.date_formats import cells_of
from assets.ingest.extract import Load
from assets.ingest.identifier_screen import check_details
from assets.ingest.labelling import keep_ethnicities, match_received
from assets.ingest.source_files import SourceFile
from equity_audit.contracts import ANSWERS, HEADCOUNTS, Table
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.counted_applicants import read_count, wholes_beside_parts
from equity_audit.intake.counted_people import (
    NumbersColumns,
    NumbersRow,
    answer_problems,
    could_be_part,
    personal_problems,
    row_problems,
)
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.steps import NO, YES
from equity_audit.intake.unlabelled import is_blank, means_people, sort_unlabelled, unlabelled_problem
from equity_audit.populations.headcounts import clinical, tier
from equity_audit.vocabulary import is_total

_STAFF_TEXTS = ("pay_band", "staff_group", "board_member", "executive_member")
_STAFF_NUMBERS = ("headcount", "leavers", "joiners")
_ANSWER_TEXTS, _ANSWER_NUMBERS = ("item",), ("answered", "agreed")


def load_headcounts(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping, load: Load
) -> dict[str, Any]:
    """Load staff headcounts and return the file's totals for the register.

    Raises InputRefused with everything that makes the file unusable.
    """
    columns = _columns(mapping, str(mapping.columns.snapshot), _STAFF_TEXTS, _STAFF_NUMBERS)
    rows, rows_in = _read(connection, file, mapping, columns)
    file.check_unchanged()
    board, executive = mapping.columns.board_member, mapping.columns.executive_member
    rows, problems = _without_totals(rows, columns, mapping, columns.texts.index(board) if board else None)
    problems += row_problems(rows, columns, load.settings.period.earliest, load.today)
    for column in (board, executive):
        problems += _flag_problems(rows, columns, column) if column else []
    meanings = _meanings(rows, mapping, load, problems)
    named = [_named(mapping, row, columns, _STAFF_TEXTS, _STAFF_NUMBERS) for row in rows]
    staff = [
        row
        | {
            "board": bool(_is_yes(row.pop("board_member"))),
            "executive": _is_yes(row.pop("executive_member")) if executive else None,
            "tier": tier(row["pay_band"] or ""),
            "clinical": clinical(row["staff_group"] or ""),
        }
        for row in named
    ]
    _check_details(connection, rows, staff, mapping)
    keep_ethnicities(connection, meanings, load.extract_id)
    _insert(connection, HEADCOUNTS, staff, load)
    return _totals(rows, rows_in)


def load_answers(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping, load: Load
) -> dict[str, Any]:
    """Load numbers of answers to a survey and return the file's totals for the register.

    Raises InputRefused with everything that makes the file unusable.
    """
    columns = _columns(mapping, str(mapping.columns.wave), _ANSWER_TEXTS, _ANSWER_NUMBERS)
    rows, rows_in = _read(connection, file, mapping, columns)
    file.check_unchanged()
    rows, problems = _without_totals(rows, columns, mapping)
    problems += row_problems(rows, columns, load.settings.period.earliest, load.today)
    meanings = _meanings(rows, mapping, load, problems + answer_problems(rows, columns))
    keep_ethnicities(connection, meanings, load.extract_id)
    answers = [_named(mapping, row, columns, _ANSWER_TEXTS, _ANSWER_NUMBERS) for row in rows]
    _insert(connection, ANSWERS, answers, load)
    return _totals(rows, rows_in)


def _columns(mapping: Mapping, day: str, texts: Sequence[str], numbers: Sequence[str]) -> NumbersColumns:
    """Return the columns of the file to read: those that the mapping names."""
    named = mapping.columns.model_dump()
    return NumbersColumns(
        day,
        mapping.columns.ethnicity,
        tuple(named[key] for key in texts if named[key]),
        tuple(named[key] for key in numbers if named[key]),
    )


def _read(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping, columns: NumbersColumns
) -> tuple[list[NumbersRow], int]:
    """Return the rows that count people, and the number of all rows, blank ones and totals included."""
    cells = cells_of(connection, file, mapping)
    day = cells.date(columns.day)
    texts = [cells.text(column) for column in (*columns.texts, *columns.numbers)]
    select = ", ".join(
        [f"coalesce({cells.label(columns.ethnicity)}, '')", f"case when isfinite({day}) then {day} end", *texts]
    )
    with file.rows(connection) as source:
        received = connection.sql(f"select {select} from {source}").fetchall()
    if not received:
        raise InputRefused(Problem("the file has a header but no rows", file.path.name, "check the export"))
    rows = []
    for number, (label, date_read, *values) in enumerate(received, start=1):
        words, counts = values[: len(columns.texts)], values[len(columns.texts) :]
        if not any(counts) or any(is_total(text or "") for text in (label, *words)):
            continue
        numbers = tuple(read_count(text or "") for text in counts)
        rows.append(NumbersRow(number, date_read, label, tuple(words), numbers))
    if not rows:
        raise InputRefused(Problem("the file has no rows with numbers", file.path.name, "check the export"))
    return rows, len(received)


def _without_totals(
    rows: list[NumbersRow], columns: NumbersColumns, mapping: Mapping, board: int | None = None
) -> tuple[list[NumbersRow], list[Problem]]:
    """Return the rows without unlabelled totals, and a problem if other rows have no ethnicity label.

    board: index of the board flag among the texts; a total of staff may include the board or leave it out.
    """
    blank = [row for row in rows if is_blank(row.label, mapping)]
    labelled = [row for row in rows if not is_blank(row.label, mapping)]

    def scopes(total: NumbersRow) -> list[list[NumbersRow]]:
        inside = [row for row in labelled if could_be_part(row, total)]
        if board is None:
            return [inside]
        return [inside, [row for row in inside if not _is_yes(row.texts[board])]]

    not_stated = sort_unlabelled(blank, labelled, lambda row: row.numbers, scopes)
    used = {row.row for row in (*labelled, *not_stated)}
    kept = [row for row in rows if row.row in used]
    if not not_stated or means_people(mapping):
        return kept, []
    return kept, [unlabelled_problem([row.row for row in not_stated], columns.ethnicity)]


def _meanings(rows: Sequence[NumbersRow], mapping: Mapping, load: Load, problems: list[Problem]) -> dict[str, Any]:
    """Return what each ethnicity label means. Raises InputRefused with earlier problems and every unknown label."""
    column = mapping.columns.ethnicity
    problems = [*problems, *personal_problems([(row.row, row.label) for row in rows], column)]
    meanings, unknown = match_received({row.label for row in rows}, mapping, load.settings)
    problems += unknown or wholes_beside_parts(meanings, f"column {mapping.columns.ethnicity}")
    if problems:
        raise InputRefused(*problems, Problem("no part of the file was loaded"))
    return meanings


def _named(
    mapping: Mapping, row: NumbersRow, columns: NumbersColumns, texts: Sequence[str], numbers: Sequence[str]
) -> dict[str, Any]:
    """Return a row's values by the mapping's keys; None for keys that the mapping does not name."""
    named = mapping.columns.model_dump()
    values = dict(zip((*columns.texts, *columns.numbers), (*row.texts, *row.numbers), strict=True))
    return {"day": row.day, "label": row.label} | {key: values.get(named[key]) for key in (*texts, *numbers)}


def _check_details(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[NumbersRow], staff: Sequence[dict[str, Any]], mapping: Mapping
) -> None:
    """Raise InputRefused if a pay band or staff group identifies people."""
    frame = pl.DataFrame(
        [(row.row, named["pay_band"], named["staff_group"]) for row, named in zip(rows, staff, strict=True)],
        schema={"source_row": pl.Int64, "pay_band": pl.String, "staff_group": pl.String},
        orient="row",
    )
    connection.register("detail_rows", frame)
    try:
        check_details(connection, "detail_rows", "detail_rows", mapping)
    finally:
        connection.unregister("detail_rows")


def _insert(connection: duckdb.DuckDBPyConnection, table: Table, rows: Sequence[dict[str, Any]], load: Load) -> None:
    """Insert rows with `day` and `label` into a table, with the meaning of each label."""
    day = table.key[1]
    types = {"varchar": pl.String, "bigint": pl.Int64, "boolean": pl.Boolean}
    columns = {column.name: types[column.type] for column in table.columns if column.name in rows[0]}
    frame = pl.DataFrame(rows, schema={"day": pl.Date, "label": pl.String, **columns})
    connection.register("numbers_rows", frame)
    connection.execute(
        f"insert into {table.full_name} by name select ? as organisation, n.day as {day}, n.label as ethnicity_code, "
        "l.* exclude (extract_id, label), n.* exclude (day, label), l.extract_id "
        "from numbers_rows as n join intake.ethnicity_labels as l on n.label = l.label and l.extract_id = ?",
        [load.organisation, load.extract_id],
    )
    connection.unregister("numbers_rows")


def _totals(rows: Sequence[NumbersRow], rows_in: int) -> dict[str, Any]:
    days = [row.day for row in rows if row.day]
    return {
        "rows_in": rows_in,
        "rows_accepted": len(rows),
        "rows_ignored": rows_in - len(rows),
        "rows_rejected": 0,
        "applications": 0,
        "stage_rows": 0,
        "first_applied_on": min(days),
        "last_applied_on": max(days),
    }


def _flag_problems(rows: Sequence[NumbersRow], columns: NumbersColumns, column: str) -> list[Problem]:
    """Return a problem if rows have neither yes nor no in a column; else an empty list."""
    index = columns.texts.index(column)
    unread = [str(row.row) for row in rows if _is_yes(row.texts[index]) is None]
    what = f"rows {', '.join(unread[:20])} have neither yes nor no"
    return [Problem(what, f"column {column}", "write yes or no in each row")] if unread else []


def _is_yes(text: str | None) -> bool | None:
    """Read a yes or no; blank counts as no, and any other text is None."""
    word = (text or "no").lower()
    return True if word in YES else False if word in NO else None
