"""The attacker's bounds are those of every table that fits, counted out one by one."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from equity_audit.disclosure.suppression.mip_bounds import Contradiction, tightest
from equity_audit.disclosure.table.constraints import UNBOUNDED, Constraints, narrowed

Relations = list[tuple[int, list[int]]]
# Places 0 to 3 are cells of a 2x2, then its rows, its columns and everybody.
MARGINS: Relations = [(4, [0, 1]), (5, [2, 3]), (6, [0, 2]), (7, [1, 3]), (8, [4, 5]), (8, [6, 7])]
# Categories 0 to 4; groups 5 of 0 and 1, 6 of 2 and 3, 7 of 4; BME 8 of 6 and 7; everybody 9 of 5 and 8, and of groups.
LEVELS: Relations = [(5, [0, 1]), (6, [2, 3]), (7, [4]), (8, [6, 7]), (9, [5, 8]), (9, [0, 1, 2, 3, 4])]
SHAPES = {"margins": (4, MARGINS), "nested levels": (5, LEVELS)}


def filled(cells: list[int], relations: Relations, size: int) -> list[int]:
    """Cells with their sums, which come after their parts."""
    counts = [*cells, *[0] * (size - len(cells))]
    for whole, parts in relations:
        counts[whole] = sum(counts[part] for part in parts)
    return counts


def published(counts: list[int], marks: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of counts that are shown, rounded to 5, marked "fewer than 5", or of which nothing is said."""
    bounds = []
    for count, mark in zip(counts, marks, strict=True):
        rounded = (count + 2) // 5 * 5
        bounds.append(
            {
                "exact": (count, count),
                "rounded": (max(rounded - 2, 0), rounded + 2),
                "fewer": (0, 4) if count < 5 else (count, count),
                "nothing": (0, UNBOUNDED),
            }[mark]
        )
    low, high = np.array(bounds, np.int64).T
    return low, high


def every_table(low: np.ndarray, high: np.ndarray, relations: Relations, cells: int) -> np.ndarray:
    most = min(6, int(high.max()))
    tables = [filled(list(c), relations, len(low)) for c in product(range(most + 1), repeat=cells)]
    return np.array([t for t in tables if (np.array(t) >= low).all() and (np.array(t) <= high).all()])


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, list[int], list[str]]:
    shape = draw(st.sampled_from(sorted(SHAPES)))
    cells, relations = SHAPES[shape]
    size = max(whole for whole, _ in relations) + 1
    counts = filled(draw(st.lists(st.integers(0, 3), min_size=cells, max_size=cells)), relations, size)
    marks = draw(st.lists(st.sampled_from(["exact", "rounded", "fewer", "nothing"]), min_size=size, max_size=size))
    # A cell that nothing is said of could be larger than those that are counted out.
    marks[:cells] = ["fewer" if mark in ("nothing", "rounded") else mark for mark in marks[:cells]]
    return shape, counts, marks


@effort(max_examples=60)
@given(cases())
def test_bounds_are_those_of_every_table_that_fits(case: tuple[str, list[int], list[str]]) -> None:
    shape, counts, marks = case
    cells, relations = SHAPES[shape]
    low, high = published(counts, marks)
    system = Constraints(low, high, relations)
    tables = every_table(low, high, relations, cells)
    found, passed = tightest(system, range(len(counts))), narrowed(system)
    assert found.proven
    assert [found.lowest[c] for c in range(len(counts))] == tables.min(axis=0).tolist()
    assert [found.highest[c] for c in range(len(counts))] == tables.max(axis=0).tolist()
    assert (passed.lowest <= tables.min(axis=0)).all()
    assert (passed.highest >= tables.max(axis=0)).all()


@given(cases())
def test_a_bound_stands_as_long_as_what_it_rests_on_is_published(case: tuple[str, list[int], list[str]]) -> None:
    shape, counts, marks = case
    relations = SHAPES[shape][1]
    low, high = published(counts, marks)
    passed = narrowed(Constraints(low, high, relations))
    for cell in range(len(counts)):
        behind = list(passed.published_behind(cell))
        some_low, some_high = np.zeros_like(low), np.full_like(high, UNBOUNDED)
        some_low[behind], some_high[behind] = low[behind], high[behind]
        again = narrowed(Constraints(some_low, some_high, relations))
        assert (again.lowest[cell], again.highest[cell]) == (passed.lowest[cell], passed.highest[cell])


def test_a_bound_rests_on_nothing_else() -> None:
    # 3 = 10 - 7; the counts of the other sum have nothing to do with it.
    system = Constraints(np.array([7, 0, 10, 1, 0, 9]), np.array([7, 4, 10, 1, 9, 9]), [(2, [0, 1]), (5, [3, 4])])
    passed = narrowed(system)
    assert (passed.lowest[1], passed.highest[1]) == (3, 3)
    assert passed.published_behind(1) <= {0, 1, 2}
    assert {0, 2} <= passed.published_behind(1)


def test_all_sums_together_give_more_than_one_after_the_other() -> None:
    # a + b, b + c and a + c are each 4: then a = b = c = 2, which no sum says alone.
    system = Constraints(
        np.array([0, 0, 0, 4, 4, 4]), np.array([4, 4, 4, 4, 4, 4]), [(3, [0, 1]), (4, [1, 2]), (5, [0, 2])]
    )
    passed, found = narrowed(system), tightest(system, range(3))
    assert (passed.highest[:3] - passed.lowest[:3]).tolist() == [4, 4, 4]
    assert found.lowest == found.highest == {0: 2, 1: 2, 2: 2}


def test_what_nothing_fits_is_a_contradiction() -> None:
    with pytest.raises(Contradiction):
        tightest(Constraints(np.array([3, 3, 5]), np.array([4, 4, 5]), [(2, [0, 1])]), [0])
    # Odd sums of pairs: each sum alone can be met.
    odd = Constraints(
        np.array([0, 0, 0, 3, 3, 3]), np.array([3, 3, 3, 3, 3, 3]), [(3, [0, 1]), (4, [1, 2]), (5, [0, 2])]
    )
    with pytest.raises(Contradiction):
        tightest(odd, [0])
