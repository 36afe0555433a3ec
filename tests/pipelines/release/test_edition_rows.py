"""Rows beside editions: an index of thousands reads no edition again, and never lists what is no longer there."""

import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from assets.release import edition_rows
from assets.release.edition_rows import listed_edition
from assets.release.indexes import write_indexes
from reports.edition.published_editions import for_indexes, read_listed
from tests.backtests.test_published_programme import policy
from tests.backtests.test_published_programme import published as counts
from tests.published_editions import lay_out

FOLDER = "made-up-trust"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    every = counts("effect")
    lay_out(tmp_path, every.filter(period=every["period"][0]), policy())
    return tmp_path


@pytest.fixture
def edition(published: Path) -> Path:
    return next((published / FOLDER).glob("20*"))


def row_of(edition: Path) -> Path:
    return edition.with_name(f".{edition.name}.row.json")


def test_a_row_says_what_the_edition_says_and_is_not_made_twice(edition: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = read_listed(edition)
    assert listed is not None
    assert listed.published is not None
    first = listed_edition(edition)

    def read_again(_: Path) -> None:
        raise AssertionError("the edition was read again")

    monkeypatch.setattr(edition_rows, "read_listed", read_again)
    for found in (first, listed_edition(edition)):
        assert found is not None
        assert found.published is not None
        expected = for_indexes(listed).published
        assert expected is not None
        assert (found.folder, found.organisation, found.files) == (edition.name, listed.organisation, listed.files)
        assert found.published.tables.keys() == {"stage_counts"}
        assert found.published.tables["stage_counts"].equals(expected.tables["stage_counts"])
        assert found.published.settings == listed.published.settings


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"version": 1}', b'{"version": 0, "files": "", "edition": {}}']
)
def test_a_row_that_is_damaged_is_made_anew(edition: Path, content: bytes) -> None:
    listed_edition(edition)
    good = row_of(edition).read_bytes()
    row_of(edition).write_bytes(content)
    assert listed_edition(edition) is not None
    assert row_of(edition).read_bytes() == good


def test_an_edition_that_was_changed_has_no_row(edition: Path) -> None:
    listed_edition(edition)
    table = edition / "tables" / "stage_counts.csv"
    table.write_text(table.read_text().replace("5", "6", 1))
    found = listed_edition(edition)
    assert found is not None
    assert found.published is None
    assert not row_of(edition).exists()


def test_a_row_goes_with_its_edition(published: Path, edition: Path) -> None:
    write_indexes(published)
    lone = edition.with_name(".1999-04-01.row.json")
    lone.write_bytes(row_of(edition).read_bytes())
    write_indexes(published)
    assert row_of(edition).exists()
    assert not lone.exists()


def test_two_that_write_indexes_at_once_leave_whole_ones(published: Path, edition: Path) -> None:
    write_indexes(published)
    before = {path: path.read_bytes() for path in published.rglob("index.html")}
    for path in (*before, row_of(edition)):
        path.unlink()
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        done = list(pool.map(write_indexes, [published] * 2))
    assert sorted(name for names in done for name in names) == ["index.html", f"{FOLDER}/index.html"]
    assert {path: path.read_bytes() for path in before} == before
    assert json.loads(row_of(edition).read_bytes())["edition"]["folder"] == edition.name
    assert not list(published.rglob("*.building"))
