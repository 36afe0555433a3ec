"""Export files into the warehouse: what is used, which rows are invalid and why, what is refused."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.source_files import open_source
from assets.ingest.source_mappings import bundled_mapping, given_mapping, load_mapping
from assets.warehouse.tables import sql_text
from equity_audit.errors import InputRefused, UsageError
from equity_audit.intake.faults import RULES
from equity_audit.settings import Settings
from equity_audit.synthetic import generate

HEADER = (
    "application_id,vacancy_id,pay_band,staff_group,department,applicant_source,ethnicity,"
    "applied_on,shortlisted_on,interviewed_on,offered_on,appointed_on,outcome"
)
POST = "Band 5,Nursing,Theatres,external"
GOOD = f"A1,V1,{POST},Asian: Indian,2023-04-02,2023-04-20,,,,Rejected"
APPOINTED = f"A2,V1,{POST},White: Irish,2023-04-02,2023-04-03,2023-04-04,2023-04-05,2023-04-06,Appointed"
LONG_HEADER = (
    "application_id,vacancy_id,pay_band,staff_group,department,applicant_source,ethnicity,stage,reached_on,outcome"
)
LONG_GOOD = (
    f"A1,V1,{POST},Asian: Indian,applied,2023-04-02,Progressed",
    f"A1,V1,{POST},Asian: Indian,shortlisted,2023-04-20,Rejected",
)
Loader = Callable[..., dict[str, object]]


@pytest.fixture
def load(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> Loader:
    lenient = settings.model_copy(
        update={"intake": settings.intake.model_copy(update={"max_rejected_share": 0.99})}, deep=True
    )

    def load_lines(*lines: str, name: str = "export.csv", extract_id: str = "e" * 16) -> dict[str, object]:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return load_path(path, extract_id)

    def load_path(path: Path, extract_id: str) -> dict[str, object]:
        given = given_mapping(path, None)
        file = open_source(warehouse, path, given[1] if given else None)
        _, mapping = given or bundled_mapping(path, list(file.types), settings)
        what = Load(extract_id, "Trust", "run", b"k" * 32, date(2026, 1, 1), lenient)
        warehouse.execute("begin")
        try:
            extract = load_extract(warehouse, file, mapping, what)
            warehouse.execute("commit")
        except BaseException:
            warehouse.execute("rollback")
            raise
        return extract

    load_lines.path = load_path  # type: ignore[attr-defined]
    return load_lines


def rejected(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, str, str]]:
    return connection.sql("select row_number, rule, column_name from intake.rejected_rows order by all").fetchall()


def stages(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str | None, date | None]]:
    query = "select stage, outcome, reached_on from core.applicant_stages order by application_id, stage_order"
    return connection.sql(query).fetchall()


def test_a_wide_row_becomes_a_row_for_each_stage_reached(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    extract = load(HEADER, GOOD)
    assert stages(warehouse) == [
        ("applied", "progressed", date(2023, 4, 2)),
        ("shortlisted", "rejected", date(2023, 4, 20)),
    ]
    assert {name: extract[name] for name in ("rows_in", "rows_accepted", "rows_ignored", "rows_rejected")} == {
        "rows_in": 1,
        "rows_accepted": 1,
        "rows_ignored": 0,
        "rows_rejected": 0,
    }
    assert (extract["applications"], extract["stage_rows"]) == (1, 2)


def test_the_last_stage_has_no_outcome(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    load(HEADER, APPOINTED)
    assert [(stage, outcome) for stage, outcome, _ in stages(warehouse)] == [
        ("applied", "progressed"),
        ("shortlisted", "progressed"),
        ("interviewed", "progressed"),
        ("offered", "progressed"),
        ("appointed", None),
    ]


def test_long_and_wide_say_the_same(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    columns = "* exclude (extract_id)"
    load(HEADER, GOOD)
    load(LONG_HEADER, *LONG_GOOD, extract_id="f" * 16)
    query = f"select {columns} from core.applicant_stages where extract_id = ? order by all"
    wide, long = (warehouse.execute(query, [extract]).fetchall() for extract in ("e" * 16, "f" * 16))
    assert wide == long


def test_parquet_with_real_dates_says_the_same(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    load(HEADER, GOOD, APPOINTED)
    frame = pl.read_csv(tmp_path / "export.csv", try_parse_dates=True)
    assert frame.schema["applied_on"] == pl.Date
    frame.write_parquet(tmp_path / "export.parquet")
    load.path(tmp_path / "export.parquet", "f" * 16)  # type: ignore[attr-defined]
    query = "select * exclude (extract_id) from core.applicant_stages where extract_id = ? order by all"
    csv, parquet = (warehouse.execute(query, [extract]).fetchall() for extract in ("e" * 16, "f" * 16))
    assert csv == parquet


def test_no_identifier_of_the_export_is_kept(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    load(HEADER + ",extra", GOOD.replace("A1", "SECRET-APP").replace("V1", "SECRET-VAC") + ",SECRET")
    for schema, table in warehouse.sql(
        "select table_schema, table_name from information_schema.tables where table_schema in ('core', 'intake')"
    ).fetchall():
        assert "SECRET" not in str(warehouse.sql(f"select * from {schema}.{table}").fetchall())


def test_columns_that_the_mapping_does_not_name_are_listed_not_read(load: Loader) -> None:
    assert load(HEADER + ",grade,site", GOOD + ",x,y")["columns_ignored"] == ["grade", "site"]


WIDE_FAULTS = [
    ("missing_application_id", GOOD.replace("A1", " "), "application_id"),
    ("missing_vacancy_id", GOOD.replace("V1", ""), "vacancy_id"),
    ("unreadable_date", GOOD.replace("2023-04-20", "20/04/2023"), "shortlisted_on"),
    ("missing_applied_date", GOOD.replace("2023-04-02,2023-04-20", ","), "applied_on"),
    ("date_outside_range", GOOD.replace("2023-04-02,2023-04-20", "2015-03-31,"), "applied_on"),
    ("date_outside_range", GOOD.replace("2023-04-02,2023-04-20", "2026-01-02,"), "applied_on"),
    ("dates_out_of_order", GOOD.replace("2023-04-20", "2023-04-01"), "shortlisted_on"),
    ("outcome_contradicts_stages", GOOD.replace("Rejected", "Appointed"), "outcome"),
    ("outcome_contradicts_stages", APPOINTED.replace("Appointed", "Withdrawn"), "outcome"),
    ("missing_outcome", GOOD.replace("Rejected", ""), "outcome"),
]


@pytest.mark.parametrize(("rule", "row", "column"), WIDE_FAULTS)
def test_a_wide_row_that_breaks_a_rule_is_set_aside_alone(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, rule: str, row: str, column: str
) -> None:
    extract = load(HEADER, row, GOOD.replace("A1", "A3"))
    found = rejected(warehouse)
    assert (1, rule, column) in found
    assert {number for number, _, _ in found} == {1}
    assert (extract["rows_accepted"], extract["rows_rejected"]) == (1, 1)


@pytest.mark.parametrize("row", [row for _, row, _ in WIDE_FAULTS])
def test_each_wide_fault_breaks_one_rule_only(load: Loader, warehouse: duckdb.DuckDBPyConnection, row: str) -> None:
    load(HEADER, row, GOOD.replace("A1", "A3"))
    assert len(rejected(warehouse)) == 1


@pytest.mark.parametrize("day", ["2015-04-01", "2026-01-01"])
def test_the_first_day_covered_and_today_are_inside_the_range(load: Loader, day: str) -> None:
    assert load(HEADER, GOOD.replace("2023-04-02,2023-04-20", f"{day},"))["rows_accepted"] == 1


def test_exact_repeats_count_once_and_conflicting_ones_not_at_all(
    load: Loader, warehouse: duckdb.DuckDBPyConnection
) -> None:
    extract = load(HEADER, GOOD, GOOD, APPOINTED, APPOINTED.replace("V1", "V2"))
    assert rejected(warehouse) == [
        (3, "duplicate_application", "application_id"),
        (4, "duplicate_application", "application_id"),
    ]
    assert (extract["rows_accepted"], extract["rows_ignored"], extract["rows_rejected"]) == (1, 1, 2)


LONG_FAULTS = [
    ("missing_application_id", (LONG_GOOD[0].replace("A1", ""),), "application_id"),
    ("missing_vacancy_id", (LONG_GOOD[0].replace("V1", ""), LONG_GOOD[1].replace("V1", "")), "vacancy_id"),
    ("unreadable_date", (LONG_GOOD[0], LONG_GOOD[1].replace("2023-04-20", "April")), "reached_on"),
    ("missing_applied_date", (LONG_GOOD[0].replace("2023-04-02", ""), LONG_GOOD[1]), "reached_on"),
    ("date_outside_range", (LONG_GOOD[0].replace("2023-04-02", "2015-03-31"), LONG_GOOD[1]), "reached_on"),
    ("missing_applied_date", (LONG_GOOD[1],), "reached_on"),
    ("dates_out_of_order", (LONG_GOOD[0], LONG_GOOD[1].replace("2023-04-20", "2023-04-01")), "reached_on"),
    ("outcome_contradicts_stages", (LONG_GOOD[0],), "outcome"),
    ("missing_outcome", (LONG_GOOD[0].replace("Progressed", ""),), "outcome"),
    ("inconsistent_application", (LONG_GOOD[0], LONG_GOOD[1].replace("Theatres", "Wards")), "application_id"),
    ("duplicate_application_stage", (*LONG_GOOD, LONG_GOOD[1].replace("Rejected", "Withdrawn")), "stage"),
]


@pytest.mark.parametrize(("rule", "rows", "column"), LONG_FAULTS)
def test_a_long_application_of_which_a_row_breaks_a_rule_is_set_aside_whole(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, rule: str, rows: tuple[str, ...], column: str
) -> None:
    good = [row.replace("A1", "A3") for row in LONG_GOOD]
    extract = load(LONG_HEADER, *good, *rows)
    found = rejected(warehouse)
    assert (rule, column) in {(name, where) for _, name, where in found}
    assert {number for number, _, _ in found} == set(range(3, 3 + len(rows)))
    assert (extract["rows_accepted"], extract["rows_rejected"], extract["applications"]) == (2, len(rows), 1)


def test_every_rule_has_a_row_that_breaks_it() -> None:
    tested = {rule for rule, *_ in (*WIDE_FAULTS, *LONG_FAULTS)}
    assert set(RULES) == tested | {"duplicate_application", "application_set_aside", "unreadable_flag", "purged"}


def test_blank_outcomes_before_the_last_stage_reached_are_fine_in_a_long_file(load: Loader) -> None:
    assert load(LONG_HEADER, LONG_GOOD[0].replace("Progressed", ""), LONG_GOOD[1])["rows_accepted"] == 2


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(InputRefused) as caught:
        action()
    return str(caught.value)


def test_unknown_labels_of_every_column_are_refused_together(
    load: Loader, warehouse: duckdb.DuckDBPyConnection
) -> None:
    text = refusal(lambda: load(HEADER, GOOD.replace("Asian: Indian", "BAME"), APPOINTED.replace("Appointed", "Hired")))
    assert '"BAME"' in text
    assert '"Hired"' in text
    assert "column ethnicity" in text
    assert "column outcome" in text
    assert warehouse.sql("select count(*) from core.applicant_stages").fetchone() == (0,)


def test_an_unknown_stage_is_refused(load: Loader) -> None:
    assert '"vetted"' in refusal(lambda: load(LONG_HEADER, LONG_GOOD[0].replace(",applied,", ",vetted,")))


def test_too_many_bad_rows_refuse_the_file_and_leave_nothing(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, settings: Settings
) -> None:
    lines = [GOOD.replace("A1", f"B{i}") for i in range(19)] + [
        GOOD.replace("A1", f"C{i}").replace("Rejected", "") for i in range(2)
    ]
    path = tmp_path / "x.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    what = Load("e" * 16, "Trust", "run", b"k" * 32, date(2026, 1, 1), settings)
    text = refusal(lambda: load_extract(warehouse, open_source(warehouse, path), load_mapping("standard_wide"), what))
    assert "2 of 21 rows cannot be used, more than the 5%" in text
    assert "column outcome: 2 rows: the last stage reached has no outcome (first at data row 20)" in text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_blank_lines_are_rows_that_are_ignored_so_that_numbers_are_those_of_the_file(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, encoding: str, end: str
) -> None:
    post = POST.replace("Theatres", "Théâtres")
    lines = [
        HEADER,
        f"A1,V1,{post},Asian: Indian,2023-04-02,2023-04-20,,,,Rejected",
        "",
        f"A3,V1,{post},Asian: Indian,2023-02-30,,,,,Rejected",
        *("", "", APPOINTED, ""),
    ]
    path = tmp_path / "export.csv"
    path.write_bytes("".join(line + end for line in lines).encode(encoding))
    extract = load.path(path, "e" * 16)  # type: ignore[attr-defined]
    totals = [extract[name] for name in ("rows_in", "rows_accepted", "rows_ignored", "rows_rejected")]
    assert totals == [7, 2, 4, 1]
    assert rejected(warehouse) == [(3, "unreadable_date", "applied_on")]


def test_a_blank_line_is_seen_where_the_file_is_read_in_two_parts(load: Loader, tmp_path: Path) -> None:
    text, part = f"{HEADER}\n", 1 << 18
    repeats = (part - len(text)) // (len(GOOD) + 1)
    text += f"{GOOD}\n" * (repeats - 1)
    # Spaces fill the last row up: its line ends with the first part, and the blank line begins the second.
    spaces = " " * (part - len(text) - len(GOOD) - 1)
    text += GOOD.replace("Theatres", "Theatres" + spaces) + "\n"
    assert len(text) == part
    path = tmp_path / "export.csv"
    path.write_text(text + "\n", encoding="utf-8")
    extract = load.path(path, "e" * 16)  # type: ignore[attr-defined]
    assert (extract["rows_in"], extract["rows_accepted"], extract["rows_rejected"]) == (repeats + 1, 1, 0)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (HEADER.encode() + b"\n", "no rows"),
        (b"PAR1" + b"\0" * 50, "Parquet"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text file"),
        (b"who,what\n1,2\n", "no mapping was given"),
        (b"SECRET,b,SECRET\n1,2,3\n", "columns 1, 3 do not have unique names"),
        (b"\n1,2,3\n", "no column has a name"),
        (f"{HEADER}\n\n\n".encode(), "no rows of applications"),
        (f"{HEADER}\n{GOOD}\n{GOOD},SECRET\n".encode(), "line 3"),
        (f'{HEADER}\n"SECRET{GOOD}\n'.encode(), "does not fit the header"),
    ],
    ids=[
        "empty",
        "header only",
        "parquet",
        "binary",
        "unknown columns",
        "twice",
        "blank first line",
        "blank lines only",
        "extra field",
        "open quote",
    ],
)
def test_what_cannot_be_an_export_is_refused(
    load: Loader, tmp_path: Path, content: bytes, word: str, warehouse: duckdb.DuckDBPyConnection
) -> None:
    path = tmp_path / ("x.parquet" if content.startswith(b"PAR1") else "x.csv")
    path.write_bytes(content)
    text = refusal(lambda: load.path(path, "e" * 16))  # type: ignore[attr-defined]
    assert word in text
    assert "SECRET" not in text
    assert warehouse.sql("select count(*) from intake.extracts").fetchone() == (0,)


def test_a_zero_byte_parquet_a_missing_file_and_a_folder(load: Loader, tmp_path: Path) -> None:
    (tmp_path / "x.parquet").touch()
    assert "0 bytes" in refusal(lambda: load.path(tmp_path / "x.parquet", "e" * 16))  # type: ignore[attr-defined]
    assert "no such file" in refusal(lambda: load.path(tmp_path / "y.csv", "e" * 16))  # type: ignore[attr-defined]
    assert "folder" in refusal(lambda: load.path(tmp_path, "e" * 16))  # type: ignore[attr-defined]


def test_a_column_that_the_mapping_names_and_the_file_lacks(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, settings: Settings
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(HEADER.replace("outcome", "result") + "\n" + GOOD + "\n", encoding="utf-8")
    what = Load("e" * 16, "Trust", "run", b"k" * 32, date(2026, 1, 1), settings)
    text = refusal(lambda: load_extract(warehouse, open_source(warehouse, path), load_mapping("standard_wide"), what))
    assert 'no column "outcome", which the mapping standard_wide names as columns.outcome' in text
    assert "result" in text


def test_a_file_without_a_header_is_refused_without_repeating_its_first_person(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, settings: Settings
) -> None:
    path = tmp_path / "x.csv"
    row = APPOINTED.replace("A2", "SECRET")
    path.write_text(f"{row}\n{APPOINTED}\n", encoding="utf-8")
    what = Load("e" * 16, "Trust", "run", b"k" * 32, date(2026, 1, 1), settings)
    text = refusal(lambda: load_extract(warehouse, open_source(warehouse, path), load_mapping("standard_wide"), what))
    assert "the first line has no known column names" in text
    assert "SECRET" not in text
    assert "Theatres" not in text


def test_the_order_of_rows_and_the_names_of_ids_change_no_count(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    wide = generate(400, 3, years=1).wide
    shuffled = wide.sample(fraction=1, shuffle=True, seed=1).with_columns(
        application_id=pl.concat_str(pl.lit("other-"), "application_id")
    )
    figures = []
    for number, frame in enumerate((wide, shuffled)):
        frame.write_csv(tmp_path / f"{number}.csv")
        load.path(tmp_path / f"{number}.csv", str(number) * 16)  # type: ignore[attr-defined]
        warehouse.execute("delete from intake.accepted_extracts")
        warehouse.execute("insert into intake.accepted_extracts values (?, 1)", [str(number) * 16])
        parameters = {"period_start": date(2021, 4, 1), "period_end": date(2022, 4, 1), "spans": [], "breakdowns": []}
        figures.append(warehouse.sql(sql_text("stage_counts"), params=parameters).fetchall())
    assert figures[0] == figures[1]
    assert len(figures[0]) > 100


def test_a_file_that_grows_while_it_is_read_is_refused(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    file = open_source(warehouse, path)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(APPOINTED + "\n")
    assert "changed while it was being read" in refusal(file.check_unchanged)


# The stages of the loaded file are applied, shortlisted, interviewed, offered, appointed.
@pytest.mark.parametrize(
    ("stages", "remedy"),
    [
        ("applied sifted", "map both exports to the same stages, under the same names and in the same order"),
        ("applied interviewed shortlisted offered appointed", "under the same names and in the same order"),
        ("applied shortlisted appointed", "leave interviewed, offered out of the mapping of export.csv, and load both"),
        (
            "applied shortlisted tested interviewed offered appointed",
            "leave tested out of the mapping of this file, as export.csv has no such stage",
        ),
        (
            "applied tested interviewed offered appointed",
            "leave shortlisted out of the mapping of export.csv and tested out of that of this file, and load both",
        ),
    ],
)
def test_two_extracts_of_one_organisation_need_the_same_stages(
    load: Loader,
    warehouse: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    settings: Settings,
    stages: str,
    remedy: str,
) -> None:
    load(HEADER, GOOD)
    path = tmp_path / "export.csv"
    mapping = load_mapping("standard_wide")
    other = mapping.model_copy(
        update={"source": mapping.source.model_copy(update={"stages": tuple(stages.split())})}, deep=True
    )
    what = Load("f" * 16, "Trust", "run", b"k" * 32, date(2026, 1, 1), settings)
    text = refusal(lambda: load_extract(warehouse, open_source(warehouse, path), other, what))
    assert "differ from those of export.csv" in text
    assert remedy in text


def test_a_swapped_pseudonym_key_is_refused_since_everybody_would_count_twice(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, settings: Settings
) -> None:
    load(HEADER, GOOD)
    path = tmp_path / "later.csv"
    path.write_text(f"{HEADER}\n{GOOD}\n{APPOINTED}\n", encoding="utf-8")
    what = Load("f" * 16, "Trust", "run", b"x" * 32, date(2026, 1, 1), settings)
    with pytest.raises(UsageError, match=r"export\.csv was loaded with a different pseudonym key"):
        load_extract(warehouse, open_source(warehouse, path), load_mapping("standard_wide"), what)
