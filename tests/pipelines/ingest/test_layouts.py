"""Each kind of export in data/styles: the proposal, changed only as it asks, gives the counts of the records."""

import csv
import io
import runpy
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.profile import profile_file
from assets.ingest.source_files import open_source
from equity_audit.errors import InputRefused
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.mapping_file import parse_mapping
from equity_audit.settings import Settings
from equity_audit.vocabulary import match_ethnicity

FOLDER = Path(__file__).parents[3] / "data" / "styles"
MADE = runpy.run_path(str(FOLDER / "layouts.py"))
KINDS: dict[str, Any] = MADE["KINDS"]


def finished(text: str, edits: tuple[tuple[str, str], ...]) -> Mapping:
    """The proposal with the lines changed that it asks about, each of which it names in a question."""
    for old, new in edits:
        number = text[: text.index(old)].count("\n") + 1
        assert f"Line {number}: " in text[text.index("What you have to decide") :]
        text = text.replace(old, new, 1)
    if edits:
        text = text[: text.index("unfinished")] + text[text.index("[source]") :]
    return parse_mapping(text, "proposal")


def counted(warehouse: duckdb.DuckDBPyConnection) -> Counter[tuple[str, int]]:
    """How many applications of each group and category reached each stage."""
    query = """
        select coalesce(ethnicity_category, ethnicity_group), stage_order, count(*) from core.applicant_stages
        group by all
        union all
        select coalesce(ethnicity_category, ethnicity_group), stage_order, sum(applications) from core.group_counts
        group by all
    """
    return Counter({(group, order): int(count) for group, order, count in warehouse.sql(query).fetchall()})


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_is_the_one_that_is_made(kind: str) -> None:
    assert (FOLDER / f"{kind}.csv").read_text(encoding="utf-8") == MADE["content"](kind)


@pytest.mark.parametrize("kind", KINDS)
def test_the_proposal_gives_the_counts_of_the_records(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, kind: str
) -> None:
    path, edits = FOLDER / f"{kind}.csv", KINDS[kind].edits
    text = profile_file(warehouse, path, settings)
    assert ("unfinished = [" in text) == bool(edits)
    mapping = finished(text, edits)
    load = Load("e" * 16, "Trust", "run", b"k" * 32, date(2026, 1, 1), settings)
    extract = load_extract(warehouse, open_source(warehouse, path, mapping), mapping, load)
    classification = mapping.source.ethnicity_classification
    expected: Counter[tuple[str, int]] = Counter()
    for (label, order), applications in MADE["truth"](kind).items():
        ethnicity = match_ethnicity(label, classification)
        assert ethnicity
        expected[ethnicity.category or ethnicity.group or "", order] += applications
    assert +counted(warehouse) == expected
    assert extract["applications"] == 300


def test_a_pivot_of_current_stages_is_not_taken_for_stages_reached(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    """Those at a stage now are not all who reached it."""
    path = tmp_path / "x.csv"
    lines = (FOLDER / "submissions_by_step.csv").read_text(encoding="utf-8")
    path.write_text(lines.replace("Historical Step Name", "Current Step Name", 1), encoding="utf-8")
    assert "those who ever reached it are needed" in profile_file(warehouse, path, settings)


def test_percentages_are_called_so(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Ethnicity,Applied,Appointed\nWhite,61.5%,80.1%\nAsian,38.5%,19.9%\n", encoding="utf-8")
    with pytest.raises(InputRefused, match="these are percentages; counts are needed") as caught:
        profile_file(warehouse, path, settings)
    assert "column" in str(caught.value)
    assert "Applied, Appointed" in str(caught.value)


def workbook(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    book = xlsxwriter.Workbook(path)
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    book.close()
    return path


TABLE = [["Ethnic group", "Applied", "Appointed"], ["White", "600", "60"], ["Asian", "100", "8"]]
COVER = [
    ["Applicants to all posts"],
    ["Published in 2024"],
    [],
    ["Contents", "Sheet"],
    ["Applicants by ethnic group", "2"],
]


def test_the_only_sheet_with_applications_is_proposed(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    path = workbook(
        tmp_path / "table 2022-23.xlsx", {"Cover": COVER, "Data": TABLE, "Notes": [["Rounded"]], "Empty": []}
    )
    mapping = parse_mapping(profile_file(warehouse, path, settings), "proposal")
    assert mapping.source.sheet == "Data"
    load = Load("e" * 16, "Trust", "run", b"k" * 32, date(2026, 1, 1), settings)
    assert load_extract(warehouse, open_source(warehouse, path, mapping), mapping, load)["applications"] == 700


def test_several_sheets_with_applications_are_named(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    path = workbook(tmp_path / "x.xlsx", {"Cover": COVER, "2022": TABLE, "2023": TABLE})
    with pytest.raises(InputRefused, match="several sheets have applications: 2022, 2023"):
        profile_file(warehouse, path, settings)
    with pytest.raises(InputRefused, match="no sheet seems to have applications"):
        profile_file(warehouse, workbook(tmp_path / "y.xlsx", {"Cover": COVER, "Notes": COVER}), settings)


DETAILED = [
    ["Ethnic group", "Ethnicity", "Applied", "Appointed [note 2]"],
    *(["Asian", "Asian total", "300 (20%)", "20"], ["Asian", "Indian", "200 (13%)", "14"]),
    *(["Asian", "Pakistani", "100 (7%)", "6"], ["White", "White total", "1,200 (80%)", "110"]),
    *(["White", "White British", "1,000", "100"], ["White", "White Irish", "200", "10"]),
    ["All", "All", "1,500", "130"],
]


@pytest.mark.parametrize("word", ["{} total", "All {}", "Total"])
def test_groups_and_their_categories_in_two_columns(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, settings: Settings, word: str
) -> None:
    path = tmp_path / "table 2022-23.csv"
    rows = [[word.format(row[0]) if row[1].endswith(" total") else row[1], *row[2:]] for row in DETAILED]
    stream = io.StringIO()
    csv.writer(stream).writerows([[row[0], *rest] for row, rest in zip(DETAILED, rows, strict=True)])
    path.write_text(stream.getvalue(), encoding="utf-8")
    mapping = parse_mapping(profile_file(warehouse, path, settings), "proposal")
    load = Load("e" * 16, "Trust", "run", b"k" * 32, date(2026, 1, 1), settings)
    load_extract(warehouse, open_source(warehouse, path, mapping), mapping, load)
    query = """
        select ethnicity_group, sum(applications) from core.group_counts where stage_order = 0 group by all order by all
    """
    assert warehouse.sql(query).fetchall() == [("Asian", 300), ("White", 1200)]


def test_rows_of_percentages_are_left_out(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    path = tmp_path / "tidy.csv"
    numbers = {
        ("White", "Applied"): 1200,
        ("White", "Appointed"): 110,
        ("Asian", "Applied"): 300,
        ("Asian", "Appointed"): 20,
    }
    lines = [
        f"2021/22,{group},{stage},{measure},{value}"
        for (group, stage), number in numbers.items()
        for measure, value in (("Number", number), ("Percentage", 12.5))
    ]
    path.write_text("\n".join(["Time,Ethnicity,Stage,Measure,Value", *lines]) + "\n", encoding="utf-8")
    mapping = parse_mapping(profile_file(warehouse, path, settings), "proposal")
    assert (mapping.only, mapping.columns.period) == ({"Measure": "Number"}, "Time")
    load = Load("e" * 16, "Trust", "run", b"k" * 32, date(2026, 1, 1), settings)
    extract = load_extract(warehouse, open_source(warehouse, path, mapping), mapping, load)
    assert (extract["rows_ignored"], extract["applications"]) == (4, 1500)
    assert "only rows with Number in column Measure are counted" in mapping.assumptions()
