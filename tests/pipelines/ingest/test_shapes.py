"""Exports without dates for their stages: a yes or no for each, or one current status."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.source_files import open_source
from equity_audit.errors import InputRefused, UsageError
from equity_audit.intake.mapping_file import parse_mapping
from equity_audit.settings import Settings

COMMON = """
[source]
name = "mine"
shape = "{shape}"
ethnicity_classification = "nhs_2001"
stages = ["applied", "shortlisted", "interviewed", "appointed"]

[columns]
application_id = "id"
vacancy_id = "post"
ethnicity = "ethnic"
outcome = "status"
applied_on = "applied"
"""
FLAGS = (
    COMMON.format(shape="flags")
    + """
[stage_flags]
shortlisted = "short"
interviewed = "interview"
appointed = "start"

[outcomes]
"No" = "rejected"
"Left" = "withdrew"
"Yes" = "progressed"
"""
)
STATUS = (
    COMMON.format(shape="status")
    + """
[statuses]
"Not shortlisted" = {reached = "applied", outcome = "rejected"}
"Withdrew before interview" = {reached = "shortlisted", outcome = "withdrew"}
"Interview unsuccessful" = {reached = "interviewed", outcome = "rejected"}
"Started" = {reached = "appointed", outcome = "progressed"}
"""
)
FLAG_ROWS = ["id,post,ethnic,status,applied,short,interview,start"]
STATUS_ROWS = ["id,post,ethnic,status,applied"]
Loader = Callable[..., dict[str, object]]


@pytest.fixture
def load(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> Loader:
    lenient = settings.model_copy(update={"intake": settings.intake.model_copy(update={"max_rejected_share": 0.99})})

    def load_lines(mapping: str, *lines: str) -> dict[str, object]:
        path = tmp_path / "export.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        chosen = parse_mapping(mapping, "mine.toml")
        what = Load("e" * 16, "Trust", "run", b"k" * 32, date(2026, 1, 1), lenient)
        return load_extract(warehouse, open_source(warehouse, path, chosen), chosen, what)

    return load_lines


def paths(connection: duckdb.DuckDBPyConnection) -> list[str]:
    query = (
        "select string_agg(stage || ' ' || coalesce(outcome, '-'), ', ' order by stage_order) "
        "from core.applicant_stages join (select application_id, rowid as place from core.applications) "
        "using (application_id) group by place order by place"
    )
    return [path for (path,) in connection.sql(query).fetchall()]


def test_flags_say_which_stages_were_reached(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    load(
        FLAGS,
        *FLAG_ROWS,
        "1,P,A,No,2023-05-01,no,,",
        "2,P,H,No,2023-05-01,Yes,Y,0",
        "3,P,N,Left,2023-05-01,1,N,FALSE",
        "4,P,Z,Yes,2023-05-01,yes,yes,yes",
    )
    assert paths(warehouse) == [
        "applied rejected",
        "applied progressed, shortlisted progressed, interviewed rejected",
        "applied progressed, shortlisted withdrew",
        "applied progressed, shortlisted progressed, interviewed progressed, appointed -",
    ]
    dates = warehouse.sql("select distinct stage_order = 0, reached_on from core.applicant_stages").fetchall()
    assert set(dates) == {(True, date(2023, 5, 1)), (False, None)}


@pytest.mark.parametrize(
    ("row", "rule", "column"),
    [
        ("1,P,A,No,2023-05-01,perhaps,no,no", "unreadable_flag", "short"),
        ("1,P,A,No,2023-05-01,yes,yes,yes", "outcome_contradicts_stages", "status"),
        ("1,P,A,,2023-05-01,yes,no,no", "missing_outcome", "status"),
        ("1,P,A,No,,yes,no,no", "missing_applied_date", "applied"),
    ],
)
def test_flags_that_cannot_be_right_are_set_aside(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, row: str, rule: str, column: str
) -> None:
    load(FLAGS, *FLAG_ROWS, row, "2,P,H,No,2023-05-01,no,no,no")
    found = warehouse.sql("select row_number, rule, column_name from intake.rejected_rows").fetchall()
    assert (1, rule, column) in found
    assert {number for number, _, _ in found} == {1}


def test_a_status_says_the_path_that_the_mapping_gives_it(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    extract = load(
        STATUS,
        *STATUS_ROWS,
        "1,P,A,Not shortlisted,2023-05-01",
        "2,P,H,WITHDREW BEFORE INTERVIEW,2023-05-01",
        "3,P,N,Interview unsuccessful,2023-05-01",
        "4,P,99,Started,2023-05-01",
        "5,P,99,,2023-05-01",
    )
    assert paths(warehouse) == [
        "applied rejected",
        "applied progressed, shortlisted withdrew",
        "applied progressed, shortlisted progressed, interviewed rejected",
        "applied progressed, shortlisted progressed, interviewed progressed, appointed -",
    ]
    assert warehouse.sql("select * exclude (extract_id) from intake.rejected_rows").fetchall() == [
        (5, "missing_outcome", "status")
    ]
    assert (extract["rows_in"], extract["rows_accepted"], extract["rows_rejected"]) == (5, 4, 1)


def test_a_status_without_a_path_is_refused_and_told_why(load: Loader) -> None:
    with pytest.raises(InputRefused) as caught:
        load(STATUS, *STATUS_ROWS, "1,P,A,Withdrawn,2023-05-01", "2,P,A,Started,2023-05-01")
    assert '"Withdrawn"' in str(caught.value)
    assert "does not say which stages an application passed" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (STATUS.split("[statuses]")[0], "would undercount"),
        (STATUS.replace('"appointed", outcome = "progressed"', '"appointed", outcome = "rejected"'), "Started"),
        (STATUS.replace('reached = "interviewed"', 'reached = "vetted"'), "Interview unsuccessful"),
        (STATUS.replace('applied_on = "applied"\n', ""), "columns.applied_on"),
        (FLAGS.replace('interviewed = "interview"\n', ""), "[stage_flags]"),
        (FLAGS.split("[outcomes]")[0], "[outcomes]"),
    ],
)
def test_a_mapping_must_say_what_its_shape_needs(text: str, word: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_mapping(text, "mine.toml")
    assert word in str(caught.value)


def test_conflicting_flags_of_one_application_are_seen(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    load(FLAGS, *FLAG_ROWS, "1,P,A,No,2023-05-01,no,,", "1,P,A,No,2023-05-01,yes,,", "2,P,A,No,2023-05-01,no,,")
    rules = warehouse.sql("select row_number, rule from intake.rejected_rows order by all").fetchall()
    assert rules == [(1, "duplicate_application"), (2, "duplicate_application")]
