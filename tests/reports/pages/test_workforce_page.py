"""Who works here, on the panel page: answers first, marks where something is withheld, nothing without staff."""

import re
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from assets.release.edition_files import edition_files
from equity_audit.settings import load_settings
from reports.edition.record import Earlier, Edition
from reports.pages.panel.page import render_panel
from tests.reports.conftest import make_edition
from tests.unit.populations.test_staff_measures import BANDS, Band, staff, with_benchmark, with_kinds

ORGANISATION = "St Made-Up's NHS Trust"
RUN = "0" * 8
LARGER = {place: {name: (10 * a, 10 * b) for name, (a, b) in groups.items()} for place, groups in BANDS.items()}


def staffed(board: Band | None = None, bands: dict[tuple[str, str], Band] | None = None) -> Edition:
    workforce = with_kinds(staff(bands or LARGER, board)).with_columns(organisation=pl.lit(ORGANISATION))
    return make_edition(staff=workforce, settings=with_benchmark(load_settings()))


@pytest.fixture(scope="module")
def edition() -> Edition:
    return staffed({"White": (9, 0), "Asian": (2, 0)})


@pytest.fixture(scope="module")
def page(edition: Edition) -> str:
    return render_panel(edition)


def test_the_answer_comes_first(page: str) -> None:
    # 5,280 of 13,330; 2,500 of 5,700 in the lower bands and 260 of 1,160 in the upper.
    assert "40% of the people in post are BME: 44% in bands 5 and below, 22% in bands 8a and above." in page
    assert "people in post on 31 March 2024" in page


def test_ratios_are_said_in_words_with_their_range(page: str) -> None:
    # (900 / 3000) / (260 / 2500)
    assert "White staff are 2.88 times as likely as BME staff (likely range 2.4" in page
    assert "BME people are 46% of Here; here their share is 0.86 times as large" in page
    assert "BME staff were 1.25 times as likely as White staff to leave" in page


def test_clinical_and_other_staff_are_apart(page: str) -> None:
    # Bands 5 and 6: 3,700 of 9,800 are BME; of the others, 1,580 of 3,530.
    assert "BME staff are 38% of clinical staff and 45% of other staff." in page
    assert "<caption>BME staff among clinical and other staff</caption>" in page
    assert "The formula is not checked against the official text." in page


def test_a_small_board_is_not_compared(page: str) -> None:
    assert "Of about 10 voting members, fewer than 5 are BME: too few to compare" in page


def test_a_board_that_can_be_shown_is_compared() -> None:
    compared = staffed({"White": (30, 0), "Asian": (10, 0)})
    page = render_panel(compared)
    edition_files(compared, RUN)
    # 10 of 40 may be 12 of 38: the board's share is a range, and so is the difference.
    difference = r"between \d\d lower and \d+ higher, in percentage points\."
    assert re.search(
        rf"Between 1\d% and 4\d% of the voting members are BME, 40% of the people in post: {difference}", page
    )
    # 50 of 350 are 14%, which is 25 less than 40% before rounding.
    large = render_panel(staffed({"White": (300, 0), "Asian": (50, 0)}))
    assert re.search(
        r"14% of the voting members are BME, 40% of the people in post: 25 percentage points lower "
        r"\(likely range \d\d lower to \d\d lower\)\.",
        large,
    )


def test_the_projection_has_its_assumptions_beside_it(page: str) -> None:
    assert "after 5 years" in page
    assert "settle at <strong>" in page
    assert "It assumes that the number of posts does not change" in page


def test_the_chart_has_words_and_a_table(page: str) -> None:
    assert "BME staff as a share of each pay band: Band 5 44%; Band 6 29%; Band 8a 22%; Consultant 56%." in page
    assert "<caption>BME staff by pay band</caption>" in page
    assert "<caption>Staff by ethnic group</caption>" in page


def test_a_withheld_band_says_so() -> None:
    bands = LARGER | {("Band 9", "upper"): {"White": (30, 2), "Asian": (3, 0)}}
    page = render_panel(staffed(bands=bands))
    assert "Band 9 not shown" in page


def test_nothing_is_said_of_staff_without_numbers() -> None:
    page = render_panel(make_edition())
    assert "Who works here" not in page
    assert "workforce-bands" not in page


def test_the_year_before_stands_beside_this_one(edition: Edition) -> None:
    before = edition.tables["workforce_measures"].with_columns(value=pl.col("value") - 0.08)
    tables = {**edition.tables, "workforce_measures": before}
    earlier = Earlier(date(2022, 4, 1), "1 April 2022 to 31 March 2023", 1, "a" * 64, edition.settings, tables)
    changed = replace(edition, previous=earlier)
    assert "40% of the people in post are BME, 32% the year before: 44%" in render_panel(changed)
    edition_files(changed, RUN)


def test_the_release_check_lets_these_pages_pass(edition: Edition) -> None:
    files = edition_files(edition, RUN)
    assert "tables/workforce_measures.csv" in files
