import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.stats.proportion import confint_proportions_2indep

from equity_audit.populations.answer_measures import Answers, gap_change

EARLIER, LATER = Answers(90, 300, 500, 1000), Answers(140, 350, 520, 1000)


def test_the_change_of_a_gap_combines_the_ranges_of_both_gaps() -> None:
    """From Newcombe's ranges by statsmodels: the distances to the ends add up in squares."""
    low_1, high_1 = confint_proportions_2indep(90, 300, 500, 1000, compare="diff", method="newcomb")
    low_2, high_2 = confint_proportions_2indep(140, 350, 520, 1000, compare="diff", method="newcomb")
    down, up = np.hypot(-0.12 - low_2, high_1 + 0.2), np.hypot(high_2 + 0.12, -0.2 - low_1)
    assert gap_change(EARLIER, LATER, 0.95) == pytest.approx((0.08, 0.08 - down, 0.08 + up))


def test_the_change_of_a_gap_of_large_counts_has_the_delta_methods_range() -> None:
    many = [Answers(*(1000 * count for count in vars(wave).values())) for wave in (EARLIER, LATER)]
    shares = [(0.3, 300), (0.5, 1000), (0.4, 350), (0.52, 1000)]
    error = np.sqrt(sum(p * (1 - p) / (1000 * n) for p, n in shares))
    value, low, high = gap_change(*many, 0.95)
    assert (low, high) == pytest.approx((value - norm.ppf(0.975) * error, value + norm.ppf(0.975) * error), rel=1e-3)


cells = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=30)
@given(cells, cells, cells, cells)
def test_exchanging_the_waves_reverses_the_change(
    group: tuple[int, int], reference: tuple[int, int], later_group: tuple[int, int], later_reference: tuple[int, int]
) -> None:
    one, two = Answers(*group, *reference), Answers(*later_group, *later_reference)
    value, low, high = gap_change(one, two, 0.95)
    assert gap_change(two, one, 0.95) == pytest.approx((-value, -high, -low), abs=1e-12)
    assert low <= value <= high


def test_a_wave_that_a_side_did_not_answer_has_no_change() -> None:
    assert np.isnan(gap_change(Answers(0, 0, 5, 10), LATER, 0.95)).all()
