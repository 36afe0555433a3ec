"""Rates and ratios over time: worked by hand, and on the charts that control_chart has its own tests of."""

from datetime import date

import polars as pl
import pytest

from equity_audit.programme.trend import trend
from equity_audit.settings import load_settings

SETTINGS = load_settings()
STEP = {"level": "wres", "step_order": 0, "from_stage": "applied", "to_stage": "shortlisted"}


def counts(*rows: tuple[date, str, int | None, int | None]) -> pl.DataFrame:
    """period, group, decided and progressed, at one step."""
    named = [dict(zip(("period", "group_name", "decided", "progressed"), row, strict=True)) | STEP for row in rows]
    return pl.DataFrame(named, schema_overrides={"step_order": pl.Int8})


APRIL, MAY, JUNE = (date(2023, month, 1) for month in (4, 5, 6))
FOUND = counts(
    (APRIL, "BME", 20, 5),
    (APRIL, "BME", 20, 5),
    (APRIL, "White", 100, 50),
    (JUNE, "BME", 50, 10),
    (JUNE, "White", 50, 20),
    (APRIL, "Unknown", 10, 1),
)


def test_rates_and_ratios_by_hand_and_a_month_without_anybody() -> None:
    rows = trend(FOUND, "1mo", SETTINGS)
    bme = rows.filter(group_name="BME")
    assert bme["period"].to_list() == [APRIL, MAY, JUNE]
    assert bme["decided"].to_list() == [40, 0, 50]
    assert bme["selection_rate"].to_list() == [0.25, None, 0.2]
    # 0.25 / 0.5, nobody, 0.2 / 0.4.
    assert bme["impact_ratio"].to_list() == pytest.approx([0.5, None, 0.5])
    assert set(bme["reference_name"]) == {"White"}
    assert set(rows["unit"]) == {"month"}
    assert rows["trial_limits"].all()


def test_the_reference_and_unknown_have_no_ratio_of_their_own_for_the_reference() -> None:
    rows = trend(FOUND, "1mo", SETTINGS)
    white = rows.filter(group_name="White")
    assert white["impact_ratio"].null_count() == white.height
    assert white["reference_name"].null_count() == white.height
    assert white["rate_centre"].to_list() == pytest.approx([70 / 150] * 3)


def test_a_count_that_is_not_known_makes_no_point_and_no_zero() -> None:
    hidden = counts((APRIL, "BME", 40, 10), (APRIL, "White", 100, 50), (MAY, "BME", 40, None), (MAY, "White", 100, 50))
    bme = trend(hidden, "1mo", SETTINGS).filter(group_name="BME")
    assert bme["progressed"].to_list() == [10, None]
    assert bme["selection_rate"].to_list() == [0.25, None]
    assert bme["impact_ratio"].to_list() == [0.5, None]


def test_quarters_are_three_months_apart() -> None:
    rows = trend(counts((APRIL, "BME", 40, 10), (date(2023, 10, 1), "BME", 40, 10)), "3mo", SETTINGS)
    assert rows["period"].to_list() == [APRIL, date(2023, 7, 1), date(2023, 10, 1)]
    assert set(rows["unit"]) == {"quarter"}


def test_a_point_far_outside_breaks_a_rule_by_name() -> None:
    months = [date(2022 + month // 12, month % 12 + 1, 1) for month in range(24)]
    steady = [(day, "BME", 1000, 250 + (place % 3)) for place, day in enumerate(months)]
    steady[20] = (months[20], "BME", 1000, 400)
    rows = trend(counts(*steady), "1mo", SETTINGS)
    assert rows["rate_chart"].unique().to_list() == ["xmr"]
    assert "outside_limits" in rows["rate_signals"][20]
    assert not rows["trial_limits"].any()


def test_no_counts_make_no_rows_with_the_same_columns() -> None:
    empty = trend(FOUND.clear(), "1mo", SETTINGS)
    assert empty.is_empty()
    assert empty.schema == trend(FOUND, "1mo", SETTINGS).schema
