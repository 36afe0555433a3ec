"""Two periods from the file to the index: compared, listed, the same again, and still what the records give."""

import json
import shutil
from pathlib import Path

import pytest

from assets.release.indexes import write_indexes
from tests.pipelines import homes
from tests.pipelines.conftest import run
from tests.pipelines.homes import ORGANISATION, published

YEARS = ("2021-04-01", "2022-04-01")


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(homes.two_years(tmp_path_factory) / "home", tmp_path_factory.mktemp("two") / "home")


def test_the_second_period_is_compared_with_the_first_and_names_it(two_years: Path) -> None:
    files = published(two_years)
    first, second = (json.loads(files[f"{ORGANISATION}/{year}/edition.json"]) for year in YEARS)
    assert first["compared_with"] is None
    assert second["compared_with"] == {
        "period": YEARS[0], "revision": 1, "record_sha256": first["record_sha256"],
    }  # fmt: skip
    assert "There is no published edition of the year before" in files[f"{ORGANISATION}/{YEARS[0]}/panel.html"].decode()
    assert f'href="../{YEARS[0]}/panel.html"' in files[f"{ORGANISATION}/{YEARS[1]}/panel.html"].decode()


def test_run_again_not_a_byte_is_another(two_years: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    before = published(two_years)
    code, said = run(two_years, "run", homes.two_years(tmp_path_factory) / "export.csv")
    assert code == 0, said
    assert "already loaded" in said
    assert published(two_years) == before


def test_a_compared_edition_still_follows_from_the_records(two_years: Path) -> None:
    code, said = run(two_years, "verify", two_years / "published" / ORGANISATION / YEARS[1])
    assert code == 0, said
    assert "tables follow from the records" in said


def test_every_link_of_the_indexes_leads_somewhere(two_years: Path) -> None:
    home = two_years / "published"
    pages = [home / "index.html", home / ORGANISATION / "index.html", home / ORGANISATION / YEARS[1] / "panel.html"]
    for page in pages:
        own = page.read_text().split("<script>")[0]
        links = [part.split('"')[0] for part in own.split('<a href="')[1:]]
        assert links
        for link in links:
            assert (page.parent / link).resolve().is_file(), f"{page.name}: {link}"
            assert (page.parent / link).resolve().is_relative_to(home)


def test_leftovers_and_folders_of_others_are_no_editions(two_years: Path, tmp_path: Path) -> None:
    copy = tmp_path / "published"
    shutil.copytree(two_years / "published", copy)
    assert write_indexes(copy) == []
    own = copy / ORGANISATION
    before = (own / "index.html").read_bytes()
    shutil.copytree(own / YEARS[0], own / "2023-04-01.building")
    shutil.copytree(own / YEARS[0], own / "a copy")
    (own / "2024-04-01").mkdir()
    (own / "2025-04-01").write_text("a file")
    (copy / "photos").mkdir()
    (own / "index.html.building").write_text("half of one")
    assert write_indexes(copy) == []
    (own / "index.html").write_text("somebody's")
    assert write_indexes(copy) == [f"{ORGANISATION}/index.html"]
    assert (own / "index.html").read_bytes() == before


def test_nothing_of_a_changed_edition_is_listed(two_years: Path, tmp_path: Path) -> None:
    copy = tmp_path / "published"
    shutil.copytree(two_years / "published", copy)
    table = copy / ORGANISATION / YEARS[1] / "tables" / "disparities.csv"
    table.write_text(table.read_text().replace("0.", "0.9", 1))
    assert write_indexes(copy) == [f"{ORGANISATION}/index.html", "index.html"]
    page = (copy / ORGANISATION / "index.html").read_text()
    assert page.count("Its files are not as they were published.") == 1
    assert f'href="{YEARS[1]}/' not in page
    assert f'href="{YEARS[0]}/panel.html"' in page
