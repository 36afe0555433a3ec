"""The warehouse at rest, its keys, and the look inside."""

import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import duckdb
import polars as pl
import pytest

from assets.warehouse.connection import look_into_warehouse, open_warehouse
from assets.warehouse.keys import KEYS, read_key
from equity_audit.contracts import APPLICATIONS, ETHNICITY_LABELS, EXTRACTS, PROGRAMME_EFFECT, TABLES
from equity_audit.errors import UsageError
from equity_audit.intake.pseudonyms import key_id, new_key
from pipelines.commands.records import query_warehouse
from tests.conftest import insert

# Of an application: long enough not to stand in the file by chance.
NUMBER = 73_195_846_220


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose warehouse holds rows, closed again."""
    connection = open_warehouse(tmp_path)
    extract = {"extract_id": "a" * 16}
    insert(connection, EXTRACTS, extract | {"stages": ["applied", "appointed"]})
    insert(connection, ETHNICITY_LABELS, extract | {"label": "Asian: Indian", "wres_group": "BME"})
    for number in range(NUMBER, NUMBER + 200):
        person = {"application_id": f"{number:032}", "ethnicity_code": "Asian: Indian", "outcome_label": "rejected"}
        insert(connection, APPLICATIONS, extract | person | {"last_order": 0})
    connection.close()
    return tmp_path


def stored(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file() and "secrets" not in path.parts)


def test_nothing_of_the_rows_can_be_read_from_the_disk(home: Path) -> None:
    assert len(stored(home)) > 10_000
    for words in (b"Asian: Indian", b"rejected", UUID(f"{NUMBER:032}").bytes, b"ethnicity_code"):
        assert words not in stored(home)


def test_the_same_search_finds_them_where_nothing_is_encrypted(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "plain.duckdb") as connection:
        connection.execute("create table t as select 'Asian: Indian' as category from range(200)")
    assert b"Asian: Indian" in stored(tmp_path)


def test_what_is_spilled_is_encrypted_too(home: Path) -> None:
    with look_into_warehouse(home) as connection:
        assert connection.sql("select current_setting('temp_file_encryption')").fetchone() == (True,)


def test_keys_are_random_and_for_their_owner_only(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    open_warehouse(other).close()
    for name in KEYS:
        assert stat.S_IMODE((home / "secrets" / f"{name}.key").stat().st_mode) == 0o600
        assert read_key(home, name) != read_key(other, name)
    assert stat.S_IMODE((home / "secrets").stat().st_mode) == 0o700
    assert read_key(home, "pseudonym") != read_key(home, "warehouse")


def test_keys_stay_the_same(home: Path) -> None:
    before = {name: read_key(home, name) for name in KEYS}
    open_warehouse(home).close()
    assert {name: read_key(home, name) for name in KEYS} == before


def test_a_wrong_key_is_said_to_be_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQUITY_AUDIT_WAREHOUSE_KEY", new_key().hex())
    for action in (open_warehouse, look_into_warehouse):
        with pytest.raises(UsageError, match="does not open with this key"):
            action(home)


@pytest.mark.parametrize("name", KEYS)
def test_a_key_that_went_missing_is_never_replaced(home: Path, name: str) -> None:
    (home / "secrets" / f"{name}.key").unlink()
    if name == "warehouse":
        with pytest.raises(UsageError, match="the warehouse key is missing"):
            open_warehouse(home)
    else:
        open_warehouse(home).close()
        with pytest.raises(UsageError, match=f"the {name} key is missing"):
            read_key(home, name)
    assert not (home / "secrets" / f"{name}.key").exists()


@pytest.mark.parametrize("text", ["", "zz", "ab" * 31])
def test_what_is_no_key_is_refused(home: Path, text: str) -> None:
    (home / "secrets" / "warehouse.key").write_text(text, encoding="ascii")
    with pytest.raises(UsageError, match="64 hexadecimal digits"):
        open_warehouse(home)


def test_a_key_from_the_environment_needs_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.setenv(f"EQUITY_AUDIT_{name.upper()}_KEY", new_key().hex())
    open_warehouse(tmp_path).close()
    assert list((tmp_path / "secrets").iterdir()) == []
    open_warehouse(tmp_path).close()


def test_a_fingerprint_tells_keys_apart_and_is_not_the_key() -> None:
    one, other = new_key(), new_key()
    assert key_id(one) == key_id(one) != key_id(other)
    assert key_id(one) not in one.hex()


@pytest.fixture
def look(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("EQUITY_AUDIT_HOME", str(home))
    return


@pytest.mark.usefixtures("look")
def test_a_question_is_answered() -> None:
    answer = query_warehouse("select count(*) as applications from core.applicant_stages")
    assert answer.equals(pl.DataFrame({"applications": [200]}))


@pytest.mark.usefixtures("look")
@pytest.mark.parametrize(
    "query",
    [
        "delete from core.applications",
        "create table core.x as select 1",
        "copy core.applicant_stages to 'out.csv'",
        "select * from read_csv('/etc/passwd')",
        "attach 'other.duckdb'",
        "set enable_external_access = true",
        "selec",
    ],
)
def test_a_look_changes_nothing_and_reaches_nothing_else(query: str) -> None:
    with pytest.raises(UsageError):
        query_warehouse(query)
    assert query_warehouse("select count(*) from core.applicant_stages").item() == 200


def test_there_is_nothing_to_look_into_before_the_first_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no warehouse yet"):
        look_into_warehouse(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_warehouse_of_an_earlier_version_gets_the_columns_that_it_lacks(home: Path) -> None:
    """As if this version had brought them; rows stay, and nothing is known of them in the new columns."""
    with open_warehouse(home) as old:
        for table, column in ((APPLICATIONS, "disability"), (PROGRAMME_EFFECT, "alike")):
            old.execute(f"alter table {table.full_name} drop column {column}")
    with open_warehouse(home) as connection:
        assert connection.sql("select count(*), count(disability) from core.applications").fetchone() == (200, 0)
        for table in TABLES:
            names = connection.sql(f"select * from {table.full_name} limit 0").columns
            assert set(names) == set(table.column_names)
        assert connection.sql("select count(*) from core.counted_applications").fetchone() == (0,)
