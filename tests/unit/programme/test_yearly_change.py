"""The change between whole years, against the formulas written out, and the verdicts on it."""

from dataclasses import replace
from datetime import date
from math import exp, log, sqrt
from typing import Any

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, t

from equity_audit.periods import months_after
from equity_audit.programme.pairing import COUNTS
from equity_audit.programme.ratio_model import Estimate
from equity_audit.programme.whole_years import years_on_each_side
from equity_audit.programme.yearly_change import YearlyChange, ratios_by_year, yearly_change
from equity_audit.programme.yearly_verdict import step_by_counts, yearly_sentence, yearly_verdict
from equity_audit.settings import load_settings

SETTINGS = load_settings()
BEFORE, SINCE = ([date(year, 4, 1) for year in years] for years in ((2017, 2018, 2019), (2021, 2022, 2023)))
# Selected and decided of the group, then of the reference; rates of the small network of the case, in whole numbers.
ROWS = [
    (89, 600, 128, 530),
    (100, 640, 136, 540),
    (95, 626, 146, 575),
    (128, 600, 132, 550),
    (130, 615, 136, 560),
    (136, 627, 122, 565),
]


def table(rows: list[tuple[int, int, int, int]], years: list[date] | None = None) -> pl.DataFrame:
    return pl.DataFrame(
        [(year, *row) for year, row in zip(years or [*BEFORE, *SINCE], rows, strict=True)],
        schema=["period", *COUNTS],
        orient="row",
    )


def found(rows: list[tuple[int, int, int, int]] = ROWS) -> YearlyChange:
    change = yearly_change(table(rows), (BEFORE, SINCE), SETTINGS)
    assert change is not None
    return change


def test_the_change_by_its_formulas() -> None:
    before, since = (np.sum(ROWS[part], axis=0) for part in (slice(3), slice(3, None)))
    ratio = [(side[0] / side[1]) / (side[2] / side[3]) for side in (before, since)]
    variance = sum(1 / side[k] - 1 / side[k + 1] for side in (before, since) for k in (0, 2))
    change = found()
    assert change.before[0] == pytest.approx(ratio[0])
    assert change.since[0] == pytest.approx(ratio[1])
    assert change.change.ratio == pytest.approx(ratio[1] / ratio[0])
    # These years vary less than chance, so that their dispersion widens nothing.
    assert change.dispersion < 1
    half = t.ppf(0.975, 4) * sqrt(variance)
    assert change.change.low == pytest.approx(exp(log(ratio[1] / ratio[0]) - half))
    assert change.change.high == pytest.approx(exp(log(ratio[1] / ratio[0]) + half))
    # From the middle of 2018 to that of 2022.
    assert change.breakdown_drift == pytest.approx(exp((log(ratio[1] / ratio[0]) - half) / 4) - 1, rel=1e-3)
    assert change.detectable == pytest.approx(exp((t.ppf(0.975, 4) + norm.ppf(0.8)) * sqrt(variance)))
    assert change.detectable_by_chance == pytest.approx(exp((norm.ppf(0.975) + norm.ppf(0.8)) * sqrt(variance)))


def test_the_dispersion_of_years_is_that_of_a_binomial_model_of_statsmodels() -> None:
    """Of the group's part of the selected, with the numbers decided as offset, about two levels."""
    uneven = [(60, *ROWS[0][1:]), *ROWS[1:]]
    s_g, n_g, s_r, n_r = np.array(uneven).T
    design = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    model = sm.GLM(np.column_stack([s_g, s_r]), design, family=sm.families.Binomial(), offset=np.log(n_g / n_r)).fit()
    change = found(uneven)
    # The model takes as given how many were selected; chance among all decided on varies less, by Greenland and Robins.
    q, ratio = model.fittedvalues, np.exp(design @ model.params)
    variance = (s_g + s_r) * q * (1 - q) - s_g * s_r * ratio * (n_g + n_r) / (n_g * ratio + n_r) ** 2
    assert change.dispersion == pytest.approx((((s_g - (s_g + s_r) * q) ** 2) / variance).sum() / 4)
    assert change.dispersion > 1
    narrow = found().change
    assert change.change.high / change.change.low > narrow.high / narrow.low


def test_which_years_stand_on_each_side() -> None:
    """The year of the start and the lead-in are on neither; nor is one of whose months three or more are missing."""
    months = [months_after(date(2017, 4, 1), number) for number in range(7 * 12)]
    sides = years_on_each_side(months, 1, date(2020, 6, 1), date(2021, 4, 1), SETTINGS.period)
    assert sides == (BEFORE, SINCE)
    assert years_on_each_side(months[4:-4], 1, date(2020, 6, 1), date(2021, 4, 1), SETTINGS.period) == (
        BEFORE[1:],
        SINCE[:-1],
    )
    assert years_on_each_side(months[2:-2], 1, date(2020, 4, 1), date(2020, 4, 1), SETTINGS.period) == (
        BEFORE,
        [date(2020, 4, 1), *SINCE],
    )
    assert years_on_each_side([], 1, date(2020, 6, 1), date(2021, 4, 1), SETTINGS.period) == ([], [])


def test_months_and_quarters_are_added_up_to_years() -> None:
    twelfths = [tuple(count // 12 * 12 for count in row) for row in ROWS]
    months = [
        (months_after(year, month), *(count // 12 for count in row))
        for year, row in zip([*BEFORE, *SINCE], twelfths, strict=True)
        for month in range(12)
    ]
    monthly = pl.DataFrame(months, schema=["period", *COUNTS], orient="row")
    assert yearly_change(monthly, (BEFORE, SINCE), SETTINGS) == found(twelfths)
    by_year = ratios_by_year(monthly, SETTINGS.period, 0.95)
    assert [day for day, _ in by_year] == [*BEFORE, *SINCE]
    s_g, n_g, s_r, n_r = twelfths[0]
    assert by_year[0][1][0] == pytest.approx(s_g * n_r / (n_g * s_r))


def test_a_side_without_years_or_selections_has_no_change() -> None:
    assert yearly_change(table(ROWS), (BEFORE, []), SETTINGS) is None
    nobody = found([(0, *row[1:]) for row in ROWS[:3]] + ROWS[3:])
    assert np.isnan(nobody.change.ratio)
    assert yearly_verdict(nobody, SETTINGS) == "too_few"
    assert yearly_sentence("too_few", None) == "Too few to tell."


def test_everybody_selected_is_not_beyond_doubt() -> None:
    change = found([(50, 50, 60, 60)] * 6)
    assert change.change.low < 1 < change.change.high


cells = st.integers(20, 400).flatmap(lambda n: st.tuples(st.integers(20, n), st.just(n)))
years = st.lists(st.tuples(cells, cells).map(lambda two: (*two[0], *two[1])), min_size=6, max_size=6)


@given(years)
def test_turning_time_round_turns_the_change_upside_down(rows: list[tuple[int, int, int, int]]) -> None:
    there, back = found(rows), found([*rows[3:], *rows[:3]])
    assert back.change.ratio == pytest.approx(1 / there.change.ratio)
    assert back.change.low == pytest.approx(1 / there.change.high)
    assert back.breakdown_drift == pytest.approx(there.breakdown_drift)
    opposite = {"rose": "fell", "fell": "rose"}
    one, other = (yearly_verdict(change, SETTINGS).partition("_")[0] for change in (there, back))
    assert other == opposite.get(one, one)


@given(years, st.integers(2, 4))
def test_more_of_the_same_is_never_less_sure(rows: list[tuple[int, int, int, int]], times: int) -> None:
    once, more = found(rows), found([tuple(times * count for count in row) for row in rows])  # type: ignore[misc]
    assert more.detectable <= once.detectable


def about(ratio: float, error: float = 0.01) -> Estimate:
    return Estimate(ratio, ratio * exp(-2 * error), ratio * exp(2 * error), error)


def changed(low: float, high: float, **other: Any) -> YearlyChange:
    estimate = Estimate(sqrt(low * high), low, high, 0.1)
    drift = exp(max(log(low), -log(high), 0) / 4) - 1
    return replace(found(), change=estimate, breakdown_drift=drift, **other)


@pytest.mark.parametrize(
    ("change", "path", "verdict", "words"),
    [
        (changed(1.2, 1.6, counts=((19, 90, 50, 90), (50, 90, 50, 90))), None, "too_few", "Too few to tell."),
        (changed(1.2, 1.6, years=(BEFORE[:2], SINCE)), None, "too_few", "Too few to tell."),
        (
            changed(0.81, 1.24),
            None,
            "about_the_same",
            "About the same: a change beyond 0.81 to 1.24 can be ruled out.",
        ),
        (changed(0.79, 1.24), None, "cannot_tell", "Cannot tell: anything from 0.79 to 1.24 times is possible."),
        (changed(1.1, 1.3), (about(1.0), about(1.1)), "rose_already_rising", "Rose, but was already rising."),
        (
            changed(1.1, 1.3),
            (about(1.2), about(1.1)),
            "rose_beyond_its_path",
            "Rose clearly, and more than its own earlier path led to.",
        ),
        (
            changed(1.2, 1.6),
            (about(1.0), about(1.0)),
            "rose_beyond_drifts",
            "Rose clearly, by more than drifts seen nationally explain. Its own earlier years are too few to show a "
            "path.",
        ),
        # exp(log(1.1) / 4) - 1 is 2.4%.
        (
            changed(1.1, 1.6),
            None,
            "rose_or_drifted",
            "Rose clearly: 0.61 to 0.92. These years cannot say whether it would have risen anyway: a steady rise of "
            "2.4% a year would explain it.",
        ),
        (changed(0.7, 0.9), (about(1.0), about(0.9)), "fell_already_falling", "Fell, but was already falling."),
        (changed(0.6, 0.8), None, "fell_beyond_drifts", "Fell clearly, by more than drifts seen nationally explain."),
    ],
)
def test_the_first_verdict_that_holds(
    change: YearlyChange, path: tuple[Estimate, Estimate] | None, verdict: Any, words: str
) -> None:
    assert yearly_verdict(change, SETTINGS, path) == verdict
    assert yearly_sentence(verdict, change).startswith(words)


def test_the_step_is_the_longest_of_which_half_as_much_again_would_be_found() -> None:
    def span(with_years: float, by_chance: float) -> YearlyChange:
        return replace(found(), detectable=with_years, detectable_by_chance=by_chance)

    never, enough, by_chance = span(1.8, 1.51), span(1.5, 1.4), span(1.6, 1.5)
    assert step_by_counts([(4, never), (3, enough), (1, enough)], SETTINGS) == 1
    assert step_by_counts([(4, None), (1, enough), (1, enough)], SETTINGS) == 1
    assert step_by_counts([(4, never), (1, never)], SETTINGS) is None
    # With so few years only a single step would do: of these, the first that chance alone would not hide.
    assert step_by_counts([(4, by_chance), (1, by_chance), (1, enough)], SETTINGS) == 1
    assert step_by_counts([(4, by_chance), (1, never), (1, enough)], SETTINGS) == 2
    # So few years hide it everywhere: then the longest that chance alone would not hide.
    assert step_by_counts([(4, never), (3, by_chance), (1, by_chance)], SETTINGS) == 1
