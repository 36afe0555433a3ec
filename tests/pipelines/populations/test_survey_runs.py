"""What staff say beside recruitment, from file to edition and back; and what stops it from being published."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from assets import io as tables_io
from assets.release.attack import DisclosedCells
from equity_audit.errors import CheckFailed, DisclosureFailed
from equity_audit.populations.measured import shown_measures
from pipelines.commands.verify import verify_edition
from tests.pipelines.conftest import unsplit_home
from tests.pipelines.populations.beside import exports, files_of, page_in, published, take_in
from tests.pipelines.release.test_blocking import NOBODY

FALLEN = {("T", "survey 1"): DisclosedCells(NOBODY, {})}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory)


@pytest.fixture(scope="module", autouse=True)
def home(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of its own that has published the files and no splits of applicants."""
    with unsplit_home(shutil.copytree(folder / "home", tmp_path_factory.mktemp("survey") / "home")) as home:
        yield home


@pytest.fixture(scope="module")
def files(folder: Path) -> list[Path]:
    return files_of(folder)


@pytest.fixture(scope="module")
def page(home: Path) -> Path:
    return page_in(home)


def table(edition: Path, name: str) -> list[dict[str, str]]:
    text = (edition / "tables" / f"{name}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_answers_are_part_of_the_edition_and_follow_from_the_records(home: Path, files: list[Path], page: Path) -> None:
    assert "What staff say" in page.read_text(encoding="utf-8")
    edition = page.parent
    record = json.loads((edition / "edition.json").read_text(encoding="utf-8"))
    assert len(record["extracts"]) == len(files)
    assert {"survey", "survey_measures"} <= record["tables"].keys()
    assert "every_answer_counted" in {check["name"] for check in record["checks"]}
    whole = {row["breakdown_value"]: row for row in table(edition, "survey") if row["group_name"] == "All staff"}
    assert {row["wave"] for row in whole.values()} == {"2017-10-31"}
    # 1,398 and 1,322 answered.
    assert {item: row["answered"] for item, row in whole.items()} == {"I am heard": "1400", "I am safe": "1320"}
    said = Console(record=True, width=200, file=io.StringIO())
    verify_edition(edition, home, None, said)
    assert "follow from the records" in said.export_text()


def test_answers_without_applicants_have_no_edition(tmp_path: Path) -> None:
    assert take_in(exports(tmp_path, "Answers alone")[2:]) == []


def test_answers_that_are_not_all_counted_are_not_published(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    honest, missed = tables_io.rows_of, pl.DataFrame({"organisation": ["T"]})
    monkeypatch.setattr(
        tables_io, "rows_of", lambda *asked: missed if asked[1] == "uncounted_answers" else honest(*asked)
    )
    with pytest.raises(CheckFailed, match="every_answer_counted"):
        take_in(files)


def test_what_does_not_hold_of_published_answers_publishes_nothing(
    files: list[Path], page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All at once, since a run takes long; that each blocks by itself is in the graph's test."""
    before = {path: path.read_bytes() for path in page.parent.rglob("*") if path.is_file()}
    wrong: dict[str, Callable[..., object]] = {
        "disclosed_sets_of": lambda *_: FALLEN,
        "breaks_rule": lambda *_: 1,
        "ranges_that_miss": lambda *_: 1,
        "intervals_that_miss": lambda *_: 1,
        "shown_measures": lambda *given: shown_measures(*given).with_columns(value_low=0.0),
    }
    for name, instead in wrong.items():
        monkeypatch.setattr(f"assets.checks.populations.{name}", instead)
    with pytest.raises(DisclosureFailed) as caught:
        take_in(files)
    for table, names in {
        "survey": ("counts_protected", "nothing_can_be_worked_out"),
        "survey_measures": ("intervals_contain_figures", "figures_follow_from_counts", "ranges_hold_the_exact_ones"),
    }.items():
        for name in names:
            assert f"disclosed.{table}, check {name}:" in str(caught.value)
    assert {path: path.read_bytes() for path in page.parent.rglob("*") if path.is_file()} == before
