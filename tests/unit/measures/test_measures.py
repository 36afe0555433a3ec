"""Rates, intervals and disparities against published cases and independent implementations."""

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import binom, chi2_contingency
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from equity_audit.contracts import DISPARITIES, SELECTION_RATES, STAGE_COUNTS
from equity_audit.measures.disparity import disparities
from equity_audit.measures.intervals import koopman_interval, wilson_interval
from equity_audit.measures.rates import selection_rates
from equity_audit.measures.recomputation import largest_difference
from equity_audit.settings import Settings, load_settings

KEY = {
    "organisation": "Trust",
    "period": date(2023, 4, 1),
    "level": "group",
    "breakdown": "all",
    "breakdown_value": "all",
    "step_order": 0,
    "step_kind": "stage",
    "from_stage": "applied",
    "to_stage": "shortlisted",
}


def stage_counts(groups: dict[str, tuple[int, int]], **key: Any) -> pl.DataFrame:
    """Rows of out.stage_counts from {group: (progressed, decided)}; nobody drops out."""
    rows = [
        {
            **KEY,
            **key,
            "group_name": name,
            "reached": decided,
            "decided": decided,
            "progressed": progressed,
            "rejected": decided - progressed,
            **dict.fromkeys(("withdrew", "declined", "ineligible", "pending"), 0),
            "basis": "records",
        }
        for name, (progressed, decided) in groups.items()
    ]
    return pl.DataFrame(rows).select(STAGE_COUNTS.column_names)


def compare(settings: Settings, group: tuple[int, int], reference: tuple[int, int]) -> dict[str, Any]:
    rates = selection_rates(stage_counts({"Asian": group, "White": reference}), settings)
    return disparities(rates, settings).row(0, named=True)


def koopman(s_g: int, n_g: int, s_r: int, n_r: int) -> tuple[float, float]:
    low, high = koopman_interval(*(np.array([count]) for count in (s_g, n_g, s_r, n_r)), 0.95)
    return float(low[0]), float(high[0])


def test_a_worked_example(settings: Settings) -> None:
    """111 of 415 and 728 of 1554 (Nottingham 1997): 0.26747 / 0.46847 = 0.5709."""
    row = compare(settings, (111, 415), (728, 1554))
    assert row["selection_rate"] == pytest.approx(111 / 415)
    assert row["impact_ratio"] == pytest.approx(0.5709, abs=5e-5)
    assert row["relative_likelihood"] == pytest.approx(1 / row["impact_ratio"])
    assert row["rate_difference"] == pytest.approx(111 / 415 - 728 / 1554)
    assert (row["below_four_fifths"], row["above_five_fourths"]) == (True, False)
    assert row["undefined_reason"] is None


@pytest.mark.parametrize(
    ("group", "reference", "ratio", "z"),
    [
        # Connecticut v Teal, 457 US 440 (1982): the examination, then promotion.
        ((26, 48), (206, 259), 0.6810, -3.757),
        ((11, 48), (35, 259), 1.6958, None),
        # scipy.stats.contingency.relative_risk, documentation example.
        ((10, 75), (12, 225), 2.5, None),
    ],
)
def test_published_cases(
    settings: Settings, group: tuple[int, int], reference: tuple[int, int], ratio: float, z: float | None
) -> None:
    row = compare(settings, group, reference)
    assert row["impact_ratio"] == pytest.approx(ratio, abs=5e-5)
    if z is not None:
        assert row["z"] == pytest.approx(z, abs=5e-4)


def test_the_wres_direction_of_a_published_trust(settings: Settings) -> None:
    """The Christie, WRES 2022: 46.99% of white and 14.65% of BME shortlisted were appointed, computed 3.2075."""
    row = compare(settings, (1465, 10000), (4699, 10000))
    assert row["relative_likelihood"] == pytest.approx(3.2075, abs=5e-5)


@pytest.mark.parametrize(
    ("group", "reference", "below", "above"),
    [
        ((3, 5), (15, 20), False, False),  # exactly 4/5; floats give 0.7999999999999999
        ((25, 30), (20, 30), False, False),  # exactly 5/4
        ((299, 500), (15, 20), True, False),
        ((301, 500), (15, 20), False, False),
        ((251, 300), (20, 30), False, True),
        ((249, 300), (20, 30), False, False),
    ],
)
def test_four_fifths_is_decided_in_whole_numbers(
    settings: Settings, group: tuple[int, int], reference: tuple[int, int], below: bool, above: bool
) -> None:
    row = compare(settings, group, reference)
    assert (row["below_four_fifths"], row["above_five_fourths"]) == (below, above)


@pytest.mark.parametrize(
    ("group", "reference", "reason"),
    [
        ((0, 0), (5, 10), "no_decisions"),
        ((5, 10), (0, 0), "no_reference_decisions"),
        ((5, 10), (0, 10), "reference_never_selected"),
        ((0, 10), (0, 10), "nobody_selected"),
    ],
)
def test_what_is_undefined_is_null_with_the_reason(
    settings: Settings, group: tuple[int, int], reference: tuple[int, int], reason: str
) -> None:
    row = compare(settings, group, reference)
    assert row["undefined_reason"] == reason
    for name in ("impact_ratio", "impact_ratio_low", "impact_ratio_high", "relative_likelihood", "below_four_fifths"):
        assert row[name] is None


def test_a_group_that_is_never_selected_has_a_ratio_of_0_and_an_upper_bound(settings: Settings) -> None:
    row = compare(settings, (0, 20), (10, 20))
    assert (row["impact_ratio"], row["impact_ratio_low"], row["relative_likelihood"]) == (0, 0, None)
    assert row["undefined_reason"] == "group_never_selected"
    assert 0 < row["impact_ratio_high"] < 1


def test_no_reference_group(settings: Settings) -> None:
    rows = disparities(selection_rates(stage_counts({"Asian": (1, 2), "Unknown": (0, 3)}), settings), settings)
    assert rows["undefined_reason"].to_list() == ["no_reference_group"] * 2


def test_unknown_is_a_row_and_all_applicants_are_none(settings: Settings) -> None:
    counts = pl.concat(
        [
            stage_counts({"Asian": (1, 2), "White": (2, 4), "Unknown": (0, 3)}),
            stage_counts({"All applicants": (3, 9)}, level="all"),
        ]
    )
    rows = disparities(selection_rates(counts, settings), settings)
    assert rows["group_name"].to_list() == ["Asian", "Unknown"]
    assert tuple(rows.columns) == DISPARITIES.column_names


def test_each_step_is_compared_with_its_own_reference(settings: Settings) -> None:
    counts = pl.concat(
        [
            stage_counts({"Asian": (5, 10), "White": (10, 10)}),
            stage_counts({"Asian": (5, 5), "White": (5, 10)}, step_order=1, to_stage="interviewed"),
        ]
    )
    rows = disparities(selection_rates(counts, settings), settings)
    assert dict(zip(rows["to_stage"], rows["impact_ratio"], strict=True)) == {"shortlisted": 0.5, "interviewed": 2.0}


def test_rates_without_decisions(settings: Settings) -> None:
    rates = selection_rates(stage_counts({"Asian": (0, 0), "White": (0, 4)}), settings)
    assert rates["selection_rate"].to_list() == [None, 0.0]
    assert rates["selection_rate_low"].to_list()[0] is None
    assert rates["undefined_reason"].to_list() == ["no_decisions", None]
    assert tuple(rates.columns) == SELECTION_RATES.column_names


counts = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
def test_wilson_against_statsmodels(count: tuple[int, int]) -> None:
    low, high = wilson_interval(np.array([count[0]]), np.array([count[1]]), 0.95)
    expected = proportion_confint(*count, method="wilson")
    assert (low[0], high[0]) == pytest.approx(expected)


@given(counts, counts)
def test_koopman_against_statsmodels(group: tuple[int, int], reference: tuple[int, int]) -> None:
    # At rates of 0 and 1 statsmodels 0.15 is no guide: for 1 of 1 against 1 of 2 it gives 1.5 to 11. See the next test.
    assume(0 < group[0] < group[1] and 0 < reference[0] < reference[1])
    expected = confint_proportions_2indep(*group, *reference, compare="ratio", method="score", correction=False)
    assert koopman(*group, *reference) == pytest.approx(expected, rel=1e-6)


@given(counts, counts)
def test_koopmans_bounds_by_the_definition(group: tuple[int, int], reference: tuple[int, int]) -> None:
    """At a bound the score statistic, with the likelihood maximised by scipy's search, is the normal quantile."""
    assume(group[0] + reference[0] > 0)
    for bound in koopman(*group, *reference):
        if 0 < bound < np.inf:
            assert _score_by_search(bound, group, reference) ** 2 == pytest.approx(1.959963984540054**2, rel=1e-3)


def _score_by_search(ratio: float, group: tuple[int, int], reference: tuple[int, int]) -> float:
    (x1, n1), (x2, n2) = group, reference

    def loss(q2: float) -> float:
        return -float(binom.logpmf(x1, n1, ratio * q2) + binom.logpmf(x2, n2, q2))

    q2 = minimize_scalar(loss, bounds=(1e-12, min(1, 1 / ratio) - 1e-12), method="bounded", options={"xatol": 1e-13}).x
    q1 = ratio * q2
    return float((x1 / n1 - ratio * x2 / n2) / np.sqrt(q1 * (1 - q1) / n1 + ratio**2 * q2 * (1 - q2) / n2))


@given(counts, counts)
def test_koopmans_bounds_are_where_the_score_test_turns(group: tuple[int, int], reference: tuple[int, int]) -> None:
    """At ratio 1 the score test is scipy's chi-squared test without correction: inside exactly if not significant."""
    assume(0 < group[0] + reference[0] < group[1] + reference[1])
    table = [[s, n - s] for s, n in (group, reference)]
    p = chi2_contingency(table, correction=False).pvalue
    assume(abs(p - 0.05) > 1e-6)
    low, high = koopman(*group, *reference)
    assert (low <= 1 <= high) == (p > 0.05)


@given(counts, counts)
def test_swapping_the_groups_turns_the_ratio_upside_down(group: tuple[int, int], reference: tuple[int, int]) -> None:
    assume(group[0] > 0 and reference[0] > 0)
    low, high = koopman(*group, *reference)
    again_low, again_high = koopman(*reference, *group)
    assert (low, high) == pytest.approx((1 / again_high, 1 / again_low), rel=1e-9)


@given(
    st.lists(st.integers(1, 40), min_size=4, max_size=4).map(lambda parts: [sum(parts[i:]) for i in range(4)]), counts
)
def test_without_dropping_out_step_ratios_multiply_to_the_whole(path: list[int], scale: tuple[int, int]) -> None:
    """A funnel n0 > n1 > n2 > n3 for the group, the same with other numbers for the reference."""
    policy = load_settings()
    other = [count + scale[1] for count in path]
    frames = [
        stage_counts({"Asian": (path[j], path[i]), "White": (other[j], other[i])}, step_order=order)
        for order, (i, j) in enumerate([(0, 1), (1, 2), (2, 3), (0, 3)])
    ]
    ratios = disparities(selection_rates(pl.concat(frames), policy), policy).sort("step_order")["impact_ratio"]
    assert ratios[:3].product() == pytest.approx(ratios[3], rel=1e-12)


@given(st.permutations(["Asian", "Black", "Mixed", "White", "Other", "Unknown"]))
def test_the_order_of_rows_changes_nothing(order: list[str]) -> None:
    policy = load_settings()
    numbers = dict(zip(["Asian", "Black", "Mixed", "White", "Other", "Unknown"], range(1, 7), strict=True))
    rows = disparities(selection_rates(stage_counts({g: (numbers[g], 20) for g in order}), policy), policy)
    again = disparities(selection_rates(stage_counts({g: (numbers[g], 20) for g in numbers}), policy), policy)
    assert rows.sort("group_name").equals(again.sort("group_name"))


@given(st.permutations(["Asian", "Black", "Mixed", "Other"]))
def test_the_names_of_groups_change_no_figure(names: list[str]) -> None:
    """Unknown stays where it is: its numbers are the bounds of all others."""
    policy = load_settings()
    numbers = [(3, 20), (0, 9), (8, 8), (5, 60)]

    def figures(order: list[str]) -> list[tuple[Any, ...]]:
        others = {"Unknown": (2, 6), "White": (30, 70)}
        rates = selection_rates(stage_counts({**dict(zip(order, numbers, strict=True)), **others}), policy)
        return disparities(rates, policy).drop("group_name").rows()

    assert figures(names) == figures(["Asian", "Black", "Mixed", "Other"])


def test_fairlearn_agrees_and_a_wrong_number_is_seen(settings: Settings) -> None:
    exact = stage_counts({"Asian": (7, 13), "Black": (0, 5), "Other": (0, 0), "White": (40, 60)})
    rows = disparities(selection_rates(exact, settings), settings)
    assert largest_difference(exact, rows) < 1e-12
    wrong = rows.with_columns(pl.col("impact_ratio") + 0.001)
    assert largest_difference(exact, wrong) == pytest.approx(0.001)
    missing = rows.with_columns(pl.lit(None, pl.Float64).alias("selection_rate"))
    assert largest_difference(exact, missing) == float("inf")
