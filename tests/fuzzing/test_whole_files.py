"""Whole files with faults: each is reconciled to the row or refused, never counted wrongly, never a traceback."""

import hashlib
import hmac
from pathlib import Path
from uuid import UUID

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from equity_audit.errors import EquityAuditError, InputRefused
from tests.fuzzing.conftest import KEY, take_in
from tests.fuzzing.exports import Export, damage, exports


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
    damage(path, data)
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
