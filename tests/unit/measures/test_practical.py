"""What a disparity comes to in people, what could have been found, and what the unknown could hide."""

from fractions import Fraction
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom, chi2

from equity_audit.measures import practical
from equity_audit.measures.bounds import unknown_bounds, unknown_bounds_of_overall
from equity_audit.measures.power import smallest_detectable_ratio

COLUMNS = tuple(pl.col(name) for name in ("s_g", "n_g", "s_r", "n_r"))
counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def value(expression: pl.Expr, *numbers: int) -> object:
    frame = pl.DataFrame(dict(zip(("s_g", "n_g", "s_r", "n_r", "v", "u"), numbers, strict=False)))
    return frame.select(expression.alias("value")).item()


def test_shortfall_by_hand() -> None:
    """At 2 of 10 the group would have had 2 selections of its 10, and had 5; at 1 of 4, 2.5 of its 10, and had none."""
    assert value(practical.shortfall(*COLUMNS), 0, 10, 1, 4) == 2.5
    assert value(practical.shortfall(*COLUMNS), 5, 10, 2, 10) == -3


@given(counts, counts, st.sampled_from([(4, 5), (1, 1)]))
def test_further_selections_are_the_fewest_that_reach_the_fraction(
    group: tuple[int, int], reference: tuple[int, int], fraction: tuple[int, int]
) -> None:
    more = value(practical.selections_to(fraction, COLUMNS), *group, *reference)  # type: ignore[arg-type]
    aim = Fraction(*fraction) * Fraction(*reference)
    reached = [k for k in range(group[1] - group[0] + 1) if Fraction(group[0] + k, group[1]) >= aim]
    assert more == min(reached)


@pytest.mark.parametrize(
    ("numbers", "flips"),
    [
        # 2 of 10 against 3 of 10: one moved makes it 3 against 2.
        ((2, 10, 3, 10), True),
        # 2 of 10 against 4 of 10: one moved makes them equal, which reverses nothing.
        ((2, 10, 4, 10), False),
        ((3, 10, 2, 10), True),
        ((4, 10, 2, 10), False),
        ((3, 10, 3, 10), False),
        ((10, 40, 30, 60), False),
    ],
)
def test_flip_flop(numbers: tuple[int, ...], flips: bool) -> None:
    assert value(practical.flip_flop(*COLUMNS), *numbers) is flips


@given(counts, counts)
def test_flip_flop_by_moving_one(group: tuple[int, int], reference: tuple[int, int]) -> None:
    (s_g, n_g), (s_r, n_r) = group, reference
    before = Fraction(s_g, n_g) - Fraction(s_r, n_r)
    to_group = Fraction(s_g + 1, n_g) - Fraction(s_r - 1, n_r)
    from_group = Fraction(s_g - 1, n_g) - Fraction(s_r + 1, n_r)
    expected = (before < 0 < to_group) or (before > 0 > from_group)
    assert value(practical.flip_flop(*COLUMNS), *group, *reference) is expected


def test_bounds_by_trying_every_way_of_sharing_out() -> None:
    """Three unknown people, one of them selected; each may belong to the group, the reference, or neither."""
    group, reference, unknown = (2, 6), (5, 9), (1, 3)
    ratios = []
    for places in product(("group", "reference", "neither"), repeat=3):
        selected = (True, False, False)
        s = {"group": group[0], "reference": reference[0], "neither": 0}
        n = {"group": group[1], "reference": reference[1], "neither": 0}
        for place, was in zip(places, selected, strict=True):
            s[place] += was
            n[place] += 1
        ratios.append(Fraction(s["group"], n["group"]) / Fraction(s["reference"], n["reference"]))
    low, high = unknown_bounds(
        (pl.col("s_g"), pl.col("n_g")), (pl.col("s_r"), pl.col("n_r")), (pl.col("v"), pl.col("u"))
    )
    numbers = (*group, *reference, *unknown)
    assert value(low, *numbers) == pytest.approx(float(min(ratios)))
    assert value(high, *numbers) == pytest.approx(float(max(ratios)))


@given(counts, counts, counts)
def test_bounds_hold_the_ratio_and_are_it_if_nobody_is_unknown(
    group: tuple[int, int], reference: tuple[int, int], unknown: tuple[int, int]
) -> None:
    assume(reference[0] > 0)
    ratio = (group[0] / group[1]) / (reference[0] / reference[1])
    pairs = ((pl.col("s_g"), pl.col("n_g")), (pl.col("s_r"), pl.col("n_r")), (pl.col("v"), pl.col("u")))
    for make in (unknown_bounds, unknown_bounds_of_overall):
        low, high = (value(bound, *group, *reference, *unknown) for bound in make(*pairs))
        assert low <= ratio + 1e-12  # type: ignore[operator]
        assert high >= ratio - 1e-12  # type: ignore[operator]
        assert [value(bound, *group, *reference, 0, 0) for bound in make(*pairs)] == pytest.approx([ratio, ratio])


@pytest.mark.parametrize(
    ("decided", "rate", "expected"),
    [
        # R 4.2.2: power.prop.test(n = 100, p1 = 0.5, power = 0.8)$p2 is 0.693221711122; the same distance below.
        (100, 0.5, (1 - 0.693221711122) / 0.5),
        # power.prop.test(n = 50, p1 = 0.2, power = 0.8)$p2 is 0.460416538353: from 0.8 down.
        (50, 0.8, (1 - 0.460416538353) / 0.8),
        # power.prop.test(n = 300, p1 = 0.3, power = 0.8)$p2 is 0.40922502471: from 0.7 down.
        (300, 0.7, (1 - 0.40922502471) / 0.7),
    ],
)
def test_the_smallest_detectable_ratio_against_r(decided: int, rate: float, expected: float) -> None:
    found = smallest_detectable_ratio(np.array([decided]), np.array([decided]), np.array([rate]), 0.95, 0.8)
    # R leaves out the chance of finding the reverse, as this does, and stops its search at 1e-4.
    assert found[0] == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize(
    ("group", "reference", "rate"),
    [(40, 200, 0.5), (100, 100, 0.3), (200, 50, 0.6), (150, 60, 0.8), (60, 1200, 0.8)],
)
def test_what_is_called_detectable_is_found_four_times_in_five(group: int, reference: int, rate: float) -> None:
    """The power of the chi-squared test without correction, summed over every table with scipy's binomial chances."""
    ratio = smallest_detectable_ratio(np.array([group]), np.array([reference]), np.array([rate]), 0.95, 0.8)[0]
    x, y = np.arange(group + 1)[:, None], np.arange(reference + 1)[None, :]
    total, picked = group + reference, x + y
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = total * (x * (reference - y) - y * (group - x)) ** 2.0
        statistic /= group * reference * picked * (total - picked)
    found = np.nan_to_num(statistic) > chi2.ppf(0.95, 1)
    chance = binom.pmf(x, group, rate * ratio) * binom.pmf(y, reference, rate)
    assert chance[found].sum() == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize(
    ("group", "reference", "rate"),
    [
        (1_000_000, 1, 1.0),  # one person to compare with
        (50, 5, 0.95),  # found in 64% of all samples by the formula that would say 0.41
        (30, 120, 0.95),  # few turned down: a case for the exact test
        (50, 50, 0.3),  # 3.8 selections expected at the ratio
    ],
)
def test_no_ratio_is_said_where_the_approximation_is_off(group: int, reference: int, rate: float) -> None:
    found = smallest_detectable_ratio(np.array([group]), np.array([reference]), np.array([rate]), 0.95, 0.8)
    assert np.isnan(found).all()


def test_no_ratio_is_detectable_with_too_few() -> None:
    few, many, rate = np.array([5, 0, 50]), np.array([20, 20, 0]), np.array([0.2, 0.5, 0.0])
    assert np.isnan(smallest_detectable_ratio(few, many, rate, 0.95, 0.8)).all()


@given(st.integers(10, 500), st.integers(10, 500), st.floats(0.05, 0.95))
def test_more_people_find_smaller_differences(n_g: int, n_r: int, rate: float) -> None:
    now, later = (
        np.nan_to_num(smallest_detectable_ratio(np.array([k * n_g]), np.array([k * n_r]), np.array([rate]), 0.95, 0.8))
        for k in (1, 2)
    )
    assert 0 <= now[0] <= later[0] < 1
