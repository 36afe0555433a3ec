"""A later extract over an earlier one: what it has is replaced, the rest kept, a wrong move stopped."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from assets.checks.counts import shrunk_periods
from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.source_files import open_source
from assets.ingest.source_mappings import load_mapping
from assets.warehouse.extract_register import extract_id, stale_periods
from assets.warehouse.tables import sql_text
from equity_audit.settings import Settings

HEADER = (
    "application_id,vacancy_id,ethnicity,applied_on,shortlisted_on,interviewed_on,offered_on,appointed_on,outcome,"
    "pay_band,staff_group,department,applicant_source"
)
ROW = "{id},V,White: Irish,{day},,,,,Rejected,5,Nursing,Ward,external"
Loader = Callable[..., None]
KEY = b"k" * 32


@pytest.fixture
def load(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> Loader:
    def load_days(extract_id: str, days: dict[int, str], *, accept: bool = True) -> None:
        path = tmp_path / f"{extract_id}.csv"
        path.write_text("\n".join([HEADER, *(ROW.format(id=i, day=day) for i, day in days.items())]) + "\n")
        what = Load(extract_id * 16, "Trust", "run", KEY, date(2026, 1, 1), settings)
        extract = load_extract(warehouse, open_source(warehouse, path), load_mapping("standard_wide"), what)
        if accept:
            number = extract["extract_number"]
            warehouse.execute("insert into intake.accepted_extracts values (?, ?)", [extract_id * 16, number])

    return load_days


def report(connection: duckdb.DuckDBPyConnection, *years: int) -> None:
    """What a report leaves in the warehouse: its counts, and the extracts that it was counted from."""
    for year in years:
        bounds = {"period_start": date(year, 4, 1), "period_end": date(year + 1, 4, 1)}
        for table, name, more in (
            ("out.stage_counts", "stage_counts", {"spans": [], "breakdowns": []}),
            ("disclosed.sources", "sources", {}),
        ):
            rows = connection.sql(sql_text(name), params=bounds | more).pl()
            rows = rows.drop("file_sha256", "mapping_sha256", strict=False)
            connection.execute(f"delete from {table} where period = ?", [bounds["period_start"]])
            connection.register("rows", rows)
            connection.execute(f"insert into {table} by name select * from rows")
            connection.unregister("rows")


def test_a_later_extract_replaces_what_it_has_and_keeps_the_rest_and_the_history(
    load: Loader, warehouse: duckdb.DuckDBPyConnection
) -> None:
    load("a", {1: "2022-05-01", 2: "2022-05-01"})
    load("b", {2: "2022-06-01", 3: "2022-07-01"})
    counted = "select extract_id[1:1], applied_on from core.counted_applications order by all"
    assert warehouse.sql(counted).fetchall() == [
        ("a", date(2022, 5, 1)), ("b", date(2022, 6, 1)), ("b", date(2022, 7, 1))
    ]  # fmt: skip
    assert warehouse.sql("select count(*) from core.applications").fetchone() == (4,)


def test_a_detail_that_is_kept_from_now_on_makes_a_new_extract_that_replaces(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    path = tmp_path / "export.csv"
    path.write_text(f"{HEADER},sex\n{ROW.format(id=1, day='2022-05-01')},female\n")
    wide = load_mapping("standard_wide")
    mapping = wide.model_copy(update={"columns": wide.columns.model_copy(update={"sex": "sex"})})

    def keeping(*details: str) -> Settings:
        kept = (*settings.intake.details, *details)
        return settings.model_copy(update={"intake": settings.intake.model_copy(update={"details": kept})})

    names = []
    for policy in (settings, keeping("sex")):
        file = open_source(warehouse, path)
        names.append(extract_id(file.sha256, mapping, policy, KEY))
        what = Load(names[-1], "Trust", "run", KEY, date(2026, 1, 1), policy)
        extract = load_extract(warehouse, file, mapping, what)
        warehouse.execute("insert into intake.accepted_extracts values (?, ?)", [names[-1], extract["extract_number"]])
    counted = warehouse.sql("select a.extract_id, a.sex from core.counted_applications as a").fetchall()
    assert counted == [(names[1], "female")]
    assert names[0] != names[1]
    # Of what the source does not have, nothing more can be read.
    assert names[1] == extract_id(file.sha256, mapping, keeping("sex", "disability"), KEY)
    assert extract_id(file.sha256, wide, settings, KEY) == extract_id(file.sha256, wide, keeping("sex"), KEY)


def test_periods_go_stale_when_other_records_count_in_them(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    load("a", {1: "2021-05-01", 2: "2021-06-01", 3: "2022-05-01", 4: "2023-05-01"})
    report(warehouse, 2021, 2022, 2023)
    assert stale_periods(warehouse, settings) == []
    # One more in 2022, and one that moves from 2021 to 2024, where there is no edition.
    load("b", {5: "2022-06-01", 2: "2024-05-01"})
    assert stale_periods(warehouse, settings) == [("Trust", date(2021, 4, 1)), ("Trust", date(2022, 4, 1))]
    report(warehouse, 2021)
    assert stale_periods(warehouse, settings) == [("Trust", date(2022, 4, 1))]
    report(warehouse, 2022)
    assert stale_periods(warehouse, settings) == []
    warehouse.execute("insert into intake.purges values (now(), '2022-04-01', 2, [])")
    warehouse.execute("delete from core.applications where applied_on < '2022-04-01'")
    assert stale_periods(warehouse, settings) == []


@pytest.mark.parametrize(("moved", "shrunk"), [(0, []), (10, []), (11, [date(2022, 4, 1)])])
def test_a_file_may_take_away_a_tenth_of_a_period_and_no_more(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, settings: Settings, moved: int, shrunk: list[date]
) -> None:
    load("a", dict.fromkeys(range(100), "2022-05-01"))
    load("b", {i: "2023-01-05" if i >= moved else "2023-05-01" for i in range(100)}, accept=False)
    assert shrunk_periods(warehouse, "b" * 16, settings) == shrunk


def test_a_file_that_adds_or_repeats_takes_nothing_away(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    load("a", dict.fromkeys(range(10), "2022-05-01"))
    load("b", {1: "2022-05-02", 20: "2023-05-01"}, accept=False)
    assert shrunk_periods(warehouse, "b" * 16, settings) == []
