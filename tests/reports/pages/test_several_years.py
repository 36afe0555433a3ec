"""Several years together on the page: when they are the answer, what stands beside them, which years are left out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from equity_audit.contracts import DISCLOSED_EARLIER_YEARS, DISCLOSED_SEVERAL_YEARS, DISCLOSED_YEARS_TOGETHER
from equity_audit.settings import Settings, load_settings
from reports.edition.earlier_years import earlier_years
from reports.edition.record import Earlier, Edition
from reports.pages.first_lines import headline
from reports.pages.panel.page import render_panel
from reports.pages.panel.several_years import several_years
from reports.release_check import unexpected
from tests.reports.conftest import make_edition, said_by
from tests.reports.pages.test_cell_words import visible
from tests.reports.pages.test_changes import ORGANISATION, RUN, published

# One year settles nothing: 30 of 150 Black and 120 of 400 White applicants shortlisted.
SMALL = {
    "Asian": (200, 60, 20),
    "Black": (150, 30, 10),
    "Mixed": (60, 15, 5),
    "White": (400, 120, 40),
    "Other": (30, 10, 5),
    "Unknown": (40, 10, 5),
}


def with_years(*years: int, own: dict[str, tuple[int, int, int]] = SMALL) -> Edition:
    before = make_edition(SMALL, {}).tables
    return make_edition(own, {}, earlier=dict.fromkeys(years, before))


@pytest.fixture(scope="module")
def three() -> Edition:
    return with_years(2021, 2022)


def test_where_one_year_settles_nothing_the_years_together_are_the_answer(three: Edition) -> None:
    said = said_by(headline, three)
    assert said["settled"] == 0
    assert said["title"] == (
        "In the three years from April 2021 to March 2024, "
        "Black applicants were less likely to be shortlisted than White applicants"
    )
    # 90 of 450 and 360 of 1,200.
    assert said["together"]["differences"][0]["lead"] == (
        "Black applicants were 0.67 times as likely as White applicants to be shortlisted"
    )
    assert said["together"]["differences"][0]["detail"] == (
        "Of those who applied and were decided on: 20% of Black applicants, 30% of White applicants."
    )
    page = visible(render_panel(three))
    assert "This year alone settles none of" in page
    assert "The last three years together" in page


def test_where_the_year_itself_settles_something_it_stays_the_answer() -> None:
    clear = {**SMALL, "Black": (600, 60, 20), "White": (1500, 450, 130)}
    edition = with_years(2021, 2022, own=clear)
    said = said_by(headline, edition)
    assert said["title"] == "Black applicants were less likely to be shortlisted than White applicants"
    assert said["together"] is None
    assert "The last three years together" in visible(render_panel(edition))


def test_the_years_stand_beside_each_other(three: Edition) -> None:
    section = said_by(several_years, three)
    assert section["years"] == "three"
    assert section["span"] == "from April 2021 to March 2024"
    first = section["sentences"][0]
    assert first["who"] == "Black applicants, applied to shortlisted"
    # statsmodels' confint_proportions_2indep, method "score": from 84 of 456 beside 366 of 1,194 (0.4853) to 96 of 444
    # beside 354 of 1,206 (0.8943).
    assert first["sentence"] == (
        "0.67 times as likely as White applicants (likely range 0.49 to 0.89), settled. "
        "By year: 0.67 in 2021/22, 0.67 in 2022/23, 0.67 in 2023/24."
    )
    assert section["columns"] == ["Three years", "2021/22", "2022/23", "2023/24"]
    assert section["steps"][0]["name"] == "Applied to shortlisted"
    assert all(len(row["cells"]) == 4 for step in section["steps"] for row in step["rows"])


def test_two_years_are_named_as_two() -> None:
    section = said_by(several_years, with_years(2022))
    assert (section["years"], section["span"]) == ("two", "from April 2022 to March 2024")


def test_nothing_is_said_where_periods_are_not_years() -> None:
    edition = make_edition(SMALL, {})
    assert several_years(edition) is None
    assert said_by(headline, edition)["title"] == "These numbers settle no difference between groups"


def test_only_figures_of_shown_tables_are_printed(three: Edition) -> None:
    from assets.release.edition_files import edition_files

    assert unexpected(edition_files(three, RUN), three, RUN) == []


def read(folder: Path, settings: Settings, own: Edition) -> dict[str, list[Any]]:
    """The years considered with why they are left out, and the years whose counts are taken."""
    tables = earlier_years(lambda _: folder, date(2023, 4, 1), own.tables, settings)
    years = tables[DISCLOSED_YEARS_TOGETHER].sort("year")
    return {
        "reasons": years["left_out_reason"].to_list(),
        "taken": sorted(year.year for year in tables[DISCLOSED_EARLIER_YEARS]["year"].unique()),
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("editions")
    for year in (2021, 2022):
        published(folder / f"{year}-04-01", date(year, 4, 1), make_edition(SMALL, {}))
    return folder


def test_years_are_read_from_published_editions_alone(folder: Path, tmp_path: Path) -> None:
    settings, own = load_settings(), make_edition(SMALL, {})
    assert read(folder, settings, own) == {"reasons": [None, None], "taken": [2021, 2022]}
    assert read(tmp_path, settings, own) == {"reasons": ["year_after_left_out", "not_published"], "taken": []}
    quarters = settings.model_copy(update={"period": settings.period.model_copy(update={"unit": "quarter"})})
    assert read(folder, quarters, own) == {"reasons": [], "taken": []}
    two = settings.model_copy(update={"comparison": settings.comparison.model_copy(update={"years_together": 2})})
    assert read(folder, two, own) == {"reasons": [None], "taken": [2022]}


def _set(section: str, name: str, value: object) -> Callable[[Earlier], Earlier]:
    return lambda e: replace(e, settings={**e.settings, section: {**e.settings[section], name: value}})


def _put(table: str, column: str, value: str) -> Callable[[Earlier], Earlier]:
    return lambda e: replace(e, tables={**e.tables, table: e.tables[table].with_columns(pl.lit(value).alias(column))})


def _without(table: str, column: str) -> Callable[[Earlier], Earlier]:
    return lambda e: replace(e, tables={**e.tables, table: e.tables[table].drop(column)})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_set("comparison", "reference_group", "Asian"), "different_settings"),
        (_set("disclosure", "round_to", 10), "different_settings"),
        (_put("stage_counts", "from_stage", "registered"), "different_stages"),
        (_put("sources", "ethnicity_classification", "us_eeo1"), "different_classification"),
        (_put("sources", "shape", "counts"), "different_source"),
        (lambda e: replace(e, tables={}), "different_tables"),
        (_without("disparities", "impact_ratio_reason"), "different_tables"),
    ],
)
def test_a_year_whose_counts_mean_something_else_is_left_out_and_so_are_those_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Earlier], Earlier], reason: str
) -> None:
    from reports.edition.earlier_editions import read_earlier

    def changed(place: Path, organisation: str, period: str) -> Earlier | None:
        found = read_earlier(place, organisation, period)
        return change(found) if found and period.startswith("2022") else found

    monkeypatch.setattr("reports.edition.earlier_years.read_earlier", changed)
    own = make_edition(SMALL, {})
    assert own.organisation == ORGANISATION
    assert read(folder, load_settings(), own) == {"reasons": ["year_after_left_out", reason], "taken": []}


def test_the_page_says_why_a_year_is_left_out(tmp_path: Path) -> None:
    own = make_edition(SMALL, {})
    tables = earlier_years(lambda _: tmp_path, date(2023, 4, 1), own.tables, load_settings())
    shown = {table.name: rows for table, rows in tables.items()}
    page = visible(render_panel(replace(own, tables={**own.tables, **shown})))
    assert "There is no other year to combine with this one. 2022/23: no edition of that year is published" in page
    assert DISCLOSED_SEVERAL_YEARS.name in own.tables
