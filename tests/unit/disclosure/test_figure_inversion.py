"""What a printed figure gives away: worked by hand, and against every combination."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from equity_audit.disclosure.external.figure_inversion import Figure, Formula, as_printed, values_left


def left(formula: Formula, text: str, lowest: list[int], highest: list[int]) -> list[list[int]]:
    printed = as_printed(text)
    assert printed
    found = values_left(Figure(formula, tuple(range(len(lowest))), printed), lowest, highest, 0.95)
    assert found is not None
    return [values.tolist() for values in found]


@pytest.mark.parametrize(
    ("text", "percent", "least", "most"),
    [
        ("0.25", False, 0.245, 0.255),
        ("25.0%", False, 0.2495, 0.2505),
        ("25", True, 0.245, 0.255),
        ("1,200%", False, 11.995, 12.005),
        ("2", False, 1.5, 2.5),
    ],
)
def test_a_figure_stands_for_half_a_unit_of_its_last_decimal_either_way(
    text: str, percent: bool, least: float, most: float
) -> None:
    assert as_printed(text, percent=percent) == pytest.approx((least, most))


@pytest.mark.parametrize("text", ["", "*", "<5", "c", "n/a", "1.2.3", "nan"])
def test_what_is_no_number_says_nothing(text: str) -> None:
    assert as_printed(text) is None


# Of 12, the shares of 1 to 4 are 8.3%, 16.7%, 25.0% and 33.3%.
@pytest.mark.parametrize(("text", "selected"), [("8.3%", 1), ("17%", 2), ("0.25", 3), ("33.3%", 4)])
def test_a_rate_beside_an_exact_count_gives_the_masked_one(text: str, selected: int) -> None:
    assert left(Formula.RATE, text, [1, 12], [4, 12]) == [[selected], [12]]


def test_a_rate_leaves_values_with_gaps() -> None:
    # 1/3 of 8 to 12: 3 of 9 and 4 of 12.
    assert left(Formula.RATE, "33.3%", [1, 8], [4, 12]) == [[3, 4], [9, 12]]


def test_a_rate_undoes_rounding() -> None:
    # 28 to 32 decided, 8 to 12 progressed: 0.344 is 11/32 alone.
    assert left(Formula.RATE, "0.344", [8, 28], [12, 32]) == [[11], [32]]


def test_a_ratio_of_two_rates() -> None:
    # The reference 50 of 100, the group of 20: s/20 / 0.5 = 0.1 s. Printed 0.4: s = 4.
    assert left(Formula.RATIO, "0.40", [0, 20, 50, 100], [4, 20, 50, 100]) == [[4], [20], [50], [100]]


@pytest.mark.parametrize("end", [0, 1])
def test_ends_of_wilsons_interval(end: int) -> None:
    # statsmodels: proportion_confint(1, 20, method="wilson") is 0.0089, 0.2361; of 2 of 20 it is 0.0279, 0.3010.
    formula, text = [(Formula.RATE_LOW, "0.0089"), (Formula.RATE_HIGH, "0.2361")][end]
    assert proportion_confint(1, 20, method="wilson")[end] == pytest.approx(float(text), abs=5e-5)
    assert left(formula, text, [1, 20], [4, 20]) == [[1], [20]]


@pytest.mark.parametrize("end", [0, 1])
def test_ends_of_koopmans_interval(end: int) -> None:
    # statsmodels' score interval without correction is Koopman's.
    ends = confint_proportions_2indep(3, 20, 50, 100, compare="ratio", method="score", correction=False)
    formula = [Formula.RATIO_LOW, Formula.RATIO_HIGH][end]
    assert left(formula, f"{ends[end]:.3f}", [1, 20, 50, 100], [4, 20, 50, 100]) == [[3], [20], [50], [100]]


def test_nothing_fits_a_figure_of_other_counts() -> None:
    # Of 12, no share is 20%.
    assert left(Formula.RATE, "20.0%", [0, 12], [12, 12]) == [[], []]


def test_nobody_progresses_who_was_not_decided_on_and_nobody_has_no_rate() -> None:
    assert left(Formula.RATE, "1", [0, 0], [3, 2]) == [[1, 2], [1, 2]]


@pytest.mark.parametrize(
    ("formula", "highest"),
    [(Formula.RATE, [9_999, 9_999]), (Formula.RATE, [10**9, 10**9]), (Formula.RATIO_LOW, [29] * 4)],
)
def test_too_many_combinations_are_left_alone(formula: Formula, highest: list[int]) -> None:
    figure = Figure(formula, tuple(range(len(highest))), (0.4, 0.5))  # type: ignore[arg-type]
    assert values_left(figure, [0] * len(highest), highest, 0.95) is None


@given(st.integers(0, 12), st.integers(1, 14), st.integers(0, 3), st.integers(0, 4), st.integers(0, 3))
def test_a_rate_leaves_exactly_what_prints_the_same(
    selected: int, decided: int, slack: int, wide: int, decimals: int
) -> None:
    selected = min(selected, decided)
    text = f"{selected / decided:.{decimals}f}"
    lowest, highest = [max(0, selected - slack), max(0, decided - wide)], [selected + wide, decided + slack]
    pairs = [
        (s, n)
        for s, n in product(range(lowest[0], highest[0] + 1), range(lowest[1], highest[1] + 1))
        # A half may go either way: Python's goes to the even digit, others go up.
        if n > 0 and s <= n and abs(s / n - float(text)) <= 0.5 * 10**-decimals + 1e-9
    ]
    found = left(Formula.RATE, text, lowest, highest)
    assert found == [sorted({s for s, _ in pairs}), sorted({n for _, n in pairs})]
    assert selected in found[0]
    assert decided in found[1]
    assert np.all(np.diff(found[0]) > 0)
