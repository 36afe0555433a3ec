"""Tables of counts with faults: each is reconciled to the row or refused, never counted wrongly, never a traceback."""

from collections import Counter
from pathlib import Path

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from equity_audit.errors import EquityAuditError, InputRefused
from tests.fuzzing.conftest import take_in
from tests.fuzzing.exports import damage
from tests.fuzzing.tables import Table, tables


@settings(max_examples=150)
@given(table=tables())
def test_a_table_is_reconciled_or_refused_and_every_number_is_right(
    warehouse: duckdb.DuckDBPyConnection, folder: Path, table: Table
) -> None:
    path = table.write(folder)
    warehouse.execute("begin")
    try:
        extract = take_in(warehouse, path, table.mapping())
    except InputRefused:
        assert table.refused
    else:
        assert not table.refused
        assert (extract["rows_in"], extract["rows_rejected"]) == (len(table.lines), 0)
        assert extract["rows_accepted"] == len(table.counted)
        assert extract["rows_ignored"] == len(table.lines) - len(table.counted)
        assert extract["applications"] == sum(applied for applied, _, _ in table.counted.values())
        stored = warehouse.sql(
            "select ethnicity_category, ethnicity_group, stage_order, outcome, applications from core.group_counts"
        ).fetchall()
        assert len(stored) == 5 * len(table.counted)
        assert Counter(stored) == Counter(table.truths)
    finally:
        warehouse.execute("rollback")


@settings(max_examples=100)
@given(table=tables(), data=st.data())
def test_damaged_bytes_of_a_table_are_never_a_traceback(
    warehouse: duckdb.DuckDBPyConnection, folder: Path, table: Table, data: st.DataObject
) -> None:
    path = table.write(folder)
    damage(path, data)
    warehouse.execute("begin")
    try:
        extract = take_in(warehouse, path, table.mapping())
    except EquityAuditError:
        pass
    else:
        parts = ("rows_accepted", "rows_ignored", "rows_rejected")
        assert extract["rows_in"] == sum(int(str(extract[name])) for name in parts)
    finally:
        warehouse.execute("rollback")
