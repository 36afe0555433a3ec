"""Published like with like: a function of published counts, and its ranges hold those of the exact ones."""

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equity_audit.contracts import DISCLOSED_LIKE_FOR_LIKE
from equity_audit.disclosure.estimates.like_for_like import disclose_like_for_like
from equity_audit.disclosure.publish import figures_of, figures_that_do_not_follow
from equity_audit.measures.intervals import koopman_interval
from equity_audit.settings import load_settings
from tests.published_rows import as_published
from tests.unit.measures.test_stratified import GASTWIRTH

POLICY = load_settings()
# Nothing is rounded and nothing withheld.
BARE = {"round_to": 1, "withhold_below": 1, "rate_min_denominator": 1, "zeros": "show", "zeros_in_splits": "show"}
EXACT = POLICY.model_copy(update={"disclosure": POLICY.disclosure.model_copy(update=BARE)})
Part = tuple[int, int, int, int]
# Selected of the group, not selected, and the same of the reference.
part = st.tuples(st.integers(0, 60), st.integers(0, 200), st.integers(0, 90), st.integers(0, 300))


def published(parts: Mapping[str, Part], policy: Any = POLICY) -> pl.DataFrame:
    """disclosed.stage_counts of a split by pay band and of all together, no count withheld to protect another."""
    whole = tuple(sum(column) for column in zip(*parts.values(), strict=True))
    rows = []
    for breakdown, value, table in [("all", "all", whole), *(("pay_band", name, own) for name, own in parts.items())]:
        for name, selected, others in (("Black", *table[:2]), ("White", *table[2:])):
            counts = {"reached": selected + others, "decided": selected + others, "progressed": selected}
            row = {"organisation": "Trust", "period": date(2023, 4, 1), "level": "group", "breakdown": breakdown}
            row |= {"breakdown_value": value, "step_order": 0, "step_kind": "stage"}
            rows.append(row | {"from_stage": "applied", "to_stage": "shortlisted", "group_name": name} | counts)
    return as_published(rows, policy)


def row_of(parts: Mapping[str, Part], policy: Any = POLICY) -> dict[str, Any]:
    found = disclose_like_for_like(published(parts, policy), policy)
    assert tuple(found.columns) == DISCLOSED_LIKE_FOR_LIKE.column_names
    return found.row(0, named=True)


def mantel_haenszel(parts: list[Part]) -> tuple[float, float, float]:
    """Ratio and ends by Greenland and Robins 1985 as printed there, apart from the project's way of writing it."""
    tables = [(a, a + b, c, c + d) for a, b, c, d in parts]
    p = sum(a * n0 / (n1 + n0) for a, n1, _, n0 in tables)
    q = sum(c * n1 / (n1 + n0) for _, n1, c, n0 in tables)
    above = sum((n1 * n0 * (a + c) - a * c * (n1 + n0)) / (n1 + n0) ** 2 for a, n1, c, n0 in tables)
    error = math.sqrt(max(above, 0) / (p * q))
    return p / q, p / q * math.exp(-1.959963984540054 * error), p / q * math.exp(1.959963984540054 * error)


def test_gastwirth_1984_where_nothing_is_rounded() -> None:
    """R 4.2.2 on his counts: exp(log(R/S) + c(-1, 1) * qnorm(.975) * sqrt(v)), see test_stratified.py."""
    row = row_of(GASTWIRTH, EXACT)
    assert row["adjusted_ratio"] == pytest.approx(0.500745207328, rel=1e-9)
    assert row["adjusted_ratio_low"] == pytest.approx(0.445843046358, rel=1e-9)
    assert row["adjusted_ratio_high"] == pytest.approx(0.562408149482, rel=1e-9)
    assert row["crude_ratio"] == pytest.approx(0.6480, abs=5e-5)
    assert (row["parts"], row["parts_compared"], row["compared_share"]) == (8, 8, 1)
    assert row["stratified_finding"] == "not_explained_by"


def test_a_gap_that_is_made_by_who_applies_where() -> None:
    """Within each part both are selected alike; three in four Black applicants apply where few are."""
    row = row_of({"2": (60, 540, 20, 180), "7": (100, 100, 300, 300)})
    assert row["adjusted_ratio"] == pytest.approx(1)
    assert row["crude_ratio"] == pytest.approx((160 / 800) / (320 / 800))
    assert row["stratified_finding"] == "explained_by"


@settings(max_examples=60, deadline=None)
@given(st.lists(part, min_size=2, max_size=5))
def test_ranges_hold_the_exact_ones(parts: list[Part]) -> None:
    row = row_of({str(place): own for place, own in enumerate(parts)})
    taking = [own for own in parts if min(own[0], own[2]) >= 5]  # others have a number that is not shown
    assert (row["parts"], row["parts_compared"]) == (len(parts), len(taking))
    if row["not_shown_reason"]:
        assert row["not_shown_reason"] == "too_few_parts"
        assert len(taking) < 2
        return
    _, low, high = mantel_haenszel(taking)
    assert row["adjusted_ratio_low"] <= low * (1 + 1e-9)
    assert row["adjusted_ratio_high"] >= high * (1 - 1e-9)
    for figure in ("adjusted_ratio", "crude_ratio"):
        value, point_reason = row[figure], row[f"{figure}_reason"]
        assert (value is None) == (point_reason == "rounding_too_coarse")
        assert value is None or row[f"{figure}_low"] <= value <= row[f"{figure}_high"]
    a, b, c, d = (sum(column) for column in zip(*taking, strict=True))
    ends = koopman_interval(*(np.array([count]) for count in (a, a + b, c, c + d)), 0.95)
    assert row["crude_ratio_low"] <= ends[0][0] * (1 + 1e-9)
    assert row["crude_ratio_high"] >= ends[1][0] * (1 - 1e-9)


@settings(max_examples=40, deadline=None)
@given(st.lists(part.filter(lambda p: p[0] + p[1] and p[2] + p[3]), min_size=2, max_size=5))
def test_without_rounding_it_is_the_interval_itself(parts: list[Part]) -> None:
    row = row_of({str(place): own for place, own in enumerate(parts)}, EXACT)
    if not (sum(p[0] for p in parts) and sum(p[2] for p in parts)):
        assert row["not_shown_reason"] == "nobody_selected"
        return
    found = (row["adjusted_ratio"], row["adjusted_ratio_low"], row["adjusted_ratio_high"])
    assert found == pytest.approx(mantel_haenszel(parts), rel=1e-7)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"2": (60, 540, 20, 180), "7": (100, 100, 300, 300)}, None),
        ({"2": (60, 540, 20, 180)}, "too_few_parts"),
        ({"2": (60, 540, 20, 180), "7": (3, 100, 300, 300)}, "too_few_parts"),
        ({"2": (0, 40, 20, 180), "7": (0, 20, 300, 300)}, "too_few_parts"),  # zeros in splits are not shown
    ],
)
def test_why_it_is_not_shown(parts: dict[str, Part], reason: str | None) -> None:
    row = row_of(parts)
    assert row["not_shown_reason"] == reason
    figures = ("crude_ratio", "crude_ratio_low", "adjusted_ratio", "adjusted_ratio_low", "stratified_finding")
    assert {row[name] is None for name in figures} == {reason is not None}


def test_without_a_reference_group_and_without_splits() -> None:
    counts = published({"2": (60, 540, 20, 180), "7": (100, 100, 300, 300)})
    alone = disclose_like_for_like(counts.filter(pl.col("group_name") != "White"), POLICY)
    assert alone["not_shown_reason"].to_list() == ["no_reference_group"]
    unsplit = disclose_like_for_like(counts.filter(pl.col("breakdown") == "all"), POLICY)
    assert unsplit.is_empty()
    assert tuple(unsplit.columns) == DISCLOSED_LIKE_FOR_LIKE.column_names


def test_a_figure_that_does_not_follow_from_published_counts_is_found() -> None:
    counts = published({"2": (60, 540, 20, 180), "7": (100, 100, 300, 300)})
    tables = figures_of(counts, POLICY)
    assert figures_that_do_not_follow(counts, tables, POLICY) == 0
    rows = tables[DISCLOSED_LIKE_FOR_LIKE]
    for column in ("adjusted_ratio", "adjusted_ratio_low", "compared_share"):
        changed = tables | {DISCLOSED_LIKE_FOR_LIKE: rows.with_columns(pl.col(column) * 1.001)}
        assert figures_that_do_not_follow(counts, changed, POLICY) > 0


def test_when_people_applied_is_nothing_that_like_is_compared_within() -> None:
    both = published(GASTWIRTH, EXACT)
    quarters = both.filter(pl.col("breakdown") == "pay_band").with_columns(breakdown=pl.lit("quarter"))
    found = disclose_like_for_like(pl.concat([both, quarters]), EXACT)
    assert found["stratified_by"].unique().to_list() == ["pay_band"]
