"""Which figures are shown as single numbers: compared with a plain count of every combination."""

import math
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equity_audit.disclosure.estimates.comparisons import disclose_disparities, disclose_selection_rates
from equity_audit.disclosure.estimates.paths_true_enough import PathCombinations, Stage
from equity_audit.disclosure.estimates.sums_true_enough import (
    adjusted_true_enough,
    crude_true_enough,
    moments_of_parts,
)
from equity_audit.disclosure.estimates.true_enough import any_counts
from equity_audit.settings import Settings, load_settings
from tests.published_rows import as_published

POLICY = load_settings()
RULE = POLICY.disclosure
NINE_TENTHS, ELEVEN_TENTHS, ENOUGH = Fraction(9, 10), Fraction(11, 10), Fraction(95, 100)
Pair = tuple[int, int]
pairs = st.tuples(st.integers(5, 120), st.integers(0, 400)).map(lambda drawn: (drawn[0], drawn[0] + drawn[1]))


def rounded(count: int) -> int:
    return (count + 2) // 5 * 5


def alike(pair: Pair) -> Iterator[Pair]:
    """Yield every pair of selected and decided that is published as this one is: by trying far more than these."""
    selected, decided = map(rounded, pair)
    for s, n in product(range(selected - 9, selected + 10), range(decided - 9, decided + 10)):
        if s >= 5 and n >= 5 and s <= n and (rounded(s), rounded(n)) == (selected, decided):
            yield s, n


def share_within(point: Fraction, figures: list[Fraction]) -> Fraction:
    near = [NINE_TENTHS * point <= figure <= ELEVEN_TENTHS * point for figure in figures]
    return Fraction(sum(near), len(near))


def rate(pair: Pair) -> Fraction:
    return Fraction(*pair)


def published(groups: dict[str, Pair], policy: Settings = POLICY) -> tuple[dict[str, Any], dict[str, Any]]:
    """Rates and ratios of one step, by group."""
    step = {"step_order": 0, "step_kind": "stage", "from_stage": "applied", "to_stage": "shortlisted"}
    of = {
        "organisation": "Trust",
        "period": date(2023, 4, 1),
        "level": "group",
        "breakdown": "all",
        "breakdown_value": "all",
        **step,
    }
    rows = [of | {"group_name": name, "reached": n, "decided": n, "progressed": s} for name, (s, n) in groups.items()]
    counts = as_published(rows, policy)
    rates, ratios = (
        {row["group_name"]: row for row in table.iter_rows(named=True)}
        for table in (disclose_selection_rates(counts, policy), disclose_disparities(counts, policy))
    )
    return rates, ratios


@settings(deadline=None, max_examples=60)
@given(pairs.filter(lambda pair: rounded(pair[1]) >= 10))
def test_a_rate_is_a_single_number_where_every_count_that_rounds_the_same_is_counted(pair: Pair) -> None:
    row = published({"White": pair})[0]["White"]
    point = Fraction(rounded(pair[0]), rounded(pair[1]))
    enough = share_within(point, [rate(one) for one in alike(pair)]) >= ENOUGH
    assert row["selection_rate"] == (pytest.approx(float(point)) if enough else None)
    assert row["selection_rate_reason"] == (None if enough else "rounding_too_coarse")
    assert row["selection_rate_low"] is not None


@settings(deadline=None, max_examples=40)
@given(pairs.filter(lambda pair: rounded(pair[1]) >= 10), pairs.filter(lambda pair: rounded(pair[1]) >= 10))
def test_a_ratio_is_a_single_number_where_it_is_true_enough_both_ways_round(group: Pair, reference: Pair) -> None:
    row = published({"Asian": group, "White": reference})[1]["Asian"]
    point = Fraction(rounded(group[0]) * rounded(reference[1]), rounded(group[1]) * rounded(reference[0]))
    ratios = [rate(ours) / rate(theirs) for ours, theirs in product(alike(group), alike(reference))]
    both = [
        NINE_TENTHS * point <= ratio <= ELEVEN_TENTHS * point
        and NINE_TENTHS / point <= 1 / ratio <= ELEVEN_TENTHS / point
        for ratio in ratios
    ]
    enough = Fraction(sum(both), len(both)) >= ENOUGH
    figures = {name: row[name] is not None for name in ("impact_ratio", "relative_likelihood", "rate_difference")}
    assert figures == dict.fromkeys(figures, enough)
    assert row["impact_ratio_reason"] == (None if enough else "rounding_too_coarse")
    # What is shown is within a tenth of at least that share of what it may be, in either direction.
    if enough:
        assert share_within(point, ratios) >= ENOUGH
        assert share_within(1 / point, [1 / ratio for ratio in ratios]) >= ENOUGH


@settings(deadline=None, max_examples=25)
@given(pairs, pairs, st.data())
def test_counts_that_are_published_alike_are_decided_alike(group: Pair, reference: Pair, data: st.DataObject) -> None:
    """So it tells nobody more than the published counts do."""
    others = [data.draw(st.sampled_from(list(alike(pair)))) for pair in (group, reference)]
    first = published({"Asian": group, "White": reference})
    assert first == published(dict(zip(("Asian", "White"), others, strict=True)))


@pytest.mark.parametrize(("pair", "limit"), [((20, 100), Fraction(22, 100)), ((25, 25), Fraction(9, 10))])
def test_the_limits_themselves_are_true_enough(pair: Pair, limit: Fraction) -> None:
    """22 of 100 is a tenth more than 20 exactly. Of 25 of 25 only 15 pairs have no more selected than decided on."""
    figures = [rate(one) for one in alike(pair)]
    point = rate(pair)
    assert limit == point * ELEVEN_TENTHS in figures or limit == point * NINE_TENTHS
    share = share_within(point, figures)
    for least, shown in ((share, True), (share + Fraction(1, 100), False)):
        policy = POLICY.model_copy(update={"disclosure": RULE.model_copy(update={"point_share": float(least)})})
        assert (published({"White": pair}, policy)[0]["White"]["selection_rate"] is not None) == shown


def test_policy_says_how_near_and_how_often() -> None:
    def shown(**changes: float) -> bool:
        policy = POLICY.model_copy(update={"disclosure": RULE.model_copy(update=changes)})
        return published({"White": (20, 100)}, policy)[0]["White"]["selection_rate"] is not None

    assert not shown()
    assert shown(point_within=0.2)
    assert shown(point_share=0.5)
    assert not shown(point_share=0.9)


def test_exact_counts_are_always_true_enough() -> None:
    exact = RULE.model_copy(update={"withhold_below": 1, "round_to": 1, "zeros": "show", "zeros_in_splits": "show"})
    rates, ratios = published({"Asian": (3, 17), "White": (5, 23)}, POLICY.model_copy(update={"disclosure": exact}))
    assert rates["Asian"]["selection_rate"] == pytest.approx(3 / 17)
    assert ratios["Asian"]["impact_ratio"] == pytest.approx(3 * 23 / (17 * 5))


def chains(stages: list[Pair]) -> Iterator[list[Pair]]:
    """Yield every combination of a path's counts in which nobody is decided on who was not selected before."""
    for chain in product(*(list(alike(pair)) for pair in stages)):
        if all(later[1] <= earlier[0] for earlier, later in pairwise(chain)):
            yield list(chain)


def path(stages: list[Pair]) -> PathCombinations:
    made = []
    for pair in stages:
        selected, decided = zip(*alike(pair), strict=True)
        shown = rounded(pair[0]) / rounded(pair[1])
        made.append(Stage(shown, min(selected), max(selected), min(decided), max(decided)))
    return PathCombinations(tuple(made))


@pytest.mark.parametrize(
    ("group", "reference"),
    [
        ([(60, 240), (25, 58)], [(200, 700), (110, 190)]),
        ([(300, 900), (150, 290)], [(800, 2000), (400, 790)]),
        ([(45, 45), (40, 45)], [(90, 100), (60, 90)]),
        ([(97, 300), (40, 97)], [(120, 300), (52, 118)]),
    ],
)
def test_a_path_counts_every_combination(group: list[Pair], reference: list[Pair]) -> None:
    """Its logarithms are rounded, so it may be stricter by what lies within that rounding, and never more lenient."""
    mine, others = (
        [math.prod(rate(pair) for pair in chain) for chain in chains(stages)] for stages in (group, reference)
    )
    point, other = (math.prod(Fraction(rounded(s), rounded(n)) for s, n in stages) for stages in (group, reference))
    exact = share_within(point, mine)
    shares = np.array([float(one) for one in mine])[:, None] / np.array([float(one) for one in others])[None, :]
    near = np.abs(shares / float(point / other) - 1)
    exact_ratio = float((near <= 0.1).mean())
    for share in np.arange(0.5, 1, 0.01):
        policy = RULE.model_copy(update={"point_share": float(share)})
        if abs(share - float(exact)) > 0.02:
            assert path(group).rate_true_enough(policy) == (share < exact)
        if abs(share - exact_ratio) > 0.02:
            assert path(group).ratio_true_enough(path(reference), policy) == (share < exact_ratio)
        # Never more lenient.
        assert not (path(group).rate_true_enough(policy) and share > float(exact) + 1e-9)
        assert not (path(group).ratio_true_enough(path(reference), policy) and share > exact_ratio + 1e-9)


@pytest.mark.parametrize(
    "parts",
    [
        [((60, 600), (40, 200)), ((100, 200), (300, 600))],
        [((15, 60), (40, 120)), ((25, 90), (20, 75))],
        [((5, 30), (10, 40)), ((10, 20), (15, 35))],
    ],
)
def test_sums_over_parts_come_near_the_share_of_all_combinations(parts: list[tuple[Pair, Pair]]) -> None:
    """Two parts have 390,625 combinations; the normal curve is right to about one in a hundred."""
    sides = [[np.array(list(alike(pair))) for pair in part] for part in parts]
    p, q, totals = np.zeros(1), np.zeros(1), np.zeros((1, 4))
    for ours, theirs in sides:
        s1, n1 = (ours[:, i][:, None] for i in (0, 1))
        s0, n0 = (theirs[:, i][None, :] for i in (0, 1))
        here = [np.broadcast_to(x, (len(ours), len(theirs))).ravel() for x in (s1, n1, s0, n0)]
        totals = (totals[:, None, :] + np.stack(here, axis=1)[None, :, :]).reshape(-1, 4)
        both = here[1] + here[3]
        p = (p[:, None] + (here[0] * here[3] / both)[None, :]).ravel()
        q = (q[:, None] + (here[2] * here[1] / both)[None, :]).ravel()
    crude = totals[:, 0] * totals[:, 3] / (totals[:, 2] * totals[:, 1])
    bounds = [
        tuple(
            np.array(
                [
                    [end(pair[:, i]) for part in sides for pair in (part[side],)]
                    for i in (0, 1)
                    for end in (np.min, np.max)
                ]
            )
        )
        for side in (0, 1)
    ]
    sums = {name: np.array([values.sum()]) for name, values in moments_of_parts(*bounds).items()}  # type: ignore[arg-type]
    rows = [[tuple(map(rounded, pair)) for pair in part] for part in parts]
    shown_p, shown_q = (
        sum(x * y / (ours[1] + theirs[1]) for ours, theirs in rows for x, y in (pick(ours, theirs),))
        for pick in (lambda a, b: (a[0], b[1]), lambda a, b: (b[0], a[1]))
    )
    s1, n1, s0, n0 = (sum(row[side][i] for row in rows) for side in (0, 1) for i in (0, 1))
    for decide, shown, figures in (
        (adjusted_true_enough, shown_p / shown_q, p / q),
        (crude_true_enough, s1 * n0 / (s0 * n1), crude),
    ):
        exact = float((np.abs(figures / shown - 1) <= 0.1).mean())
        for share in np.arange(0.2, 1, 0.01):
            if abs(share - exact) > 0.02:
                policy = RULE.model_copy(update={"point_share": float(share)})
                assert decide(np.array([shown]), sums, policy)[0] == (share < exact), (decide, share, exact)


def test_many_counts_are_spread_evenly() -> None:
    """The sum of eight counts from 0 to 9 is 36 in the middle: by convolution, and by 10,000 of 10^8 combinations."""
    distribution = np.ones(1)
    for _ in range(8):
        distribution = np.convolve(distribution, np.ones(10) / 10)
    for share in (0.3, 0.5, 0.7):
        reach = 0.25
        exact = distribution[math.ceil(36 * (1 - reach)) : math.floor(36 * (1 + reach)) + 1].sum()
        policy = RULE.model_copy(update={"point_within": reach, "point_share": share})
        near = any_counts(lambda *counts: np.sum(counts, axis=0) * 1.0, 36.0, [(0, 9)] * 8, policy)
        assert abs(share - exact) > 0.02
        assert near == (share < exact)


def test_a_small_ratio_has_its_range_alone() -> None:
    """The issue's own case in kind: 15 of 60 beside 50 of 100 is 0.5, and may be 13 of 62 beside 52 of 98: 0.40."""
    row = published({"Black": (15, 60), "White": (50, 100)})[1]["Black"]
    assert (row["impact_ratio"], row["impact_ratio_reason"]) == (None, "rounding_too_coarse")
    assert row["impact_ratio_low"] < 13 / 62 / (52 / 98) < row["impact_ratio_high"]
    assert row["reading"] == "less_often"
    assert row["not_shown_reason"] is None
