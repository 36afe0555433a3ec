"""Whole files with faults: each is reconciled to the row or refused, never counted wrongly, never a traceback."""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.extract import Load
from assets.loading import load_extract
from assets.source_files import open_source
from assets.warehouse import open_warehouse
from equity_audit.errors import EquityAuditError, InputRefused
from equity_audit.intake.mapping import parse_mapping
from equity_audit.settings import load_settings
from tests.fuzzing.exports import Export, exports

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


def pseudonym(application: str) -> UUID:
    message = f"Trust\x1fapplication\x1f{application}".encode()
    return UUID(hmac.new(KEY, message, hashlib.sha256).hexdigest()[:32])


def stored(connection: duckdb.DuckDBPyConnection) -> dict[UUID, tuple[object, ...]]:
    found = connection.sql(
        "select application_id, arg_max(stage, stage_order), "
        "any_value(outcome) filter (where outcome is distinct from 'progressed'), "
        "any_value(ethnicity_category), any_value(ethnicity_group), any_value(applied_on) "
        "from core.applicant_stages group by all"
    ).fetchall()
    return {row[0]: row[1:] for row in found}


@settings(max_examples=150)
@given(export=exports())
def test_a_file_is_reconciled_or_refused_and_every_number_is_right(
    warehouse: duckdb.DuckDBPyConnection, folder: Path, export: Export
) -> None:
    path = export.write(folder)
    warehouse.execute("begin")
    try:
        extract = take_in(warehouse, path, export.mapping())
    except InputRefused:
        assert export.refused
    else:
        assert not export.refused
        assert extract["rows_in"] == export.rows_in
        assert extract["rows_rejected"] == export.rejected
        assert extract["rows_ignored"] == export.ignored
        assert extract["rows_accepted"] == export.rows_in - export.rejected - export.ignored
        assert stored(warehouse) == {pseudonym(name): truth for name, truth in export.truths.items()}
    finally:
        warehouse.execute("rollback")


@settings(max_examples=150)
@given(export=exports(), data=st.data())
def test_damaged_bytes_are_never_a_traceback_and_never_somebody_else(
    warehouse: duckdb.DuckDBPyConnection, folder: Path, export: Export, data: st.DataObject
) -> None:
    """Cut short, or with a byte that does not belong there: what is stored is still what the export said."""
    path = export.write(folder)
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole)))
    foreign = data.draw(st.sampled_from([b"", b'"', b"\0", b"\x81", b"\xff\xfe", b"\r", b"\n", b'"\n"']))
    path.write_bytes(whole[:place] + foreign + (b"" if foreign == b"" else whole[place:]))
    warehouse.execute("begin")
    try:
        extract = take_in(warehouse, path, export.mapping())
    except EquityAuditError:
        pass
    else:
        assert extract["rows_in"] == sum(
            int(str(extract[name])) for name in ("rows_accepted", "rows_ignored", "rows_rejected")
        )
        known = {pseudonym(f"A{person.number}"): person.truth for person in export.people}
        for application, what in stored(warehouse).items():
            assert what == known.get(application, what)
    finally:
        warehouse.execute("rollback")
