"""Load one export into the warehouse, all of it or nothing: read, match, validate, load, register.

Called inside one transaction. Raises InputRefused with all problems that can be found together.
"""

from typing import Any

import duckdb

from assets.ingest.consistency import check_fits_others, check_one_basis, check_rows_without_ids
from assets.ingest.counted_applicants import load_counts
from assets.ingest.counted_people import load_answers, load_headcounts
from assets.ingest.data_notes import keep_facts
from assets.ingest.date_formats import cells_of
from assets.ingest.ethnicity_questions import check_ethnicity_questions
from assets.ingest.extract import Load, count_of, count_rows, register
from assets.ingest.identifier_screen import check_details, check_identifiers, check_labels
from assets.ingest.invalid_rows import check_invalid_share, keep_invalid_rows, write_invalid_rows
from assets.ingest.labelling import match_labels
from assets.ingest.row_validation import drop_temporary, run_steps, sort_rows
from assets.ingest.source_files import SourceFile
from assets.ingest.source_mappings import check_columns
from equity_audit.contracts import TABLES
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake import long, wide
from equity_audit.intake.mapping import Mapping


def load_extract(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping, load: Load
) -> dict[str, Any]:
    """Load one export and return its row of intake.extracts. The caller holds the transaction."""
    read = mapping.present(file.types).kept(load.settings.intake.details)
    check_columns(file, read)
    check_identifiers(connection, file, read)
    check_ethnicity_questions(connection, file, read)
    check_fits_others(connection, read, load.extract_id, load.organisation, load.key)
    forget_extract(connection, load.extract_id)
    counted = {"counts": load_counts, "workforce": load_headcounts, "survey": load_answers}
    load_rows = counted.get(read.source.shape, _load_records)
    totals = load_rows(connection, file, read, load)
    check_one_basis(connection, load.extract_id, load.organisation, load.settings)
    return register(connection, file, mapping, load, totals)


def _load_records(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping, load: Load
) -> dict[str, Any]:
    """Load rows of single applications: receive, match labels, validate. Return the totals."""
    shape = long if mapping.source.shape == "long" else wide
    extract_id, settings = load.extract_id, load.settings
    cells = cells_of(connection, file, mapping)
    with file.rows(connection) as source:
        run_steps(connection, shape.receive_sql(mapping, cells, source), load)
    file.check_unchanged()
    rows = shape.rows_sql(extract_id)
    rows_in = count_of(connection, f"select count(*) from {rows}")
    if count_of(connection, f"select count(*) from (from {shape.labelled_sql(extract_id)} limit 1)") == 0:
        raise InputRefused(
            Problem(
                "the file has a header but no rows of applications", file.path.name, "check the filter of the export"
            )
        )
    check_details(connection, rows, shape.numbered_sql(extract_id), mapping)
    check_labels(connection, rows, shape.numbered_sql(extract_id), mapping)
    match_labels(connection, shape.labelled_sql(extract_id), mapping, extract_id, settings)
    sort_rows(connection, shape, mapping, load)
    listed = write_invalid_rows(connection, load.invalid_rows, file.path.name) if load.invalid_rows else None
    check_invalid_share(connection, file.path.name, rows_in, settings.intake.max_rejected_share, listed)
    totals = count_rows(connection, mapping, extract_id, rows_in)
    check_rows_without_ids(connection, mapping, extract_id, load.organisation, settings)
    keep_facts(connection, mapping, shape.filled_in_sql(mapping), extract_id)
    keep_invalid_rows(connection, extract_id)
    drop_temporary(connection)
    return totals


def forget_extract(connection: duckdb.DuckDBPyConnection, extract_id: str) -> None:
    """Remove an extract so that it can be loaded again, as after a run whose checks failed."""
    for table in TABLES:
        if table.schema in ("intake", "core") and "extract_id" in table.column_names and not table.is_view:
            connection.execute(f"delete from {table.full_name} where extract_id = ?", [extract_id])
    drop_temporary(connection)
