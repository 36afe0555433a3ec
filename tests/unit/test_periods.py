from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equity_audit.periods import cron_after_period, period_end, period_label, period_start
from equity_audit.settings import PeriodPolicy


def policy(unit: str, year_starts: str = "04-01") -> PeriodPolicy:
    return PeriodPolicy.model_validate({"unit": unit, "year_starts": year_starts, "earliest": "2015-04-01"})


@pytest.mark.parametrize(
    ("day", "start"),
    [("2024-03-31", "2023-04-01"), ("2024-04-01", "2024-04-01"), ("2024-04-02", "2024-04-01")],
)
def test_the_nhs_year_turns_on_1_april(day: str, start: str) -> None:
    assert period_start(date.fromisoformat(day), policy("year")) == date.fromisoformat(start)


@pytest.mark.parametrize(
    ("unit", "starts", "start", "label", "cron"),
    [
        ("year", "04-01", "2023-04-01", "1 April 2023 to 31 March 2024", "0 6 1 4 *"),
        ("quarter", "04-01", "2024-01-01", "1 January 2024 to 31 March 2024", "0 6 1 1,4,7,10 *"),
        ("month", "04-01", "2024-02-01", "1 February 2024 to 29 February 2024", "0 6 1 * *"),
        ("year", "01-01", "2024-01-01", "1 January 2024 to 31 December 2024", "0 6 1 1 *"),
        ("year", "12-01", "2023-12-01", "1 December 2023 to 30 November 2024", "0 6 1 12 *"),
    ],
)
def test_periods_in_words_and_when_they_are_reported(unit: str, starts: str, start: str, label: str, cron: str) -> None:
    rule = policy(unit, starts)
    assert period_start(date(2024, 2, 29), rule) == date.fromisoformat(start)
    assert period_label(date.fromisoformat(start), rule) == label
    assert cron_after_period(rule) == cron


@given(
    st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    st.sampled_from(["year", "quarter", "month"]),
    st.integers(1, 12),
)
def test_periods_cover_every_day_once(day: date, unit: str, month: int) -> None:
    rule = policy(unit, f"{month:02}-01")
    start = period_start(day, rule)
    end = period_end(start, rule)
    assert start <= day < end
    assert period_start(end, rule) == end
    assert period_start(end - timedelta(days=1), rule) == start
