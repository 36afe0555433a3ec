"""P-values against R, statsmodels, scipy, and counting every table.

R 4.2.2:
    > chisq.test(matrix(c(11, 37, 35, 224), 2, byrow = TRUE), correct = FALSE)$p.value
    > p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.2), "holm")
"""

from collections.abc import Iterator
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact
from scipy.stats.contingency import expected_freq
from statsmodels.stats.multitest import multipletests

from equity_audit.measures.significance import MID_P, SCORE, holm, mid_p, two_sided_p

Pair = tuple[int, int, int, int]


def p_of(*pairs: Pair) -> tuple[list[float], list[str]]:
    """Each pair: group selected and decided, reference selected and decided."""
    p, method = two_sided_p(*(np.array(column) for column in zip(*pairs, strict=True)))
    return p.tolist(), method.tolist()


def mid_p_by_counting(x1: int, n1: int, x2: int, n2: int) -> Fraction:
    """Every way to choose the selected, counted one table at a time in whole numbers."""
    selected = x1 + x2
    ways = {x: comb(n1, x) * comb(n2, selected - x) for x in range(max(0, selected - n2), min(n1, selected) + 1)}
    rarer = sum(number for number in ways.values() if number < ways[x1])
    as_rare = sum(number for number in ways.values() if number == ways[x1])
    return Fraction(2 * rarer + as_rare, 2 * comb(n1 + n2, selected))


@pytest.mark.parametrize(
    ("pair", "method", "expected"),
    [
        # The score test as R's chisq.test without correction has it.
        ((26, 48, 206, 259), SCORE, 0.000171697905786),
        ((11, 48, 35, 259), SCORE, 0.0936323856349),
        # By hand: of C(28, 7) = 1,184,040 ways 77,520 have nobody of the 8; rarer are those with 5, 6 or 7 of them.
        ((0, 8, 7, 20), MID_P, (10_640 + 560 + 8 + 77_520 / 2) / 1_184_040),
        # Fisher's lady has 3 of 4 cups right: all or none right, 2 of 70 ways, is rarer, and 32 ways are as rare.
        ((3, 4, 1, 4), MID_P, (2 + 32 / 2) / 70),
    ],
)
def test_against_other_sources(pair: Pair, method: str, expected: float) -> None:
    p, methods = p_of(pair)
    assert methods == [method]
    assert p == pytest.approx([expected], rel=1e-9)


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40), st.floats(0, 1), st.floats(0, 1)), min_size=1))
def test_mid_p_against_counting_every_table(some: list[tuple[int, int, float, float]]) -> None:
    pairs_of_counts = [(round(n1 * a), n1, round(n2 * b), n2) for n1, n2, a, b in some]
    found = mid_p(*(np.array(column) for column in zip(*pairs_of_counts, strict=True)))
    assert found == pytest.approx([float(mid_p_by_counting(*pair)) for pair in pairs_of_counts], rel=1e-9)


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60), st.floats(0, 1), st.floats(0, 1)), min_size=1))
def test_mid_p_is_below_fishers_p_and_above_half_of_it(some: list[tuple[int, int, float, float]]) -> None:
    for n1, n2, a, b in some:
        x1, x2 = round(n1 * a), round(n2 * b)
        fishers = fisher_exact([[x1, n1 - x1], [x2, n2 - x2]]).pvalue
        (found,) = mid_p(*(np.array([count]) for count in (x1, n1, x2, n2)))
        assert fishers / 2 * (1 - 1e-9) <= found < fishers


@pytest.mark.parametrize(
    ("pair", "method"),
    [
        # 10 of 20 in all: expected exactly 5 in each cell; then a little less.
        ((4, 10, 6, 10), SCORE),
        ((4, 9, 6, 11), MID_P),
        ((0, 10, 0, 10), MID_P),
        ((10, 10, 10, 10), MID_P),
    ],
)
def test_the_rule_that_chooses_the_test(pair: Pair, method: str) -> None:
    assert p_of(pair)[1] == [method]


def test_nobody_decided_is_no_test() -> None:
    p, methods = p_of((0, 0, 5, 10), (5, 10, 0, 0))
    assert np.isnan(p).all()
    assert methods == ["", ""]


counts = st.integers(1, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
pairs = st.tuples(counts, counts).map(lambda two: (*two[0], *two[1]))


@given(st.lists(pairs, min_size=1, max_size=20))
def test_against_scipy_for_many_tables_at_once(some: list[Pair]) -> None:
    for (x1, n1, x2, n2), p, method in zip(some, *p_of(*some), strict=True):
        table = [[x1, n1 - x1], [x2, n2 - x2]]
        assert method == (SCORE if expected_freq(table).min() >= 5 else MID_P)
        by_counting = float(mid_p_by_counting(x1, n1, x2, n2))
        expected = chi2_contingency(table, correction=False).pvalue if method == SCORE else by_counting
        assert p == pytest.approx(expected, rel=1e-7)


@given(pairs)
def test_swapping_the_groups_changes_nothing(pair: Pair) -> None:
    assert p_of(pair)[0] == pytest.approx(p_of((*pair[2:], *pair[:2]))[0])


def test_holm_against_r() -> None:
    adjusted = holm(np.array([0.01, 0.04, 0.03, 0.005, 0.2]), np.zeros(5, dtype=np.int64))
    assert adjusted.tolist() == pytest.approx([0.04, 0.09, 0.09, 0.025, 0.2])


@pytest.fixture(scope="module")
def nothing_collected() -> Iterator[None]:
    """statsmodels collects the garbage of the whole process for each family, which takes a thousand times the sum."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gc.collect", lambda: 0)
        yield


@pytest.mark.usefixtures("nothing_collected")
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3)), min_size=1, max_size=30))
def test_holm_in_families_against_statsmodels(tests: list[tuple[float, int]]) -> None:
    p, family = (np.array(column) for column in zip(*tests, strict=True))
    adjusted = holm(p, family)
    for number in set(family.tolist()):
        mine = family == number
        assert adjusted[mine] == pytest.approx(multipletests(p[mine], method="holm")[1])


def test_what_is_no_test_is_not_counted_among_them() -> None:
    adjusted = holm(np.array([0.01, np.nan, 0.04]), np.zeros(3, dtype=np.int64))
    assert adjusted[[0, 2]].tolist() == pytest.approx([0.02, 0.04])
    assert np.isnan(adjusted[1])
