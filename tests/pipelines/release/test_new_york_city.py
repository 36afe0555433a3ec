"""The page of New York City's table is written where policy asks for it and nowhere else, for its owner alone."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from assets.release.exact_report import NEW_YORK_CITY, ExactRun, write_exact_pages
from assets.warehouse.extract_register import family_of
from assets.warehouse.retention import remove_private_files
from equity_audit.settings import load_settings
from tests.conftest import add_extract
from tests.reports.pages.test_private_page import departments, exact_tables, months

PERIOD = "2023-04-01"


def written(folder: Path, *, asked: bool | None, family: str) -> Path:
    """The path of the page after a run."""
    settings = load_settings()
    if asked is not None:
        policy = settings.new_york_city.model_copy(update={"write_page": asked})
        settings = settings.model_copy(update={"new_york_city": policy})
    run = ExactRun(folder / "published", folder / "private", PERIOD, settings, "run")
    write_exact_pages(run, "Made-Up Bank", exact_tables(departments()), months(), family)
    (page,) = (folder / "private").glob(f"*/{PERIOD}/analyst.html")
    return page.with_name(NEW_YORK_CITY)


def test_it_is_off_by_default(tmp_path: Path) -> None:
    assert not written(tmp_path, asked=None, family="us").exists()


def test_it_is_of_us_sources_alone(tmp_path: Path) -> None:
    assert not written(tmp_path, asked=True, family="uk").exists()


def test_it_is_for_its_owner_alone_and_published_nowhere(tmp_path: Path) -> None:
    page = written(tmp_path, asked=True, family="us")
    assert page.stat().st_mode & 0o777 == 0o600
    assert page.parent.stat().st_mode & 0o777 == 0o700
    assert "for Made-Up Bank alone to decide" in page.read_text(encoding="utf-8")
    assert not (tmp_path / "published").exists()


def test_none_is_left_once_policy_no_longer_asks_for_it(tmp_path: Path) -> None:
    assert written(tmp_path, asked=True, family="us").exists()
    assert not written(tmp_path, asked=False, family="us").exists()


def test_it_goes_with_the_records_of_its_period(tmp_path: Path) -> None:
    page = written(tmp_path, asked=True, family="us")
    # It is of one period alone, so a later day of removal concerns it and an earlier one does not.
    remove_private_files(tmp_path / "private", date(2023, 4, 1))
    assert page.exists()
    remove_private_files(tmp_path / "private", date(2024, 4, 1))
    assert not page.exists()


@pytest.mark.parametrize(("classification", "family"), [("us_eeo1", "us"), ("ons_2021", "uk")])
def test_the_family_is_that_of_accepted_extracts(
    warehouse: duckdb.DuckDBPyConnection, classification: str, family: str
) -> None:
    add_extract(warehouse, "a" * 16, 1, ethnicity_classification=classification)
    assert family_of(warehouse, "Trust") == family
