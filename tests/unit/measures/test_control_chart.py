"""Control charts against published figures and independent implementations."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from equity_audit.measures.control_chart import rate_chart, which_chart, xmr_chart
from equity_audit.measures.special_cause import NEAR, OUTSIDE, RUN, TREND, special_causes
from equity_audit.programme.series import impact_ratios
from equity_audit.settings import load_settings

POLICY = load_settings().trend
# R's set.seed(123); rnorm(20): the data of test-ptd_spc_standard.R in the NHS-R Community's NHSRplotthedots.
SEED_123 = np.array(
    [
        -0.56047565,
        -0.23017749,
        1.55870831,
        0.07050839,
        0.12928774,
        1.71506499,
        0.46091621,
        -1.26506123,
        -0.68685285,
        -0.44566197,
        1.22408180,
        0.35981383,
        0.40077145,
        0.11068272,
        -0.55584113,
        1.78691314,
        0.49785048,
        -1.96661716,
        0.70135590,
        -0.47279141,
    ]
)
# Donald Wheeler, Understanding Variation, 2nd ed. 2000, figure 6.7: US trade deficits, July to December 1988.
TRADE_DEFICITS = np.array([10.5, 11.2, 9.2, 10.1, 10.4, 10.5])


def test_limits_as_published_by_the_nhs_r_community() -> None:
    """Snapshots ptd_spc_standard.md of NHSRplotthedots: mean, lpl and upl of r1, and of r2 with an outlier."""
    chart = xmr_chart(SEED_123, POLICY)
    assert (chart.centre[0], chart.lower[0], chart.upper[0]) == pytest.approx((0.1416238, -3.01138, 3.294627), abs=2e-6)
    assert set(chart.signals) == {()}
    outlying = SEED_123.copy()
    outlying[14] = 10
    chart = xmr_chart(outlying, POLICY)
    assert (chart.centre[0], chart.lower[0], chart.upper[0]) == pytest.approx(
        (0.6694159, -2.383666, 3.722497), abs=2e-6
    )
    assert [point for point, rules in enumerate(chart.signals) if OUTSIDE in rules] == [14]


def test_wheelers_arithmetic() -> None:
    """The moving ranges that figure 6.7's exercise gives, 0.7, 2.0, 0.9, 0.3, 0.1: mean 0.8, limits by page 60."""
    chart = xmr_chart(TRADE_DEFICITS, POLICY)
    assert chart.centre[0] == pytest.approx(61.9 / 6)
    assert chart.upper[0] - chart.centre[0] == pytest.approx(2.66 * 0.8)
    assert all(chart.trial)


@pytest.mark.parametrize(("points", "trial"), [(11, True), (12, False)])
def test_fewer_than_twelve_points_make_trial_limits(points: int, trial: bool) -> None:
    assert set(xmr_chart(SEED_123[:points], POLICY).trial) == {trial}


def flagged(values: list[float], rule: str) -> list[int]:
    """Points that break a rule on a chart with mean 0 and limits at -3 and 3."""
    series = np.array(values, dtype=float)
    lines = [np.full(series.shape, line) for line in (0.0, -3.0, 3.0)]
    return [point for point, rules in enumerate(special_causes(series, *lines, 7)) if rule in rules]


NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "rule", "points"),
    [
        # NHSRplotthedots, tests/testthat/test-ptd_calculate_point_type.R: six are not enough, seven are, eight are.
        ([1] * 6 + [-1], RUN, []),
        ([-1] + [1] * 7 + [-1], RUN, list(range(1, 8))),
        ([1] + [-1] * 8 + [1], RUN, list(range(1, 9))),
        ([1] * 3 + [0] + [1] * 3, RUN, []),
        ([1] * 4 + [NAN] + [1] * 4, RUN, []),
        ([1, 2, 3, 4, 5, 6], TREND, []),
        ([1, 2, 3, 3, 4, 5, 6], TREND, []),
        ([2, 1, 2, 3, 4, 5, 6, 7, 3], TREND, list(range(1, 8))),
        ([2, 7, 6, 5, 4, 3, 2, 1, 3], TREND, list(range(1, 8))),
        ([0, 0, 2.5, 0.1, 2.5, 0, 0], NEAR, [2, 4]),
        ([0, 0, 2.5, 2.5, 0, 0], NEAR, [2, 3]),
        ([2.5, 0, 0, 2.5], NEAR, []),
        # The same file's test of opposite sides, and a third point that is on the other side or missing.
        ([0, 2.5, -2.5, 0], NEAR, []),
        ([-1, 2.5, -1, 2.5, -1], NEAR, [1, 3]),
        ([0, 2.5, NAN, 2.5, 0], NEAR, []),
        ([0, 2.0, 2.0, 0], NEAR, []),
        ([0, 3.0, -3.0, 3.1, -3.1], OUTSIDE, [3, 4]),
    ],
)
def test_the_rules(values: list[float], rule: str, points: list[int]) -> None:
    assert flagged(values, rule) == points


def in_words(values: list[float], length: int) -> set[int]:
    """Points in runs on one side of 0: every window of `length` looked at by itself."""
    windows = [range(start, start + length) for start in range(len(values) - length + 1)]
    runs = [w for w in windows if all(values[i] > 0 for i in w) or all(values[i] < 0 for i in w)]
    return {point for window in runs for point in window}


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0, 2.5, NAN]), min_size=1, max_size=40))
def test_runs_and_trends_window_by_window(values: list[float]) -> None:
    assert set(flagged(values, RUN)) == in_words(values, 7)
    rises = [b - a for a, b in pairwise(values)]
    assert set(flagged(values, TREND)) == {end for step in in_words(rises, 6) for end in (step, step + 1)}


def test_a_level_does_not_follow_the_points() -> None:
    values = np.concatenate([SEED_123, SEED_123 + 50])
    chart = xmr_chart(values, POLICY)
    assert chart.centre[0] == chart.centre[-1] == pytest.approx(values.mean())
    assert RUN in chart.signals[0]


def test_a_missing_point_has_no_range_to_it_or_from_it() -> None:
    chart = xmr_chart(np.array([1.0, 2.0, np.nan, 9.0, 10.0]), POLICY)
    assert chart.centre[0] == pytest.approx(22 / 4)
    assert chart.upper[0] == pytest.approx(22 / 4 + 2.66)


def test_a_series_without_two_points_in_a_row_has_no_limits() -> None:
    chart = xmr_chart(np.array([1.0, np.nan, 3.0]), POLICY)
    assert np.isnan(chart.upper).all()
    assert set(chart.signals) == {()}


ratios = st.lists(st.floats(0.01, 100), min_size=3, max_size=30).map(np.array)


@given(ratios)
def test_a_ratio_turned_upside_down_turns_its_chart_upside_down(values: np.ndarray) -> None:
    chart, reverse = xmr_chart(values, POLICY, log=True), xmr_chart(1 / values, POLICY, log=True)
    assert reverse.centre == pytest.approx(1 / chart.centre)
    assert reverse.lower == pytest.approx(1 / chart.upper)


@given(st.lists(st.integers(-1000, 1000), min_size=3, max_size=30), st.integers(-50, 50), st.integers(1, 9))
def test_another_unit_gives_the_same_signals(values: list[int], shift: int, scale: int) -> None:
    # Shifted by a power of two and scaled by one, floats stay exact.
    series = np.array(values, dtype=float)
    moved = (series + 2.0**shift) * 2.0**scale if shift >= 0 else series * 2.0**scale
    assert xmr_chart(moved, POLICY).signals == xmr_chart(series, POLICY).signals


def test_a_ratio_of_zero_has_no_logarithm_and_is_made_fit_by_walters_half() -> None:
    with pytest.raises(ValueError, match="no logarithm"):
        xmr_chart(np.array([1.0, 0.0]), POLICY, log=True)
    counts = [np.array(c) for c in ([0, 3, 0, 1, 2], [9, 10, 9, 0, 8], [4, 4, 0, 3, 0], [19, 20, 9, 9, 9])]
    values, adjusted = impact_ratios(*counts)
    assert values == pytest.approx(
        [(0.5 / 9.5) / (4.5 / 19.5), 1.5, np.nan, np.nan, (2.5 / 8.5) / (0.5 / 9.5)], nan_ok=True
    )
    assert adjusted.tolist() == [True, False, False, False, True]


def laney(selected: list[int], decided: list[int]) -> tuple[list[float], list[float]]:
    """Laney's p-prime limits written out in plain Python from the steps of his paper (Qual Eng 2002;14:531)."""
    p = sum(selected) / sum(decided)
    deviations = [(p * (1 - p) / n) ** 0.5 for n in decided]
    z = [(x / n - p) / s for x, n, s in zip(selected, decided, deviations, strict=True)]
    ranges = [abs(b - a) for a, b in pairwise(z)]
    mean = sum(ranges) / len(ranges)
    kept = [r for r in ranges if r <= 3.267 * mean]
    sigma_z = sum(kept) / len(kept) / 1.128
    limits = [(max(p - 3 * s * sigma_z, 0), min(p + 3 * s * sigma_z, 1)) for s in deviations]
    return [low for low, _ in limits], [high for _, high in limits]


# The first six weeks of attendances at NHS emergency departments seen within four hours: Mohammed et al, BMJ Qual Saf
# 2013;22:362, as tabulated in the documentation of qicharts2, which shows them outside a p-chart's limits.
WITHIN_FOUR_HOURS = np.array([266501, 264225, 276532, 281461, 269071, 261215])
ATTENDANCES = np.array([280443, 276823, 291681, 296155, 282343, 275888])


def test_very_large_counts_are_outside_a_p_chart_and_inside_a_p_prime_chart() -> None:
    plain = rate_chart(WITHIN_FOUR_HOURS, ATTENDANCES, POLICY)
    p = WITHIN_FOUR_HOURS.sum() / ATTENDANCES.sum()
    far = np.abs(WITHIN_FOUR_HOURS - p * ATTENDANCES) > 3 * np.sqrt(ATTENDANCES * p * (1 - p))
    assert [OUTSIDE in rules for rules in plain.signals] == far.tolist()
    assert far.sum() >= 3
    prime = rate_chart(WITHIN_FOUR_HOURS, ATTENDANCES, POLICY, kind="p_prime")
    assert not any(OUTSIDE in rules for rules in prime.signals)
    low, high = laney(WITHIN_FOUR_HOURS.tolist(), ATTENDANCES.tolist())
    assert (prime.lower, prime.upper) == (pytest.approx(low), pytest.approx(high))


points = st.lists(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=3)


@given(points)
def test_p_prime_against_laneys_steps(series: list[tuple[int, int]]) -> None:
    selected, decided = (list(column) for column in zip(*series, strict=True))
    assume(0 < sum(selected) < sum(decided))
    chart = rate_chart(np.array(selected), np.array(decided), POLICY, kind="p_prime")
    low, high = laney(selected, decided)
    assert (chart.lower, chart.upper) == (pytest.approx(low), pytest.approx(high))


def test_p_chart_limits_widen_where_few_were_decided_on() -> None:
    """p = 30 of 120; 3 sqrt(0.25 x 0.75 / n) for n = 100 and 20, with no lower limit below 0."""
    chart = rate_chart(np.array([25, 5, 0]), np.array([100, 20, 0]), POLICY)
    assert chart.upper[:2] == pytest.approx([0.25 + 0.129904, 0.25 + 0.290474], abs=1e-6)
    assert chart.lower[1] == 0
    assert np.isnan([chart.values[2], chart.upper[2]]).all()


def test_which_chart() -> None:
    rng = np.random.default_rng(7)
    alike, varied = np.full(40, 200), np.tile([40, 400], 20)
    assert which_chart(rng.binomial(alike, 0.3), alike, POLICY) == "xmr"
    assert which_chart(rng.binomial(varied, 0.3), varied, POLICY) == "p"
    many = varied * 1000
    assert which_chart(rng.binomial(many, rng.normal(0.3, 0.02, 40)), many, POLICY) == "p_prime"
    alike = np.array([75, 100, 125])
    assert which_chart(alike // 2, alike, POLICY) == "xmr"
    assert which_chart(alike // 2, np.array([74, 100, 126]), POLICY) == "p"


def test_chance_alone_is_called_more_than_chance_one_time_in_twenty() -> None:
    """The variance of Cryer and Ryan, tried: 4,000 series of 40 points by chance alone."""
    rng = np.random.default_rng(8)
    varied = np.tile([4000, 40000], 20)
    draws = rng.binomial(varied, 0.3, (4000, 40))
    share = np.mean([which_chart(selected, varied, POLICY) == "p_prime" for selected in draws])
    assert 0.03 < share < 0.07


def test_a_rate_chart_of_kind_xmr_is_the_xmr_chart_of_the_rates() -> None:
    selected, decided = np.array([30, 25, 35, 28]), np.array([100, 101, 99, 100])
    assert rate_chart(selected, decided, POLICY, kind="xmr").upper == pytest.approx(
        xmr_chart(selected / decided, POLICY).upper
    )
