"""What every kind of test may use: an empty warehouse, and rows for it that name only the columns that matter."""

import gc
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import duckdb
import hypothesis
import pytest

from assets.warehouse.connection import open_warehouse
from assets.warehouse.keys import WAREHOUSE_FILE, read_key
from equity_audit.contracts import ACCEPTED_EXTRACTS, ETHNICITY_LABELS, EXTRACTS, OUTCOME_LABELS, Table
from equity_audit.settings import Settings, load_settings
from equity_audit.vocabulary import OUTCOMES, own_lists

# Protecting splits takes seconds for each edition: a test that is not about them leaves them out.
UNSPLIT = "[disclosure]\npublish_splits = []\n[workforce]\npublish_splits = []\n"
# Machines differ in speed, and a failure must come back when it is looked into.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True)
hypothesis.settings.load_profile("house")
# For examples of ten organisations in one frame, a hundred in all. A failure shows the row that is wrong; to look for a
# smaller one would take minutes.
IN_TENS = hypothesis.settings(max_examples=10, phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate])


def pytest_collection_finish() -> None:
    """What is imported by now is never garbage, and every full collection would look through all of it again."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup() -> None:
    """Forget own lists of groups that an earlier test made known: a process of a user has one home."""
    own_lists._known.clear()


@pytest.fixture(scope="session", autouse=True)
def _nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The home of whatever names none, so that no test touches ./var."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("nobodys")
        leave_splits_out(home)
        patch.setenv("EQUITY_AUDIT_HOME", str(home))
        yield


def leave_splits_out(home: Path) -> None:
    """Give a home that has no policy of its own one that publishes no splits."""
    if not (home / "settings.toml").exists() and not home.is_file() and not home.parent.is_file():
        home.mkdir(parents=True, exist_ok=True)
        (home / "settings.toml").write_text(UNSPLIT, encoding="utf-8")


@pytest.fixture
def settings() -> Settings:
    return load_settings()


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, duckdb.DuckDBPyConnection]]:
    """The home of a warehouse without rows, and a connection of DuckDB that can open its copies.

    To load what encrypts and to make sixty tables takes a fifth of a second: too long for each test.
    """
    home = tmp_path_factory.mktemp("empty")
    open_warehouse(home).close()
    connection = open_warehouse(tmp_path_factory.mktemp("engine"))
    connection.execute("use memory")
    connection.execute("detach warehouse")
    yield home, connection
    connection.close()


@pytest.fixture
def warehouse(
    empty_warehouse: tuple[Path, duckdb.DuckDBPyConnection], tmp_path: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse of the test's own in tmp_path: the encrypted file, its keys, and what is open on it."""
    home, engine = empty_warehouse
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    key = read_key(tmp_path, "warehouse").hex()
    engine.execute(f"attach '{tmp_path / WAREHOUSE_FILE}' as warehouse (encryption_key '{key}')")
    # What a test sets, registers and leaves open is gone with its cursor.
    with engine.cursor() as connection:
        connection.execute("use warehouse")
        yield connection
    engine.execute("detach warehouse")


def insert(connection: duckdb.DuckDBPyConnection, table: Table, *rows: dict[str, Any]) -> None:
    """Insert rows; columns not named are null."""
    for row in rows:
        unknown = set(row) - set(table.column_names)
        assert not unknown, f"{table.full_name} has no {unknown}"
        names, values = ", ".join(row), ", ".join(f"${name}" for name in row)
        connection.execute(f"insert into {table.full_name} ({names}) values ({values})", row)


STAGES = ["applied", "shortlisted", "interviewed", "offered", "appointed"]
# Labels of the extracts that tests make, with what they mean: category, group, White or BME.
MEANINGS = {
    "White: Irish": ("White: Irish", "White", "White"),
    "Asian: Indian": ("Asian: Indian", "Asian", "BME"),
    "Black: African": ("Black: African", "Black", "BME"),
    "Asian": (None, "Asian", "BME"),
    "BME": (None, None, "BME"),
    "": (None, "Unknown", "Unknown"),
}


def add_extract(connection: duckdb.DuckDBPyConnection, extract_id: str, number: int, **columns: Any) -> None:
    """An accepted extract of one trust with the labels of MEANINGS and every outcome, and no rows yet."""
    row = {"extract_id": extract_id, "extract_number": number}
    described = {"organisation": "Trust", "stages": STAGES, "file_name": f"{number}.csv", "shape": "wide"}
    described |= {"file_sha256": f"{number:064}", "mapping_sha256": "0" * 64}
    described |= {"ethnicity_classification": "ons_2021"}
    insert(connection, EXTRACTS, row | described | columns)
    insert(connection, ACCEPTED_EXTRACTS, row)
    for label, (category, group, wres) in MEANINGS.items():
        meaning = {"ethnicity_category": category, "ethnicity_group": group, "wres_group": wres}
        insert(connection, ETHNICITY_LABELS, {"extract_id": extract_id, "label": label} | meaning)
    for outcome in OUTCOMES:
        insert(connection, OUTCOME_LABELS, {"extract_id": extract_id, "label": outcome, "outcome": outcome})


def pseudonym(name: str) -> UUID:
    """Any text as the id that the warehouse has."""
    return uuid5(NAMESPACE_OID, name)


def application(
    application_id: str,
    label: str | None,
    last_stage: str,
    outcome: str | None = None,
    *,
    vacancy_id: str = "post",
    applied_on: date = date(2023, 5, 1),
    extract_id: str = "a" * 16,
    **columns: Any,
) -> dict[str, Any]:
    """The row of core.applications of one application that reached `last_stage` and had `outcome` there."""
    last = STAGES.index(last_stage)
    return {
        "organisation": "Trust",
        "application_id": pseudonym(application_id),
        "vacancy_id": pseudonym(vacancy_id),
        "ethnicity_code": label,
        "outcome_label": outcome,
        "last_order": last,
        "applied_on": applied_on,
        "reached_on": [applied_on] * (last + 1) + [None] * (len(STAGES) - last - 1),
        "extract_id": extract_id,
        **columns,
    }
