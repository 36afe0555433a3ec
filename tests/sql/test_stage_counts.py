"""out.stage_counts on rows that can be counted by hand.

Six applications of 2023-24: W1 appointed, W2 rejected at shortlisting, W3 declined the offer; A1 withdrew after
shortlisting, A2 rejected at interview; U1 (unknown) pending at the start.
"""

from collections import Counter
from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest

from assets.warehouse.tables import count_parameters, sql_text
from equity_audit.contracts import APPLICATIONS, STAGE_COUNTS
from equity_audit.settings import load_settings
from tests.conftest import application, insert
from tests.sql.conftest import SECOND

PERIOD: dict[str, Any] = {"period_start": date(2023, 4, 1), "period_end": date(2024, 4, 1)}
COUNTED = ["reached", "decided", "progressed", "rejected", "withdrew", "declined", "ineligible", "pending"]


@pytest.fixture
def counts(two_extracts: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, str, str], tuple[int, ...]]:
    for rows in (
        application("W1", "White: Irish", "appointed"),
        application("W2", "White: Irish", "applied", "rejected"),
        application("W3", "White: Irish", "offered", "declined"),
        application("A1", "Asian: Indian", "shortlisted", "withdrew"),
        application("A2", "Asian: Indian", "interviewed", "rejected"),
        application("U1", None, "applied", "pending"),
        # Another year, and the first day after the period: neither belongs to 2023-24.
        application("early", "White: Irish", "applied", "rejected", applied_on=date(2023, 3, 31)),
        application("late", "White: Irish", "applied", "rejected", applied_on=date(2024, 4, 1)),
    ):
        insert(two_extracts, APPLICATIONS, rows)
    return run(two_extracts)


def count(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    parameters = PERIOD | {
        "spans": [["shortlisted", "appointed"]],
        "breakdowns": ["pay_band", "sex", "department"],
    }
    rows = connection.sql(sql_text("stage_counts"), params=parameters).pl()
    assert tuple(rows.columns) == STAGE_COUNTS.column_names
    return rows


def run(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, str, str], tuple[int, ...]]:
    """The unsplit counts."""
    return {
        (row["level"], row["group_name"], row["from_stage"], row["to_stage"]): tuple(row[name] for name in COUNTED)
        for row in count(connection).filter(pl.col("breakdown") == "all").iter_rows(named=True)
    }


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        # reached, decided, progressed, rejected, withdrew, declined, ineligible, pending
        (("all", "All applicants", "applied", "shortlisted"), (6, 5, 4, 1, 0, 0, 0, 1)),
        (("wres", "White", "applied", "shortlisted"), (3, 3, 2, 1, 0, 0, 0, 0)),
        (("wres", "BME", "shortlisted", "interviewed"), (2, 1, 1, 0, 1, 0, 0, 0)),
        (("group", "Asian", "interviewed", "offered"), (1, 1, 0, 1, 0, 0, 0, 0)),
        (("group", "White", "offered", "appointed"), (2, 1, 1, 0, 0, 1, 0, 0)),
        (("group", "Unknown", "applied", "shortlisted"), (1, 0, 0, 0, 0, 0, 0, 1)),
        (("category", "White: Irish", "applied", "shortlisted"), (3, 3, 2, 1, 0, 0, 0, 0)),
        # Nobody of the group got so far: zeros, not a missing row.
        (("group", "Unknown", "offered", "appointed"), (0, 0, 0, 0, 0, 0, 0, 0)),
        # Spans: everything that happened on the way.
        (("all", "All applicants", "applied", "appointed"), (6, 3, 1, 2, 1, 1, 0, 1)),
        (("wres", "BME", "shortlisted", "appointed"), (2, 1, 0, 1, 1, 0, 0, 0)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value[0], str) else "",
)
def test_counts_by_hand(
    counts: dict[tuple[str, str, str, str], tuple[int, ...]], key: tuple[str, str, str, str], expected: tuple[int, ...]
) -> None:
    assert counts[key] == expected


def test_every_group_has_every_step_and_the_spans_that_policy_names(
    counts: dict[tuple[str, str, str, str], tuple[int, ...]],
) -> None:
    steps = {key[2:] for key in counts if key[0] == "group"}
    assert steps == {
        ("applied", "shortlisted"),
        ("shortlisted", "interviewed"),
        ("interviewed", "offered"),
        ("offered", "appointed"),
        ("applied", "appointed"),
        ("shortlisted", "appointed"),
    }
    assert len(counts) == len(steps) * (1 + 3 + 3 + 3)  # all; White, BME, Unknown; three groups; three categories


def test_broad_labels_have_a_row_of_their_own(two_extracts: duckdb.DuckDBPyConnection) -> None:
    insert(two_extracts, APPLICATIONS, application("B1", "Asian", "applied", "rejected"))
    insert(two_extracts, APPLICATIONS, application("B2", "BME", "applied", "rejected"))

    names = {key[:2] for key in run(two_extracts)}
    assert names == {
        ("all", "All applicants"),
        ("wres", "BME"),
        ("group", "Asian"),
        ("group", "BME, group not given"),
        ("category", "Asian, category not given"),
        ("category", "BME, category not given"),
    }


def test_a_corrected_application_is_counted_once_and_where_it_now_belongs(
    two_extracts: duckdb.DuckDBPyConnection,
) -> None:
    insert(two_extracts, APPLICATIONS, application("W1", "White: Irish", "applied", "pending"))
    insert(two_extracts, APPLICATIONS, application("W1", "White: Irish", "appointed", extract_id=SECOND))
    assert run(two_extracts)["all", "All applicants", "applied", "appointed"] == (1, 1, 1, 0, 0, 0, 0, 0)


def test_splits_count_each_part_and_those_without_a_value(two_extracts: duckdb.DuckDBPyConnection) -> None:
    for name, label, band in (("1", "White: Irish", "Band 5"), ("2", "Asian: Indian", "Band 5"), ("3", "Asian", None)):
        insert(two_extracts, APPLICATIONS, application(name, label, "applied", "rejected", pay_band=band))
    rows = count(two_extracts).filter(pl.col("step_order") == 0, pl.col("breakdown") != "all")
    assert set(rows["breakdown"]) == {"pay_band"}  # the source has neither sex nor department
    counted = {(row["breakdown_value"], row["group_name"]): row["decided"] for row in rows.iter_rows(named=True)}
    assert counted == {
        ("Band 5", "All applicants"): 2,
        ("Band 5", "White"): 1,
        ("Band 5", "BME"): 1,
        ("Band 5", "Asian"): 1,
        ("Band 5", "White: Irish"): 1,
        ("Band 5", "Asian: Indian"): 1,
        ("Not recorded", "All applicants"): 1,
        ("Not recorded", "BME"): 1,
        ("Not recorded", "Asian"): 1,
        ("Not recorded", "Asian, category not given"): 1,
    }


def test_every_split_by_itself(two_extracts: duckdb.DuckDBPyConnection) -> None:
    """Splits counted together, against each counted alone by Python, with values missing here and there."""
    splits = ["pay_band", "staff_group", "department", "clinical", "applicant_source", "sex", "disability"]
    expected: Counter[tuple[str, str, str]] = Counter()
    for number in range(60):
        # The values of one split turn at another pace than those of the next.
        values = [("a", "b", None)[(number + place) // (place + 1) % 3] for place in range(7)]
        label = ("White: Irish", "Asian: Indian", "")[number % 3]
        row = application(str(number), label, "applied", "rejected", **dict(zip(splits, values, strict=True)))
        insert(two_extracts, APPLICATIONS, row)
        group = {"White: Irish": "White", "Asian: Indian": "Asian", "": "Unknown"}[label]
        expected.update((split, value or "Not recorded", group) for split, value in zip(splits, values, strict=True))
        expected["all", "all", group] += 1
    parameters = PERIOD | {"spans": [], "breakdowns": splits}
    rows = two_extracts.sql(sql_text("stage_counts"), params=parameters).pl()
    first = rows.filter(pl.col("level") == "group", pl.col("step_order") == 0, pl.col("reached") > 0)
    key = ("breakdown", "breakdown_value", "group_name")
    assert {tuple(row[name] for name in key): row["reached"] for row in first.iter_rows(named=True)} == expected


def test_splits_that_policy_does_not_name_are_not_counted(two_extracts: duckdb.DuckDBPyConnection) -> None:
    insert(two_extracts, APPLICATIONS, application("1", "Asian", "applied", "rejected", clinical="Yes", sex="Female"))
    assert set(count(two_extracts)["breakdown"]) == {"all", "sex"}


def test_quarters_are_those_of_the_period_and_add_up_to_it(two_extracts: duckdb.DuckDBPyConnection) -> None:
    """Years here begin in March, so that quarters are not the calendar's: March to May, June to August and so on."""
    for name, day in (
        ("first", date(2023, 3, 1)),
        ("in May", date(2023, 5, 31)),
        ("in June", date(2023, 6, 1)),
        ("in the last", date(2024, 2, 29)),
        ("after", date(2024, 3, 1)),
    ):
        row = application(name, "White: Irish", "applied", "rejected", applied_on=day)
        insert(two_extracts, APPLICATIONS, row)
    parameters = {"period_start": date(2023, 3, 1), "period_end": date(2024, 3, 1)}
    found = two_extracts.sql(
        sql_text("stage_counts"), params=parameters | {"spans": [], "breakdowns": ["quarter"]}
    ).pl()
    first = found.filter(pl.col("level") == "wres", pl.col("step_order") == 0)
    assert first.filter(breakdown="all")["reached"].to_list() == [4]
    assert dict(first.filter(breakdown="quarter").select("breakdown_value", "reached").iter_rows()) == {
        "2023-03 to 2023-05": 2,
        "2023-06 to 2023-08": 1,
        "2023-12 to 2024-02": 1,
    }


@pytest.mark.parametrize(("unit", "split"), [("year", True), ("quarter", False), ("month", False)])
def test_a_period_that_is_a_quarter_or_a_month_is_not_split_by_quarter(unit: str, split: bool) -> None:
    settings = load_settings()
    policy = settings.model_copy(update={"period": settings.period.model_copy(update={"unit": unit})})
    asked = count_parameters("2023-04-01", policy)["breakdowns"]
    assert ("quarter" in asked) == split
    assert "pay_band" in asked
