"""Numbers of staff: into core.headcounts to the row, or refused with every reason."""

from datetime import date
from importlib.resources import files as resources
from pathlib import Path

import duckdb
import pytest

from assets.ingest.source_mappings import bundled_mapping
from assets.warehouse.extract_register import periods_with_applications, stale_periods
from assets.warehouse.tables import sql_text
from equity_audit.contracts import APPLICATIONS, DISCLOSED_SOURCES, STAGE_COUNTS
from equity_audit.errors import InputRefused, UsageError
from equity_audit.intake.mapping_file import parse_mapping
from equity_audit.settings import Settings, load_settings
from equity_audit.synthetic.workforce import COLUMNS
from equity_audit.vocabulary import WHITE_BRITISH
from tests.conftest import add_extract, application, insert
from tests.pipelines.conftest import Loader

STAFF = """
[source]
name = "headcounts"
shape = "workforce"
ethnicity_classification = "nhs_2001"

[columns]
snapshot = "Snapshot Date"
ethnicity = "Ethnic Origin"
pay_band = "Pay Band"
staff_group = "Staff Group"
headcount = "Headcount"
leavers = "Leavers"
board_member = "Board"
"""
HEADER = "Snapshot Date;Ethnic Origin;Pay Band;Staff Group;Headcount;Leavers;Board"
ROWS = (
    "31/03/2024;A;Band 5;Nursing;1,200;100;",
    "31/03/2024;PC;Band 8a;Nursing;30;2;No",
    "31/03/2024;Z;Medical and dental;;12;0;",
    "31/03/2024;A;;;11;0;Yes",
    ";;;;;;",
    "31/03/2024;Total;;;1253;102;",
)


def test_headcounts_are_taken_in_to_the_row(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    extract = load(STAFF, HEADER, *ROWS)
    assert [extract[f"rows_{what}"] for what in ("in", "accepted", "ignored", "rejected")] == [6, 4, 2, 0]
    assert (extract["stages"], extract["applications"], extract["last_applied_on"]) == ([], 0, date(2024, 3, 31))
    found = warehouse.sql(
        "select ethnicity_code, wres_group, ethnicity_category, pay_band, tier, staff_group, board, headcount, "
        "leavers, joiners from core.headcounts order by headcount"
    ).fetchall()
    assert found == [
        (
            "A",
            "White",
            "White: English, Welsh, Scottish, Northern Irish or British",
            None,
            None,
            None,
            True,
            11,
            0,
            None,
        ),
        ("Z", "Unknown", None, "Medical and dental", None, None, False, 12, 0, None),
        ("PC", "BME", "Black: Any other Black background", "Band 8a", "upper", "Nursing", False, 30, 2, None),
        ("A", "White", WHITE_BRITISH, "Band 5", "lower", "Nursing", False, 1200, 100, None),
    ]


@pytest.mark.parametrize(
    "totals",
    [
        ("31/03/2024;;;;1242;102;",),  # without the board
        (";;;;1253;102;",),  # with it, and without a day
        ("31/03/2024;-;;Nursing;1,230;102;", "31/03/2024;;;;1253;102;"),  # of a part, and of all
        ("31/03/2024;;;;0;0;",),
    ],
)
def test_a_total_without_a_label_is_nobody(load: Loader, totals: tuple[str, ...]) -> None:
    extract = load(STAFF, HEADER, *ROWS[:2], *totals, *ROWS[2:])
    assert (extract["rows_accepted"], extract["rows_ignored"]) == (4, 2 + len(totals))


@pytest.mark.parametrize(
    "row",
    [
        "31/03/2024;;;;1252;102;",  # not the sum
        "31/03/2024;;;;1253;;",  # not all of it is said
        # The sum of one row alone: it may as well be as many people again.
        "31/03/2024;;Band 8a;Nursing;30;2;",
    ],
)
def test_people_without_a_label_are_not_guessed_at(load: Loader, row: str) -> None:
    with pytest.raises(InputRefused, match="no label in row 3, and the numbers are not the sum"):
        load(STAFF, HEADER, *ROWS[:2], row, *ROWS[2:])


def test_a_mapping_may_say_that_a_blank_is_people(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    own = '[ethnicity_labels]\n"" = "Not known"\n'
    load(STAFF + own, HEADER, *ROWS, "31/03/2024;;Band 8a;Nursing;7;0;")
    query = "select sum(headcount) from core.headcounts where wres_group = 'Unknown'"
    assert warehouse.sql(query).fetchone() == (19,)


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        (
            ("31/03/2024;A;Band 5;N;-3;0;", "31/03/2024;B;Band 5;N;<5;0;"),
            "there is no whole number (0 or more) in rows 1, 2",
        ),
        (("31/03/2024;A;Band 5;N;12.5;0;",), "full-time equivalents"),
        (("31/03/2024;A;Band 5;N;3;;",), "column Leavers"),
        (
            ("31/03/2024;A;Band 5;N;3;0;", "31/03/2024;A;band 5;N;4;0;"),
            "the same people are in more than one row: rows 1, 2",
        ),
        (("31/03/2024;BAME;Band 5;N;3;0;",), '"BAME"'),
        (("31/03/2024;A;Band 5;N;3;0;perhaps",), "rows 1 have neither yes nor no"),
        ((";A;Band 5;N;3;0;", "31/03/2024;B;Band 5;N;3;0;"), "there is no readable date in row 1"),
        (("31/03/2034;A;Band 5;N;3;0;",), "in the future in row 1"),
        (("03/04/2024;A;Band 5;N;3;0;",), "3 April 2024 or 4 March 2024"),
        (("31/03/2024;Asian;Band 5;N;3;0;", "31/03/2024;H;Band 5;N;3;0;"), '"Asian" is given as well as its own parts'),
        (("31/03/2024;A;anna.smith@nhs.net;N;3;0;",), "e-mail"),
        ((";;;;;;",), "no rows with numbers"),
    ],
)
def test_headcounts_that_cannot_be_counted_on_are_refused(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, rows: tuple[str, ...], word: str
) -> None:
    with pytest.raises(InputRefused) as caught:
        load(STAFF, HEADER, *rows)
    assert word in str(caught.value)
    assert "anna" not in str(caught.value)
    assert warehouse.sql("select count(*) from core.headcounts").fetchone() == (0,)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (STAFF.replace('headcount = "Headcount"\n', ""), "columns.headcount must name a column"),
        (STAFF.replace('board_member = "Board"', 'vacancy_id = "Board"'), "columns.vacancy_id"),
        (STAFF.replace("nhs_2001", "us_eeo1"), "must be a UK one"),
        (STAFF + '[stage_dates]\napplied = "x"\n', "[stage_dates] is for applications"),
    ],
)
def test_a_mapping_of_headcounts_must_say_what_they_are(text: str, word: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_mapping(text, "mine.toml")
    assert word in str(caught.value)


def test_applicants_with_other_stages_may_stand_beside_staff(load: Loader) -> None:
    load(STAFF, HEADER, *ROWS)
    stages = 'stages = ["applied", "appointed"]\nperiod = 2023-04-01\n'
    counts = f"""
[source]
name = "c"
shape = "counts"
ethnicity_classification = "ons_2021"
{stages}
[columns]
ethnicity = "Group"
[stage_counts]
applied = "A"
appointed = "B"
"""
    load(counts, "Group;A;B", "Asian;30;3", "White;50;9", extract_id="f" * 16)


def test_a_period_is_reported_for_staff_only_beside_applicants(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    load(STAFF, HEADER, *ROWS)
    assert periods_with_applications(warehouse, settings, ["e" * 16]) == []
    add_extract(warehouse, "b" * 16, 2)
    insert(warehouse, APPLICATIONS, application("A", None, "applied", "rejected", extract_id="b" * 16))
    assert periods_with_applications(warehouse, settings, ["e" * 16]) == [date(2023, 4, 1)]
    bounds = {"period_start": date(2023, 4, 1), "period_end": date(2024, 4, 1)}
    sources = warehouse.sql(sql_text("sources"), params=bounds).pl()
    assert sources["shape"].to_list() == ["workforce", "wide"]


def test_an_edition_without_the_newest_headcount_is_out_of_date(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    load(STAFF, HEADER, *ROWS)
    add_extract(warehouse, "b" * 16, 2)
    insert(warehouse, APPLICATIONS, application("A", None, "applied", "rejected", extract_id="b" * 16))
    of = {"organisation": "Trust", "period": date(2023, 4, 1)}
    insert(warehouse, DISCLOSED_SOURCES, of | {"extract_id": "b" * 16})
    insert(warehouse, STAGE_COUNTS, of | {"level": "all", "breakdown": "all", "step_order": 0, "reached": 1})
    assert stale_periods(warehouse, settings) == [("Trust", date(2023, 4, 1))]
    insert(warehouse, DISCLOSED_SOURCES, of | {"extract_id": "e" * 16})
    assert stale_periods(warehouse, settings) == []


def test_made_up_staff_need_no_mapping_of_their_own() -> None:
    """`synth --workforce` writes the columns of standard_workforce, which reads them as the sample's mapping does.

    The sample's staff are not counted by staff group.
    """
    name, mapping = bundled_mapping(Path("x.workforce.csv"), list(COLUMNS), load_settings())
    sample = resources("data") / "synthetic" / "sample.workforce.csv.toml"
    own = parse_mapping(sample.read_text(encoding="utf-8"), "sample.workforce.csv.toml")
    assert name == "standard_workforce"
    assert mapping.columns == own.columns.model_copy(update={"staff_group": "staff_group"})
    assert mapping.source.shape == own.source.shape
    assert mapping.source.ethnicity_classification == own.source.ethnicity_classification


EXECUTIVE = STAFF + 'executive_member = "Executive"\n'


def test_executive_members_may_vote_or_be_staff(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    extra = ("31/03/2024;A;VSM;;2;0;;yes", "31/03/2024;A;VSM;;4;0;Yes;Y", ";;;;1259;102;;")
    load(EXECUTIVE, f"{HEADER};Executive", *(f"{row};" for row in ROWS), *extra)
    found = warehouse.sql("select board, executive, sum(headcount) from core.headcounts group by all order by all")
    assert found.fetchall() == [(False, False, 1242), (False, True, 2), (True, False, 11), (True, True, 4)]


def test_without_the_column_nothing_is_said_of_executive_members(
    load: Loader, warehouse: duckdb.DuckDBPyConnection
) -> None:
    load(STAFF, HEADER, *ROWS)
    assert warehouse.sql("select distinct executive from core.headcounts").fetchall() == [(None,)]


def test_a_row_that_is_neither_executive_nor_not_is_refused(load: Loader) -> None:
    with pytest.raises(InputRefused, match="rows 1 have neither yes nor no") as refused:
        load(EXECUTIVE, f"{HEADER};Executive", "31/03/2024;A;Band 5;N;3;0;;perhaps")
    assert "column Executive" in str(refused.value)
