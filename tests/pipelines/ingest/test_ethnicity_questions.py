"""US forms ask about ethnicity in two columns or more: read together by the rule of the EEO-1 report, or refused."""

import duckdb
import pytest

from equity_audit.errors import InputRefused, UsageError
from equity_audit.intake.mapping_file import parse_mapping
from tests.pipelines.conftest import Loader

US = """
[source]
name = "us"
shape = "status"
ethnicity_classification = "us_eeo1"
stages = ["applied", "hired"]

[columns]
application_id = "id"
vacancy_id = "job"
ethnicity = "Race"
outcome = "result"
applied_on = "applied"
MORE
[statuses]
"Hired" = {reached = "hired", outcome = "progressed"}
"No" = {reached = "applied", outcome = "rejected"}
"""
BASE = "id;job;applied;result;Race"


def mapping(more: str = "", end: str = "") -> str:
    return US.replace("MORE", more) + end


def rows(*answers: str) -> list[str]:
    return [f"A{place};J;2023-05-01;No;{answer}" for place, answer in enumerate(answers)]


def groups(connection: duckdb.DuckDBPyConnection) -> list[str]:
    query = """
        select l.ethnicity_group from core.applications as a
        join intake.ethnicity_labels as l on l.label = coalesce(a.ethnicity_code, '') and l.extract_id = a.extract_id
        order by a.rowid
    """
    return [group for (group,) in connection.sql(query).fetchall()]


HISPANIC, TWO, BLACK = "Hispanic or Latino", "Two or More Races", "Black or African American"


def test_hispanic_of_any_race_comes_first(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    # EEO-1 instruction booklet: everybody who is Hispanic or Latino, of any race, and all others by race.
    answers = (
        "White;Yes",
        "White;No",
        "Black;y",
        "Two or more;YES",
        ";Yes",
        ";No",
        "White;Decline to answer",
        "White;",
    )
    load(mapping('hispanic = "Ethnicity"'), f"{BASE};Ethnicity", *rows(*answers))
    unknown = ["Unknown"] * 3
    assert groups(warehouse) == [HISPANIC, "White", HISPANIC, HISPANIC, HISPANIC, *unknown]


def test_answers_in_words(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    answers = (
        "White;Hispanic or Latino",
        "White;Not Hispanic or Latino",
        "Asian;No, not Hispanic/Latino",
        "Asian;Yes, of Hispanic or Latino origin",
        "Asian;I am not Hispanic or Latino",
        "Hispanic or Latino;No",
        "White;Non-Hispanic",
    )
    load(mapping('hispanic = "Ethnicity"'), f"{BASE};Ethnicity", *rows(*answers))
    assert groups(warehouse) == [HISPANIC, "White", "Asian", HISPANIC, "Asian", HISPANIC, "White"]


def test_the_mappings_own_words_count_for_each_answer(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    own = '[ethnicity_labels]\n"Caucasian" = "White"\n[hispanic_answers]\n"" = "no"\n"Si" = "yes"\n'
    load(mapping('hispanic = "H"', own), f"{BASE};H", *rows("Caucasian;", "Caucasian;Si", ";Si"))
    assert groups(warehouse) == ["White", HISPANIC, HISPANIC]


def test_an_own_word_for_race_does_not_answer_the_other_question(
    load: Loader, warehouse: duckdb.DuckDBPyConnection
) -> None:
    own = '[ethnicity_labels]\n"Caucasian" = "White"\n'
    load(mapping('hispanic = "H"', own), f"{BASE};H", *rows("Caucasian;", "Caucasian;No"))
    assert groups(warehouse) == ["Unknown", "White"]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (("White;Yes", "White;"), "nobody answered no"),
        (("White;perhaps", "White;No"), 'these answers mean neither yes nor no: "perhaps"'),
        (("Martian;Yes", "White;No"), '"Martian"'),
        (("White;jo@example.org", "White;No"), "may hold e-mail addresses in row 1"),
    ],
)
def test_answers_that_cannot_be_counted_on_refuse_the_file(load: Loader, answers: tuple[str, ...], said: str) -> None:
    with pytest.raises(InputRefused) as caught:
        load(mapping('hispanic = "H"'), f"{BASE};H", *rows(*answers))
    assert said in str(caught.value)
    assert "jo@" not in str(caught.value)


def test_several_races_in_one_cell(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    answers = ("White|Asian", "White", "Black|African American", "White|Hispanic or Latino", "Asian | Asian")
    load(mapping(), BASE, *rows(*answers))
    assert groups(warehouse) == [TWO, "White", BLACK, HISPANIC, "Asian"]


def test_races_in_several_columns(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    more = 'more_races = ["Race 2"]\nhispanic = "Latino?"'
    answers = ("White;Asian;No", "White;;No", "White;White;No", ";Asian;No", "White;Asian;Yes", ";;No")
    load(mapping(more), f"{BASE};Race 2;Latino?", *rows(*answers))
    assert groups(warehouse) == [TWO, "White", "White", "Asian", HISPANIC, "Unknown"]


def test_a_tick_for_each_race(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    text = mapping('more_races = ["Asian", "Race: Hispanic or Latino"]').replace('"Race"', '"Race: White"')
    header = BASE.replace("Race", "Race: White;Asian;Race: Hispanic or Latino")
    load(text, header, *rows("1;0;0", "x;X;", ";Yes;No", "TRUE;;true", ";;"))
    assert groups(warehouse) == ["White", TWO, "Asian", HISPANIC, "Unknown"]


UNREAD = [
    ("Hispanic or Latino", ("Yes", "No")),
    ("Are you Hispanic/Latino?", ("", "")),
    ("eeoc.hispanicEthnicity", ("", "")),
    ("Latinx", ("1", "0")),
    ("is_hispanic", ("true", "false")),
    ("Ethnicity", ("Hispanic or Latino", "Not Hispanic or Latino")),
    ("EEO question 2", ("Decline to answer", "Non-Hispanic")),
    ("Spanish origin", ("N", "N")),
]


@pytest.mark.parametrize(("column", "values"), UNREAD)
@pytest.mark.parametrize("classification", ["us_eeo1", "ons_2021"])
def test_an_unread_question_refuses_the_file(
    load: Loader, column: str, values: tuple[str, str], classification: str
) -> None:
    text = mapping().replace("us_eeo1", classification)
    with pytest.raises(InputRefused) as caught:
        load(text, f"{BASE};{column}", *rows(*(f"White;{value}" for value in values)))
    assert f"column {column}: asks whether people are Hispanic or Latino" in str(caught.value)
    assert "columns.hispanic" in str(caught.value)


def test_the_official_name_with_a_yes_or_no_is_the_question_too(load: Loader) -> None:
    with pytest.raises(InputRefused, match="column Ethnicity: asks"):
        load(mapping(), f"{BASE};Ethnicity", *rows("White;Yes", "White;No"))


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("Race 2", ("", "Asian")),
        ("Second selection", ("Asian", "White")),
        ("Race - Asian", ("1", "")),
        ("Asian", ("", "Asian")),
    ],
)
def test_an_unread_answer_about_race_refuses_the_file(load: Loader, column: str, values: tuple[str, str]) -> None:
    with pytest.raises(InputRefused, match=r"more_races = \["):
        load(mapping(), f"{BASE};{column}", *rows(*(f"White;{value}" for value in values)))


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("Department", ("Latino Outreach", "Asian Studies")),
        ("Platinum member", ("Yes", "No")),
        ("Veteran", ("Yes", "Decline to answer")),
        ("Site", ("White Plains", "Black Rock")),
        ("Race relations training", ("Yes", "No")),
        ("Languages", ("Spanish", "English")),
        ("Ethnic category 2002", ("", "")),
    ],
)
def test_other_columns_are_let_be(load: Loader, column: str, values: tuple[str, str]) -> None:
    load(mapping(), f"{BASE};{column}", *rows(*(f"White;{value}" for value in values)))


def test_a_question_may_be_dropped_only_where_ethnicity_has_its_answer(load: Loader) -> None:
    text = mapping(end='[privacy]\ndrop = ["Hispanic"]\n')
    load(text, f"{BASE};Hispanic", *rows("White;No", "Hispanic or Latino;Yes"))
    with pytest.raises(InputRefused, match="column Hispanic: asks"):
        load(text, f"{BASE};Hispanic", *rows("White;No", "White;Yes"), extract_id="f" * 16)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            mapping('hispanic = "H"').replace("us_eeo1", "ons_2021"),
            "columns.hispanic needs source.ethnicity_classification",
        ),
        (
            mapping('more_races = ["H"]').replace("us_eeo1", "nhs_2001"),
            "columns.more_races needs source.ethnicity_classification",
        ),
        (mapping(end='[hispanic_answers]\n"Si" = "yes"\n'), "[hispanic_answers] needs columns.hispanic"),
        (mapping('hispanic = "H"', '[hispanic_answers]\n"Si" = "si"\n'), "hispanic_answers.Si"),
        (mapping('hispanic = "H"', '[privacy]\ndrop = ["H"]\n'), "which the mapping also reads"),
    ],
)
def test_a_mapping_must_fit(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_mapping(text, "mine.toml")
    assert said in str(caught.value)
