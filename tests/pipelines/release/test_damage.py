"""What a disk, a person or a power cut does to a home is called by its name, with what to do about it."""

import contextlib
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from assets.warehouse.connection import look_into_warehouse, open_warehouse, warehouse_damage
from assets.warehouse.damage import is_damage, is_in_use
from assets.warehouse.keys import WAREHOUSE_FILE
from equity_audit.errors import UsageError
from pipelines.resources import open_instance, prepare_home
from tests.pipelines.conftest import invoke
from tests.pipelines.homes import start

Spoil = Callable[[Path], None]


def cut_to(size: int) -> Spoil:
    return lambda path: path.write_bytes(path.read_bytes()[:size]) and None


def flip_from(place: int) -> Spoil:
    def spoil(path: Path) -> None:
        content = bytearray(path.read_bytes())
        for at in range(place, len(content), 97):
            content[at] ^= 0x55
        path.write_bytes(content)

    return spoil


def other_kind(path: Path) -> None:
    path.write_bytes(b"no database " * 5000)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose warehouse has more than fits its first blocks."""
    with open_warehouse(tmp_path) as connection:
        connection.register("many", pl.DataFrame({"n": range(200_000)}))
        connection.execute("create table core.many as select hash(n) as h, n from many")
    return tmp_path


@pytest.mark.parametrize(
    "spoil", [cut_to(0), cut_to(100), cut_to(4096), cut_to(12287), flip_from(100), flip_from(12288), other_kind]
)
@pytest.mark.parametrize("opened", [open_warehouse, look_into_warehouse])
def test_a_damaged_warehouse_is_said_to_be_one(
    home: Path, spoil: Spoil, opened: Callable[[Path], duckdb.DuckDBPyConnection]
) -> None:
    spoil(home / WAREHOUSE_FILE)
    with pytest.raises(UsageError, match=r"the warehouse is damaged.*\n.*backup"):
        opened(home)


def test_a_block_that_nobody_read_at_first_is_found_once_something_fails(home: Path) -> None:
    assert warehouse_damage(home) is None
    file = home / WAREHOUSE_FILE
    content = file.read_bytes()
    for at in range(len(content) // 4, len(content), 4096):
        content = content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :]
    file.write_bytes(content)
    with contextlib.suppress(UsageError), look_into_warehouse(home):
        assert "damaged" in str(warehouse_damage(home))


def test_a_block_is_no_lock() -> None:
    """A lock's words were looked for as "lock", which is in "block"."""
    held = duckdb.IOException('Could not set lock on file "w.duckdb": Conflicting lock is held in python')
    bad = duckdb.IOException("Corrupt database file: computed checksum 1 does not match stored checksum 2 in block 0")
    assert (is_in_use(held), is_damage(held)) == (True, False)
    assert (is_in_use(bad), is_damage(bad)) == (False, True)
    assert not is_damage(duckdb.IOException('Cannot open file "w.duckdb": Permission denied'))


@pytest.fixture
def instance_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("EQUITY_AUDIT_HOME", "DAGSTER_HOME"):
        monkeypatch.setenv(name, "")
    prepare_home(tmp_path / "home")
    with open_instance(tmp_path / "home") as instance:
        instance.add_dynamic_partitions("extracts", ["a" * 16])
    return tmp_path / "home"


@pytest.mark.parametrize("name", ["history/runs.db", "history/runs/index.db", "schedules/schedules.db"])
@pytest.mark.parametrize("spoil", [cut_to(5000), other_kind])
def test_a_damaged_history_has_a_remedy(instance_home: Path, name: str, spoil: Spoil) -> None:
    spoil(instance_home / "dagster" / name)
    with (
        pytest.raises(UsageError, match=r"history of runs is damaged\n.*move it away"),
        open_instance(instance_home) as instance,
    ):
        instance.add_dynamic_partitions("extracts", ["b" * 16])
    shutil.rmtree(instance_home / "dagster")
    prepare_home(instance_home)
    with open_instance(instance_home) as instance:
        instance.add_dynamic_partitions("extracts", ["b" * 16])


def test_an_empty_history_of_a_run_that_was_killed_is_made_again(instance_home: Path) -> None:
    (instance_home / "dagster" / "history" / "runs" / "index.db").write_bytes(b"")
    with open_instance(instance_home) as instance:
        instance.add_dynamic_partitions("extracts", ["b" * 16])


def test_a_history_that_is_in_use_is_not_called_damaged(instance_home: Path) -> None:
    with (
        pytest.raises(sqlite3.OperationalError, match="locked"),
        open_instance(instance_home),
    ):
        raise sqlite3.OperationalError("database is locked")


def test_a_question_writes_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So a home on a disk that nobody can write to can be asked, too."""

    def written(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("pipelines.resources.prepare_home", written)
    before = {path: path.stat().st_mtime_ns for path in (home, *home.rglob("*"))}
    code, said = invoke(home, "query", "select count(*) as many from core.many", "--format", "csv")
    assert (code, "200000" in said) == (0, True), said
    assert {path: path.stat().st_mtime_ns for path in (home, *home.rglob("*"))} == before


def test_serve_that_is_stopped_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    process = start(tmp_path / "home", "serve", "--port", 0)

    def children() -> list[int]:
        """Processes that were told of this home, besides the command."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                told = f"EQUITY_AUDIT_HOME={tmp_path / 'home'}\0".encode() in (folder / "environ").read_bytes()
                if told and int(folder.name) not in (os.getpid(), process.pid):
                    found.append(int(folder.name))
        return found

    while not children():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    out, error = process.communicate(timeout=120)
    assert (process.returncode, "Traceback" in out + error) == (0, False), out + error
    assert children() == []
