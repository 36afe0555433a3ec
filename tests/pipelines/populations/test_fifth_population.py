"""A population that the project does not have, through everything that is done with those that it has.

Its files are in `starters`; here it is entered where CONTRIBUTING.md says that a population is entered, and nowhere
else: nothing that counts, protects, checks, attacks, makes again or removes knows of it before.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from shutil import copytree
from typing import Any

import dagster as dg
import duckdb
import pytest
from jinja2 import ChoiceLoader, DictLoader, PackageLoader

from assets.checks.populations import population_checks
from assets.populations import population_assets
from assets.release.attack import disclosed_sets_of, proven
from assets.release.recompute import REDERIVED, Made, tables_again
from assets.warehouse.connection import open_warehouse
from assets.warehouse.extract_register import periods_with_applications
from assets.warehouse.home import choices_of
from assets.warehouse.retention import purge
from assets.warehouse.tables import count_parameters, read_period, replace_period, rows_of
from equity_audit.contracts import (
    APPLICATIONS,
    DISCLOSED_STAGE_COUNTS,
    POPULATION_TABLES,
    STAGE_COUNTS,
    TABLES,
    Table,
)
from equity_audit.disclosure.publish import disclose_counts
from equity_audit.populations.kinds import POPULATIONS
from equity_audit.settings import Settings, load_settings
from pipelines.resources import make_resources
from reports.figures import shown_numbers
from reports.pages import shell
from reports.pages.panel import page
from tests.conftest import add_extract, application, insert
from tests.pipelines.populations.starters.population import STARTERS
from tests.pipelines.populations.starters.section import who_stays
from tests.pipelines.populations.starters.tables import RECEIVED, SHOWN, SHOWN_MEASURES, STARTER_TABLES
from tests.reports.conftest import make_edition

PERIOD = "2023-04-01"
FILES = Path(__file__).parent / "starters"
APPLICANTS, FIRST, LATER = "a" * 16, "b" * 16, "c" * 16
# Label: who started, and who of these stayed. 3 of 12 is a small number; 403 are shown as 405.
STARTED = {"White: Irish": (403, 310), "Asian: Indian": (120, 71), "Black: African": (12, 3), "": (15, 9)}


@pytest.fixture(scope="module", autouse=True)
def fifth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What entering it in contracts/__init__.py and populations/kinds.py does, and its statements beside the others."""
    folder = tmp_path_factory.mktemp("statements")
    for file in (*(Path(str(files("assets"))) / "sql").glob("*.sql"), *FILES.glob("*.sql")):
        (folder / "sql").mkdir(exist_ok=True)
        (folder / "sql" / file.name).write_bytes(file.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assets.warehouse.tables.files", lambda _: folder)
        for module in ("connection", "retention", "tables"):
            patch.setattr(f"assets.warehouse.{module}.POPULATION_TABLES", (*POPULATION_TABLES, STARTER_TABLES))
        for module in ("connection", "retention"):
            patch.setattr(f"assets.warehouse.{module}.TABLES", (*TABLES, RECEIVED, *STARTER_TABLES.by_period))
        patch.setattr("assets.release.recompute.POPULATIONS", (*POPULATIONS, STARTERS))
        patch.setattr("assets.release.recompute.REDERIVED", (*REDERIVED, SHOWN, SHOWN_MEASURES))
        yield


@pytest.fixture(scope="module")
def received(tmp_path_factory: pytest.TempPathFactory, fifth: None) -> Path:  # noqa: ARG001  before the warehouse is made
    """A home whose warehouse has applicants of a period, counted and protected, and starters as received."""
    home, settings = tmp_path_factory.mktemp("received"), load_settings()
    connection = open_warehouse(home)
    add_extract(connection, APPLICANTS, 1)
    insert(connection, APPLICATIONS, *(application(str(n), "White: Irish", "applied", "rejected") for n in range(40)))
    add_starters(connection, FIRST, 2, STARTED)
    exact = rows_of(connection, "stage_counts", count_parameters(PERIOD, settings))
    replace_period(connection, STAGE_COUNTS, PERIOD, exact)
    replace_period(connection, DISCLOSED_STAGE_COUNTS, PERIOD, disclose_counts(exact, settings).stage_counts)
    connection.close()
    return home


def add_starters(
    connection: duckdb.DuckDBPyConnection, extract: str, number: int, started: dict[str, tuple[int, int]]
) -> None:
    add_extract(connection, extract, number, shape="starters")
    of = {"organisation": "Trust", "followed_up": date(2024, 3, 31), "extract_id": extract}
    rows = [of | {"ethnicity_code": label, "started": n, "stayed": s} for label, (n, s) in started.items()]
    insert(connection, RECEIVED, *rows)


def run(home: Path) -> dg.ExecuteInProcessResult:
    """The assets and checks that the factories make of the record."""
    definitions = dg.Definitions(
        assets=population_assets(STARTERS),
        asset_checks=population_checks(STARTERS),
        resources=make_resources(home),
        jobs=[dg.define_asset_job("starters")],
        executor=dg.in_process_executor,
    )
    return definitions.resolve_job_def("starters").execute_in_process(
        partition_key=PERIOD, instance=dg.DagsterInstance.ephemeral(), raise_on_error=False
    )


def checks(done: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {one.check_name: one.passed for one in done.get_asset_check_evaluations()}


@pytest.fixture(scope="module")
def reported(received: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home after the run, in which every check holds."""
    home = copytree(received, tmp_path_factory.mktemp("reported") / "home")
    done = run(home)
    assert done.success
    assert checks(done) == {
        "every_starter_counted": True,
        "counts_protected": True,
        "nothing_can_be_worked_out": True,
        "intervals_contain_figures": True,
        "figures_follow_from_counts": True,
        "ranges_hold_the_exact_ones": True,
    }
    return home


@pytest.fixture
def home(reported: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return copytree(reported, tmp_path / "home")


@pytest.fixture
def opened(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_warehouse(home)
    yield connection
    connection.close()


def shown(connection: duckdb.DuckDBPyConnection, table: Table = SHOWN) -> dict[str, dict[str, Any]]:
    rows = read_period(connection, table, PERIOD)
    return {row["group_name"]: row for row in rows.iter_rows(named=True) if row["level"] in ("all", "group")}


def test_starters_are_counted_protected_and_measured(opened: duckdb.DuckDBPyConnection, home: Path) -> None:
    rows = shown(opened)
    assert (rows["All starters"]["started"], rows["White"]["started"]) == (550, 405)
    assert (rows["Black"]["stayed"], rows["Black"]["stayed_note"]) == (None, "fewer_than")
    share = shown(opened, SHOWN_MEASURES)["White"]
    assert share["value"] == pytest.approx(310 / 405)
    assert share["value_low"] < 310 / 403 < share["value_high"]
    assert (home / "private" / "trust" / f"{PERIOD}-withheld-starters.csv").exists()
    assert ("Trust", "starters") in proven(opened, PERIOD)


def test_a_number_given_away_is_found(opened: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    assert disclosed_sets_of(opened, PERIOD, settings, STARTERS) == {}
    opened.execute("update disclosed.starters set stayed = 5, stayed_note = null where stayed_note is not null")
    assert set(disclosed_sets_of(opened, PERIOD, settings, STARTERS)) == {("Trust", "starters")}


def test_starters_that_are_not_all_counted_are_not_protected(received: Path, tmp_path: Path) -> None:
    home = copytree(received, tmp_path / "home")
    connection = open_warehouse(home)
    of = {"organisation": "Trust", "followed_up": date(2024, 3, 31), "extract_id": FIRST}
    insert(connection, RECEIVED, of | {"ethnicity_code": "a label without a meaning", "started": 9, "stayed": 9})
    connection.close()
    done = run(home)
    assert checks(done) == {"every_starter_counted": False}
    assert not done.success


def test_an_edition_is_made_again_from_the_starters_that_it_names(
    opened: duckdb.DuckDBPyConnection, home: Path, settings: Settings
) -> None:
    """Corrected numbers of the same day came later."""
    tables = {table.name: read_period(opened, table, PERIOD) for table in (SHOWN, SHOWN_MEASURES)}
    add_starters(opened, LATER, 3, {"White: Irish": (900, 30)})
    extracts = frozenset({APPLICANTS, FIRST})
    made = Made("Trust", PERIOD, 1, extracts, settings, choices_of(home), b"k" * 32)
    (again,) = tables_again(opened, made)
    assert {name: again[name].equals(rows) for name, rows in tables.items()} == dict.fromkeys(tables, True)


def test_periods_of_starters_are_reported_on_and_old_ones_removed(home: Path, settings: Settings) -> None:
    connection = open_warehouse(home)
    assert periods_with_applications(connection, settings, [FIRST]) == [date(2023, 4, 1)]
    connection.close()
    purge(home, date(2024, 4, 1), settings)
    connection = open_warehouse(home)
    assert connection.sql("select count(*) from core.starters").fetchone() == (0,)
    connection.close()


def test_the_panel_page_has_its_section(opened: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entered in panel/page.py, with its template beside the others."""
    templates = {"panel/starters.html.j2": (FILES / "section.html.j2").read_text(encoding="utf-8")}
    monkeypatch.setattr(
        "reports.pages.shell.PackageLoader", lambda *where: ChoiceLoader([PackageLoader(*where), DictLoader(templates)])
    )
    monkeypatch.setitem(shown_numbers._TABLES, SHOWN_MEASURES.name, SHOWN_MEASURES)
    monkeypatch.setitem(page.BESIDE, "starters", who_stays)
    shell._environment.cache_clear()
    edition = make_edition()
    tables = {table.name: read_period(opened, table, PERIOD) for table in (SHOWN, SHOWN_MEASURES)}
    found = page.render_panel(replace(edition, tables={**edition.tables, **tables}))
    shell._environment.cache_clear()
    assert '<tr><th scope="row">White</th><td>77%<small>71% to 81%</small></td>' in found
    assert '<th scope="row">Black</th><td><span class="mark">' in found
