"""What tests of intake share: lines of an export taken in under a mapping, and accepted."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from assets.extract import Load
from assets.loading import load_extract
from assets.source_files import open_source
from equity_audit.intake.mapping import parse_mapping
from equity_audit.settings import Settings

Loader = Callable[..., dict[str, object]]


@pytest.fixture
def load(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> Loader:
    def load_lines(mapping: str, *lines: str, extract_id: str = "e" * 16) -> dict[str, object]:
        path = tmp_path / "export.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        chosen = parse_mapping(mapping, "mine.toml")
        what = Load(extract_id, "Trust", "run", b"k" * 32, date(2026, 1, 1), settings)
        extract = load_extract(warehouse, open_source(warehouse, path, chosen), chosen, what)
        warehouse.execute("insert into intake.accepted_extracts values (?, ?)", [extract_id, extract["extract_number"]])
        return extract

    return load_lines
