"""One export into the warehouse, all of it or nothing: read, match, sort, load, register.

Called inside one transaction. Raises InputRefused with every fault that can be found together.
"""

from collections.abc import Mapping as Labels
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl

from assets.protection import check_identifiers
from assets.source_files import SourceFile
from equity_audit.errors import InputRefused, Problem, UsageError
from equity_audit.intake import long, wide
from equity_audit.intake.dates import ISO, date_format
from equity_audit.intake.labels import match_ethnicities, match_words, unmatched_ethnicities, unmatched_words
from equity_audit.intake.mapping import Mapping, mapping_sha256
from equity_audit.intake.pseudonyms import hmac_pads, key_id
from equity_audit.intake.steps import RULES, SKIPPED, Cells
from equity_audit.settings import Settings
from equity_audit.vocabulary import OUTCOMES

# So many rows are looked at to see how dates are written.
_DATE_ROWS = 20_000
_TEMPORARY = (
    *("incoming", "candidates", "repeats", "paths", "faults", "accepted"),
    *("ethnicity_labels", "outcome_labels", "status_labels", "stage_labels"),
)

_IGNORED = """
    select (select count(*) from incoming where {skipped}) + (
        select count(*) from candidates join repeats using (application_key{stage}) anti join faults using (source_row)
        where versions = 1 and source_row <> first_row
    )
"""


@dataclass(frozen=True)
class Load:
    """What a load needs besides the file and its mapping."""

    extract_id: str
    organisation: str
    run_id: str
    key: bytes
    today: date
    settings: Settings


def load_extract(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping, load: Load
) -> dict[str, Any]:
    """Load one export and return its row of intake.extracts. The caller holds the transaction."""
    shape = long if mapping.source.shape == "long" else wide
    check_columns(file, mapping)
    check_identifiers(connection, file, mapping)
    _check_same_stages(connection, mapping, load)
    _check_same_key(connection, load)
    _forget(connection, load.extract_id)
    written = mapping.source.date_format or _date_format(connection, file, mapping)
    cells = Cells(file.types, written, mapping.source.blanks, serial_dates=file.kind == "xlsx")
    with file.rows(connection) as source:
        connection.execute(shape.incoming_sql(mapping, cells, source))
    file.check_unchanged()
    if _one(connection, "select count(*) from incoming") == 0:
        raise InputRefused(
            Problem("the file has a header and no rows", file.path.name, "check the filter of the export")
        )
    _match_labels(connection, mapping, load.settings)
    _run_steps(connection, shape.sort_rows_sql(mapping), load)
    _check_rejected_share(connection, file, load.settings)
    _run_steps(connection, [shape.core_sql(mapping)], load)
    extract = _register(connection, file, mapping, load)
    for table in _TEMPORARY:
        connection.execute(f"drop table if exists temp.{table}")
    return extract


def check_columns(file: SourceFile, mapping: Mapping) -> None:
    """Raise InputRefused with every column that the mapping names and the file lacks.

    The file's own first line is repeated only if the mapping knows a name in it: a file without a header has people
    there.
    """
    needed = mapping.needed_columns()
    missing = {column: key for column, key in needed.items() if column not in file.types}
    if missing:
        known = len(missing) < len(needed)
        have = f"the file has the columns {', '.join(file.types)}" if known else "no name in its first line is known"
        raise InputRefused(
            *(
                Problem(
                    f'there is no column "{column}", which {key} of the mapping {mapping.source.name} names',
                    file.path.name,
                )
                for column, key in missing.items()
            ),
            Problem(have, file.path.name, "correct the mapping, or export again with a line of column names"),
        )


def _date_format(connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping) -> str:
    """How the first rows write their dates. Raises InputRefused where that can be read two ways."""
    columns = [column for column in mapping.date_columns() if file.types[column] == "VARCHAR"]
    if not columns:
        return ISO
    cells = Cells(file.types, ISO, mapping.source.blanks)
    texts = ", ".join(cells.text(column) for column in columns)
    with file.rows(connection) as source:
        found = connection.sql(f"select distinct unnest([{texts}]) as day from (from {source} limit {_DATE_ROWS})")
        days = [day for (day,) in found.fetchall() if day]
    if file.kind == "xlsx":
        # A cell that is a date or its number can be read in one way only.
        days = [day for day in days if not day.replace(".", "").isdigit() and ":" not in day]
    form = date_format(days, f"columns {', '.join(columns)}")
    if isinstance(form, Problem):
        raise InputRefused(form)
    return form


def _check_same_stages(connection: duckdb.DuckDBPyConnection, mapping: Mapping, load: Load) -> None:
    """One organisation's counts can only be added up over one list of stages."""
    other = connection.execute(
        "select file_name, stages from intake.extracts "
        "where organisation = $organisation and stages <> $stages and extract_id <> $extract_id limit 1",
        {
            "organisation": load.organisation,
            "stages": list(mapping.source.stages),
            "extract_id": load.extract_id,
        },
    ).fetchone()
    if other:
        raise InputRefused(
            Problem(
                f"the stages {', '.join(mapping.source.stages)} differ from those of {other[0]}: {', '.join(other[1])}",
                f"mapping {mapping.source.name}, key source.stages",
                "map both exports to the same stages, or give the mapping another organisation or home",
            )
        )


def _check_same_key(connection: duckdb.DuckDBPyConnection, load: Load) -> None:
    """Under another key every applicant would look new and be counted twice."""
    other = connection.execute(
        "select file_name from intake.extracts where pseudonym_key_id <> ? and extract_id <> ? limit 1",
        [key_id(load.key), load.extract_id],
    ).fetchone()
    if other:
        raise UsageError(
            Problem(
                f"the pseudonym key is not the one that {other[0]} was taken in with",
                "secrets/pseudonym.key or EQUITY_AUDIT_PSEUDONYM_KEY",
                "restore that key, or take every export in again in a new home",
            )
        )


def _forget(connection: duckdb.DuckDBPyConnection, extract_id: str) -> None:
    """Make room for the same extract again, as after a run whose checks failed."""
    for table in ("intake.extracts", "intake.rejected_rows", "intake.accepted_extracts", "core.applicant_stages"):
        connection.execute(f"delete from {table} where extract_id = ?", [extract_id])
    for table in _TEMPORARY:
        connection.execute(f"drop table if exists temp.{table}")


def _match_labels(connection: duckdb.DuckDBPyConnection, mapping: Mapping, settings: Settings) -> None:
    """Match every distinct label at once, so that one refusal names all that are unknown."""
    columns, most = mapping.columns, settings.intake.max_labels_listed
    ethnicities, unknown = match_ethnicities(_distinct(connection, "ethnicity_label"), mapping)
    problems = [unmatched_ethnicities(unknown, columns.ethnicity, mapping, most)] if unknown else []
    # A blank outcome is no label: whether the row needs one depends on its stages and is decided row by row.
    meanings = {label: label for label in mapping.statuses} or mapping.outcomes
    outcomes, unknown = match_words(_distinct(connection, "outcome_label"), meanings)
    unknown = [label for label in unknown if label]
    if unknown:
        section, known = ("statuses", mapping.source.stages) if mapping.statuses else ("outcomes", OUTCOMES)
        problems.append(unmatched_words(unknown, columns.outcome, section, known, most))
    stages: dict[str, str] = {}
    if columns.stage:
        known = {stage: stage for stage in mapping.source.stages} | mapping.stage_labels
        stages, unknown = match_words(_distinct(connection, "stage_label"), known)
        if unknown:
            problems.append(unmatched_words(unknown, columns.stage, "stage_labels", mapping.source.stages, most))
    if problems:
        raise InputRefused(*problems)
    rows = [(label, e.category, e.group, e.wres) for label, e in ethnicities.items()]
    _table(connection, "ethnicity_labels", ("label", "category", "ethnic_group", "wres"), rows)
    _label_table(connection, "outcome_labels", "outcome", {} if mapping.statuses else outcomes)
    paths = {label: mapping.statuses[outcomes[label]] for label in outcomes} if mapping.statuses else {}
    places = [(label, str(mapping.source.stages.index(path.reached)), path.outcome) for label, path in paths.items()]
    _table(connection, "status_labels", ("label", "last_order", "outcome"), places)
    _label_table(connection, "stage_labels", "stage", stages)


def _check_rejected_share(connection: duckdb.DuckDBPyConnection, file: SourceFile, settings: Settings) -> None:
    rows = _one(connection, "select count(*) from incoming")
    rejected = _one(connection, "select count(distinct source_row) from faults")
    limit = settings.intake.max_rejected_share
    if rejected > limit * rows or rejected == rows:
        found = connection.sql(
            "select rule, column_name, count(*), min(source_row) from faults group by all order by all"
        ).fetchall()
        raise InputRefused(
            Problem(
                f"{rejected} of {rows} rows cannot be used, more than the {limit:.0%} that settings allow "
                "(intake.max_rejected_share)",
                file.path.name,
            ),
            *(
                Problem(f"{count} rows: {RULES[rule]} (first at data row {first})", f"column {column}")
                for rule, column, count, first in found
            ),
            Problem("nothing of the file was loaded", "", "correct the mapping or the export, then run again"),
        )


def _register(connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping, load: Load) -> dict[str, Any]:
    rows_in = _one(connection, "select count(*) from incoming")
    rows_accepted = _one(connection, "select count(*) from accepted")
    rows_rejected = _one(connection, "select count(distinct source_row) from faults")
    totals = connection.execute(
        "select count(distinct application_id), count(*), min(applied_on), max(applied_on) "
        "from core.applicant_stages where extract_id = ?",
        [load.extract_id],
    ).fetchone()
    applications, stage_rows, first, last = totals if totals else (0, 0, None, None)
    extract = {
        "extract_id": load.extract_id,
        "extract_number": _one(connection, "select coalesce(max(extract_number), 0) + 1 from intake.extracts"),
        "organisation": load.organisation,
        "file_name": file.path.name,
        "file_sha256": file.sha256,
        "file_bytes": file.size,
        "mapping_name": mapping.source.name,
        "mapping_sha256": mapping_sha256(mapping),
        "shape": mapping.source.shape,
        "ethnicity_classification": mapping.source.ethnicity_classification,
        "stages": list(mapping.source.stages),
        "rows_in": rows_in,
        "rows_accepted": rows_accepted,
        "rows_ignored": _one(
            connection, _IGNORED.format(skipped=SKIPPED, stage=", stage" if mapping.source.shape == "long" else "")
        ),
        "rows_rejected": rows_rejected,
        "applications": applications,
        "stage_rows": stage_rows,
        "first_applied_on": first,
        "last_applied_on": last,
        "columns_ignored": [name for name in file.types if name not in mapping.needed_columns()],
        "pseudonym_key_id": key_id(load.key),
        "intake_run_id": load.run_id,
    }
    names = ", ".join(extract)
    values = ", ".join(f"${name}" for name in extract)
    connection.execute(f"insert into intake.extracts ({names}) values ({values})", extract)
    connection.execute(
        "insert into intake.rejected_rows (extract_id, row_number, rule, column_name) "
        "select ?, source_row, rule, column_name from faults order by source_row, rule",
        [load.extract_id],
    )
    return extract


def _run_steps(connection: duckdb.DuckDBPyConnection, statements: list[str], load: Load) -> None:
    values: dict[str, Any] = {
        "organisation": load.organisation,
        "extract_id": load.extract_id,
        "earliest": load.settings.period.earliest,
        "today": load.today,
        **hmac_pads(load.key),
    }
    for statement in statements:
        connection.execute(statement, {name: value for name, value in values.items() if f"${name}" in statement})


def _distinct(connection: duckdb.DuckDBPyConnection, column: str) -> list[str]:
    query = f"select distinct {column} from incoming where not ({SKIPPED})"
    return [value for (value,) in connection.sql(query).fetchall()]


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.sql(query).fetchone()
    return int(row[0]) if row else 0


def _label_table(connection: duckdb.DuckDBPyConnection, name: str, meaning: str, labels: Labels[str, str]) -> None:
    _table(connection, name, ("label", meaning), list(labels.items()))


def _table(connection: duckdb.DuckDBPyConnection, name: str, columns: tuple[str, ...], rows: list[Any]) -> None:
    """A small temporary table; all columns text, made even when there are no rows."""
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    connection.register("label_frame", frame)
    connection.execute(f"create temp table {name} as select * from label_frame")
    connection.unregister("label_frame")
