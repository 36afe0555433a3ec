"""Sums over vacancies and people against sums made by hand in Python."""

from collections import defaultdict
from datetime import date
from typing import Any

import duckdb
import polars as pl

from assets.warehouse.tables import replace_period, sql_text
from equity_audit.contracts import APPLICATIONS, OUTCOME_LABELS, STAGE_COUNTS
from tests.conftest import STAGES, add_extract, application, insert, pseudonym

PERIOD = {"period_start": date(2023, 4, 1), "period_end": date(2024, 4, 1)}
REFERENCES = [
    ["ons_2021", "wres", "White"],
    ["ons_2021", "group", "White"],
    ["ons_2021", "category", "White: Irish"],
    # Of another country's classification: it does not concern these extracts.
    ["nz_ethnicity_2005", "group", "Asian"],
]
ALL = "All applicants"
GROUPS = {
    "White: Irish": ("White", "White", ALL),
    "Asian: Indian": ("Asian", "BME", ALL),
    "Black: African": ("Black", "BME", ALL),
}
# Vacancy, person (None: not identified), label, stage reached, outcome there.
PEOPLE = [
    ("A", "p1", "White: Irish", "appointed", None),
    ("A", "p2", "White: Irish", "applied", "rejected"),
    ("A", "p3", "Asian: Indian", "shortlisted", "rejected"),
    ("A", "p4", "Asian: Indian", "applied", "rejected"),
    ("B", "p1", "White: Irish", "shortlisted", "rejected"),
    ("B", "p3", "Asian: Indian", "appointed", None),
    ("B", None, "Black: African", "applied", "rejected"),
    ("B", None, "Black: African", "applied", "rejected"),
    ("C", "p5", "Black: African", "interviewed", "withdrew"),
    # Somebody who gave another group the second time.
    ("C", "p3", "White: Irish", "applied", "rejected"),
    ("C", "p1", "Asian: Indian", "applied", "pending"),
]


def sums_of(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    counted = connection.sql(sql_text("stage_counts"), params=PERIOD | {"spans": [], "breakdowns": []}).pl()
    replace_period(connection, STAGE_COUNTS, "2023-04-01", counted)
    parameters: dict[str, Any] = PERIOD | {"references": REFERENCES}
    return connection.sql(sql_text("clustered_sums"), params=parameters).pl()


def insert_people(connection: duckdb.DuckDBPyConnection, *, identified: bool) -> None:
    for number, (vacancy, person, label, stage, outcome) in enumerate(PEOPLE):
        candidate = pseudonym(person) if person and identified else None
        row = application(f"{number}", label, stage, outcome, vacancy_id=vacancy, candidate_id=candidate)
        insert(connection, APPLICATIONS, row)


def by_hand(kind: str, level: int, group: str, start: int, end: int) -> dict[str, int]:
    """The sums of one row, cluster by cluster."""
    of_group: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    of_reference: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for number, (vacancy, person, label, stage, outcome) in enumerate(PEOPLE):
        last = STAGES.index(stage)
        selected = last >= end
        if not selected and not (last >= start and outcome == "rejected"):
            continue
        cluster = vacancy if kind == "vacancy" else person or f"application {number}"
        for name, sums in ((group, of_group), ("White" if group != ALL else "", of_reference)):
            if GROUPS[label][level] == name:
                sums[cluster][0] += selected
                sums[cluster][1] += 1
    pairs = [(*of_group[key], *of_reference.get(key, (0, 0))) for key in of_group]
    return {
        "clusters": len(pairs),
        "clusters_with_reference": sum(key in of_reference for key in of_group),
        "selected": sum(s for s, *_ in pairs),
        "decided": sum(n for _, n, *_ in pairs),
        "selected_selected": sum(s * s for s, *_ in pairs),
        "selected_decided": sum(s * n for s, n, *_ in pairs),
        "decided_decided": sum(n * n for _, n, *_ in pairs),
        "selected_with_selected": sum(s * t for s, _, t, _ in pairs),
        "selected_with_decided": sum(s * m for s, _, _, m in pairs),
        "decided_with_selected": sum(n * t for _, n, t, _ in pairs),
        "decided_with_decided": sum(n * m for _, n, _, m in pairs),
    }


def test_every_sum(two_extracts: duckdb.DuckDBPyConnection) -> None:
    insert_people(two_extracts, identified=True)
    found = sums_of(two_extracts)
    spans = [(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)]
    checked = 0
    for kind in ("vacancy", "candidate"):
        for level, name in enumerate(("group", "wres", "all")):
            for group in sorted({names[level] for names in GROUPS.values()}):
                for order, (start, end) in enumerate(spans):
                    expected = by_hand(kind, level, group, start, end)
                    rows = found.filter(clustered_by=kind, level=name, group_name=group, step_order=order)
                    if not expected["decided"]:
                        assert rows.is_empty()
                        continue
                    (row,) = rows.iter_rows(named=True)
                    assert {key: row[key] for key in expected} == expected
                    assert row["is_reference"] == (group == "White")
                    checked += 1
    assert checked == found.height


def test_without_ids_of_people_there_are_no_clusters_of_them(two_extracts: duckdb.DuckDBPyConnection) -> None:
    insert_people(two_extracts, identified=False)
    assert set(sums_of(two_extracts)["clustered_by"]) == {"vacancy"}


def test_a_blank_outcome_that_means_rejected(warehouse: duckdb.DuckDBPyConnection) -> None:
    add_extract(warehouse, "a" * 16, 1)
    insert(warehouse, OUTCOME_LABELS, {"extract_id": "a" * 16, "label": "", "outcome": "rejected"})
    for label in ("White: Irish", "Asian: Indian"):
        for number, stage in enumerate(("applied", "shortlisted")):
            insert(warehouse, APPLICATIONS, application(f"{label} {number}", label, stage))
    first = sums_of(warehouse).filter(level="group", step_order=0, group_name="Asian").row(0, named=True)
    assert (first["selected"], first["decided"], first["decided_decided"]) == (1, 2, 4)


def test_counts_agree_with_stage_counts(two_extracts: duckdb.DuckDBPyConnection) -> None:
    insert_people(two_extracts, identified=True)
    found = sums_of(two_extracts)
    counted = two_extracts.sql("from out.stage_counts").pl().filter(pl.col("decided") > 0)
    both = found.join(counted, on=["level", "step_order", "group_name"], suffix="_counted")
    assert both.height == found.height
    assert both["decided"].to_list() == both["decided_counted"].to_list()
    assert both["selected"].to_list() == both["progressed"].to_list()


def test_a_long_path_has_every_step(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Ten stages: nine steps and the whole path, two more than one block of eight holds."""
    stages = [*STAGES[:1], *(f"interview {number}" for number in range(8)), STAGES[-1]]
    add_extract(warehouse, "a" * 16, 1, stages=stages)
    for number, last in enumerate((9, 9, 5, 0)):
        row = application(f"{number}", "Asian: Indian", "applied", None if last == 9 else "rejected")
        insert(warehouse, APPLICATIONS, row | {"last_order": last, "reached_on": None})
    found = sums_of(warehouse).filter(level="group").sort("step_order")
    assert found["step_order"].to_list() == list(range(10))
    # All four to one vacancy: squares of who reached the beginning, and of who went on.
    assert found["decided_decided"].to_list() == [16, 9, 9, 9, 9, 9, 4, 4, 4, 16]
    assert found["selected_selected"].to_list() == [9, 9, 9, 9, 9, 4, 4, 4, 4, 4]
