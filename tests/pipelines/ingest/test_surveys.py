"""Numbers of answers to a survey: into core.answers to the row, or refused with every reason."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from assets.ingest.source_mappings import bundled_mapping
from assets.warehouse.connection import look_into_warehouse, open_warehouse
from assets.warehouse.extract_register import periods_with_applications, stale_periods
from assets.warehouse.retention import purge
from assets.warehouse.tables import sql_text
from equity_audit.contracts import ANSWERS, APPLICATIONS, DISCLOSED_SOURCES, STAGE_COUNTS
from equity_audit.errors import InputRefused, UsageError
from equity_audit.intake.mapping_file import parse_mapping
from equity_audit.settings import Settings
from tests.conftest import add_extract, application, insert
from tests.pipelines.conftest import Loader

SURVEY = """
[source]
name = "survey"
shape = "survey"
ethnicity_classification = "ons_2021"

[columns]
wave = "Survey Date"
item = "Question"
ethnicity = "Ethnic Group"
answered = "Answered"
agreed = "Agreed"
"""
HEADER = "Survey Date;Question;Ethnic Group;Answered;Agreed"
SPEAK = "I can speak about race here, as in the last 12 months I have"
ROWS = (
    f"31/10/2023;{SPEAK};White;1,200;800",
    f"31/10/2023;{SPEAK};Asian;300;150",
    "31/10/2023;Equal chances;White;1000;0",
    ";;;;",
    f"31/10/2023;{SPEAK};Total;1500;950",
)


def test_answers_are_taken_in_to_the_row(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    extract = load(SURVEY, HEADER, *ROWS)
    assert [extract[f"rows_{what}"] for what in ("in", "accepted", "ignored", "rejected")] == [5, 3, 2, 0]
    assert (extract["stages"], extract["applications"], extract["last_applied_on"]) == ([], 0, date(2023, 10, 31))
    found = warehouse.sql(
        "select wave, item, ethnicity_code, wres_group, answered, agreed from core.answers order by answered"
    ).fetchall()
    assert found == [
        (date(2023, 10, 31), SPEAK, "Asian", "BME", 300, 150),
        (date(2023, 10, 31), "Equal chances", "White", "White", 1000, 0),
        (date(2023, 10, 31), SPEAK, "White", "White", 1200, 800),
    ]


@pytest.mark.parametrize(
    "total",
    [f"31/10/2023;{SPEAK};;1,500;950", "31/10/2023;; ;2500;950", f";{SPEAK};N/A;1500;950"],
)
def test_a_total_without_a_label_is_nobody(load: Loader, total: str) -> None:
    extract = load(SURVEY, HEADER, total, *ROWS)
    assert (extract["rows_accepted"], extract["rows_ignored"]) == (3, 3)


@pytest.mark.parametrize("row", [f"31/10/2023;{SPEAK};;1500;949", "31/10/2023;Equal chances;;1000;0"])
def test_people_without_a_label_are_not_guessed_at(load: Loader, row: str) -> None:
    with pytest.raises(InputRefused, match="no label in row 1, and the numbers are not the sum"):
        load(SURVEY, HEADER, row, *ROWS)


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        (("31/10/2023;Q;White;-3;0", "31/10/2023;Q;Asian;<5;0"), "there is no whole number (0 or more) in rows 1, 2"),
        (("31/10/2023;Q;White;3.5;1",), "no whole number"),
        (
            ("31/10/2023;Q;White;10;11", "31/10/2023;Q;Asian;5;5"),
            "columns Answered, Agreed: more people agreed than answered in row 1\n",
        ),
        (("31/10/2023;Q;White;10;1", "31/10/2023;Q;white;9;1"), "the same people are in more than one row: rows 1, 2"),
        (
            ("31/10/2023;Q x;White;10;1", "31/10/2023;Q  X;Asian;9;1"),
            "the same question is written in different ways in rows 1, 2",
        ),
        (("31/10/2023;Q;BAME;10;1",), '"BAME"'),
        ((";Q;White;10;1",), "there is no readable date in row 1"),
        (("31/10/2034;Q;White;10;1",), "in the future in row 1"),
        (("03/04/2023;Q;White;10;1",), "3 April 2023 or 4 March 2023"),
        (("31/10/2023;;White;10;1",), "no question in row 1"),
        ((f"31/10/2023;{'why ' * 51};White;10;1",), "more than 200 characters in row 1"),
        (("31/10/2023;anna.smith@nhs.net said so;White;1;1",), "e-mail"),
        (("31/10/2023;Dr Anna Smith;White;1;1",), "names"),
        ((";;;;",), "no rows with numbers"),
    ],
)
def test_answers_that_cannot_be_counted_on_are_refused(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, rows: tuple[str, ...], word: str
) -> None:
    with pytest.raises(InputRefused) as caught:
        load(SURVEY, HEADER, *rows)
    assert word in str(caught.value)
    assert "anna" not in str(caught.value).casefold()
    assert warehouse.sql("select count(*) from core.answers").fetchone() == (0,)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (SURVEY.replace('agreed = "Agreed"\n', ""), "columns.agreed must name a column"),
        (SURVEY + 'pay_band = "Band"\n', "columns.pay_band: a source of shape survey cannot have these columns"),
        (SURVEY.replace("ons_2021", "us_eeo1"), "must be a UK one"),
        (SURVEY + '[stage_dates]\napplied = "x"\n', "[stage_dates] is for applications: a source of shape survey"),
    ],
)
def test_a_mapping_of_a_survey_must_say_what_it_is(text: str, word: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_mapping(text, "mine.toml")
    assert word in str(caught.value)


def test_the_bundled_mapping_is_found_by_its_columns(settings: Settings) -> None:
    _, mapping = bundled_mapping(__file__, HEADER.split(";"), settings)  # type: ignore[arg-type]
    assert (mapping.source.name, mapping.source.shape) == ("nhs_staff_survey_style", "survey")


def test_a_survey_is_reported_only_beside_applicants_and_a_newer_one_makes_the_edition_old(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    load(SURVEY, HEADER, *ROWS)
    assert periods_with_applications(warehouse, settings, ["e" * 16]) == []
    add_extract(warehouse, "b" * 16, 2)
    insert(warehouse, APPLICATIONS, application("A", None, "applied", "rejected", extract_id="b" * 16))
    assert periods_with_applications(warehouse, settings, ["e" * 16]) == [date(2023, 4, 1)]
    bounds = {"period_start": date(2023, 4, 1), "period_end": date(2024, 4, 1)}
    sources = warehouse.sql(sql_text("sources"), params=bounds).pl()
    assert sources["shape"].to_list() == ["survey", "wide"]
    of = {"organisation": "Trust", "period": date(2023, 4, 1)}
    insert(warehouse, DISCLOSED_SOURCES, of | {"extract_id": "b" * 16})
    insert(warehouse, STAGE_COUNTS, of | {"level": "all", "breakdown": "all", "step_order": 0, "reached": 1})
    assert stale_periods(warehouse, settings) == [("Trust", date(2023, 4, 1))]
    insert(warehouse, DISCLOSED_SOURCES, of | {"extract_id": "e" * 16})
    assert stale_periods(warehouse, settings) == []


def test_answers_from_before_the_day_are_removed_with_the_records(tmp_path: Path, settings: Settings) -> None:
    connection = open_warehouse(tmp_path)
    days = date(2022, 3, 31), date(2022, 4, 1)
    of = {"organisation": "Trust", "item": "Heard", "ethnicity_code": "White", "extract_id": "a" * 16}
    insert(connection, ANSWERS, *(of | {"wave": day, "answered": 30, "agreed": 20} for day in days))
    connection.close()
    purge(tmp_path, days[1], settings)
    with look_into_warehouse(tmp_path) as looked:
        assert looked.sql("select wave from core.answers").fetchall() == [(days[1],)]
