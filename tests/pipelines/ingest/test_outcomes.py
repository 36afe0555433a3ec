"""What an export's words mean for a path: filled in, re-opened, moved; and what is counted for the reader's notice."""

from datetime import date
from pathlib import Path

import duckdb

from assets.ingest.data_notes import FACTS
from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.source_files import open_source
from equity_audit.intake.mapping_file import parse_mapping
from equity_audit.settings import load_settings
from tests.pipelines.conftest import Loader

STAGES = 'stages = ["applied", "shortlisted", "appointed"]'
COLUMNS = """
[columns]
application_id = "id"
vacancy_id = "post"
candidate_id = "person"
ethnicity = "code"
outcome = "result"
applicant_source = "from"
ring_fenced = "fenced"
"""
OUTCOMES = """
[outcomes]
"In" = "progressed"
"No" = "rejected"
"Left" = "withdrew"
"""
WIDE = f"""
[source]
name = "w"
shape = "wide"
ethnicity_classification = "nhs_2001"
{STAGES}
{COLUMNS}
[stage_dates]
applied = "applied"
shortlisted = "short"
appointed = "start"
{OUTCOMES}
"""
LONG = f"""
[source]
name = "l"
shape = "long"
ethnicity_classification = "nhs_2001"
{STAGES}
{COLUMNS}
stage = "stage"
reached_on = "day"
{OUTCOMES}
"""
WIDE_HEADER = "id,post,person,code,from,fenced,applied,short,start,result"
LONG_HEADER = "id,post,person,code,from,fenced,stage,day,result"


def paths(connection: duckdb.DuckDBPyConnection, extract_id: str = "e" * 16) -> list[str]:
    query = """
        select string_agg(stage || ' ' || coalesce(outcome, '-') || coalesce(' ' || reached_on::varchar, ''), ', '
            order by stage_order)
        from core.applicant_stages join (select application_id, extract_id, rowid as place from core.applications)
            using (application_id, extract_id)
        where extract_id = ? group by place order by place
    """
    return [path for (path,) in connection.execute(query, [extract_id]).fetchall()]


def facts(connection: duckdb.DuckDBPyConnection, extract_id: str = "e" * 16) -> dict[str, int]:
    query = "select fact, applications from intake.extract_facts where extract_id = ?"
    return dict(connection.execute(query, [extract_id]).fetchall())


def test_a_later_stage_proves_the_earlier_ones_and_the_filling_in_is_counted(
    load: Loader, warehouse: duckdb.DuckDBPyConnection
) -> None:
    load(
        WIDE,
        WIDE_HEADER,
        "1,P,,A,,,2023-05-01,,2023-06-01,In",
        "2,P,,A,,,2023-05-01,2023-05-09,2023-06-01,In",
        "3,P,,A,,,2023-05-01,,,No",
    )
    assert paths(warehouse) == [
        "applied progressed 2023-05-01, shortlisted progressed, appointed - 2023-06-01",
        "applied progressed 2023-05-01, shortlisted progressed 2023-05-09, appointed - 2023-06-01",
        "applied rejected 2023-05-01",
    ]
    assert facts(warehouse) == {"stages_filled_in": 1}


def test_a_blank_outcome_may_have_a_meaning(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    mapping = WIDE + '"" = "pending"\n'
    extract = load(
        mapping, WIDE_HEADER, *(f"{i},P,,A,,,2023-05-01,,,{blank}" for i, blank in enumerate(("", " ", "-")))
    )
    assert paths(warehouse) == ["applied pending 2023-05-01"] * 3
    assert extract["rows_rejected"] == 0
    load(LONG + '"" = "pending"\n', LONG_HEADER, "1,P,,A,,,applied,2023-05-01,", extract_id="f" * 16)
    assert paths(warehouse, "f" * 16) == ["applied pending 2023-05-01"]


def test_days_may_carry_a_time(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    load(WIDE, WIDE_HEADER, "1,P,,A,,,30/05/2023 10:15,31/05/2023 00:00,,No")
    assert paths(warehouse) == ["applied progressed 2023-05-30, shortlisted rejected 2023-05-31"]


def test_dates_are_compared_over_a_stage_that_was_filled_in(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    good = [f"{i},P,,A,,,2023-05-01,,,No" for i in range(2, 30)]
    load(WIDE, WIDE_HEADER, "1,P,,A,,,2023-05-01,,2023-04-01,In", *good)
    found = warehouse.sql("select row_number, rule, column_name from intake.rejected_rows").fetchall()
    assert found == [(1, "dates_out_of_order", "start")]


def test_a_log_may_skip_a_stage_between(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    load(LONG, LONG_HEADER, "1,P,,A,,,applied,2023-05-01,", "1,P,,A,,,appointed,2023-06-01,In")
    assert paths(warehouse) == ["applied progressed 2023-05-01, shortlisted progressed, appointed - 2023-06-01"]
    assert facts(warehouse) == {"stages_filled_in": 1, "only_applicant": 1}


def test_a_reopened_application_progressed_and_keeps_its_first_date(
    load: Loader, warehouse: duckdb.DuckDBPyConnection
) -> None:
    extract = load(
        LONG,
        LONG_HEADER,
        # Turned down, yet later appointed.
        "1,P,,A,,,applied,2023-05-01,No",
        "1,P,,A,,,shortlisted,2023-05-09,In",
        "1,P,,A,,,appointed,2023-06-01,In",
        # Shortlisted twice: withdrew, came back, was turned down.
        "2,P,,A,,,applied,2023-05-01,In",
        "2,P,,A,,,shortlisted,2023-05-20,No",
        "2,P,,A,,,shortlisted,2023-05-09,Left",
        # Nothing of the kind.
        "3,P,,A,,,applied,2023-05-01,No",
        "3,P,,A,,,applied,2023-05-01,No",
    )
    assert sorted(paths(warehouse)) == [
        "applied progressed 2023-05-01, shortlisted progressed 2023-05-09, appointed - 2023-06-01",
        "applied progressed 2023-05-01, shortlisted rejected 2023-05-09",
        "applied rejected 2023-05-01",
    ]
    assert facts(warehouse) == {"reopened": 2}
    reconciled = (extract["rows_in"], extract["rows_accepted"], extract["rows_ignored"], extract["rows_rejected"])
    assert reconciled == (8, 7, 1, 0)


def test_an_application_that_moves_counts_in_its_last_vacancy(
    load: Loader, warehouse: duckdb.DuckDBPyConnection
) -> None:
    load(
        LONG,
        LONG_HEADER,
        "1,P,,A,internal,,applied,2023-05-01,In",
        "1,Q,,A,external,,shortlisted,2023-05-09,No",
        "2,Q,,A,external,,applied,2023-05-01,No",
    )
    assert facts(warehouse) == {"moved_vacancy": 1}
    vacancies = "select count(distinct vacancy_id), count(distinct applicant_source) from core.applicant_stages"
    assert warehouse.sql(vacancies).fetchone() == (1, 1)


def test_an_application_may_move_between_extracts_too(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    row = "{},{},,A,,,2023-05-01,,,No"
    load(WIDE, WIDE_HEADER, *(row.format(i, "P") for i in range(4)))
    load(WIDE, WIDE_HEADER, *(row.format(i, "P" if i else "Q") for i in range(3)), extract_id="f" * 16)
    assert facts(warehouse, "f" * 16) == {"moved_vacancy": 1, "replaces_earlier": 3, "only_applicant": 1}


def test_what_a_reader_should_know_is_counted(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    load(
        WIDE,
        WIDE_HEADER,
        "1,P,Ann,A,International,,2023-05-01,,,No",
        "2,P,Ann,A,external,yes,2023-05-01,,,No",
        "3,P,Bea,A,external,no,2023-05-01,,,No",
        "4,Q,,A,,,2023-05-01,,,No",
    )
    assert facts(warehouse) == {"repeat_candidates": 2, "ring_fenced": 1, "international": 1, "only_applicant": 1}
    assert "Ann" not in str(warehouse.sql("select * from core.applications").fetchall())
    people = "select count(candidate_id), count(distinct candidate_id) from core.applications"
    assert warehouse.sql(people).fetchone() == (3, 2)


def test_rows_without_ids_are_counted_as_such(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    without = WIDE.replace("[columns]", "number_rows = true\n[columns]", 1)
    without = "\n".join(line for line in without.splitlines() if not line.startswith("application_id"))
    load(without, WIDE_HEADER, "1,P,,A,external,,2023-05-01,,,No", "1,P,,A,external,,2023-05-01,,,No")
    assert facts(warehouse) == {"numbered_rows": 2}


def test_every_fact_is_counted_somewhere_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [fact for fact in FACTS if f'"{fact}"' not in text] == []


def test_details_that_policy_does_not_list_are_never_read(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    settings = load_settings()
    strict = settings.model_copy(update={"intake": settings.intake.model_copy(update={"details": ("pay_band",)})})
    path = tmp_path / "export.csv"
    path.write_text(f"{WIDE_HEADER}\n1,P,,A,SECRET,yes,2023-05-01,,,No\n", encoding="utf-8")
    mapping = parse_mapping(WIDE, "mine.toml")
    what = Load("e" * 16, "Trust", "run", b"k" * 32, date(2026, 1, 1), strict)
    load_extract(warehouse, open_source(warehouse, path, mapping), mapping, what)
    assert warehouse.sql("select applicant_source, ring_fenced from core.applications").fetchall() == [(None, None)]


def test_rows_are_numbered_as_in_the_file_however_many_there_are(
    load: Loader, warehouse: duckdb.DuckDBPyConnection
) -> None:
    """More rows than DuckDB handles at a time, so that both threads have some."""
    rows = [f"{i},P,,A,,,2023-05-01,,,{'' if i % 100_003 == 7 else 'No'}" for i in range(400_000)]
    load(WIDE, WIDE_HEADER, *rows)
    found = warehouse.sql("select row_number from intake.rejected_rows order by all").fetchall()
    assert found == [(number,) for number in (8, 100_011, 200_014, 300_017)]
