"""Files of applications as rows of out.stage_counts, without a run: loaded, accepted, and counted by period."""

import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from assets.ingest.loading import Load, load_extract
from assets.ingest.source_files import open_source
from assets.ingest.source_mappings import load_mapping
from assets.warehouse.connection import open_warehouse
from assets.warehouse.tables import count_parameters, sql_text
from equity_audit.contracts import ACCEPTED_EXTRACTS
from equity_audit.intake.pseudonyms import new_key
from equity_audit.settings import Settings
from tests.conftest import insert


def stage_counts(
    files: Sequence[Path], periods: Sequence[date], settings: Settings, mapping: str = "standard_wide"
) -> list[pl.DataFrame]:
    """The rows of out.stage_counts of each period, from files of one organisation in the order of their loading."""
    chosen, key = load_mapping(mapping), new_key()
    with tempfile.TemporaryDirectory() as folder, open_warehouse(Path(folder)) as connection:
        for number, file in enumerate(files, 1):
            load = Load(f"{number:016x}", "Trust", "", key, datetime.now(UTC).date(), settings)
            load_extract(connection, open_source(connection, file, chosen), chosen, load)
            insert(connection, ACCEPTED_EXTRACTS, {"extract_id": load.extract_id, "extract_number": number})
        return [
            connection.sql(sql_text("stage_counts"), params=count_parameters(day.isoformat(), settings)).pl()
            for day in periods
        ]
