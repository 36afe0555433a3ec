"""One extract: the inputs of its load, its row counts, and its entry in the register."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from assets.ingest.source_files import SourceFile
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.mapping_checks import BESIDE_RECRUITMENT
from equity_audit.intake.mapping_file import mapping_sha256
from equity_audit.intake.pseudonyms import key_id
from equity_audit.settings import Settings

_LONG_ROWS_USED = """
    select count(*) from incoming anti join faults using (source_row) anti join ignored using (source_row)
"""


@dataclass(frozen=True)
class Load:
    """What a load needs besides the file and its mapping; `invalid_rows` is the folder for the list of invalid rows."""

    extract_id: str
    organisation: str
    run_id: str
    key: bytes
    today: date
    settings: Settings
    invalid_rows: Path | None = None


def count_rows(
    connection: duckdb.DuckDBPyConnection, mapping: Mapping, extract_id: str, rows_in: int
) -> dict[str, Any]:
    """Return the numbers of rows read, used, ignored and invalid, each counted independently, and the totals."""
    totals = connection.execute(
        "select count(*), sum(last_order + 1)::bigint, min(applied_on), max(applied_on) "
        "from core.applications where extract_id = ?",
        [extract_id],
    ).fetchone()
    applications, stage_rows, first, last = totals if totals else (0, 0, None, None)
    return {
        "rows_in": rows_in,
        "rows_accepted": applications if mapping.source.shape != "long" else count_of(connection, _LONG_ROWS_USED),
        "rows_ignored": count_of(connection, "select count(*) from ignored"),
        "rows_rejected": count_of(connection, "select count(distinct source_row) from faults"),
        "applications": applications,
        "stage_rows": stage_rows,
        "first_applied_on": first,
        "last_applied_on": last,
    }


def register(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping, load: Load, totals: dict[str, Any]
) -> dict[str, Any]:
    """Enter the extract in the register and return its entry. The mapping is as given, before policy is applied."""
    read = mapping.present(file.types).kept(load.settings.intake.details).needed_columns()
    across = mapping.source.orientation == "groups across"
    extract = {
        "extract_id": load.extract_id,
        "extract_number": count_of(connection, "select coalesce(max(extract_number), 0) + 1 from intake.extracts"),
        "organisation": load.organisation,
        "file_name": file.path.name,
        "file_sha256": file.sha256,
        "file_bytes": file.size,
        "mapping_name": mapping.source.name,
        "mapping_sha256": mapping_sha256(mapping),
        "shape": mapping.source.shape,
        "ethnicity_classification": mapping.source.ethnicity_classification,
        "stages": [] if mapping.source.shape in BESIDE_RECRUITMENT else list(mapping.source.stages),
        **totals,
        # If groups run across, every column is a group or is named.
        "columns_ignored": [name for name in file.types if name not in read and not across],
        "pseudonym_key_id": key_id(load.key),
        "intake_run_id": load.run_id,
    }
    names = ", ".join(extract)
    values = ", ".join(f"${name}" for name in extract)
    connection.execute(f"insert into intake.extracts ({names}) values ({values})", extract)
    return extract


def count_of(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    """Return the number that a query gives, or 0 if it gives no row."""
    row = connection.sql(query).fetchone()
    return int(row[0]) if row else 0
