"""Sums over strata against sums made by hand in Python, vacancy by vacancy."""

from datetime import date
from itertools import product
from typing import Any

import duckdb
import polars as pl
import pytest

from assets.warehouse.tables import replace_period, sql_text
from equity_audit.contracts import APPLICATIONS, OUTCOME_LABELS, STAGE_COUNTS
from tests.conftest import STAGES, add_extract, application, insert

PERIOD = {"period_start": date(2023, 4, 1), "period_end": date(2024, 4, 1)}
REFERENCES = [
    ["ons_2021", "wres", "White"],
    ["ons_2021", "group", "White"],
    ["ons_2021", "category", "White: Irish"],
    # Of another country's classification: it does not concern these extracts.
    ["nz_ethnicity_2005", "group", "Asian"],
]
# In each vacancy: White selected and turned down, Asian selected and turned down at the first step; its band.
VACANCIES = {
    "A": (3, 1, 1, 2, "Band 5"),
    "B": (2, 2, 2, 2, "Band 5"),
    "C": (0, 3, 1, 1, "Band 6"),
    "nobody Asian": (2, 2, 0, 0, "Band 6"),
    "nobody selected": (0, 2, 0, 3, "Band 6"),
}


@pytest.fixture
def sums(two_extracts: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    for vacancy, (*counts, band) in VACANCIES.items():
        kinds = product(("White: Irish", "Asian: Indian"), (("shortlisted", "pending"), ("applied", "rejected")))
        for (label, (stage, outcome)), people in zip(kinds, counts, strict=True):
            for number in range(people):
                name = f"{vacancy} {label} {stage} {number}"
                row = application(name, label, stage, outcome, vacancy_id=vacancy, pay_band=band)
                insert(two_extracts, APPLICATIONS, row)
    # Neither withdrawn nor undecided people are in any sum.
    for outcome in ("withdrew", "pending", "ineligible"):
        insert(two_extracts, APPLICATIONS, application(outcome, "Asian: Indian", "applied", outcome, vacancy_id="A"))
    counted = two_extracts.sql(sql_text("stage_counts"), params=PERIOD | {"spans": [], "breakdowns": ["pay_band"]}).pl()
    replace_period(two_extracts, STAGE_COUNTS, "2023-04-01", counted)
    parameters: dict[str, Any] = PERIOD | {"references": REFERENCES, "strata": ["vacancy", "pay_band"]}
    return two_extracts.sql(sql_text("stratified_sums"), params=parameters).pl()


def by_hand(tables: list[tuple[int, int, int, int]]) -> dict[str, float]:
    """From (White selected, White turned down, Asian selected, Asian turned down) of each stratum."""
    both = [(s0, f0, s1, f1) for s0, f0, s1, f1 in tables if s0 + f0 and s1 + f1]
    of = [(s1, s1 + f1, s0, s0 + f0, s1 + s0, s1 + f1 + s0 + f0) for s0, f0, s1, f1 in both]
    return {
        "strata": len(of),
        "informative_strata": sum(0 < m < t for *_, m, t in of),
        "group_selected": sum(s1 for s1, *_ in of),
        "group_decided": sum(n1 for _, n1, *_ in of),
        "reference_selected": sum(s0 for _, _, s0, *_ in of),
        "reference_decided": sum(n0 for _, _, _, n0, *_ in of),
        "ratio_numerator": sum(s1 * n0 / t for s1, n1, s0, n0, m, t in of),
        "ratio_denominator": sum(s0 * n1 / t for s1, n1, s0, n0, m, t in of),
        "ratio_variance": sum((n1 * n0 * m - s1 * s0 * t) / t**2 for s1, n1, s0, n0, m, t in of),
        "odds_numerator": sum(s1 * (n0 - s0) / t for s1, n1, s0, n0, m, t in of),
        "odds_denominator": sum(s0 * (n1 - s1) / t for s1, n1, s0, n0, m, t in of),
        "excess": sum(s1 - n1 * m / t for s1, n1, s0, n0, m, t in of),
        "excess_variance": sum(n1 * n0 * m * (t - m) / t**2 / (t - 1) for s1, n1, s0, n0, m, t in of),
    }


@pytest.mark.parametrize(("level", "group"), [("wres", "BME"), ("group", "Asian"), ("category", "Asian: Indian")])
def test_sums_over_vacancies(sums: pl.DataFrame, level: str, group: str) -> None:
    first = (pl.col("stratified_by") == "vacancy") & (pl.col("step_order") == 0) & (pl.col("level") == level)
    row = sums.filter(first).row(0, named=True)
    assert (row["group_name"], row["reference_name"][:5]) == (group, "White")
    expected = by_hand([(counts[0], counts[1], counts[2], counts[3]) for counts in VACANCIES.values()])
    assert {name: row[name] for name in expected} == pytest.approx(expected)


def test_sums_over_bands(sums: pl.DataFrame) -> None:
    row = sums.filter(pl.col("stratified_by") == "pay_band", pl.col("step_order") == 0, pl.col("level") == "group")
    bands = {band: [0, 0, 0, 0] for band in ("Band 5", "Band 6")}
    for *counts, band in VACANCIES.values():
        bands[band] = [total + count for total, count in zip(bands[band], counts, strict=True)]
    expected = by_hand([(w, x, y, z) for w, x, y, z in bands.values()])
    assert {name: row.row(0, named=True)[name] for name in expected} == pytest.approx(expected)


def test_a_long_path_has_every_step(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Ten stages: nine steps and the whole path, two more than one block of eight holds."""
    stages = [*STAGES[:1], *(f"interview {number}" for number in range(8)), STAGES[-1]]
    add_extract(warehouse, "a" * 16, 1, stages=stages)
    reached = {"White: Irish": (9, 9, 5, 0), "Asian: Indian": (9, 7, 2, 0)}
    for label, furthest in reached.items():
        for number, last in enumerate(furthest):
            row = application(f"{label} {number}", label, "applied", None if last == 9 else "rejected")
            insert(warehouse, APPLICATIONS, row | {"last_order": last, "reached_on": None})
    counted = warehouse.sql(sql_text("stage_counts"), params=PERIOD | {"spans": [], "breakdowns": []}).pl()
    replace_period(warehouse, STAGE_COUNTS, "2023-04-01", counted)
    parameters: dict[str, Any] = PERIOD | {"references": REFERENCES, "strata": ["vacancy"]}
    found = warehouse.sql(sql_text("stratified_sums"), params=parameters).pl().filter(pl.col("level") == "group")
    steps = [(step, step + 1) for step in range(9)] + [(0, 9)]
    assert found["step_order"].to_list() == list(range(10))
    for (begin, end), row in zip(steps, found.sort("step_order").iter_rows(named=True), strict=True):
        # Who got so far was turned down later or went on: all who reached the beginning are decided on.
        for label, name in (("White: Irish", "reference"), ("Asian: Indian", "group")):
            assert row[f"{name}_decided"] == sum(last >= begin for last in reached[label])
            assert row[f"{name}_selected"] == sum(last >= end for last in reached[label])


def test_a_blank_outcome_that_means_rejected(warehouse: duckdb.DuckDBPyConnection) -> None:
    add_extract(warehouse, "a" * 16, 1)
    insert(warehouse, OUTCOME_LABELS, {"extract_id": "a" * 16, "label": "", "outcome": "rejected"})
    for label in ("White: Irish", "Asian: Indian"):
        for number, stage in enumerate(("applied", "shortlisted")):
            insert(warehouse, APPLICATIONS, application(f"{label} {number}", label, stage))
    counted = warehouse.sql(sql_text("stage_counts"), params=PERIOD | {"spans": [], "breakdowns": []}).pl()
    replace_period(warehouse, STAGE_COUNTS, "2023-04-01", counted)
    parameters: dict[str, Any] = PERIOD | {"references": REFERENCES, "strata": ["vacancy"]}
    found = warehouse.sql(sql_text("stratified_sums"), params=parameters).pl()
    first = found.filter(pl.col("level") == "group", pl.col("step_order") == 0).row(0, named=True)
    assert (first["group_selected"], first["group_decided"], first["reference_decided"]) == (1, 2, 2)


def test_a_step_on_which_nobody_was_decided_has_no_row(sums: pl.DataFrame) -> None:
    assert set(sums["step_order"]) == {0, 4}  # the first step, and the whole path of those who were turned down there
