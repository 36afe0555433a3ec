"""The command line as people use it, in a home of its own; in a process of its own where that makes a difference."""

import contextlib
import importlib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Callable
from getpass import getuser
from pathlib import Path

import dagster as dg
import pytest
from typer.main import get_command

import assets
from assets.warehouse.connection import look_into_warehouse
from equity_audit.contracts import DISCLOSED
from equity_audit.synthetic import generate, write
from equity_audit.synthetic.generate import to_long
from pipelines.cli import app
from pipelines.resources import open_instance
from pipelines.runs import STARTED_BY, starter
from reports.pages.edition_pages import PAGES
from tests.pipelines.conftest import invoke, run
from tests.pipelines.homes import ORGANISATION, content, keep_to_one_key, one_year, published, run_apart, start


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of one year, with repeats, and the later extract that corrects it."""
    return one_year(tmp_path_factory)


@pytest.fixture(scope="module")
def home(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after one run in a process of its own."""
    return shutil.copytree(files / "home", tmp_path_factory.mktemp("own") / "home")


@pytest.fixture(scope="module")
def corrected(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after two more runs at once."""
    return shutil.copytree(files / "corrected", tmp_path_factory.mktemp("own") / "corrected")


@pytest.fixture(scope="module")
def said(files: Path) -> dict[str, tuple[int, str]]:
    """How these runs ended and what they said."""
    told = json.loads((files / "said.json").read_text(encoding="utf-8"))
    return {name: (code, words) for name, (code, words) in told.items()}


def test_a_run_says_how_every_row_was_used_and_where_the_page_is(said: dict[str, tuple[int, str]]) -> None:
    code, words = said["first"]
    assert code == 0, words
    assert "3,030 rows read, 3,000 used, 30 ignored (duplicates, blank lines, totals), 0 invalid" in words
    assert "panel.html" in words


def test_one_run_publishes_an_edition_with_page_tables_and_record(home: Path) -> None:
    names = set(published(home))
    place = f"{ORGANISATION}/2021-04-01"
    lineage = ("provenance.json", "openlineage.json")
    files = (*PAGES, *lineage, "tables.xlsx", "datapackage.json", "edition.json")
    assert names == {
        *("index.html", ".index.lock", f"{ORGANISATION}/index.html", f"{ORGANISATION}/.2021-04-01.row.json"),
        *(f"{place}/{name}" for name in files),
        *(f"{place}/tables/{table.name}.csv" for table in DISCLOSED),
    }
    record = json.loads(published(home)[f"{place}/edition.json"])
    assert (record["revision"], record["replaces"]) == (1, None)
    assert record["period_label"] == "1 April 2021 to 31 March 2022"


def test_every_run_says_who_started_it_and_no_edition_does(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(home / "dagster"))
    with open_instance(home) as instance:
        assert {run.tags[STARTED_BY] for run in instance.get_runs()} == {getuser()}
    records = [data for name, data in published(home).items() if name.endswith("edition.json")]
    assert records
    assert not any(f'"{getuser()}"'.encode() in data for data in records)
    monkeypatch.setattr("pipelines.runs.getuser", lambda: {}["nobody"])
    assert starter() == f"user {os.getuid()}"


def test_no_id_of_the_export_is_in_the_home(home: Path) -> None:
    for path in home.rglob("*"):
        if path.is_file() and "secrets" not in path.parts:
            data = path.read_bytes()
            assert b"APP-0000" not in data, path
            assert b"VAC-0000" not in data, path


def test_the_same_records_as_a_long_parquet_give_the_same_figures(home: Path, tmp_path: Path) -> None:
    wide = generate(3000, 5, years=1, duplicates=0.01, corrections=True).wide.unique(maintain_order=True)
    to_long(wide).write_parquet(tmp_path / "long.parquet")
    keep_to_one_key(tmp_path / "home")
    code, said = run(tmp_path / "home", "run", tmp_path / "long.parquet")
    assert code == 0, said
    for table in ("stage_counts", "selection_rates", "disparities", "outcome_counts"):
        name = f"{ORGANISATION}/2021-04-01/tables/{table}.csv"
        assert content(tmp_path / "home")[name] == content(home)[name]


def test_the_runs_are_in_dagsters_history(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(home / "dagster"))
    with dg.DagsterInstance.get() as instance:
        runs = {(run.job_name, run.status.value) for run in instance.get_runs()}
    assert runs == {("report_period", "SUCCESS"), ("take_in_extract", "SUCCESS")}


def test_two_runs_at_once_both_end_well(corrected: Path, said: dict[str, tuple[int, str]]) -> None:
    for name in ("again", "corrections"):
        assert said[name][0] == 0, said[name][1]
    assert "already loaded" in said["again"][1]
    with look_into_warehouse(corrected) as connection:
        assert connection.sql("select count(*) from intake.accepted_extracts").fetchone() == (2,)


def test_a_later_extract_corrects_and_the_new_revision_names_the_old(corrected: Path) -> None:
    record = json.loads(published(corrected)[f"{ORGANISATION}/2021-04-01/edition.json"])
    assert (record["revision"], record["replaces"]) == (2, 1)
    assert len(record["extracts"]) == 2
    assert (corrected / "superseded" / ORGANISATION / "2021-04-01" / "r1" / "panel.html").exists()
    with look_into_warehouse(corrected) as connection:
        row = connection.sql(
            "select reached, pending from out.stage_counts where level = 'all' and step_order = 0"
        ).fetchone()
    assert row == (3000, 0)  # the same people, none left undecided at the first step


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["run", "nowhere.csv", "{export}"], 3, "no such file"),
        (["run"], 2, "FILE"),
        (["run", "{export}", "--source", "nowhere.toml"], 2, "mapping cannot be read"),
        (["run", "{export}", "--period", "2019-04-01"], 3, "2021-04-01"),
        (["run", "{export}", "--period", "1999-04-01"], 3, "period.earliest"),
        (["run", "{export}", "--period", "soon"], 2, "soon"),
        (["run", "{export}", "{broken}"], 3, "header but no rows"),
        (["nothing"], 2, "No such command"),
        (["synth", "--out", "x.doc"], 2, ".csv or .parquet"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_a_person_can_get_wrong(
    home: Path, files: Path, tmp_path: Path, arguments: list[str], code: int, word: str
) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_text((files / "export.csv").read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    before = published(home)
    filled = [argument.format(export=files / "export.csv", broken=broken) for argument in arguments]
    found, said = invoke(home, *filled)
    assert (found, word in said) == (code, True), said
    assert published(home) == before


def test_a_mistake_ends_the_process_with_its_code_and_no_traceback(home: Path) -> None:
    code, said = run_apart(home, "run", "nowhere.csv")
    assert code == 3
    assert "no such file" in said


def test_a_home_that_cannot_be_made(tmp_path: Path, files: Path) -> None:
    (tmp_path / "file").touch()
    code, said = invoke(tmp_path / "file" / "home", "run", files / "export.csv")
    assert code == 2
    assert "home folder cannot be written" in said


def test_wrong_settings_are_named_before_anything_is_read(tmp_path: Path, files: Path) -> None:
    (tmp_path / "settings.toml").write_text("[disclosure]\nround_too = 5\n", encoding="utf-8")
    code, said = run(tmp_path, "run", files / "export.csv")
    assert code == 2
    assert "disclosure.round_too" in said


def test_processes_that_start_together_make_one_instance(tmp_path: Path) -> None:
    """Without the lock, half of the processes fail: each makes the same files."""
    code = (
        "import sys, time\nfrom pathlib import Path\nimport dagster\n"
        "from pipelines.resources import open_instance, prepare_home\n"
        "home, me = Path(sys.argv[1]), sys.argv[2]\nprepare_home(home)\n(home / me).touch()\n"
        "while not (home / 'go').exists():\n    time.sleep(0.001)\n"
        "with open_instance(home):\n    pass"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name], stderr=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    while not all((tmp_path / name).exists() for name in ("one", "two")):
        assert all(process.poll() is None for process in both)
        time.sleep(0.02)
    (tmp_path / "go").touch()
    for process in both:
        assert (process.communicate(timeout=60)[1], process.returncode) == ("", 0)


def test_runs_that_were_stopped_or_killed_leave_no_half_edition_and_the_next_one_works(
    files: Path, corrected: Path, tmp_path: Path
) -> None:
    """Three in one home, each stopped later than the one before, and each begun on what that one left."""

    def cut_short(by: signal.Signals, when: Callable[[], bool]) -> tuple[int, str]:
        process = start(tmp_path, "run", files / "export.csv")
        while not when():
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        process.send_signal(by)
        out, error = process.communicate(timeout=120)
        return process.returncode, out + error

    def histories() -> int:
        return len(list((tmp_path / "dagster" / "history" / "runs").glob("*-*.db")))

    code, said = cut_short(signal.SIGINT, (tmp_path / "warehouse.duckdb").exists)
    assert code == 130, said
    assert "Traceback" not in said
    assert "next run starts clean" in said
    before = histories()
    assert cut_short(signal.SIGKILL, lambda: histories() > before)[0] == -signal.SIGKILL
    assert not (tmp_path / "published").exists()
    assert cut_short(signal.SIGKILL, (tmp_path / "published").exists)[0] == -signal.SIGKILL
    for folder in (tmp_path / "published").glob("*/*"):
        is_index = folder.name.startswith("index.html")
        is_beside = folder.name.endswith((".building", ".row.json"))
        assert is_index or is_beside or (folder / "edition.json").exists()

    # Both extracts at once count as one after the other did elsewhere, under other keys.
    code, said = invoke(tmp_path, "run", files / "export.csv", files / "export.corrections.csv")
    assert code == 0, said
    there = sorted(path.name for path in (tmp_path / "published" / ORGANISATION).iterdir())
    assert there == [".2021-04-01.row.json", "2021-04-01", "index.html"]
    assert exact(tmp_path) == exact(corrected)
    with look_into_warehouse(tmp_path) as connection:
        assert connection.sql("select count(distinct application_id) from core.applicant_stages").fetchone() == (3000,)


def exact(home: Path) -> list[tuple[object, ...]]:
    with look_into_warehouse(home) as connection:
        return connection.sql("select * from out.stage_counts order by all").fetchall()


def test_synth_writes_and_says_what(tmp_path: Path) -> None:
    code, said = invoke(tmp_path / "home", "synth", "--applications", 50, "--seed", 1, "--out", tmp_path / "x.parquet")
    assert code == 0
    assert "x.truth.json" in said
    assert not (tmp_path / "home").exists()


def test_the_list_of_commands_has_whole_first_lines(tmp_path: Path) -> None:
    code, said = invoke(tmp_path, "--help")
    commands = said.partition("Commands:")[2].strip().splitlines()
    assert code == 0
    assert len(commands) == 14
    assert [line for line in commands if not line.endswith(".") or line.endswith("...")] == []


def test_a_message_about_settings_says_which_file(tmp_path: Path) -> None:
    home, export = tmp_path / "home", tmp_path / "counts.csv"
    export.write_text("Group,Applied,Appointed\nWhite,600,60\nAsian,100,10\n", encoding="utf-8")
    mapping = invoke(home, "profile", export)[1].replace("# period = 2023-04-01", "period = 2023-01-01")
    Path(f"{export}.toml").write_text(mapping, encoding="utf-8")
    code, said = invoke(home, "run", export)
    assert code == 3
    assert "if the table counts calendar, academic or other years, set period.year_starts in settings.toml" in said
    assert f"Settings: {home / 'settings.toml'} (create this file)" in said
    (home / "settings.toml").write_text('[period]\nyear_starts = "01-01"\n', encoding="utf-8")
    assert invoke(home, "check", export)[0] == 0
    (home / "settings.toml").write_text("[period]\nyear_begins = 1\n", encoding="utf-8")
    code, said = invoke(home, "check", export)
    assert code == 2
    assert f"Settings: {home / 'settings.toml'}\n" in said
    (home / "settings.toml").unlink()
    assert "Settings:" not in invoke(home, "check", tmp_path / "nothing.csv")[1]


@pytest.mark.parametrize("command", get_command(app).commands)  # type: ignore[attr-defined]
def test_every_command_has_help_with_an_example(tmp_path: Path, command: str) -> None:
    code, said = invoke(tmp_path, command, "--help")
    assert code == 0
    assert f"Example: equity-audit {command}" in " ".join(said.split())


def test_serve_answers_on_this_machine_and_ends_with_its_children(home: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = start(home, "serve", "--read-only", "--port", port)
    url = f"http://127.0.0.1:{port}/server_info"
    for _ in range(240):
        try:
            with urllib.request.urlopen(url) as answer:
                assert b"dagster" in answer.read()
            break
        except OSError:
            assert process.poll() is None, process.communicate()
            time.sleep(0.25)
    else:
        pytest.fail("the pages did not come up in a minute")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=90) == 0
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(url)


def test_two_organisations_in_one_home_never_see_each_other(home: Path, tmp_path: Path) -> None:
    standard = Path(assets.__file__).with_name("mappings") / "standard_wide.toml"
    named = standard.read_text(encoding="utf-8").replace("[source]", '[source]\norganisation = "Second Trust"', 1)
    (tmp_path / "second.toml").write_text(named, encoding="utf-8")
    write(generate(1000, 9, years=1), tmp_path / "second.csv", "wide")
    both = shutil.copytree(home, tmp_path / "home")
    before = content(both)
    code, said = run(both, "run", tmp_path / "second.csv", "--source", tmp_path / "second.toml")
    assert code == 0, said
    after = content(both)
    assert {name: data for name, data in after.items() if name.startswith(ORGANISATION)} == before
    for name, data in after.items():
        mine, other = (
            (b"Second Trust", b"This organisation") if "second" in name else (b"This organisation", b"Second Trust")
        )
        text = unpacked(data) if name.endswith(".xlsx") else data
        assert other not in text, name
        # A home that publishes no split and has no numbers of staff or answers has nothing of these: a header alone.
        # So has one of whose paths rounding leaves ranges alone, and one that has published a single year.
        bare = name.endswith(
            (
                *("like_for_like.csv", "stage_contributions.csv", "variation.csv", "workforce.csv"),
                *(
                    "workforce_measures.csv",
                    "survey.csv",
                    "survey_measures.csv",
                    "earlier_years.csv",
                    "several_years.csv",
                ),
            )
        )
        assert mine in text or (bare and text.count(b"\n") == 1), name
    # The home's settings name the first; what an edition publishes of them names its own, and still goes with its hash.
    records = {name: data for name, data in published(both).items() if name.endswith("edition.json")}
    assert len(records) == 2
    for name, data in records.items():
        second = "second" in name
        assert json.loads(data)["settings"]["organisation"]["name"] == (
            "Second Trust" if second else "This organisation"
        )
        assert (b"This organisation" if second else b"Second Trust") not in data
        code, said = run(both, "verify", (both / "published" / name).parent)
        assert (code, "follow from the records" in said) == (0, True), said


def unpacked(workbook: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return b"".join(map(archive.read, archive.namelist()))


@pytest.mark.parametrize(
    ("replaced", "command"),
    [
        ("pipelines.commands.run.run_files", ("run", "x.csv")),
        ("pipelines.commands.records.check_files", ("check", "x.csv")),
        ("pipelines.commands.records.purge_records", ("purge", "--before", "2020-04-01")),
        ("pipelines.commands.verify.verify_edition", ("verify", "x")),
        ("pipelines.commands.judge.judge_programme", ("programme", "x.toml")),
    ],
)
def test_ctrl_c_amid_a_query_is_no_fault_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaced: str, command: tuple[str, ...]
) -> None:
    importlib.import_module(replaced.rpartition(".")[0])

    def as_duckdb_tells_it(*_: object) -> None:
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr(replaced, as_duckdb_tells_it)
    assert invoke(tmp_path, *command) == (130, "equity-audit: stopped; the next run starts clean\n")


def test_ctrl_c_that_dagster_has_taken_is_no_fault_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a handler of its own while a run goes on, and raises what is no exception of the usual kind."""

    class OfDagster(BaseException):
        pass

    def as_dagster_tells_it(*_: object) -> None:
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            signal.signal(signal.SIGINT, before)
        raise OfDagster

    importlib.import_module("pipelines.commands.run")
    monkeypatch.setattr("pipelines.commands.run.run_files", as_dagster_tells_it)
    assert invoke(tmp_path, "run", "x.csv") == (130, "equity-audit: stopped; the next run starts clean\n")


def test_a_look_cuts_no_number(home: Path) -> None:
    query = "select " + ", ".join(f"1.0 / {divisor} as share_{divisor}" for divisor in range(3, 24))
    code, said = invoke(home, "query", query)
    assert code == 0
    assert "…" not in said
    assert "do not share them" in said
    code, said = invoke(home, "query", "select 2 / 3.0 as x", "--format", "csv")
    assert "x\n0.66666" in said
