"""Ranges widened for rounding: by Rubin's formula worked by hand, and by what must hold of any of them."""

from math import exp, inf, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equity_audit.programme.before_after import BeforeAfter
from equity_audit.programme.imputation import widened, widened_plain, widening
from equity_audit.programme.ratio_model import Estimate

ratios = st.floats(0.2, 5)


def estimate(ratio: float, error: float) -> Estimate:
    return Estimate(ratio, ratio * exp(-2 * error), ratio * exp(2 * error), error)


def test_the_factor_is_that_of_rubins_total_variance() -> None:
    """By hand: W = 0.2^2 = 0.04, B = variance of 0.1, 0.2, 0.3 = 0.01, m = 3: T = 0.04 + (4/3) 0.01 = 0.16 / 3."""
    assert widening(0.2, [0.1, 0.2, 0.3]) == pytest.approx(sqrt((0.16 / 3) / 0.04))


@pytest.mark.parametrize(
    ("error", "logs"),
    [(0.2, []), (0.2, [0.1]), (0.2, [0.1, inf]), (float("nan"), [0.1, 0.2]), (inf, [0.1, 0.2]), (0.0, [0.1, 0.2])],
)
def test_where_nothing_can_be_said_nothing_is_widened(error: float, logs: list[float]) -> None:
    assert widening(error, logs) == 1


@given(ratios, st.floats(0.01, 1), st.lists(ratios, min_size=2, max_size=8))
def test_a_range_is_never_narrower_and_keeps_its_middle(ratio: float, error: float, others: list[float]) -> None:
    one = estimate(ratio, error)
    found = widened(one, [estimate(other, error) for other in others])
    assert found.ratio == one.ratio
    assert found.low <= one.low * (1 + 1e-12)
    assert found.high >= one.high * (1 - 1e-12)
    # As many errors on either side as before.
    assert log(found.high / ratio) == pytest.approx(2 * found.log_error)
    assert log(ratio / found.low) == pytest.approx(2 * found.log_error)


def test_tables_that_say_the_same_widen_nothing() -> None:
    one = estimate(0.8, 0.1)
    assert widened(one, [one] * 5) == one


def test_the_plain_comparison_gets_its_errors_back_from_its_ranges() -> None:
    """By hand: a range of ratio exp(-+1.96 x 0.1) has W = 0.01; logs -0.1 and 0.1 have B = 0.02, m = 2: T = 4 W."""
    z = 1.959963984540054
    sure = (1.0, exp(-0.1 * z), exp(0.1 * z))
    plain = BeforeAfter(sure, sure, sure)
    others = [BeforeAfter(*[(exp(shift), 0.5, 2.0)] * 3) for shift in (-0.1, 0.1)]
    found = widened_plain(plain, others, 0.95)
    assert found.change == pytest.approx((1.0, exp(-0.2 * z), exp(0.2 * z)))
    assert found.before == found.after == found.change


def test_a_plain_comparison_without_an_upper_end_stays_as_it_is() -> None:
    open_ended = (0.5, 0.2, inf)
    plain = BeforeAfter(open_ended, (0.0, 0.0, 1.0), (float("nan"),) * 3)
    found = widened_plain(plain, [plain, plain], 0.95)
    assert found.before == open_ended
    assert found.after == (0.0, 0.0, 1.0)
