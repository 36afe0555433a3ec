import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.stats.proportion import confint_proportions_2indep

from equity_audit.populations.answer_measures import Answers, survey_change

EARLIER, LATER = Answers(90, 300, 500, 1000), Answers(140, 350, 520, 1000)


def test_changes_of_each_side_and_both_gaps() -> None:
    found = survey_change(EARLIER, LATER, 0.95)
    assert found.group[0] == pytest.approx(0.4 - 0.3)
    assert found.gap_earlier[0] == pytest.approx(0.3 - 0.5)
    assert found.gap_change[0] == pytest.approx((0.4 - 0.52) - (0.3 - 0.5))
    for figure, counts in (
        (found.group, (140, 350, 90, 300)),
        (found.reference, (520, 1000, 500, 1000)),
        (found.gap_later, (140, 350, 520, 1000)),
    ):
        expected = confint_proportions_2indep(*counts, compare="diff", method="newcomb")
        assert figure[1:] == pytest.approx(expected)


def test_the_change_of_a_gap_of_large_counts_has_the_delta_methods_range() -> None:
    many = [Answers(*(1000 * count for count in vars(wave).values())) for wave in (EARLIER, LATER)]
    shares = [(0.3, 300), (0.5, 1000), (0.4, 350), (0.52, 1000)]
    error = np.sqrt(sum(p * (1 - p) / (1000 * n) for p, n in shares))
    value, low, high = survey_change(*many, 0.95).gap_change
    assert (low, high) == pytest.approx((value - norm.ppf(0.975) * error, value + norm.ppf(0.975) * error), rel=1e-3)


cells = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=30)
@given(cells, cells, cells, cells)
def test_exchanging_the_waves_turns_every_change_about(
    group: tuple[int, int], reference: tuple[int, int], later_group: tuple[int, int], later_reference: tuple[int, int]
) -> None:
    one, two = Answers(*group, *reference), Answers(*later_group, *later_reference)
    there, back = survey_change(one, two, 0.95), survey_change(two, one, 0.95)
    assert there.gap_earlier == back.gap_later
    for name in ("group", "reference", "gap_change"):
        value, low, high = getattr(there, name)
        assert getattr(back, name) == pytest.approx((-value, -high, -low), abs=1e-12)
        assert low <= value <= high


def test_a_wave_that_a_side_did_not_answer_has_no_change() -> None:
    found = survey_change(Answers(0, 0, 5, 10), LATER, 0.95)
    assert np.isnan([found.group, found.gap_earlier, found.gap_change]).all()
    assert not np.isnan(found.reference).any()
