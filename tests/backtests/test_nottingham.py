"""Nottingham medical school, entry 1997, from the file of records through intake, SQL and measures.

Counts: "Ethnic and sex differences in selection for admission to Nottingham University Medical School", BMJ
1999;319:351. Expected intervals and z: computed from those counts with
scipy 1.17 and statsmodels 0.15, apart from this project (nottingham_1997_expected.csv).
"""

from collections.abc import Iterator
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

import polars as pl
import pytest

from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.source_files import open_source
from assets.ingest.source_mappings import load_mapping
from assets.warehouse.connection import open_warehouse
from assets.warehouse.tables import sql_text
from equity_audit.measures.disparity import disparities
from equity_audit.measures.rates import selection_rates
from equity_audit.settings import Settings, load_settings

EXPECTED = pl.read_csv(Path(__file__).with_name("nottingham_1997_expected.csv"), comment_prefix="#")


@pytest.fixture(scope="module")
def long_ago(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Policy whose first period is early enough for these records."""
    override = tmp_path_factory.mktemp("home") / "settings.toml"
    override.write_text("[period]\nearliest = 1990-04-01\n", encoding="utf-8")
    return load_settings(override)


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory, long_ago: Settings) -> Iterator[pl.DataFrame]:
    connection = open_warehouse(tmp_path_factory.mktemp("home"))
    with as_file(files("data") / "published") as folder:
        path = folder / "nottingham_medical_school_1997.csv"
        mapping = load_mapping(f"{path}.toml")
        file = open_source(connection, path, mapping)
        load = Load("e" * 16, "Nottingham Medical School", "run", b"k" * 32, date(2026, 1, 1), long_ago)
        extract = load_extract(connection, file, mapping, load)
    assert (extract["rows_in"], extract["rows_accepted"]) == (1954 + 591, 1954 + 591)
    connection.execute("insert into intake.accepted_extracts select extract_id, extract_number from intake.extracts")
    parameters = {"period_start": date(1996, 4, 1), "period_end": date(1997, 4, 1), "spans": [], "breakdowns": []}
    yield connection.sql(sql_text("stage_counts"), params=parameters).pl()
    connection.close()


def test_the_counts_are_those_of_the_paper(counts: pl.DataFrame) -> None:
    wres = counts.filter(pl.col("level") == "wres", pl.col("step_kind") == "stage").sort("step_order")
    reached = {name: rows["reached"].to_list() for (name,), rows in wres.group_by("group_name")}
    assert reached == {"White": [1954, 1554, 728, 387], "BME": [591, 415, 111, 63]}
    offered = wres.filter(pl.col("to_stage") == "offered")
    assert dict(zip(offered["group_name"], offered["progressed"], strict=True)) == {"White": 224, "BME": 30}


@pytest.mark.parametrize("expected", EXPECTED.rows(named=True), ids=lambda row: row["step"])
def test_each_step_has_the_ratio_interval_and_z_computed_elsewhere(
    counts: pl.DataFrame, long_ago: Settings, expected: dict[str, float]
) -> None:
    found = disparities(selection_rates(counts, long_ago), long_ago).filter(
        pl.col("level") == "wres", pl.concat_str("from_stage", pl.lit(">"), "to_stage") == expected["step"]
    )
    row = found.row(0, named=True)
    assert (row["group_name"], row["reference_name"]) == ("BME", "White")
    assert row["impact_ratio"] == pytest.approx(expected["impact_ratio"], abs=5e-5)
    assert row["impact_ratio_low"] == pytest.approx(expected["koopman_low"], abs=5e-5)
    assert row["impact_ratio_high"] == pytest.approx(expected["koopman_high"], abs=5e-5)
    assert row["z"] == pytest.approx(expected["z_pooled"], abs=5e-4)


def test_the_papers_trap_offers_are_judged_among_those_considered(counts: pl.DataFrame, long_ago: Settings) -> None:
    """Of all applicants fewer non-white ones were turned down at the last step; of those considered, more were."""
    rates = selection_rates(counts, long_ago).filter(pl.col("level") == "wres", pl.col("to_stage") == "offered")
    last = {
        row["group_name"]: row["selection_rate"] for row in rates.iter_rows(named=True) if row["step_kind"] == "stage"
    }
    assert last["BME"] == pytest.approx(0.476, abs=5e-4)
    assert last["White"] == pytest.approx(0.579, abs=5e-4)


def test_step_ratios_multiply_to_the_ratio_of_the_whole_path(counts: pl.DataFrame, long_ago: Settings) -> None:
    rows = disparities(selection_rates(counts, long_ago), long_ago).filter(pl.col("level") == "wres")
    steps = rows.filter(pl.col("step_kind") == "stage")["impact_ratio"].product()
    whole = rows.filter(pl.col("step_kind") == "span")["impact_ratio"].item()
    assert steps == pytest.approx(whole, rel=1e-12)
