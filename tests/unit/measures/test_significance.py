"""P-values against R, statsmodels and scipy.

R 4.2.2:
    > fisher.test(matrix(c(26, 22, 206, 53), 2, byrow = TRUE))$p.value
    > chisq.test(matrix(c(11, 37, 35, 224), 2, byrow = TRUE), correct = FALSE)$p.value
    > p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.2), "holm")
"""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact
from scipy.stats.contingency import expected_freq
from statsmodels.stats.multitest import multipletests

from equity_audit.measures.significance import FISHER, SCORE, fisher, holm, two_sided_p

Pair = tuple[int, int, int, int]


def p_of(*pairs: Pair) -> tuple[list[float], list[str]]:
    """Each pair: group selected and decided, reference selected and decided."""
    p, method = two_sided_p(*(np.array(column) for column in zip(*pairs, strict=True)))
    return p.tolist(), method.tolist()


@pytest.mark.parametrize(
    ("pair", "method", "expected"),
    [
        ((26, 48, 206, 259), SCORE, 0.000171697905786),
        ((11, 48, 35, 259), SCORE, 0.0936323856349),
        ((3, 5, 15, 20), FISHER, 0.596837944664),
        ((0, 8, 7, 20), FISHER, 0.0749366575454),
        ((1, 40, 30, 300), FISHER, 0.150570804816),
        ((2, 9, 1, 11), FISHER, 0.565789473684),
    ],
)
def test_against_r(pair: Pair, method: str, expected: float) -> None:
    p, methods = p_of(pair)
    assert methods == [method]
    assert p == pytest.approx([expected], rel=1e-9)


@pytest.mark.parametrize(
    ("pair", "expected", "digits"),
    [
        # Connecticut v Teal, 457 US 440 (1982): the examination and promotion, as scipy 1.17 and R 4.2.2 have it.
        ((26, 48, 206, 259), 0.00040, 5),
        ((11, 48, 35, 259), 0.121, 3),
        # Nottingham 1997 (BMJ 1999;319:351), four steps and the whole path: R's fisher.test.
        ((415, 591, 1554, 1954), 3.9e-6, 7),
        ((111, 415, 728, 1554), 7.5e-14, 15),
        ((63, 111, 387, 728), 0.540, 3),
        ((30, 63, 224, 387), 0.134, 3),
        ((30, 591, 224, 1954), 2.1e-6, 7),
    ],
)
def test_fishers_test_on_published_cases(pair: Pair, expected: float, digits: int) -> None:
    """Also where this project uses the score test, all expected counts being 5 or more."""
    assert round(float(fisher(*(np.array([count]) for count in pair))[0]), digits) == expected


@pytest.mark.parametrize(
    ("pair", "method"),
    [
        # 10 of 20 in all: expected exactly 5 in each cell; then a little less.
        ((4, 10, 6, 10), SCORE),
        ((4, 9, 6, 11), FISHER),
        ((0, 10, 0, 10), FISHER),
        ((10, 10, 10, 10), FISHER),
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
        assert method == (SCORE if expected_freq(table).min() >= 5 else FISHER)
        expected = chi2_contingency(table, correction=False) if method == SCORE else fisher_exact(table)
        assert p == pytest.approx(expected.pvalue, rel=1e-7)


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
