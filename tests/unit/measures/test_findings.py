"""The five findings on comparisons that just are and just are not what they say."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equity_audit.measures.disparity import disparities
from equity_audit.measures.findings import FINDINGS, finding
from equity_audit.measures.rates import selection_rates
from equity_audit.settings import Comparator, load_settings
from tests.conftest import IN_TENS
from tests.unit.measures.test_comparators import compared_each
from tests.unit.measures.test_measures import stage_counts


def row(group: tuple[int, int], reference: tuple[int, int]) -> dict[str, Any]:
    policy = load_settings()
    counts = stage_counts({"Asian": group, "White": reference})
    return disparities(selection_rates(counts, policy), policy).row(0, named=True)


CASES = {
    "disparity": ((100, 400), (200, 500)),
    "possible_disparity": ((24, 80), (40, 100)),
    "small_difference": ((900, 2000), (1000, 2000)),
    "no_disparity_detected": ((90, 200), (100, 200)),
    "too_few_to_say": ((1, 4), (3, 6)),
}


@pytest.mark.parametrize("finding", FINDINGS)
def test_each_finding_has_its_case(finding: str) -> None:
    assert row(*CASES[finding])["finding"] == finding


@pytest.mark.parametrize(
    ("group", "reference", "finding"),
    [
        # Exactly four fifths, and exactly five fourths, are inside.
        ((4000, 10000), (5000, 10000), "small_difference"),
        ((5000, 10000), (4000, 10000), "small_difference"),
        ((3999, 10000), (5000, 10000), "disparity"),
        ((5001, 10000), (4000, 10000), "disparity"),
        # Undefined, whatever the numbers.
        ((0, 0), (5, 10), "too_few_to_say"),
        ((50, 100), (0, 100), "too_few_to_say"),
        # Nobody selected of many: no ratio lower than 0, and sure.
        ((0, 100), (50, 100), "disparity"),
        # One person to compare with says nothing, however many the others are.
        ((500_000, 1_000_000), (1, 1), "too_few_to_say"),
        # 1 of 9 against 8 of 12: hardly chance taken alone (p 0.024), but no ratio would be found with 80% power.
        ((1, 9), (8, 12), "disparity"),
    ],
)
def test_the_edges(group: tuple[int, int], reference: tuple[int, int], finding: str) -> None:
    assert row(group, reference)["finding"] == finding


counts = st.integers(0, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(("reversed_by_one", "expected"), [(False, "disparity"), (True, "possible_disparity")])
def test_a_difference_that_one_selection_would_reverse_is_no_sure_one(reversed_by_one: bool, expected: str) -> None:
    """Small numbers that are sure and so fragile at once hardly come up by counting: the row is written out."""
    row = {
        "undefined_reason": None,
        "impact_ratio": 0.5,
        "p_adjusted": 0.01,
        "below_four_fifths": True,
        "above_five_fourths": False,
        "flip_flop": reversed_by_one,
        "smallest_detectable_ratio": 0.6,
    }
    rows = pl.DataFrame([row], schema_overrides={"undefined_reason": pl.String})
    assert rows.select(finding(0.05)).item() == expected


@IN_TENS
@given(st.lists(st.tuples(counts, counts), min_size=10, max_size=10))
def test_a_finding_is_what_its_evidence_says(cases: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """DOMAIN's five definitions once more, in plain Python."""
    for groups in compared_each("reference", [{"Asian": group, "White": reference} for group, reference in cases]):
        found = groups["Asian"]
        sure = found["p_adjusted"] is not None and found["p_adjusted"] < 0.05
        if found["impact_ratio"] is None:
            expected = "too_few_to_say"
        else:
            outside = bool(found["below_four_fifths"] or found["above_five_fourths"])
            if sure and outside and not found["flip_flop"]:
                expected = "disparity"
            elif sure and not outside:
                expected = "small_difference"
            elif found["smallest_detectable_ratio"] is None:
                expected = "too_few_to_say"
            else:
                expected = "possible_disparity" if outside else "no_disparity_detected"
        assert found["finding"] == expected


few = st.integers(0, 4).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
COMPARATORS: tuple[Comparator, ...] = ("reference", "everyone_else", "overall", "highest_rate")


@IN_TENS
@given(
    st.lists(
        st.fixed_dictionaries({"White": few, "Asian": few}, optional={"Black": few, "Unknown": few}),
        min_size=10,
        max_size=10,
    )
)
def test_whatever_the_counts_a_measure_that_is_not_there_has_a_reason(
    cases: list[dict[str, tuple[int, int]]],
) -> None:
    measures = ("impact_ratio", "relative_likelihood", "rate_difference", "z", "p_value", "impact_ratio_low")
    for comparator in COMPARATORS:
        for found in (row for groups in compared_each(comparator, cases) for row in groups.values()):
            if found["undefined_reason"] is None:
                assert [name for name in measures if found[name] is None] == []
