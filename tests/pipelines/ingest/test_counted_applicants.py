"""Tables that a source has counted itself: into out.stage_counts, flagged, or refused with every reason."""

from datetime import date

import duckdb
import pytest

from assets.warehouse.tables import sql_text
from equity_audit.errors import InputRefused, UsageError
from equity_audit.intake.counted_applicants import GroupCount, cells, read_count
from equity_audit.intake.mapping_file import parse_mapping
from tests.pipelines.conftest import Loader

COUNTS = """
[source]
name = "published table"
shape = "counts"
ethnicity_classification = "ons_2021"
period = 2023-04-01
stages = ["applied", "shortlisted", "appointed"]

[columns]
ethnicity = "Group"

[stage_counts]
applied = "Applicants"
shortlisted = "Shortlisted"
appointed = "Appointed"
"""
HEADER = "Group;Applicants;Shortlisted;Appointed"
ROWS = ("Asian;1,200;300;30", "White;2,000;600;90", "Not stated;100;20;0")
TOTALS = ("", ";;;", "All ethnic groups;3,300;920;120")
WIDE = """
[source]
name = "w"
shape = "wide"
ethnicity_classification = "ons_2021"
stages = ["applied", "shortlisted", "appointed"]
[columns]
application_id = "id"
vacancy_id = "post"
ethnicity = "Group"
outcome = "result"
[stage_dates]
applied = "a"
shortlisted = "s"
appointed = "p"
[outcomes]
"No" = "rejected"
"""
PERIOD = {"period_start": date(2023, 4, 1), "period_end": date(2024, 4, 1), "spans": [], "breakdowns": []}


def counts(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, str], tuple[int, ...]]:
    rows = connection.sql(sql_text("stage_counts"), params=PERIOD).pl().to_dicts()
    assert {row["basis"] for row in rows} == {"aggregated"}
    return {
        (row["level"], row["group_name"], row["to_stage"]): (row["reached"], row["decided"], row["progressed"])
        for row in rows
        if row["step_kind"] == "stage"
    }


def test_a_table_goes_straight_into_the_counts_and_is_flagged(
    load: Loader, warehouse: duckdb.DuckDBPyConnection
) -> None:
    extract = load(COUNTS, HEADER, *ROWS, *TOTALS[1:])
    assert [extract[f"rows_{what}"] for what in ("in", "accepted", "ignored", "rejected")] == [5, 3, 2, 0]
    assert extract["applications"] == 3300
    found = counts(warehouse)
    assert found["group", "Asian", "shortlisted"] == (1200, 1200, 300)
    assert found["group", "White", "appointed"] == (600, 600, 90)
    assert found["wres", "BME", "appointed"] == (300, 300, 30)
    assert found["group", "Unknown", "appointed"] == (20, 20, 0)
    assert found["category", "Asian, category not given", "shortlisted"] == (1200, 1200, 300)
    assert found["all", "All applicants", "appointed"] == (920, 920, 120)


def test_a_second_count_of_the_table_agrees(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    load(COUNTS, HEADER, *ROWS)
    bounds = {name: PERIOD[name] for name in ("period_start", "period_end")}
    assert warehouse.sql(sql_text("uncounted_applications"), params=bounds).fetchall() == [("Trust",)]
    warehouse.register("counted", warehouse.sql(sql_text("stage_counts"), params=PERIOD).pl())
    warehouse.execute("insert into out.stage_counts by name select * from counted")
    assert warehouse.sql(sql_text("uncounted_applications"), params=bounds).fetchall() == []


def test_the_newest_table_of_a_period_holds(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    load(COUNTS, HEADER, *ROWS)
    load(COUNTS, HEADER, "Asian;10;5;1", "White;20;10;5", extract_id="f" * 16)
    assert counts(warehouse)["all", "All applicants", "shortlisted"] == (30, 30, 15)


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        (("Asian;12;*;1", "White;20;<5;3"), "row 1, column Shortlisted; row 2, column Shortlisted"),
        (("Asian;12;13;1",), "more people reached a stage than the stage before it, in rows 1"),
        (("Asian;12;3;1", "Asian or Asian British;12;3;1"), "mean the same"),
        (("Asian;12;3;1", "Asian: Indian;12;3;1"), '"Asian" is given as well as its own parts'),
        (("BAME;12;3;1",), '"BAME"'),
        (("All;12;3;1",), "no rows of counts"),
        (
            ("Asian;12;3;1", "White;20;5;2", "Total;32;9;3"),
            "total in row 3 is 9, but the other rows add up to 8: 1 fewer",
        ),
        (
            ("Total;31;8;3", "Asian;12;3;1", "White;20;5;2"),
            "total in row 1 is 31, but the other rows add up to 32: 1 more",
        ),
        # To the nearest 5, three numbers may be 2.5 off each.
        (("Asian;15;5;0", "White;20;5;5", "Total;25;10;5"), "total in row 3 is 25, but the other rows add up to 35"),
    ],
)
def test_a_table_that_cannot_be_counted_on_is_refused(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, rows: tuple[str, ...], word: str
) -> None:
    with pytest.raises(InputRefused) as caught:
        load(COUNTS, HEADER, *rows)
    assert word in str(caught.value)
    assert warehouse.sql("select count(*) from core.group_counts").fetchone() == (0,)


@pytest.mark.parametrize(
    "total",
    [
        "Total;*;;3",  # only what it says is compared
        "Total;32;8;3",
    ],
)
def test_a_total_that_agrees_or_says_nothing_is_let_pass(load: Loader, total: str) -> None:
    extract = load(COUNTS, HEADER, "Asian;12;3;1", "White;20;5;2", total)
    assert (extract["rows_accepted"], extract["rows_ignored"], extract["applications"]) == (2, 1, 32)


@pytest.mark.parametrize(
    "rows",
    [
        ("Asian;12;3;1", "White;20;5;2", ";32;8;3"),
        (" ;32;8;3", "Asian;12;3;1", "White;20;5;2"),  # above the groups, and with a space
        ("Asian;12;3;1", "-;32;8;3", "White;20;5;2"),  # a word for a blank, among them
        ("White;1,200;300;30", "Not stated;800;30;3", ";2\u00a0000;330;33"),
        ("Asian;12;3;1", ";32;8;3", "White;20;5;2", "Total;32;8;3", ";0;0;0"),
    ],
)
def test_a_total_without_a_label_is_nobody(load: Loader, rows: tuple[str, ...]) -> None:
    extract = load(COUNTS, HEADER, *rows)
    assert extract["rows_accepted"] == 2
    assert extract["applications"] in (32, 2000)


@pytest.mark.parametrize(
    ("rows", "listed"),
    [
        (("Asian;12;3;1", "White;20;5;2", ";32;8;2"), "row 3"),
        (("Asian;12;3;1", "White;20;5;2", ";7;1;0"), "row 3"),
        # Subtotals: neither is the sum of all.
        (("White: Irish;12;3;1", "n/a;12;3;1", "Indian;9;5;2", " ;9;5;2"), "rows 2, 4"),
        # Rounded numbers may hide people as well as a total.
        (("Asian;15;5;0", "White;20;5;5", ";30;10;5"), "row 3"),
    ],
)
def test_people_without_a_label_are_not_guessed_at(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, rows: tuple[str, ...], listed: str
) -> None:
    with pytest.raises(InputRefused, match=f"no label in {listed}, and the numbers are not the sum of the other rows"):
        load(COUNTS, HEADER, *rows)
    assert warehouse.sql("select count(*) from core.group_counts").fetchone() == (0,)


def test_a_mapping_may_say_that_a_blank_is_people(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    own = '[ethnicity_labels]\n"" = "Not known"\n'
    extract = load(COUNTS + own, HEADER, "Asian;12;3;1", "White;20;5;2", ";7;1;0")
    assert (extract["rows_accepted"], extract["applications"]) == (3, 39)
    assert counts(warehouse)["group", "Unknown", "shortlisted"] == (7, 7, 1)


def test_an_empty_cell_is_not_said_to_be_withheld(load: Loader) -> None:
    with pytest.raises(InputRefused) as caught:
        load(COUNTS, HEADER, "Asian;12;;1", "White;20;5;2")
    assert "these cells are empty: row 1, column Shortlisted" in str(caught.value)
    assert "withheld" not in str(caught.value)


def test_a_difference_that_rounding_can_make_is_let_pass(load: Loader) -> None:
    # 13 and 18 are rounded to 15 and 20, and their sum of 31 to 30.
    extract = load(COUNTS, HEADER, "Asian;15;5;0", "White;20;5;5", "Total;30;10;5")
    assert extract["applications"] == 35


def test_the_period_must_be_one_of_policys(load: Loader) -> None:
    with pytest.raises(InputRefused, match="give the first day of its period, such as 2023-04-01 or 2024-04-01"):
        load(COUNTS.replace("2023-04-01", "2023-05-01"), HEADER, *ROWS)


@pytest.mark.parametrize(("first", "second"), [("counts", "records"), ("records", "counts")])
def test_the_same_people_are_not_counted_from_both(load: Loader, first: str, second: str) -> None:
    files = {
        "counts": (COUNTS, HEADER, *ROWS),
        "records": (WIDE, "id;post;Group;a;s;p;result", "1;P;White;2023-05-01;;;No"),
    }
    load(*files[first])
    with pytest.raises(InputRefused, match=r"records and a table of counts for 1 April 2023"):
        load(*files[second], extract_id="f" * 16)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (COUNTS.replace("period = 2023-04-01\n", ""), "source.period"),
        (COUNTS.replace('shortlisted = "Shortlisted"\n', ""), "[stage_counts]"),
        (
            COUNTS.replace('ethnicity = "Group"', 'ethnicity = "Group"\noutcome = "x"'),
            "can only have columns.ethnicity",
        ),
    ],
)
def test_a_mapping_of_counts_must_say_what_they_are(text: str, word: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_mapping(text, "mine.toml")
    assert word in str(caught.value)


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12), (" 1,234 ", 1234), ("1 234 567", 1234567), ("12.0", 12), ("0", 0)]
    + [(text, None) for text in ("", "*", "<5", "c", "12.5", "1.234", "2.000", "-3", "1,23", "5%", "\uff11")],
)
def test_numbers_as_tables_write_them(text: str, number: int | None) -> None:
    assert read_count(text) == number


def test_cells_add_up_to_everybody_who_reached_each_stage() -> None:
    found = cells(GroupCount(1, "Asian", (12, 5, 5)))
    assert found == [(0, "progressed", 5), (0, "rejected", 7), (1, "progressed", 5), (1, "rejected", 0), (2, None, 5)]
