"""Proposals for whole files: they work unedited, say what they cannot know, and repeat no person."""

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
import xlsxwriter

from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.profile import profile_file
from assets.ingest.source_files import open_source
from assets.ingest.source_mappings import load_mapping
from equity_audit.errors import InputRefused, UsageError
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.mapping_file import parse_mapping
from equity_audit.settings import Settings
from equity_audit.synthetic import generate, generate_workforce, to_long

DATA = Path(__file__).parents[3] / "data"
STYLES = ("nhs_ats_style", "esr_codes_style", "us_applicant_flow_style", "eeoc_enum_style")
Profile = Callable[[Path], str]


@pytest.fixture
def profile(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> Profile:
    return lambda path: profile_file(warehouse, path, settings)


@pytest.fixture
def rows_by(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> Callable[[Path, Mapping], pl.DataFrame]:
    """The core rows that a file gives with a mapping."""

    def load(path: Path, mapping: Mapping) -> pl.DataFrame:
        what = Load("e" * 16, "Trust", "run", b"k" * 32, date(2026, 1, 1), settings)
        load_extract(warehouse, open_source(warehouse, path, mapping), mapping, what)
        return warehouse.sql("select * exclude (extract_id) from core.applicant_stages order by all").pl()

    return load


def check_same_rows(
    path: Path, committed: Mapping, text: str, rows_by: Callable[[Path, Mapping], pl.DataFrame]
) -> None:
    proposed = parse_mapping(text, "proposal")
    expected = rows_by(path, committed)
    assert expected.height > 300
    assert rows_by(path, proposed).equals(expected)


def test_the_sample_needs_no_hand(profile: Profile, rows_by: Callable[[Path, Mapping], pl.DataFrame]) -> None:
    path = DATA / "synthetic" / "sample.csv"
    text = profile(path)
    assert "fits the bundled mapping standard_wide; this proposal reads the file in the same way" in text
    check_same_rows(path, load_mapping(f"{path}.toml"), text, rows_by)


@pytest.mark.parametrize("style", STYLES)
def test_each_style_needs_no_hand(
    style: str, profile: Profile, rows_by: Callable[[Path, Mapping], pl.DataFrame]
) -> None:
    path = DATA / "styles" / f"{style}.csv"
    text = profile(path)
    if style == "eeoc_enum_style":
        # All of its moments are in UTC, and a file does not say where its days are counted.
        assert "If days should begin at your own midnight, name your time zone." in text
    else:
        assert f"fits the bundled mapping {style}; this proposal reads the file in the same way" in text
    check_same_rows(path, load_mapping(style), text, rows_by)


def test_the_long_shape_needs_no_hand(
    tmp_path: Path, profile: Profile, rows_by: Callable[[Path, Mapping], pl.DataFrame]
) -> None:
    path = tmp_path / "long.csv"
    to_long(generate(2000, 5, years=1).wide).write_csv(path)
    check_same_rows(path, load_mapping("standard_long"), profile(path), rows_by)


def table(frame: pl.DataFrame, delimiter: str, encoding: str) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows([frame.columns, *frame.fill_null("").rows()])
    return stream.getvalue().encode(encoding)


@pytest.mark.parametrize(("delimiter", "encoding"), [(";", "utf-8"), ("\t", "utf-16"), (",", "cp1252")])
def test_other_ways_of_writing_give_the_same_proposal(
    tmp_path: Path, profile: Profile, delimiter: str, encoding: str
) -> None:
    path = DATA / "styles" / "nhs_ats_style.csv"
    other = tmp_path / path.name
    other.write_bytes(table(pl.read_csv(path, infer_schema=False), delimiter, encoding))
    assert profile(other) == profile(path)


def test_a_workbook_with_days_as_numbers(
    tmp_path: Path, profile: Profile, rows_by: Callable[[Path, Mapping], pl.DataFrame]
) -> None:
    path = DATA / "styles" / "nhs_ats_style.csv"
    frame = pl.read_csv(path, infer_schema=False)
    dates = [name for name in frame.columns if "Date" in name]
    days = frame.with_columns((pl.col(dates).str.to_date("%d/%m/%Y") - date(1899, 12, 30)).dt.total_days())
    book = xlsxwriter.Workbook(tmp_path / "x.xlsx")
    sheet = book.add_worksheet()
    for number, row in enumerate([frame.columns, *days.rows()]):
        sheet.write_row(number, 0, row)
    book.close()
    text = profile(tmp_path / "x.xlsx")
    assert "date_format" not in text
    expected = rows_by(path, load_mapping("nhs_ats_style"))
    assert rows_by(tmp_path / "x.xlsx", parse_mapping(text, "proposal")).equals(expected)


def test_parquet_with_days_of_its_own_kind(
    tmp_path: Path, profile: Profile, rows_by: Callable[[Path, Mapping], pl.DataFrame]
) -> None:
    path = tmp_path / "x.parquet"
    generate(2000, 5, years=1).wide.with_columns(pl.col(pl.Enum).cast(pl.String)).write_parquet(path)
    check_same_rows(path, load_mapping("standard_wide"), profile(path), rows_by)


PLANTED = {
    "Candidate name": "Jocasta Bloggsworth",
    "Contact": "jocasta.b@example.org",
    "NI": "AB123456C",
    "Ref 2": "943 476 5919",
    "Tel": "020 7946 0000",
    "Where": "SW1A 1AA",
    "Born": "1988-07-06",
    "Panel comments": "Too shy",
    "Summary": "She spoke at length of her years at the hospital in Leeds and of her son",
    "Lead": "Barnabas Quill",
}


def test_planted_identifiers_never_appear_and_the_proposal_works(
    tmp_path: Path, profile: Profile, rows_by: Callable[[Path, Mapping], pl.DataFrame]
) -> None:
    path = tmp_path / "x.csv"
    frame = pl.read_csv(DATA / "styles" / "nhs_ats_style.csv", infer_schema=False)
    frame.with_columns(pl.lit(value).alias(name) for name, value in PLANTED.items()).write_csv(path)
    text = profile(path)
    assert not [value for value in PLANTED.values() if value in text]
    proposed = parse_mapping(text, "proposal")
    assert set(proposed.privacy.drop) == set(PLANTED) - {"Lead"}
    assert '"Lead" is not read' in text
    check_same_rows(path, load_mapping("nhs_ats_style").model_copy(update={"privacy": proposed.privacy}), text, rows_by)


def test_unknown_labels_anywhere_in_the_file_are_named(tmp_path: Path, profile: Profile) -> None:
    path = tmp_path / "x.csv"
    sample = (DATA / "synthetic" / "sample.csv").read_text(encoding="utf-8").splitlines()
    sample[-1] = sample[-1].replace(sample[-1].split(",")[-1], "Parked")
    path.write_text("\n".join(sample) + "\n", encoding="utf-8")
    text = profile(path)
    assert '# "Parked" = ""  # not guessed' in text
    with pytest.raises(UsageError, match="unfinished"):
        parse_mapping(text, "proposal")


def test_a_proposal_that_disagrees_with_the_bundled_mapping_says_where(tmp_path: Path, profile: Profile) -> None:
    path = tmp_path / "x.csv"
    frame = pl.read_csv(DATA / "styles" / "nhs_ats_style.csv", infer_schema=False)
    frame.with_columns(pl.col("Date Interviewed").alias("Date Assessed")).write_csv(path)
    assert "nhs_ats_style; this proposal differs from it in stage_dates, source.stages." in profile(path)


HEADERLESS = "A2,V1,Band 5,Nursing,SECRET ward,external,White: Irish,2023-04-02,2023-04-03,2023-04-04,Appointed\n"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("", "0 bytes"),
        ("application_id,ethnicity\n", "no rows"),
        (HEADERLESS + HEADERLESS.replace("A2", "A3"), "the first line has no known column names"),
        ("SECRET,b\n1,2\n", "the first line has no known column names"),
        ("SECRET,b,SECRET\n1,2,3\n", "do not have unique names"),
    ],
    ids=["empty", "header only", "headerless", "unknown", "twice"],
)
def test_what_is_no_export_is_refused_without_repeating_it(
    tmp_path: Path, profile: Profile, content: str, word: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputRefused) as caught:
        profile(path)
    assert word in str(caught.value)
    assert "SECRET" not in str(caught.value)


STAFF = """Snapshot Date,Ethnic Origin,Pay Band,Staff Group,Headcount,Leavers,Board Member
31/03/2024,A,Band 5,Nursing and midwifery,"1,204",131,No
31/03/2024,PC,Band 5,Nursing and midwifery,310,40,No
31/03/2024,H,Band 8a,Nursing and midwifery,14,1,No
31/03/2024,A,,,11,0,Yes
"""
ANSWERS = """Survey Date,Question,Ethnic Group,Answered,Agreed
31/10/2023,I can raise concerns,White,300,200
31/10/2023,I can raise concerns,Asian,80,40
"""


@pytest.mark.parametrize(
    ("content", "bundled"),
    [
        (generate_workforce(2021).write_csv(), "standard_workforce"),
        (STAFF, "esr_headcount_style"),
        (ANSWERS, "nhs_staff_survey_style"),
    ],
    ids=["made up", "staff", "survey"],
)
def test_numbers_of_staff_and_of_answers_need_no_hand(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, settings: Settings, content: str, bundled: str
) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text(content, encoding="utf-8")
    text = profile_file(warehouse, path, settings)
    assert f"fits the bundled mapping {bundled}; this proposal reads the file in the same way" in text

    def rows(mapping: Mapping) -> pl.DataFrame:
        what = Load("e" * 16, "Trust", "run", b"k" * 32, date(2026, 1, 1), settings)
        load_extract(warehouse, open_source(warehouse, path, mapping), mapping, what)
        table = "answers" if mapping.source.shape == "survey" else "headcounts"
        return warehouse.sql(f"select * from core.{table} order by all").pl()

    expected = rows(load_mapping(bundled))
    assert expected.height >= 2
    assert rows(parse_mapping(text, "proposal")).equals(expected)


def test_what_is_missing_of_numbers_is_asked_for(tmp_path: Path, profile: Profile) -> None:
    path = tmp_path / "staff.csv"
    path.write_text("Ethnic Origin,Grade,Headcount\nA,Band 5,12\nPC,Band 5,7\n", encoding="utf-8")
    text = profile(path)
    assert '"columns.snapshot: no column seems to hold it"' in text
    assert "source.stages" not in text
    with pytest.raises(UsageError, match="unfinished"):
        parse_mapping(text, "proposal")


@pytest.mark.parametrize("name", ["Headcount", "Answered,Agreed"])
def test_numbers_beside_identifiers_drop_them_unread(tmp_path: Path, profile: Profile, name: str) -> None:
    path = tmp_path / "staff.csv"
    numbers = ",".join("12" for _ in name.split(","))
    rows = "".join(f"31/03/2024,{group},{numbers},jocasta.b@example.org\n" for group in ("White", "Asian", "Black"))
    path.write_text(f"Date,Ethnic Group,{name},Line manager\n{rows}", encoding="utf-8")
    text = profile(path)
    assert "jocasta" not in text
    assert '"Line manager",  # ' in text[text.index("drop = [") :]


def test_nothing_is_loaded(profile: Profile, warehouse: duckdb.DuckDBPyConnection) -> None:
    profile(DATA / "styles" / "nhs_ats_style.csv")
    assert warehouse.sql("select count(*) from core.applications").fetchone() == (0,)


@pytest.mark.parametrize("name", ["Executive", "Executive Board Member", "Exec director"])
def test_a_flag_of_executive_members_is_found_beside_that_of_the_board(
    tmp_path: Path, profile: Profile, name: str
) -> None:
    path = tmp_path / "staff.csv"
    head, *rows = STAFF.splitlines()
    flagged = [f"{head},{name},Non-executive member", *(f"{row},No,No" for row in rows)]
    path.write_text("\n".join(flagged), encoding="utf-8")
    columns = parse_mapping(profile(path), "proposal").columns
    assert (columns.board_member, columns.executive_member) == ("Board Member", name)
