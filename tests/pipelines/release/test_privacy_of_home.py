"""What a home tells to others on the machine, and to an auditor who reads Dagster's history: nothing that is exact."""

import hashlib
import os
import re
import stat
from pathlib import Path

import dagster as dg
import pytest

from assets.warehouse.connection import look_into_warehouse
from assets.warehouse.failures import TRACEBACKS, failures_folder
from equity_audit.synthetic import generate, write
from pipelines.resources import open_instance, prepare_home
from tests.conftest import leave_splits_out
from tests.pipelines.conftest import invoke

# Of every exact count that is no number of the calendar, of a port, of a digest's length or the like.
LEAST = 38
STATEMENTS = re.compile(r"```sql.*?```")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that a lax umask cannot open, in which an export was taken in, one refused, and records removed."""
    folder = tmp_path_factory.mktemp("private")
    home = folder / "home"
    write(generate(1237, 71, years=1, duplicates=0.02), folder / "export.csv", "wide")
    rows = (folder / "export.csv").read_text(encoding="utf-8").splitlines()
    spoilt = [*rows[:100], *(row.replace("202", "209") for row in rows[100:283]), *rows[283:]]
    (folder / "spoilt.csv").write_text("\n".join(spoilt) + "\n", encoding="utf-8")
    leave_splits_out(home)
    before = os.umask(0)
    try:
        home.chmod(0o777)
        (home / "settings.toml").chmod(0o666)
        code, said = invoke(home, "run", folder / "export.csv")
        assert code == 0, said
        code, said = invoke(home, "run", folder / "spoilt.csv")
        assert code == 3, said
        # The words are for the person who has the file.
        assert "183" in said
    finally:
        os.umask(before)
    return home


def everything(instance: dg.DagsterInstance) -> dict[str, str]:
    """All that Dagster remembers, by where: runs with their tags and configuration, and every event of each."""
    found = {}
    for run in instance.get_runs():
        found[f"run {run.run_id}"] = dg.serialize_value(run)
        cursor = None
        while True:
            page = instance.get_records_for_run(run.run_id, cursor=cursor)
            for record in page.records:
                found[f"{run.job_name} event {record.storage_id}"] = dg.serialize_value(record.event_log_entry)
            if not page.has_more:
                break
            cursor = page.cursor
    return found


def exact_counts(home: Path) -> set[int]:
    """Every number that the warehouse knows exactly and that no edition shows as it is."""
    with look_into_warehouse(home) as connection:
        counts = {
            value
            for row in connection.sql("select reached, decided, rejected from out.stage_counts").fetchall()
            for value in row
        }
        register = connection.sql(
            "select rows_in, rows_accepted, rows_ignored, applications, stage_rows from intake.extracts"
        ).fetchall()
        counts |= {value for row in register for value in row}
        tables = connection.sql("select schema_name, table_name, estimated_size from duckdb_tables()").fetchall()
        counts |= {rows for schema, _, rows in tables if schema in ("core", "out")}
    return {value for value in counts if value >= LEAST and value % 5}


def numbers(text: str) -> set[int]:
    """The whole numbers in a text, apart from those in identifiers, digests, times, versions and statements."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]+|\b[0-9a-f]{16,}\b|\\u[0-9a-f]{4}", " ", text)
    text = re.sub(r'"dagster/input_event_pointer/[^"]*": "\d+"', " ", text)
    text = STATEMENTS.sub(" ", text)
    text = re.sub(r'"(timestamp|user_timestamp|storage_id|pid|line|start|end|duration_ms)": [\d.]+', " ", text)
    text = re.sub(r"pid: \d+|\d+(\.\d+)?m?s\b|\d{4}-\d\d-\d\d|\d+\.\d+(\.\d+)*", " ", text)
    return {int(number) for number in re.findall(r"(?<![\w.])\d+(?![\w.])", text)}


def test_no_event_of_any_run_holds_an_exact_count(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(home / "dagster"))
    exact = exact_counts(home) | {183}
    assert len(exact) > 100
    with open_instance(home) as instance:
        remembered = everything(instance)
    assert sum("take_in_extract" in place for place in remembered) > 50
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in home.parent.glob("*.csv")]
    assert len(digests) == 2
    for place, text in remembered.items():
        found = numbers(text.replace(str(home.parent), "")) & exact
        around = [text[max(0, text.find(str(number)) - 60) :][:140] for number in found]
        assert not found, (place, found, around)
        # Statements name the column; neither its values nor anything under its name may be there.
        assert "file_sha256" not in STATEMENTS.sub(" ", text), place
        assert not any(digest in text for digest in digests), place


def test_no_asset_tells_a_number_of_rows(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(home / "dagster"))
    with open_instance(home) as instance:
        for key in instance.get_asset_keys():
            event = instance.get_latest_materialization_event(key)
            assert event
            assert event.asset_materialization
            for name, value in event.asset_materialization.metadata.items():
                counted = isinstance(value, dg.IntMetadataValue | dg.FloatMetadataValue)
                assert not counted or key.path[0] == "edition", (key, name)


def others_may(home: Path) -> list[str]:
    """What others on the machine may do something with."""
    return [
        f"{path} {stat.S_IMODE(path.lstat().st_mode):o}"
        for path in (home, *home.rglob("*"))
        if stat.S_IMODE(path.lstat().st_mode) & 0o077
    ]


def test_nobody_else_may_read_anything_of_a_home(home: Path) -> None:
    assert (home / "dagster" / "history" / "runs.db").exists()
    assert (home / "private").exists()
    assert others_may(home) == []


def test_what_was_open_is_closed_at_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EQUITY_AUDIT_HOME", "DAGSTER_HOME"):
        monkeypatch.setenv(name, "")
    (tmp_path / "home" / "dagster" / "history").mkdir(parents=True)
    (tmp_path / "home" / "dagster" / "history" / "runs.db").touch()
    (tmp_path / "home" / "not ours").touch()
    (tmp_path / "home" / "not ours").chmod(0o644)
    for path in ("", "dagster", "dagster/history"):
        (tmp_path / "home" / path).chmod(0o755)
    (tmp_path / "home" / "dagster" / "history" / "runs.db").chmod(0o644)
    prepare_home(tmp_path / "home")
    assert [Path(line.rpartition(" ")[0]).name for line in others_may(tmp_path / "home")] == ["not ours"]


def test_words_of_a_fault_are_in_the_private_folder_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(generate(300, 72, years=1), tmp_path / "export.csv", "wide")
    home = tmp_path / "home"
    leave_splits_out(home)

    def broken(*_: object) -> None:
        raise ValueError("Mrs Ada Example, 4711 records")

    monkeypatch.setattr("equity_audit.measures.rates.selection_rates", broken)
    code, said = invoke(home, "run", tmp_path / "export.csv")
    assert code == 1
    assert "internal error" in said
    assert "fault" in said
    assert "Ada" not in said
    assert "4711" not in said
    log = failures_folder(home) / TRACEBACKS
    assert "Mrs Ada Example, 4711 records" in log.read_text(encoding="utf-8")
    assert others_may(home) == []
    for path in home.rglob("*"):
        assert path == log or not path.is_file() or b"4711" not in path.read_bytes(), path
