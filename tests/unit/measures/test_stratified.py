"""Stratified measures against statsmodels, R and a published case.

Gastwirth 1984 (hiring of Black and White applicants in eight strata; the R package lawstat has the data as blackhire).
R 4.2.2 on its counts:
    > mantelhaen.test(table, correct = FALSE)      X-squared = 145.8402599, common odds ratio 0.477462059848
    > R/S; exp(log(R/S) + c(-1, 1) * qnorm(.975) * sqrt(v))      0.500745207328 0.445843046358 0.562408149482
with R, S and v the sums of Greenland and Robins.
"""

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from equity_audit.contracts import DISPARITIES, STAGE_COUNTS, STRATIFIED_DISPARITIES
from equity_audit.measures.disparity import disparities
from equity_audit.measures.rates import selection_rates
from equity_audit.measures.stratified import stratified_disparities
from equity_audit.settings import load_settings

# stratum: (Black hired, Black not hired, White hired, White not hired)
GASTWIRTH = {
    "1": (4, 401, 20, 2665),
    "2": (16, 3599, 315, 26810),
    "3": (17, 1263, 207, 7818),
    "4": (85, 1878, 723, 5707),
    "5": (1, 374, 41, 3199),
    "6": (42, 2013, 626, 12359),
    "7": (14, 741, 315, 4160),
    "8": (127, 1198, 552, 4268),
}
Table = tuple[int, int, int, int]


def adjusted(tables: dict[str, Table], stratified_by: str = "pay_band") -> dict[str, Any]:
    """The row of the group, whose strata are parts of a breakdown or vacancies."""
    policy = load_settings()
    parts = [*((stratified_by, name, table) for name, table in tables.items())]
    total = tuple(sum(column) for column in zip(*tables.values(), strict=True))
    counts = pl.concat(
        [
            rows(breakdown, value, table)
            for breakdown, value, table in [("all", "all", total), *parts]
            if breakdown != "vacancy"
        ]
    )
    crude = disparities(selection_rates(counts, policy), policy)
    assert tuple(crude.columns) == DISPARITIES.column_names
    found = stratified_disparities(sums(tables, stratified_by), counts, crude, policy)
    assert tuple(found.columns) == STRATIFIED_DISPARITIES.column_names
    return found.row(0, named=True)


def rows(breakdown: str, value: str, table: tuple[int, ...]) -> pl.DataFrame:
    made = []
    for name, selected, not_selected in (("Black", *table[:2]), ("White", *table[2:])):
        decided = selected + not_selected
        step = {"step_order": 0, "step_kind": "stage", "from_stage": "applied", "to_stage": "shortlisted"}
        key = {"organisation": "Trust", "period": date(2023, 4, 1), "level": "group", "breakdown": breakdown}
        counted = {"reached": decided, "decided": decided, "progressed": selected, "rejected": not_selected}
        none = dict.fromkeys(("withdrew", "declined", "ineligible", "pending"), 0)
        made.append(
            key | {"breakdown_value": value} | step | {"group_name": name} | counted | none | {"basis": "records"}
        )
    return pl.DataFrame(made).select(STAGE_COUNTS.column_names)


def sums(tables: dict[str, Table], stratified_by: str) -> pl.DataFrame:
    """What stratified_sums.sql gives, by numpy; the statement itself is tested in tests/sql."""
    a, b, c, d = (np.array(column, dtype=float) for column in zip(*tables.values(), strict=True))
    n1, n0 = a + b, c + d
    both = (n1 > 0) & (n0 > 0)
    a, b, c, d, n1, n0 = (column[both] for column in (a, b, c, d, n1, n0))
    t, m = n1 + n0, a + c
    key = {"organisation": "Trust", "level": "group", "group_name": "Black", "reference_name": "White"}
    return pl.DataFrame(
        key
        | {
            "stratified_by": stratified_by,
            "step_order": 0,
            "strata": int(both.sum()),
            "informative_strata": int(((m > 0) & (m < t)).sum()),
            "group_selected": int(a.sum()),
            "group_decided": int(n1.sum()),
            "reference_selected": int(c.sum()),
            "reference_decided": int(n0.sum()),
            "ratio_numerator": (a * n0 / t).sum(),
            "ratio_denominator": (c * n1 / t).sum(),
            "ratio_variance": ((n1 * n0 * m - a * c * t) / t**2).sum(),
            "odds_numerator": (a * d / t).sum(),
            "odds_denominator": (b * c / t).sum(),
            "excess": (a - n1 * m / t).sum(),
            "excess_variance": (n1 * n0 * m * (t - m) / (t**2 * (t - 1))).sum(),
        }
    ).with_columns(pl.col("step_order").cast(pl.Int64))


def statsmodels_table(tables: dict[str, Table]) -> StratifiedTable:
    return StratifiedTable([np.array([[a, b], [c, d]], dtype=float) for a, b, c, d in tables.values()])


def test_a_published_case_against_r() -> None:
    row = adjusted(GASTWIRTH)
    assert row["adjusted_ratio"] == pytest.approx(0.500745207328, rel=1e-10)
    assert row["adjusted_ratio_low"] == pytest.approx(0.445843046358, rel=1e-10)
    assert row["adjusted_ratio_high"] == pytest.approx(0.562408149482, rel=1e-10)
    assert row["cmh_statistic"] == pytest.approx(145.8402599, rel=1e-9)
    assert row["odds_ratio"] == pytest.approx(0.477462059848, rel=1e-10)
    assert row["crude_ratio"] == pytest.approx(0.6480, abs=5e-5)
    assert (row["strata"], row["informative_strata"], row["compared_share"]) == (8, 8, 1.0)


def test_the_published_heterogeneity_and_what_it_means() -> None:
    """Breslow-Day without Tarone's adjustment is 45.77; with it statsmodels 0.15 gives 45.7657."""
    row = adjusted(GASTWIRTH)
    expected = statsmodels_table(GASTWIRTH).test_equal_odds(adjust=True)
    assert row["homogeneity_statistic"] == pytest.approx(expected.statistic, rel=1e-9)
    assert row["homogeneity_p_value"] == pytest.approx(expected.pvalue, rel=1e-6)
    assert row["stratified_finding"] == "differs_between"


@hypothesis_settings(max_examples=30)
@given(st.dictionaries(st.sampled_from("ABCDEF"), st.tuples(*[st.integers(0, 40)] * 4), min_size=2, max_size=6))
def test_against_statsmodels(tables: dict[str, Table]) -> None:
    counted = {name: t for name, t in tables.items() if sum(t[:2]) and sum(t[2:])}
    informative = [t for t in counted.values() if 0 < t[0] + t[2] < sum(t)]
    assume(len(informative) > 1 and sum(a for a, *_ in counted.values()) and sum(c for _, _, c, _ in counted.values()))
    row = adjusted(counted)
    theirs = statsmodels_table(counted)
    null = statsmodels_table({str(number): t for number, t in enumerate(informative)}).test_null_odds(correction=False)
    if row["undefined_reason"] is None:
        assert row["adjusted_ratio"] == pytest.approx(theirs.riskratio_pooled)
        assert row["cmh_statistic"] == pytest.approx(null.statistic)
        assert row["cmh_p_value"] == pytest.approx(null.pvalue, abs=1e-12)
    if row["homogeneity_p_value"] is not None:
        equal = statsmodels_table({str(number): t for number, t in enumerate(informative)}).test_equal_odds(adjust=True)
        assert row["homogeneity_p_value"] == pytest.approx(equal.pvalue, abs=1e-9)


def test_homogeneity_is_not_tested_where_strata_are_small() -> None:
    small = adjusted({"A": (3, 4, 5, 6), "B": (2, 3, 4, 5)})
    assert (small["homogeneity_p_value"], small["homogeneity_reason"]) == (None, "strata_too_small")
    single = adjusted({"A": (30, 40, 50, 60)})
    assert (single["homogeneity_p_value"], single["homogeneity_reason"]) == (None, "one_stratum")
    vacancies = adjusted({"A": (30, 40, 50, 60), "B": (30, 40, 50, 60)}, "vacancy")
    assert (vacancies["homogeneity_p_value"], vacancies["homogeneity_reason"]) == (None, "strata_too_small")


@hypothesis_settings(max_examples=30)
@given(st.tuples(*[st.integers(1, 60)] * 4), st.integers(2, 5))
def test_strata_of_equal_composition_merge_without_a_trace(table: Table, parts: int) -> None:
    """The same table several times over is the table once: ratio, crude and adjusted alike."""
    row = adjusted({str(number): table for number in range(parts)})
    once = adjusted({"only": table})
    assert row["adjusted_ratio"] == pytest.approx(once["adjusted_ratio"])
    assert row["adjusted_ratio"] == pytest.approx(row["crude_ratio"])


@hypothesis_settings(max_examples=50)
@given(st.tuples(*[st.integers(10, 60)] * 4), st.tuples(*[st.integers(10, 60)] * 4), st.integers(2, 5))
def test_what_merging_strata_of_equal_composition_leaves_as_it_was(table: Table, other: Table, parts: int) -> None:
    """Strata A, A, ... and B against the one stratum A + A + ... and B.

    Of k strata s1, n1, s0, n0 merged into one, every term of the sums is k times that of one of them, for all grow in
    proportion: so nothing moves that is made of such sums, nor the Breslow-Day statistic, which is one. Two things do,
    as they should. The hypergeometric variance behind the Cochran-Mantel-Haenszel test has t - 1 where the merged has
    k t - 1: margins that are fixed in k strata leave less to chance, and the statistic of a single composition grows by
    (k t - 1) / (k t - k). The degrees of freedom of Breslow-Day are one less than the strata, so its p-value differs.
    """
    split = adjusted({"other": other} | {str(number): table for number in range(parts)})
    a, b, c, d = (parts * count for count in table)
    merged = adjusted({"other": other, "merged": (a, b, c, d)})
    for name in ("", "_low", "_high"):
        assert split[f"adjusted_ratio{name}"] == pytest.approx(merged[f"adjusted_ratio{name}"])
        assert split[f"crude_ratio{name}"] == merged[f"crude_ratio{name}"]
    for name in ("odds_ratio", "shortfall", "compared_share"):
        assert split[name] == pytest.approx(merged[name], abs=1e-9)
    if None not in (split["homogeneity_p_value"], merged["homogeneity_p_value"]):
        assert split["homogeneity_statistic"] == pytest.approx(merged["homogeneity_statistic"], abs=1e-8)
        assert split["homogeneity_p_value"] > merged["homogeneity_p_value"] - 1e-9
    assert (split["strata"], merged["strata"]) == (parts + 1, 2)


@hypothesis_settings(max_examples=30)
@given(st.tuples(*[st.integers(1, 60)] * 4), st.integers(2, 5))
def test_by_how_much_merging_moves_the_test_of_equal_rates(table: Table, parts: int) -> None:
    """k strata of t people against their one merged table: (k t - 1) / (k t - k) times the statistic."""
    split = adjusted({str(number): table for number in range(parts)})
    a, b, c, d = (parts * count for count in table)
    merged = adjusted({"merged": (a, b, c, d)})
    people = parts * sum(table)
    assert merged["cmh_statistic"] == pytest.approx(split["cmh_statistic"] * (people - 1) / (people - parts), abs=1e-9)


@hypothesis_settings(max_examples=30)
@given(st.dictionaries(st.sampled_from("ABC"), st.tuples(*[st.integers(1, 40)] * 4), min_size=2))
def test_swapping_group_and_reference_turns_the_ratio_upside_down(tables: dict[str, Table]) -> None:
    row = adjusted(tables)
    again = adjusted({name: (c, d, a, b) for name, (a, b, c, d) in tables.items()})
    assert row["adjusted_ratio"] == pytest.approx(1 / again["adjusted_ratio"])
    assert row["adjusted_ratio_low"] == pytest.approx(1 / again["adjusted_ratio_high"])


FINDINGS: dict[str, dict[str, Table]] = {
    # Within each band the rates are equal; the group applies where fewer are selected.
    "explained_by": {"A": (40, 360, 10, 90), "B": (50, 50, 200, 200)},
    "not_explained_by": {"A": (20, 180, 60, 240), "B": (30, 170, 90, 210)},
    # Better in each band, worse over all.
    "reversed_within": {"A": (120, 680, 5, 95), "B": (90, 10, 480, 320)},
    "differs_between": {"A": (10, 190, 80, 120), "B": (100, 100, 90, 110)},
    "appears_within": {"A": (60, 40, 75, 25), "B": (10, 90, 40, 160)},
    "nothing_to_explain": {"A": (20, 80, 21, 79), "B": (50, 50, 49, 51)},
    # Clear over all; within the bands few are left to compare, and the ratio is still low.
    "cannot_tell": {"A": (20, 380, 0, 3), "B": (3, 9, 60, 100)},
    "too_few_to_say": {"A": (10, 0, 5, 0), "B": (0, 10, 0, 20)},
}


@pytest.mark.parametrize("finding", FINDINGS)
def test_each_finding_has_its_case(finding: str) -> None:
    assert adjusted(FINDINGS[finding])["stratified_finding"] == finding


def test_a_range_that_only_got_wider_explains_nothing() -> None:
    """Crude 0.80, clear of 1; within bands 0.81, and only as unsure as fewer comparable people make it."""
    row = adjusted({"A": (170, 230, 5, 5), "B": (17, 23, 570, 500)})
    assert row["crude_ratio_high"] < 1 < row["adjusted_ratio_high"]
    assert row["adjusted_ratio"] >= 0.8
    assert row["adjusted_ratio_low"] <= row["crude_ratio"]
    assert row["stratified_finding"] == "cannot_tell"


def test_what_cannot_be_worked_out_says_why() -> None:
    never = adjusted({"A": (0, 10, 5, 5), "B": (0, 4, 3, 3)})
    assert (never["adjusted_ratio"], never["adjusted_ratio_low"]) == (0, None)
    assert never["undefined_reason"] == "group_never_selected"
    other = adjusted({"A": (5, 5, 0, 10), "B": (3, 3, 0, 4)})
    assert (other["adjusted_ratio"], other["undefined_reason"]) == (None, "reference_never_selected")
    settled = adjusted(FINDINGS["too_few_to_say"])
    assert (settled["cmh_p_value"], settled["undefined_reason"]) == (None, "no_informative_strata")
    nobody = adjusted({"A": (0, 10, 0, 5), "B": (0, 4, 0, 6)})
    assert (nobody["adjusted_ratio"], nobody["undefined_reason"]) == (None, "no_informative_strata")


@pytest.mark.parametrize(
    ("tables", "reason"),
    [
        # Large strata, and nobody of the group, or everybody of the reference, selected: the odds ratio is 0.
        ({"A": (0, 100, 50, 50), "B": (0, 100, 40, 60)}, "no_odds_ratio"),
        ({"A": (50, 50, 100, 0), "B": (60, 40, 100, 0)}, "no_odds_ratio"),
        ({"A": (50, 50, 0, 100), "B": (60, 40, 0, 100)}, "no_odds_ratio"),
        ({"A": (100, 0, 50, 0), "B": (0, 100, 0, 200)}, "no_informative_strata"),
        ({"A": (3, 4, 5, 6), "B": (2, 3, 4, 5)}, "strata_too_small"),
    ],
)
def test_homogeneity_that_cannot_be_tested_has_its_own_reason(tables: dict[str, Table], reason: str) -> None:
    row = adjusted(tables)
    assert (row["homogeneity_p_value"], row["homogeneity_reason"]) == (None, reason)
