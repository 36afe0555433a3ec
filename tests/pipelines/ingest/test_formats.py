"""One set of applications in every kind of file that intake knows: always the same rows in the warehouse."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.source_files import open_source
from assets.ingest.source_mappings import load_mapping
from equity_audit.errors import InputRefused
from equity_audit.intake.mapping import Mapping
from equity_audit.settings import Settings

HEADER = [
    *("application_id", "vacancy_id", "pay_band", "staff_group", "department", "applicant_source", "ethnicity"),
    *("applied_on", "shortlisted_on", "interviewed_on", "offered_on", "appointed_on", "outcome"),
]
POST = ["Band 5", "Nursing", "Théâtres “B” €", "external"]
ROWS = [
    ["A1", "V1", *POST, "Asian: Indian", "2023-04-02", "2023-04-20", "", "", "", "Rejected"],
    [
        "A2",
        "V1",
        *POST,
        "White: Irish",
        "2023-04-03",
        "2023-04-04",
        "2023-04-05",
        "2023-04-06",
        "2023-05-07",
        "Appointed",
    ],
    ["A3", "V,2", *POST, "", "2023-06-30", "", "", "", "", "Withdrawn"],
]
Writer = Callable[[Path], None]


def text(
    delimiter: str = ",", encoding: str = "utf-8", rows: list[list[str]] = ROWS, quote: int = csv.QUOTE_MINIMAL
) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, quoting=quote).writerows([HEADER, *rows])
    return stream.getvalue().encode(encoding)


def workbook(path: Path, *, titles: bool = False, serial: bool = False, totals: bool = False) -> None:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Applications")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    top = 0
    if titles:
        sheet.write(0, 0, "Northmere University Hospitals NHS Trust")
        sheet.write(1, 0, "Run on 1 July 2023")
        top = 4
        sheet.merge_range(3, 7, 3, 11, "Dates")
        for column in (0, 1):  # names merged downwards over the two header rows
            sheet.merge_range(3, column, 4, column, HEADER[column])
    for column, name in enumerate(HEADER):
        if not (titles and column < 2):
            sheet.write(top, column, name)
    for index, row in enumerate(ROWS, start=top + 1):
        for column, value in enumerate(row):
            if value and HEADER[column].endswith("_on"):
                when = datetime.fromisoformat(value)
                if serial:
                    sheet.write_number(index, column, (when.date() - date(1899, 12, 30)).days)
                elif column == 8:
                    sheet.write_string(index, column, value)  # one column of dates as text
                else:
                    sheet.write_datetime(index, column, when, day)
            elif value:
                sheet.write_string(index, column, value)
    if totals:
        sheet.write(top + 5, 0, "Total")
        sheet.write(top + 5, 7, 3)
    book.close()


def zipped(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def cut_inside(path: Path) -> None:
    """A ZIP whose directory is whole and whose first member is not where it says."""
    zipped(path, {"1.csv": text()})
    path.write_bytes(b"PK\x03\x04" + path.read_bytes()[3:])


def bytes_to(data: bytes) -> Writer:
    return lambda path: path.write_bytes(data) and None


KINDS: dict[str, tuple[str, Writer]] = {
    "commas": ("x.csv", bytes_to(text())),
    "semicolons": ("x.csv", bytes_to(text(";"))),
    "tabs": ("x.tsv", bytes_to(text("\t"))),
    "bars": ("x.txt", bytes_to(text("|"))),
    "all quoted": ("x.csv", bytes_to(text(quote=csv.QUOTE_ALL))),
    "byte order mark": ("x.csv", bytes_to(text(encoding="utf-8-sig"))),
    "utf-16": ("x.csv", bytes_to(text(encoding="utf-16"))),
    "windows-1252": ("x.csv", bytes_to(text(encoding="cp1252"))),
    "windows-1252 semicolons": ("x.csv", bytes_to(text(";", "cp1252"))),
    "rare delimiter": ("x.csv", bytes_to(text("^"))),
    "old line ends": ("x.csv", bytes_to(text().replace(b"\r\n", b"\n"))),
    "trailing spaces": ("x.csv", bytes_to(text(rows=[[f" {value} " for value in row] for row in ROWS]))),
    "words for blanks": ("x.csv", bytes_to(text(rows=[[value or "N/A" for value in row] for row in ROWS]))),
    "zip": ("x.zip", lambda p: zipped(p, {"2.csv": text(rows=ROWS[2:]), "1.csv": text(rows=ROWS[:2]), "a.md": b"x"})),
    "workbook": ("x.xlsx", workbook),
    "workbook, serial dates": ("x.xlsx", lambda path: workbook(path, serial=True)),
    "workbook, titles and merged names": ("x.xlsx", lambda path: workbook(path, titles=True)),
}  # fmt: skip


@pytest.fixture
def load(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> Callable[..., dict[str, object]]:
    def load_file(name: str, write: Writer, mapping: Mapping | None = None) -> dict[str, object]:
        path = tmp_path / name
        write(path)
        chosen = mapping or load_mapping("standard_wide")
        file = open_source(warehouse, path, chosen)
        what = Load("e" * 16, "Trust", "run", b"k" * 32, date(2026, 1, 1), settings)
        return load_extract(warehouse, file, chosen, what)

    return load_file


def rows(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    query = (
        "select stage, reached_on, outcome, department, "
        "* exclude (extract_id, stage, reached_on, outcome, department, ethnicity_code) "
        "from core.applicant_stages order by applied_on, stage_order"
    )
    return connection.sql(query).fetchall()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_says_the_same(
    load: Callable[..., dict[str, object]], warehouse: duckdb.DuckDBPyConnection, kind: str
) -> None:
    extract = load(*KINDS[kind])
    assert (extract["rows_in"], extract["rows_accepted"], extract["rows_ignored"]) == (3, 3, 0)
    found = rows(warehouse)
    assert [row[:3] for row in found] == [
        ("applied", date(2023, 4, 2), "progressed"),
        ("shortlisted", date(2023, 4, 20), "rejected"),
        ("applied", date(2023, 4, 3), "progressed"),
        ("shortlisted", date(2023, 4, 4), "progressed"),
        ("interviewed", date(2023, 4, 5), "progressed"),
        ("offered", date(2023, 4, 6), "progressed"),
        ("appointed", date(2023, 5, 7), None),
        ("applied", date(2023, 6, 30), "withdrew"),
    ]
    assert {row[3] for row in found} == {"Théâtres “B” €"}
    # The same pseudonyms whatever the kind: a later export of another kind must find its applications again.
    load("plain.csv", KINDS["commas"][1])
    assert rows(warehouse) == found


def test_totals_and_blank_lines_are_ignored_and_counted(
    load: Callable[..., dict[str, object]], warehouse: duckdb.DuckDBPyConnection
) -> None:
    extract = load("x.xlsx", lambda path: workbook(path, titles=True, totals=True))
    assert (extract["rows_in"], extract["rows_accepted"], extract["rows_ignored"]) == (5, 3, 2)
    assert len(rows(warehouse)) == 8


def test_a_field_with_a_line_end_stays_one_field(
    load: Callable[..., dict[str, object]], warehouse: duckdb.DuckDBPyConnection
) -> None:
    noted = [[*row[:4], "Ward 1\nfirst floor", *row[5:]] for row in ROWS]
    for encoding in ("utf-8", "cp1252", "utf-16"):
        assert load("x.csv", bytes_to(text(encoding=encoding, rows=noted)))["rows_accepted"] == 3
        assert {row[3] for row in rows(warehouse)} == {"Ward 1\nfirst floor"}


def test_formulas_of_a_hostile_export_are_only_text(load: Callable[..., dict[str, object]]) -> None:
    hostile = [[*row[:4], '=HYPERLINK("http://example.org")', *row[5:]] for row in ROWS]
    assert load("x.csv", bytes_to(text(rows=hostile)))["rows_accepted"] == 3


def two_sheets(path: Path) -> None:
    book = xlsxwriter.Workbook(path)
    for name in ("Notes", "Data"):
        sheet = book.add_worksheet(name)
        for column, field in enumerate(HEADER):
            sheet.write(0, column, field)
            sheet.write_string(1, column, ROWS[0][column])
    book.close()


def test_the_mapping_chooses_the_sheet(load: Callable[..., dict[str, object]]) -> None:
    with pytest.raises(InputRefused, match="several sheets: Notes, Data"):
        load("x.xlsx", two_sheets)
    standard = load_mapping("standard_wide")

    def on(sheet: str) -> Mapping:
        return standard.model_copy(update={"source": standard.source.model_copy(update={"sheet": sheet})})

    assert load("x.xlsx", two_sheets, on("Data"))["rows_accepted"] == 1
    with pytest.raises(InputRefused, match='no sheet "Other"'):
        load("x.xlsx", two_sheets, on("Other"))


@pytest.mark.parametrize(
    ("name", "write", "word"),
    [
        ("x.zip", bytes_to(b"PK\x03\x04 SECRET rubbish"), "not a readable ZIP"),
        ("x.zip", lambda path: zipped(path, {"readme.md": b"SECRET"}), "no CSV in the ZIP"),
        (
            "x.zip",
            lambda path: zipped(path, {"1.csv": text(), "2.csv": text(";")}),
            "2.csv and the first CSV of the ZIP differ",
        ),
        ("x.xlsx", bytes_to(b"PK\x03\x04 SECRET rubbish"), "not a readable XLSX or ODS workbook"),
        ("x.csv", bytes_to(b"a" * (1 << 21)), "longer than a million bytes"),
        ("x.csv", bytes_to(text(rows=ROWS * 20000) + "A9,V1,é SECRET\n".encode("cp1252")), "does not fit the header"),
        ("x.csv", bytes_to(text(encoding="cp1252") + b"A9,V1,SECRET\r\n"), "line 5"),
        ("x.csv", bytes_to(text() + "A9,V1,é SECRET\r\n".encode("cp1252")), "some lines are in UTF-8"),
        (
            "x.csv",
            bytes_to(text(encoding="cp1252") + b"A9,V1,\x81 SECRET\r\n"),
            "not all of the file is in one encoding",
        ),
        ("x.csv", bytes_to(text(encoding="utf-16")[:-1]), "not all of the file is in one encoding"),
        ("x.csv", bytes_to(text() + b"SECRET" * 17_000_000), "the last line is longer than a million bytes"),
        (
            "x.csv",
            bytes_to(text(encoding="cp1252") + b"SECRET" * 17_000_000),
            "the last line is longer than a million bytes",
        ),
        ("x.zip", cut_inside, "not a readable ZIP"),
        ("x.csv", bytes_to(text(encoding="utf-16") + "A9,V1,SECRET\r\n".encode("utf-16-le")), "line 5"),
    ],
    ids=[
        "bad zip",
        "empty zip",
        "unlike members",
        "bad workbook",
        "endless line",
        "two encodings",
        "short row",
        "two encodings at once",
        "no encoding",
        "half a letter",
        "endless last line",
        "endless last line 1252",
        "damaged zip",
        "short row 16",
    ],
)
def test_what_cannot_be_read_is_refused_without_its_content(
    load: Callable[..., dict[str, object]], warehouse: duckdb.DuckDBPyConnection, name: str, write: Writer, word: str
) -> None:
    with pytest.raises(InputRefused) as caught:
        load(name, write)
    assert word in str(caught.value)
    assert "SECRET" not in str(caught.value)
    assert warehouse.sql("select count(*) from intake.extracts").fetchone() == (0,)


def test_totals_are_no_labels_and_a_dated_line_is_an_application(
    load: Callable[..., dict[str, object]], warehouse: duckdb.DuckDBPyConnection
) -> None:
    many = [[f"A{number}", *ROWS[0][1:]] for number in range(40)]
    totals = ["Total", *[""] * 6, "40", "17", "9", "4", "2", "40"]
    bare = ["A99", *[""] * 6, "2023-04-02", *[""] * 5]
    extract = load("x.csv", bytes_to(text(rows=[*many, bare, totals])))
    assert [extract[f"rows_{what}"] for what in ("in", "accepted", "ignored", "rejected")] == [42, 40, 1, 1]
    rules = warehouse.sql("select row_number, rule from intake.rejected_rows order by all").fetchall()
    assert rules == [(41, "missing_outcome"), (41, "missing_vacancy_id")]


def test_columns_without_a_name_are_not_read(load: Callable[..., dict[str, object]]) -> None:
    lines = text().decode().splitlines()
    wider = "\n".join(f"{line},," for line in lines)
    extract = load("x.csv", bytes_to(wider.encode()))
    assert extract["rows_accepted"] == 3
    assert extract["columns_ignored"] == ["(column 14)", "(column 15)"]


def test_a_logo_and_two_rows_of_names(
    load: Callable[..., dict[str, object]], warehouse: duckdb.DuckDBPyConnection
) -> None:
    dot = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
    )

    def write(path: Path) -> None:
        book = xlsxwriter.Workbook(path)
        sheet = book.add_worksheet()
        sheet.insert_image(0, 0, "logo.png", {"image_data": io.BytesIO(dot)})
        sheet.merge_range(1, 0, 1, 6, "Application")
        sheet.merge_range(1, 7, 1, 11, "Dates")
        for place, row in enumerate([HEADER, *ROWS], start=2):
            sheet.write_row(place, 0, row)
        book.close()

    assert load("x.xlsx", write)["rows_accepted"] == 3
    assert len(rows(warehouse)) == 8


def test_thousands_of_columns(load: Callable[..., dict[str, object]]) -> None:
    extra = [f"extra {number}" for number in range(3000)]
    lines = [",".join([*HEADER, *extra]), ",".join([*ROWS[0], *("x" for _ in extra)])]
    extract = load("x.csv", bytes_to("\n".join(lines).encode()))
    assert extract["rows_accepted"] == 1
    assert extract["columns_ignored"] == extra


def british(rows: list[list[str]], form: str = "%d/%m/%Y") -> list[list[str]]:
    return [[f"{date.fromisoformat(v):{form}}" if v.startswith("2023-") else v for v in row] for row in rows]


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y", "%d %b %Y", "%d-%m-%Y"])
def test_dates_are_read_as_they_are_written(
    load: Callable[..., dict[str, object]], warehouse: duckdb.DuckDBPyConnection, form: str
) -> None:
    load("x.csv", bytes_to(text(rows=british(ROWS, form))))
    days = warehouse.sql("select distinct applied_on from core.applicant_stages order by all").fetchall()
    assert days == [(date(2023, 4, 2),), (date(2023, 4, 3),), (date(2023, 6, 30),)]


def test_american_dates_far_down_are_not_read_as_british(load: Callable[..., dict[str, object]]) -> None:
    first = [
        [f"A{number}", *ROWS[0][1:7], "13/04/2023", "25/04/2023", "", "", "", "Rejected"] for number in range(20_001)
    ]
    later = [["B1", *ROWS[0][1:7], "04/05/2023", "", "", "", "", "Rejected"]]
    last = [["B2", *ROWS[0][1:7], "04/15/2023", "", "", "", "", "Rejected"]]
    assert load("x.csv", bytes_to(text(rows=first + later)))["rows_accepted"] == 20_002
    with pytest.raises(InputRefused, match="some dates can only be day first and others only month first"):
        load("x.csv", bytes_to(text(rows=first + later + last)))


def test_dates_that_can_be_read_two_ways_are_decided_by_the_mapping(
    load: Callable[..., dict[str, object]], warehouse: duckdb.DuckDBPyConnection
) -> None:
    ambiguous = bytes_to(text(rows=british([[*ROWS[1][:7], *(["2023-04-03"] * 5), "Appointed"]])))
    with pytest.raises(InputRefused, match=r"03/04/2023 is 3 April 2023 or 4 March 2023"):
        load("x.csv", ambiguous)
    standard = load_mapping("standard_wide")
    for form, expected in (("%d/%m/%Y", date(2023, 4, 3)), ("%m/%d/%Y", date(2023, 3, 4))):
        source = standard.source.model_copy(update={"date_format": form})
        load("x.csv", ambiguous, standard.model_copy(update={"source": source}))
        assert warehouse.sql("select distinct applied_on from core.applicant_stages").fetchall() == [(expected,)]
