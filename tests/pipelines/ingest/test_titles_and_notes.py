"""Tables that do not simply begin in the first line: titles, notes, delimiters named in a line, two rows of names."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from assets.ingest.source_files import SourceFile, open_source
from equity_audit.errors import InputRefused
from equity_audit.intake.mapping import Mapping

Open = Callable[..., tuple[SourceFile, list[tuple[str, ...]]]]
TABLE = "Group,Applied,Appointed\nWhite,600,60\nAsian,100,8\n"
NAMES, ROWS = ("Group", "Applied", "Appointed"), [("White", "600", "60"), ("Asian", "100", "8")]


@pytest.fixture
def opened(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> Open:
    """The file as opened, and its rows."""

    def open_it(
        content: str | bytes, mapping: Mapping | None = None, name: str = "x.csv"
    ) -> tuple[SourceFile, list[tuple[str, ...]]]:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        file = open_source(warehouse, path, mapping)
        with file.rows(warehouse) as source:
            return file, warehouse.sql(f"select * from {source}").fetchall()

    return open_it


@pytest.mark.parametrize(
    ("content", "skipped"),
    [
        (TABLE, ()),
        ("Applicants by ethnic group\n\n" + TABLE, ("rows 1 to 2 above the column names skipped",)),
        ("Applicants by ethnic group\n" + TABLE, ("row 1 above the column names skipped",)),
        ("Applicants by ethnic group,,\n,,\n" + TABLE, ("rows 1 to 2 above the column names skipped",)),
        ('"Applicants,\nall posts"\n' + TABLE, ("row 1 above the column names skipped",)),
        (TABLE + "\nSource: workforce team\nRounded\n", ("rows 4 to 6 below the table skipped",)),
        (TABLE + "Source: workforce team\n", ("row 4 below the table skipped",)),
        (TABLE + "* of those with a date\n", ("row 4 below the table skipped",)),
        ("sep=,\n" + TABLE, ('the first line, which names the delimiter (","), skipped',)),
        (
            "sep=;\nAll posts, 2022\n" + TABLE.replace(",", ";") + "Note: all posts\n",
            (
                'the first line, which names the delimiter (";"), skipped',
                "row 1 above the column names skipped",
                "row 5 below the table skipped",
            ),
        ),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_what_is_around_a_table_is_skipped_and_said(
    opened: Open, content: str, skipped: tuple[str, ...], encoding: str, line_end: str
) -> None:
    file, rows = opened(content.replace("\n", line_end).encode(encoding))
    assert (tuple(file.types), rows, file.skipped) == (NAMES, ROWS, skipped)


def test_a_long_text_with_a_title(opened: Open) -> None:
    rows = [(f"A{number}", "White", "Rejected") for number in range(60_000)]
    content = "Applications\n\nid,ethnicity,outcome\n" + "".join(",".join(row) + "\n" for row in rows)
    assert len(content) > 1 << 20
    file, found = opened(content)
    assert (found, file.skipped) == (rows, ("rows 1 to 2 above the column names skipped",))


@pytest.mark.parametrize(
    "content",
    [
        # The end of a file that was cut off in its last row.
        TABLE + "Black\n",
        TABLE + "White Brit\n",
        # A short row in the middle.
        "Group,Applied,Appointed\nWhite\nAsian,100,8\n",
        # Rows with more cells than there are names.
        "id,race,status,day\n" + "A1,White,Rejected,x,x,x,x,x,x\n" * 3,
        # Records without names: the first is shorter.
        "A1,White\nA2,Asian,2023-04-01,Rejected\nA3,Asian,2023-04-01,Rejected\n",
    ],
)
def test_what_may_be_a_row_is_never_skipped(opened: Open, content: str) -> None:
    with pytest.raises(InputRefused, match="does not fit the header"):
        opened(content)


def test_a_row_with_one_cell_is_a_row_if_it_has_all_commas(opened: Open) -> None:
    file, rows = opened(TABLE + "Source,,\n")
    assert ([row[0] for row in rows], file.skipped) == (["White", "Asian", "Source"], ())


TWO_ROWS = "Group,Applied,,Appointed,\n,Number,%,Number,%\nWhite,600,85.7,60,88.2\nAsian,100,14.3,8,11.8\n"
JOINED = ("Group", "Applied Number", "Applied %", "Appointed Number", "Appointed %")


def test_headings_over_several_columns_are_part_of_their_names(opened: Open) -> None:
    file, rows = opened("By group\n" + TWO_ROWS)
    assert tuple(file.types) == JOINED
    assert rows == [("White", "600", "85.7", "60", "88.2"), ("Asian", "100", "14.3", "8", "11.8")]


def test_a_first_record_is_not_a_second_row_of_names(opened: Open) -> None:
    """Its words repeat, and it fills a column without a name."""
    file, rows = opened("id,race,shortlisted,interviewed,\nA1,White,Yes,Yes,x\n")
    assert tuple(file.types)[:4] == ("id", "race", "shortlisted", "interviewed")
    assert len(rows) == 1


def test_headings_over_several_columns_of_a_workbook(tmp_path: Path, opened: Open) -> None:
    path = tmp_path / "made.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "Applicants by ethnic group")
    sheet.write(2, 0, "Group")
    sheet.merge_range(2, 1, 2, 2, "Applied")
    sheet.merge_range(2, 3, 2, 4, "Appointed")
    for index, line in enumerate(TWO_ROWS.splitlines()[1:], start=3):
        for column, cell in enumerate(line.split(",")):
            sheet.write(index, column, float(cell) if cell[:1].isdigit() else cell)
    book.close()
    file, rows = opened(path.read_bytes(), name="x.xlsx")
    assert tuple(file.types) == JOINED
    assert rows[0] == ("White", "600", "85.7", "60", "88.2")
    assert file.skipped == ("rows 1 to 2 above the column names skipped",)


def ods(lines: list[list[str]]) -> bytes:
    """A minimal OpenDocument spreadsheet (ODF 1.2) of texts and numbers."""
    office, table, text = (f"urn:oasis:names:tc:opendocument:xmlns:{part}:1.0" for part in ("office", "table", "text"))

    def cell(value: str) -> str:
        kind = f'office:value-type="float" office:value="{value}"' if value.isdigit() else 'office:value-type="string"'
        return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"

    rows = "".join(f"<table:table-row>{''.join(map(cell, line))}</table:table-row>" for line in lines)
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{office}" xmlns:table="{table}" '
        f'xmlns:text="{text}" office:version="1.2"><office:body><office:spreadsheet><table:table table:name="Sheet1">'
        f"{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return stream.getvalue()


def test_an_opendocument_spreadsheet(opened: Open) -> None:
    file, rows = opened(ods([list(NAMES), *map(list, ROWS)]), name="x.ods")
    assert (tuple(file.types), rows) == (NAMES, ROWS)


def test_what_is_not_an_opendocument_spreadsheet_is_refused(opened: Open) -> None:
    with pytest.raises(InputRefused, match="not a readable XLSX or ODS workbook"):
        opened(b"PK\x03\x04 SECRET", name="x.ods")
