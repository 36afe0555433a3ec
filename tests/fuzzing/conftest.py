"""What the fuzzing shares: one warehouse that every example leaves as it found it, and a policy that uses good rows."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.source_files import open_source
from assets.warehouse.connection import open_warehouse
from equity_audit.intake.mapping_file import parse_mapping
from equity_audit.settings import load_settings

KEY = b"k" * 32
# However many rows are bad, the good ones are to be right; that the limit refuses is tested elsewhere.
POLICY = load_settings()
LENIENT = POLICY.model_copy(update={"intake": POLICY.intake.model_copy(update={"max_rejected_share": 1.0})})


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_warehouse(tmp_path_factory.mktemp("home"))
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exports")


def take_in(connection: duckdb.DuckDBPyConnection, path: Path, mapping: str) -> dict[str, object]:
    chosen = parse_mapping(mapping, "made-up.toml")
    load = Load("e" * 16, "Trust", "run", KEY, date(2026, 1, 1), LENIENT)
    return load_extract(connection, open_source(connection, path, chosen), chosen, load)
