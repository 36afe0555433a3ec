"""One export into the warehouse, all of it or nothing: read, match, sort, load, register.

Called inside one transaction. Raises InputRefused with every fault that can be found together.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from assets.aggregates import load_counts
from assets.consistency import check_fits_others, check_one_basis
from assets.facts import keep_facts
from assets.labelling import match_labels
from assets.protection import check_details, check_identifiers
from assets.register import purged_before
from assets.rejects import write_rejects
from assets.repeats import keep_repeated_ids
from assets.source_files import SourceFile
from assets.written_dates import written_dates
from equity_audit.contracts import TABLES
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake import long, wide
from equity_audit.intake.mapping import Mapping, mapping_sha256
from equity_audit.intake.pseudonyms import hmac_pads, key_id
from equity_audit.intake.steps import RULES, Cells
from equity_audit.settings import Settings

_TEMPORARY = (
    *(
        "incoming",
        "candidates",
        "repeated_ids",
        "repeats",
        "repeated",
        "paths",
        "suspects",
        "faults",
        "ignored",
        "stage_labels",
    ),
)
_LONG_ROWS_USED = """
    select count(*) from incoming anti join faults using (source_row) anti join ignored using (source_row)
"""


@dataclass(frozen=True)
class Load:
    """What a load needs besides the file and its mapping; `rejects` is the folder for the list of unusable rows."""

    extract_id: str
    organisation: str
    run_id: str
    key: bytes
    today: date
    settings: Settings
    rejects: Path | None = None


def load_extract(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping, load: Load
) -> dict[str, Any]:
    """Load one export and return its row of intake.extracts. The caller holds the transaction."""
    extract_id = load.extract_id
    check_columns(file, mapping)
    check_identifiers(connection, file, mapping)
    check_fits_others(connection, mapping, extract_id, load.organisation, load.key)
    forget_extract(connection, extract_id)
    if mapping.source.shape == "counts":
        totals = load_counts(connection, file, mapping, (extract_id, load.organisation), load.settings)
        file.check_unchanged()
        check_one_basis(connection, extract_id, load.organisation, load.settings)
        return _register(connection, file, mapping, load, totals)
    return _load_records(connection, file, mapping, load)


def _load_records(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping, load: Load
) -> dict[str, Any]:
    """Rows of single applications: receive, match labels, sort out, register."""
    shape = long if mapping.source.shape == "long" else wide
    extract_id, settings = load.extract_id, load.settings
    written = mapping.source.date_format or written_dates(connection, file, mapping)
    cells = Cells(file.types, written, mapping.source.blanks, serial_dates=file.kind == "xlsx")
    with file.rows(connection) as source:
        _run_steps(connection, shape.receive_sql(mapping, cells, source, settings.intake.details), load)
    file.check_unchanged()
    rows = shape.rows_sql(extract_id)
    rows_in = _one(connection, f"select count(*) from {rows}")
    if rows_in == 0:
        raise InputRefused(
            Problem("the file has a header and no rows", file.path.name, "check the filter of the export")
        )
    check_details(connection, rows, mapping, settings)
    match_labels(connection, shape.labelled_sql(extract_id), mapping, extract_id, settings)
    if shape is wide:
        keep_repeated_ids(connection, extract_id)
    _run_steps(connection, shape.sort_sql(mapping, extract_id, _first_rowid(connection, extract_id)), load)
    listed = write_rejects(connection, load.rejects, file.path.name) if load.rejects else None
    _check_rejected_share(connection, file, rows_in, load, listed)
    check_one_basis(connection, extract_id, load.organisation, settings)
    extract = _register(connection, file, mapping, load, _totals(connection, mapping, extract_id, rows_in))
    keep_facts(connection, mapping, shape.filled_in_sql(mapping), extract_id)
    connection.execute(
        "insert into intake.rejected_rows (extract_id, row_number, rule, column_name) "
        "select ?, source_row, rule, column_name from faults order by source_row, rule",
        [extract_id],
    )
    for table in _TEMPORARY:
        connection.execute(f"drop table if exists temp.{table}")
    return extract


def forget_extract(connection: duckdb.DuckDBPyConnection, extract_id: str) -> None:
    """Make room for the same extract again, as after a run whose checks failed."""
    for table in TABLES:
        if table.schema in ("intake", "core") and "extract_id" in table.column_names and not table.is_view:
            connection.execute(f"delete from {table.full_name} where extract_id = ?", [extract_id])
    for name in _TEMPORARY:
        connection.execute(f"drop table if exists temp.{name}")


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


def _first_rowid(connection: duckdb.DuckDBPyConnection, extract_id: str) -> int:
    """The rowid of the first row just received: DuckDB keeps the order of the file, so the others follow it.

    Rows of an open transaction have rowids far above those that are stored, hence the offset.
    """
    found = connection.execute(
        "select min(rowid), max(rowid) - min(rowid) + 1, count(*) from core.applications where extract_id = ?",
        [extract_id],
    ).fetchone()
    first, span, rows = found or (None, None, 0)
    if rows and span != rows:
        raise RuntimeError("the rows of an extract are not numbered one after the other")
    return first or 0


def _check_rejected_share(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, rows_in: int, load: Load, listed: Path | None
) -> None:
    """Too many bad rows mean a wrong mapping. What was removed on purpose and comes again is no fault of the file."""
    bad = "(select * from faults where rule <> 'purged')"
    rejected = _one(connection, f"select count(distinct source_row) from {bad}")
    limit = load.settings.intake.max_rejected_share
    if rejected > limit * rows_in or _one(connection, "select count(distinct source_row) from faults") == rows_in:
        found = connection.sql(
            "select rule, column_name, count(*), min(source_row) from faults group by all order by all"
        ).fetchall()
        raise InputRefused(
            Problem(
                f"{rejected} of {rows_in} rows cannot be used, more than the {limit:.0%} that settings allow "
                "(intake.max_rejected_share)",
                file.path.name,
            ),
            *(
                Problem(f"{count} rows: {RULES[rule]} (first at data row {first})", f"column {column}")
                for rule, column, count, first in found
            ),
            Problem(
                "nothing of the file was loaded",
                f"each row is listed in {listed}" if listed else "",
                "correct the mapping or the export, then run again",
            ),
        )


def _totals(connection: duckdb.DuckDBPyConnection, mapping: Mapping, extract_id: str, rows_in: int) -> dict[str, Any]:
    """Rows read, used, ignored and set aside, each counted for itself, and what they came to."""
    totals = connection.execute(
        "select count(*), sum(last_order + 1)::bigint, min(applied_on), max(applied_on) "
        "from core.applications where extract_id = ?",
        [extract_id],
    ).fetchone()
    applications, stage_rows, first, last = totals if totals else (0, 0, None, None)
    return {
        "rows_in": rows_in,
        "rows_accepted": applications if mapping.source.shape != "long" else _one(connection, _LONG_ROWS_USED),
        "rows_ignored": _one(connection, "select count(*) from ignored"),
        "rows_rejected": _one(connection, "select count(distinct source_row) from faults"),
        "applications": applications,
        "stage_rows": stage_rows,
        "first_applied_on": first,
        "last_applied_on": last,
    }


def _register(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping, load: Load, totals: dict[str, Any]
) -> dict[str, Any]:
    """Enter the extract in the register."""
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
        **totals,
        "columns_ignored": [name for name in file.types if name not in mapping.needed_columns()],
        "pseudonym_key_id": key_id(load.key),
        "intake_run_id": load.run_id,
    }
    names = ", ".join(extract)
    values = ", ".join(f"${name}" for name in extract)
    connection.execute(f"insert into intake.extracts ({names}) values ({values})", extract)
    return extract


def _run_steps(connection: duckdb.DuckDBPyConnection, statements: list[str], load: Load) -> None:
    values: dict[str, Any] = {
        "organisation": load.organisation,
        "extract_id": load.extract_id,
        "earliest": load.settings.period.earliest,
        "today": load.today,
        "purged_before": purged_before(connection) or date(1, 1, 1),
        **hmac_pads(load.key, load.organisation),
    }
    for statement in statements:
        connection.execute(statement, {name: value for name, value in values.items() if f"${name}" in statement})


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.sql(query).fetchone()
    return int(row[0]) if row else 0
