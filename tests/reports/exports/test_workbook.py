"""The workbook as a spreadsheet program reads it: values by another reader than ours, formats by the file's own XML."""

import io
import re
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import fastexcel
import polars as pl
import pytest

from equity_audit.contracts import DISCLOSED
from equity_audit.settings import load_settings
from reports.cells.not_shown import is_note, meanings, reasons
from reports.edition.record import Edition
from reports.exports import workbook_notes
from reports.exports.workbook import write_workbook
from tests.reports.conftest import make_edition, showing_zeros

MAIN = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
# What spreadsheets take for a formula, a number, a date, an address or a truth value where they are let.
TRAPS = [
    "=1+1",
    "+44",
    "-7",
    "@SUM(A1)",
    '=cmd|"/c calc"!A0',
    "1234",
    "1e5",
    "2023-04-01",
    "https://x.invalid",
    "TRUE",
    "{=1}",
]


def rows_of(workbook: bytes, sheet: str) -> list[dict[str, object]]:
    return fastexcel.read_excel(workbook).load_sheet(sheet, dtypes="string").to_polars().to_dicts()


def part(workbook: bytes, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return ElementTree.fromstring(archive.read(name))


@pytest.fixture(scope="module")
def workbook(edition: Edition) -> bytes:
    return write_workbook(edition)


# From the counts in conftest.py by rounding to 5: 22 of 90 Black, 3 of 12 Mixed, 61 of 230 Asian.
@pytest.mark.parametrize(
    ("sheet", "group", "column", "value"),
    [
        ("Stage counts", "Asian", "progressed", "60"),
        ("Stage counts", "Asian", "progressed_note", "shown"),
        ("Stage counts", "Mixed", "progressed", "fewer than 5"),
        ("Stage counts", "Mixed", "progressed_note", "fewer than 5"),
        ("Selection rates", "Asian", "selection_rate", str(60 / 230)),
        ("Selection rates", "Black", "selection_rate", "range only"),
        ("Selection rates", "Mixed", "selection_rate", "range only"),
        ("Selection rates", "Mixed", "not_shown_reason", "shown"),
        ("Selection rates", "Other", "selection_rate_low", "too few"),
        ("Selection rates", "Other", "not_shown_reason", "too few: fewer than 10 decided on, rounded"),
        # Whether anybody of unknown ethnicity was shortlisted is not said.
        ("Disparities", "Unknown", "impact_ratio", "too few"),
    ],
)
def test_figures_and_marks(workbook: bytes, sheet: str, group: str, column: str, value: str) -> None:
    (row,) = (
        row
        for row in rows_of(workbook, sheet)
        if (row["level"], row["group_name"], row["step_order"]) == ("group", group, "1")
    )
    found = row[column]
    assert found == value or float(str(found)) == pytest.approx(float(value), rel=1e-8)


def test_the_group_that_others_are_compared_with_has_no_reference_whatever_its_figures_are() -> None:
    rows = rows_of(write_workbook(make_edition({"White": (50, 0, 0), "Asian": (50, 20, 10)}, {})), "Overall paths")
    (white,) = (row for row in rows if (row["level"], row["group_name"]) == ("group", "White"))
    assert (white["reference_name"], white["overall_rate"]) == ("none", "a stage not shown")


def test_a_sheet_for_each_table_that_holds_anything(edition: Edition, workbook: bytes) -> None:
    assert fastexcel.read_excel(workbook).sheet_names == [
        "Notes", "Stage counts", "Design effects", "Selection rates", "Disparities", "Overall paths",
        "Stage contributions", "Outcome counts", "Sources", "Checks",
    ]  # fmt: skip
    none = replace(edition, tables={**edition.tables, "checks": edition.tables["checks"].clear()})
    assert "Checks" not in fastexcel.read_excel(write_workbook(none)).sheet_names


def test_no_cell_is_empty(edition: Edition, workbook: bytes) -> None:
    for sheet, table in workbook_notes.sheets(edition).items():
        rows = rows_of(workbook, sheet)
        assert len(rows) == edition.tables[table.name].height
        assert all(value not in (None, "") for row in rows for value in row.values()), sheet


def test_every_sheet_is_a_table_with_filter_and_frozen_header(edition: Edition, workbook: bytes) -> None:
    """A table without rows has no sheet: here like for like and variation, since nothing is split, and other years."""
    filled = {table.name for table in DISCLOSED if edition.tables[table.name].height}
    without = {"like_for_like", "variation", "workforce", "workforce_measures", "survey", "survey_measures"}
    without |= {"years_together", "earlier_years", "several_years"}
    assert filled == {table.name for table in DISCLOSED} - without
    names = set()
    for number in range(2, 2 + len(filled)):
        pane = part(workbook, f"xl/worksheets/sheet{number}.xml").find("m:sheetViews/m:sheetView/m:pane", MAIN)
        assert pane is not None
        assert (pane.get("ySplit"), pane.get("state")) == ("1", "frozen")
        table = part(workbook, f"xl/tables/table{number + 3}.xml")  # the notes have four
        assert table.find("m:autoFilter", MAIN) is not None
        names.add(table.get("displayName"))
    assert names == filled


@pytest.mark.parametrize(
    ("sheet", "column", "code"),
    [
        (2, "K", "#,##0"),
        (2, "B", "yyyy-mm-dd"),
        (2, "F", "0"),
        (3, "G", "0.00"),
        (4, "K", "0.0%"),
        (5, "M", "0.00"),
        (5, "T", "#,##0.0"),
    ],
)
def test_formats_by_unit(workbook: bytes, sheet: int, column: str, code: str) -> None:
    """As a spreadsheet finds them: the cell's style, the style's format, the format's code; some codes are built in."""
    cell = part(workbook, f"xl/worksheets/sheet{sheet}.xml").find(f".//m:c[@r='{column}2']", MAIN)
    styles = part(workbook, "xl/styles.xml")
    assert cell is not None
    number = styles.findall("m:cellXfs/m:xf", MAIN)[int(cell.attrib["s"])].attrib["numFmtId"]
    built_in = {"1": "0", "2": "0.00", "3": "#,##0", "9": "0%", "10": "0.00%"}
    own = {one.attrib["numFmtId"]: one.attrib["formatCode"] for one in styles.iterfind("m:numFmts/m:numFmt", MAIN)}
    assert {**built_in, **own}[number] == code


def test_columns_are_wide_enough_for_what_they_hold(workbook: bytes) -> None:
    """Names, with a button beside them, and texts of up to 60 letters."""
    for number, sheet in enumerate(fastexcel.read_excel(workbook).sheet_names[1:], 2):
        columns = part(workbook, f"xl/worksheets/sheet{number}.xml").findall("m:cols/m:col", MAIN)
        width = {
            place: float(one.attrib["width"])
            for one in columns
            for place in range(int(one.attrib["min"]), int(one.attrib["max"]) + 1)
        }
        rows = rows_of(workbook, sheet)
        for place, name in enumerate(rows[0], 1):
            texts = (str(row[name]) for row in rows if re.search("[a-z]{3}", str(row[name])))
            longest = max([len(name) + 2, *(len(text) for text in texts)])
            assert width[place] > min(longest, 59), (sheet, name)


def test_texts_stay_texts(edition: Edition) -> None:
    rates = edition.tables["selection_rates"].head(len(TRAPS))
    trapped = rates.with_columns(pl.Series("breakdown_value", TRAPS[: rates.height]))
    made = write_workbook(replace(edition, organisation="=2+2", tables={"selection_rates": trapped}))
    assert [row["breakdown_value"] for row in rows_of(made, "Selection rates")] == TRAPS
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        xml = {name: archive.read(name).decode() for name in archive.namelist()}
    for name, text in xml.items():
        assert not re.search(r"<f[ >]|hyperlink|definedName|externalLink", text.replace("HyperlinksChanged", "")), name
    cells = part(made, "xl/worksheets/sheet2.xml").iterfind(".//m:c", MAIN)
    kinds = {cell.get("t") for cell in cells if re.fullmatch("E[0-9]+", cell.attrib["r"])}
    assert kinds == {"s"}
    # Stays a text where somebody opens the cell and leaves it again.
    formulas = [c for c in part(made, "xl/worksheets/sheet2.xml").iterfind(".//m:c", MAIN) if c.get("r") == "E2"]
    styles = part(made, "xl/styles.xml").findall("m:cellXfs/m:xf", MAIN)
    assert styles[int(formulas[0].attrib["s"])].get("quotePrefix") == "1"


def test_the_same_figures_give_the_same_bytes(workbook: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 2e9)
    monkeypatch.setattr(time, "localtime", lambda *_: time.struct_time((2033, 5, 18, 3, 33, 20, 2, 138, 0)))
    monkeypatch.setenv("USER", "somebody")
    monkeypatch.chdir(Path("/"))
    again = write_workbook(make_edition())
    assert again == workbook
    assert {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(again)).infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = "".join(part(again, "docProps/core.xml").itertext())
    assert re.findall(r"\d{4}", properties) == ["1980", "1980"]


def test_the_notes_explain_every_mark_and_column(edition: Edition, workbook: bytes) -> None:
    sheet = fastexcel.read_excel(workbook).load_sheet("Notes", header_row=None, dtypes="string").to_polars()
    lines = [tuple(text or "" for text in row) for row in sheet.iter_rows()]
    said = dict(line[:2] for line in lines)
    assert said["Organisation"] == "St Made-Up's NHS Trust"
    assert said["Period"] == "1 April 2023 to 31 March 2024"
    assert said["Revision"] == "1"
    assert ("impact_ratio", "the group's published rate / the reference's", "ratio", "Disparities") in lines
    assert ("selection_rate", "progressed / decided, from the rounded counts", "share, shown as a percentage") in {
        line[:3] for line in lines
    }
    for name, table in workbook_notes.sheets(edition).items():
        for column in edition.tables[table.name].columns:
            assert any(line[0] == column and line[3] == name and all(line) for line in lines), (name, column)
    never_selected = make_edition({"White": (50, 0, 0), "Asian": (50, 20, 10)}, {}, settings=showing_zeros())
    marks = {
        str(value)
        for book in (workbook, write_workbook(never_selected))
        for name, table in workbook_notes.sheets(edition).items()
        if name in fastexcel.read_excel(book).sheet_names
        for row in rows_of(book, name)
        for column, value in row.items()
        if table.column(column).unit and not re.fullmatch(r"[-+.\de]+", str(value))
    }
    assert {"fewer than 5", "range only", "too few", "none decided", "no comparison", "a stage not shown"} <= marks
    assert marks <= set(said)


@pytest.mark.parametrize(
    ("preset", "said"),
    [
        ("own", "below 5 are withheld and marked; all others are rounded to the nearest 5, halves up."),
        ("nhs_hes", "below 8 are withheld and marked; all others are rounded to the nearest 5, halves up."),
        ("hesa", "are rounded to the nearest 5, halves up."),
        ("acro", "below 10 are withheld and marked; all others are not rounded."),
    ],
)
def test_policy_in_words(edition: Edition, tmp_path: Path, preset: str, said: str) -> None:
    """The rules as their owners publish them, see presets.toml."""
    (tmp_path / "settings.toml").write_text(f'[disclosure]\npreset = "{preset}"\n', encoding="utf-8")
    policy = load_settings(tmp_path / "settings.toml").model_dump(mode="json")
    assert ("Protection", f"Numbers of people {said}") in list(workbook_notes.facts(replace(edition, settings=policy)))


def test_every_reason_that_a_contract_knows_has_words() -> None:
    policy = load_settings().model_dump(mode="json")["disclosure"]
    for table in DISCLOSED:
        for column in filter(is_note, table.columns):
            assert column.values
            assert set(reasons(column, policy)) == set(column.values)
    assert all(mark and meaning for mark, meaning in meanings(policy))
