"""Moments with a time zone belong to the day where people applied, and workbooks count days from two different ones."""

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
import xlsxwriter

from assets.ingest.dry_run import dry_run
from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.source_files import open_source
from equity_audit.errors import InputRefused, UsageError
from equity_audit.intake.mapping_file import parse_mapping
from equity_audit.settings import Settings
from tests.pipelines.conftest import Loader

MAPPING = """
[source]
name = "w"
shape = "wide"
ethnicity_classification = "CLASSES"
stages = ["applied", "appointed"]
ZONE
[columns]
application_id = "id"
vacancy_id = "post"
ethnicity = "group"
outcome = "result"
[stage_dates]
applied = "a"
appointed = "p"
[outcomes]
"No" = "rejected"
"""
HEADER = "id;post;group;a;p;result"


def mapping(classes: str = "ons_2021", zone: str = "") -> str:
    return MAPPING.replace("CLASSES", classes).replace("ZONE", zone)


def days(connection: duckdb.DuckDBPyConnection) -> list[date]:
    return [day for (day,) in connection.sql("select applied_on from core.applications order by rowid").fetchall()]


# Summer time began at 01:00 UTC on 31 March 2024 in the United Kingdom, and on 10 March in the United States.
@pytest.mark.parametrize(
    ("moment", "london", "new_york"),
    [
        ("2024-03-31T23:30Z", date(2024, 4, 1), date(2024, 3, 31)),
        ("2024-03-31T23:30:00.123z", date(2024, 4, 1), date(2024, 3, 31)),
        ("2024-03-31 23:30:00+00:00", date(2024, 4, 1), date(2024, 3, 31)),
        ("2024-03-31T23:30:00 UTC", date(2024, 4, 1), date(2024, 3, 31)),
        ("2024-04-01T00:30:00+0100", date(2024, 4, 1), date(2024, 3, 31)),
        ("2024-04-01 00:30:00 BST", date(2024, 4, 1), date(2024, 3, 31)),
        ("2024-04-01T00:30:00+01:00[Europe/London]", date(2024, 4, 1), date(2024, 3, 31)),
        ("2024-04-01T22:30-05", date(2024, 4, 2), date(2024, 4, 1)),
        ("2024-01-15T23:30:00Z", date(2024, 1, 15), date(2024, 1, 15)),
        # A day, and a time without a zone, are what the clock on the wall said.
        ("2024-03-31", date(2024, 3, 31), date(2024, 3, 31)),
        ("2024-03-31 23:30:00", date(2024, 3, 31), date(2024, 3, 31)),
    ],
)
def test_a_moment_belongs_to_the_day_of_its_place(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, moment: str, london: date, new_york: date
) -> None:
    rows = (f"A;P;White;{moment};;No", "B;P;White;2024-03-31;;No")
    load(mapping(), HEADER, *rows)
    assert days(warehouse) == [london, date(2024, 3, 31)]
    warehouse.execute("delete from core.applications")
    load(mapping("us_eeo1", 'time_zone = "America/New_York"'), HEADER, *rows)
    assert days(warehouse)[0] == new_york


@pytest.mark.parametrize("zone", ["EST", "Europe/Paris", "IST"])
def test_a_zone_that_is_not_read_is_no_date(load: Loader, zone: str) -> None:
    with pytest.raises(InputRefused, match="a date is not in the mapping's format"):
        load(mapping(), HEADER, f"A;P;White;2024-03-31 23:30:00 {zone};;No")


def test_without_a_place_a_zone_anywhere_refuses_the_file(load: Loader) -> None:
    rows = [f"A{n};P;White;2024-03-31;;No" for n in range(30)]
    load(mapping("us_eeo1"), HEADER, *rows)
    with pytest.raises(InputRefused) as caught:
        load(mapping("us_eeo1"), HEADER, *rows, "B;P;White;2024-03-01T10:00:00-05:00;;No", extract_id="f" * 16)
    assert "times have a time zone" in str(caught.value)
    assert "column a: " in str(caught.value)
    assert "source.time_zone" in str(caught.value)


def test_moments_of_parquet_and_of_other_formats(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, tmp_path: Path
) -> None:
    moment = datetime(2024, 3, 31, 23, 30, tzinfo=UTC)
    row = {"id": ["A"], "post": ["P"], "group": ["White"], "p": [None], "result": ["No"]}
    pl.DataFrame({**row, "a": [moment]}, schema_overrides={"p": pl.String}).write_parquet(tmp_path / "export.parquet")
    (tmp_path / "export.csv").write_text(f"{HEADER}\nA;P;White;31/03/2024 23:30:00Z;;No\n", encoding="utf-8")
    for name, zone in (("export.parquet", ""), ("export.csv", 'date_format = "%d/%m/%Y %H:%M:%S%z"')):
        chosen = parse_mapping(mapping(zone=zone), "mine.toml")
        what = Load("e" * 16, "Trust", "run", b"k" * 32, date(2026, 1, 1), settings)
        load_extract(warehouse, open_source(warehouse, tmp_path / name, chosen), chosen, what)
        assert days(warehouse) == [date(2024, 4, 1)], name


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('time_zone = "London"', "must be the name of a time zone"),
        ('date_format = "%d/%m/%Y %H:%M %Z"', "cannot use names of time zones"),
    ],
)
def test_a_mapping_names_a_place(line: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_mapping(mapping(zone=line), "mine.toml")


def test_check_says_which_zone_was_assumed(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(f"{HEADER}\nA;P;White;2024-03-31T23:30Z;;No\n", encoding="utf-8")
    for zone, said in (
        ("", "Europe/London, which is assumed"),
        ('time_zone = "Europe/Paris"', "Europe/Paris (column a)"),
    ):
        (tmp_path / "mine.toml").write_text(mapping(zone=zone), encoding="utf-8")
        lines = dry_run(tmp_path / "export.csv", str(tmp_path / "mine.toml"), settings).lines()
        assert any(f"times with a time zone count by the date in {said}" in line for line in lines)
    (tmp_path / "export.csv").write_text(f"{HEADER}\nA;P;White;2024-03-31;;No\n", encoding="utf-8")
    lines = dry_run(tmp_path / "export.csv", str(tmp_path / "mine.toml"), settings).lines()
    assert not any("zone" in line for line in lines)


@pytest.mark.parametrize(("system_1904", "first"), [(True, date(1904, 1, 1)), (False, date(1899, 12, 30))])
def test_a_workbook_says_from_when_its_days_count(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, tmp_path: Path, system_1904: bool, first: date
) -> None:
    # ECMA-376, 18.17.4.1: the two date systems.
    wanted = date(2023, 5, 1)
    path = tmp_path / "export.xlsx"
    book = xlsxwriter.Workbook(path, {"date_1904": system_1904})
    sheet = book.add_worksheet()
    for row, line in enumerate([HEADER.split(";"), *([f"A{n}", "P", "White"] for n in range(4))]):
        sheet.write_row(row, 0, line)
    number = (wanted - first).days
    sheet.write_number(1, 3, number)
    sheet.write_number(2, 3, number + 0.75)
    sheet.write_datetime(3, 3, datetime(2023, 5, 1, 18, 0), book.add_format({"num_format": "dd/mm/yyyy hh:mm"}))  # noqa: DTZ001
    sheet.write_string(4, 3, "2023-05-01T10:00:00Z")
    for row in range(1, 5):
        sheet.write(row, 5, "No")
    book.close()
    chosen = parse_mapping(mapping(), "mine.toml")
    file = open_source(warehouse, path, chosen)
    assert file.serial_epoch == first
    load_extract(warehouse, file, chosen, Load("e" * 16, "Trust", "run", b"k" * 32, date(2026, 1, 1), settings))
    assert days(warehouse) == [wanted] * 4
