"""The monthly counts on rows that can be counted by hand."""

from datetime import date
from itertools import pairwise
from typing import Any

import duckdb
import polars as pl
import pytest

from assets.warehouse.tables import sql_text
from equity_audit.contracts import APPLICATIONS
from tests.conftest import STAGES, application, insert
from tests.sql.conftest import SECOND

MAY, JUNE = date(2023, 5, 1), date(2023, 6, 1)
NURSE = {"pay_band": "Band 5", "staff_group": "Nursing", "department": "Renal"}
PORTER = {"pay_band": "Band 2", "staff_group": "Estates and ancillary", "department": "Estates"}


def run(connection: duckdb.DuckDBPyConnection, organisation: str = "Trust") -> pl.DataFrame:
    parameters = {"organisation": organisation, "spans": [["shortlisted", "appointed"]]}
    return connection.sql(sql_text("monthly_counts"), params=parameters).pl()


@pytest.fixture
def counts(two_extracts: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    for row in (
        application("W1", "White: Irish", "appointed", applied_on=date(2023, 5, 1), **NURSE),
        application("W2", "White: Irish", "applied", "rejected", applied_on=date(2023, 5, 31), **NURSE),
        application("W3", "White: Irish", "applied", "rejected", applied_on=date(2023, 6, 1), **NURSE),
        application("W4", "White: Irish", "applied", "rejected", applied_on=date(2023, 5, 9), **PORTER),
        application("A1", "Asian: Indian", "shortlisted", "withdrew", applied_on=date(2023, 5, 7), **NURSE),
        application("A2", "Asian: Indian", "interviewed", "rejected", applied_on=date(2023, 5, 8), **NURSE),
        application("B1", "Black: African", "applied", "pending", applied_on=date(2023, 5, 8), **NURSE),
        application("U1", None, "applied", "rejected", applied_on=date(2023, 5, 8)),
    ):
        insert(two_extracts, APPLICATIONS, row)
    return run(two_extracts)


def of(counts: pl.DataFrame, *steps: str, **equal: Any) -> list[tuple[Any, ...]]:
    """period, pay band, group, decided and progressed of one step and level."""
    found = counts.filter(pl.col("from_stage") == steps[0], pl.col("to_stage") == steps[1]).filter(**equal)
    return found.select("period", "pay_band", "group_name", "decided", "progressed").rows()


def test_each_month_band_and_group_by_hand(counts: pl.DataFrame) -> None:
    assert of(counts, "applied", "shortlisted", level="wres") == [
        (MAY, "Band 2", "White", 1, 0),
        # A1 withdrew later and B1 is pending: the one went on here, the other is not decided on.
        (MAY, "Band 5", "BME", 2, 2),
        (MAY, "Band 5", "White", 2, 1),
        (MAY, None, "Unknown", 1, 0),
        (JUNE, "Band 5", "White", 1, 0),
    ]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (("shortlisted", "interviewed"), [("Asian", 1, 1), ("White", 1, 1)]),
        (("interviewed", "offered"), [("Asian", 1, 0), ("White", 1, 1)]),
        # The whole path, and the span that policy names: everything that happened on the way.
        (("applied", "appointed"), [("Asian", 1, 0), ("White", 2, 1)]),
        (("shortlisted", "appointed"), [("Asian", 1, 0), ("White", 1, 1)]),
    ],
)
def test_other_steps_by_hand(counts: pl.DataFrame, step: tuple[str, str], expected: list[tuple[str, int, int]]) -> None:
    found = of(counts, *step, level="group", pay_band="Band 5", period=MAY)
    assert [row[2:] for row in found] == expected


def test_the_whole_path_comes_first_then_spans_then_single_steps(counts: pl.DataFrame) -> None:
    steps = counts.unique("step_order").sort("step_order").select("from_stage", "to_stage").rows()
    single = list(pairwise(STAGES))
    assert steps == [("applied", "appointed"), ("shortlisted", "appointed"), *single]
    assert set(counts["level"]) == {"wres", "group"}


def test_staff_groups_and_departments_stand_beside_bands(counts: pl.DataFrame) -> None:
    posts = counts.select("pay_band", "staff_group", "department").unique().rows()
    assert set(posts) == {
        ("Band 5", "Nursing", "Renal"),
        ("Band 2", "Estates and ancillary", "Estates"),
        (None, None, None),
    }


def test_posts_of_one_band_and_two_staff_groups_are_apart(two_extracts: duckdb.DuckDBPyConnection) -> None:
    for key, group in (("W1", "Nursing"), ("W2", "Scientific")):
        insert(
            two_extracts,
            APPLICATIONS,
            application(
                key, "White: Irish", "applied", "rejected", applied_on=MAY, pay_band="Band 5", staff_group=group
            ),
        )
    found = run(two_extracts).filter(level="wres", from_stage="applied", to_stage="shortlisted")
    assert found.select("pay_band", "staff_group", "decided").rows() == [
        ("Band 5", "Nursing", 1), ("Band 5", "Scientific", 1),
    ]  # fmt: skip


def test_a_corrected_application_counts_once_and_where_it_now_belongs(
    two_extracts: duckdb.DuckDBPyConnection,
) -> None:
    insert(two_extracts, APPLICATIONS, application("W1", "White: Irish", "applied", "rejected", applied_on=MAY))
    later = application("W1", "White: Irish", "appointed", applied_on=JUNE, extract_id=SECOND)
    insert(two_extracts, APPLICATIONS, later)
    assert of(run(two_extracts), "applied", "appointed", level="wres") == [(JUNE, None, "White", 1, 1)]


def test_another_organisation_has_none(two_extracts: duckdb.DuckDBPyConnection) -> None:
    insert(two_extracts, APPLICATIONS, application("W1", "White: Irish", "applied", "rejected"))
    assert run(two_extracts).height > 0
    assert run(two_extracts, "Other").is_empty()
