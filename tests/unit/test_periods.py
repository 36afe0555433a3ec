from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equity_audit.errors import Problem
from equity_audit.periods import cron_after_period, period_end, period_in, period_label, period_named, period_start
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


@pytest.mark.parametrize(
    ("text", "starts", "start"),
    [
        ("2022/23", "04-01", "2022-04-01"),
        ("2022-2023", "04-01", "2022-04-01"),
        ("2022 to 2023", "04-01", "2022-04-01"),
        ("FY 2022-23", "09-01", "2022-09-01"),
        ("2022", "01-01", "2022-01-01"),
        ("2022-04-01", "04-01", "2022-04-01"),
        ("2022-04-01 00:00:00", "04-01", "2022-04-01"),
    ],
)
def test_a_year_as_tables_name_it(text: str, starts: str, start: str) -> None:
    assert period_named(text, policy("year", starts)) == date.fromisoformat(start)


@pytest.mark.parametrize(
    ("text", "starts", "word"),
    [
        ("2022", "04-01", '"01-01" for calendar years'),
        ("2022/23", "01-01", "set it to the day on which these years begin"),
        ("2022-09-01", "04-01", "correct one of the two"),
        ("2022/24", "04-01", "write each year as"),
        ("2021/22 and 2022/23", "04-01", "write each year as"),
    ],
)
def test_a_year_that_is_not_one_of_the_settings_says_which_setting(text: str, starts: str, word: str) -> None:
    found = period_named(text, policy("year", starts))
    assert isinstance(found, Problem)
    assert "period.year_starts in settings.toml is" in found.remedy
    assert word in found.remedy


@pytest.mark.parametrize(
    ("texts", "start"),
    [
        (["applicants_2022-23"], "2022-04-01"),
        (["table", "Applicants, 1 April 2022 to 31 March 2023"], "2022-04-01"),
        (["table 2022-23", "April 2022 \u2013 March 2023"], "2022-04-01"),
        (["table", "Applicants, 1 September 2022 to 31 August 2023"], None),
        (["table", "1 April 2022 to 31 March 2024"], None),
        (["2021-22", "Applicants 2022/23"], None),
        (["2021-22 to 2022-23"], None),
        (["run on 2023-04-05"], None),
        (["table_20230405"], None),
        ([], None),
    ],
)
def test_the_only_year_in_titles_and_names(texts: list[str], start: str | None) -> None:
    found = period_in(texts, policy("year"))
    assert (found and found.isoformat()) == start
