"""Numbers of staff beside recruitment, from file to edition and back; and what stops them from being published."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from assets.release.attack import DisclosedCells
from assets.resources import ORGANISATION_TAG
from assets.warehouse.home import home_folder
from equity_audit.errors import DisclosureFailed
from equity_audit.populations.measured import shown_measures
from pipelines.commands.verify import verify_edition
from pipelines.definitions import build_definitions
from pipelines.resources import make_resources
from tests.instances import in_memory
from tests.pipelines.conftest import unsplit_home
from tests.pipelines.populations.beside import ORGANISATION, exports, files_of, page_in, published, take_in
from tests.pipelines.release.test_blocking import NOBODY

FALLEN = {("T", "board"): DisclosedCells(NOBODY, {})}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory)


@pytest.fixture(scope="module", autouse=True)
def home(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of its own that has published the files and no splits of applicants."""
    with unsplit_home(shutil.copytree(folder / "home", tmp_path_factory.mktemp("workforce") / "home")) as home:
        yield home


@pytest.fixture(scope="module")
def files(folder: Path) -> list[Path]:
    return files_of(folder)


@pytest.fixture(scope="module")
def page(home: Path) -> Path:
    return page_in(home)


def test_headcounts_are_part_of_the_edition_and_follow_from_the_records(files: list[Path], page: Path) -> None:
    assert "Who works here" in page.read_text(encoding="utf-8")
    edition = page.parent
    record = json.loads((edition / "edition.json").read_text(encoding="utf-8"))
    assert len(record["extracts"]) == len(files)
    assert {"workforce", "workforce_measures"} <= record["tables"].keys()
    assert "ranges_hold_the_exact_ones" in {check["name"] for check in record["checks"]}
    text = (edition / "tables" / "workforce.csv").read_text(encoding="utf-8-sig")
    whole = [row["headcount"] for row in csv.DictReader(io.StringIO(text)) if row["group_name"] == "All staff"]
    assert whole == ["4000", "15"]
    said = Console(record=True, width=200, file=io.StringIO())
    verify_edition(edition, home_folder(), None, said)
    assert "follow from the records" in said.export_text()


def test_staff_without_applicants_have_no_edition(tmp_path: Path) -> None:
    assert take_in(exports(tmp_path, "Staff alone")[1:2]) == []


def other_measures(*arguments: Any) -> pl.DataFrame:
    return shown_measures(*arguments).with_columns(value=pl.lit(0.5))


def test_what_does_not_hold_of_staff_publishes_nothing(
    files: list[Path], page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in page.parent.rglob("*") if path.is_file()}
    monkeypatch.setattr("assets.checks.populations.ranges_that_miss", lambda *_: 1)
    with pytest.raises(DisclosureFailed, match=r"disclosed\.workforce_measures, check ranges_hold_the_exact_ones"):
        take_in(files)
    assert {path: path.read_bytes() for path in page.parent.rglob("*") if path.is_file()} == before


# That a check blocks is tested of all of them in test_graph.
@pytest.mark.parametrize(
    ("step", "replaced", "wrong", "name"),
    [
        (
            "check_disclosed_workforce",
            "populations.disclosed_sets_of",
            lambda *_: FALLEN,
            "nothing_can_be_worked_out",
        ),
        ("check_disclosed_workforce", "populations.breaks_rule", lambda *_: 1, "counts_protected"),
        (
            "check_disclosed_workforce",
            "populations.ranges_that_miss",
            lambda *_: 1,
            "ranges_hold_the_exact_ones",
        ),
        (
            "check_disclosed_workforce",
            "populations.shown_measures",
            other_measures,
            "figures_follow_from_counts",
        ),
        (
            "check_workforce_measures",
            "populations.intervals_that_miss",
            lambda *_: 1,
            "intervals_contain_figures",
        ),
        (
            "check_workforce",
            "io",
            lambda _, name, __: pl.DataFrame({"organisation": ["T"]}) if name == "uncounted_headcounts" else None,
            "every_member_of_staff_counted",
        ),
    ],
)
def test_each_check_of_staff_sees_what_it_is_for(
    home: Path, monkeypatch: pytest.MonkeyPatch, step: str, replaced: str, wrong: Callable[..., object], name: str
) -> None:
    monkeypatch.setattr("assets.io.rows_of" if replaced == "io" else f"assets.checks.{replaced}", wrong)
    assert failed(home, step) == {name}


def test_no_check_of_staff_fails_where_nothing_is_wrong(home: Path) -> None:
    for step in ("check_workforce", "check_workforce_measures", "check_disclosed_workforce"):
        assert failed(home, step) == set()


def failed(home: Path, step: str) -> set[str]:
    """The checks that one step of the report finds not to hold."""
    with in_memory() as instance:
        done = (
            build_definitions(home_folder())
            .resolve_job_def("report_period")
            .execute_in_process(
                partition_key="2017-04-01",
                # Another has staff alone, of whom nothing is counted.
                tags={ORGANISATION_TAG: ORGANISATION},
                op_selection=[step],
                resources=make_resources(home),
                instance=instance,
                raise_on_error=False,
            )
        )
    return {one.check_name for one in done.get_asset_check_evaluations() if not one.passed}


def test_executive_members_change_nothing_that_is_published(
    home: Path, files: list[Path], page: Path, tmp_path: Path
) -> None:
    """The same keys and files in another home, where a column says who is an executive member."""
    again = [Path(shutil.copy(path, tmp_path)) for path in files]
    for path in files:
        shutil.copy(path.with_name(f"{path.name}.toml"), tmp_path)
    staff = tmp_path / "export.workforce.csv"
    rows = pl.read_csv(staff, infer_schema=False)
    on_board = pl.col("board_member") == "Yes"
    flags = pl.when(on_board & pl.col("ethnicity").str.starts_with("White")).then(pl.lit("Yes")).otherwise(pl.lit("No"))
    rows.with_columns(executive=flags).write_csv(staff)
    with staff.with_name(f"{staff.name}.toml").open("a", encoding="utf-8") as mapping:
        mapping.write('executive_member = "executive"\n')
    with unsplit_home(tmp_path / "home") as other:
        shutil.copytree(home / "secrets", other / "secrets", dirs_exist_ok=True)
        (found,) = take_in(again)
        assert {path.name for path in (found.parent / "tables").iterdir()} >= {
            "workforce.csv",
            "workforce_measures.csv",
        }
        for path in sorted((page.parent / "tables").iterdir()):
            table = (found.parent / "tables" / path.name).read_bytes()
            if path.name in ("checks.csv", "sources.csv"):
                # In the order of the files' keyed ids, which follow from their content; sources.csv prints these too.
                assert len(table.splitlines()) == len(path.read_bytes().splitlines())
            else:
                assert table == path.read_bytes(), path.name
        text = (other / "private" / "staff" / "2017-04-01" / "analyst.html").read_text(encoding="utf-8")
    assert "executive members of the board" in text
    assert "not in the source" not in text
