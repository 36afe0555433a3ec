"""What is published from exact counts: the boundaries of the rule, and that nothing but published counts decides."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from equity_audit.contracts import (
    DISCLOSED_DISPARITIES,
    DISCLOSED_OUTCOME_COUNTS,
    DISCLOSED_SELECTION_RATES,
    DISCLOSED_STAGE_COUNTS,
)
from equity_audit.disclosure.estimates.comparisons import disclose_disparities, disclose_selection_rates
from equity_audit.disclosure.publish import breaks_rule
from equity_audit.disclosure.table.count_rows import outcome_count_rows, stage_count_rows
from equity_audit.disclosure.table.count_table import count_table_of
from equity_audit.disclosure.table.possible_counts import with_possible_counts
from equity_audit.disclosure.table.suppression_status import first_marks
from equity_audit.errors import UsageError
from equity_audit.measures.intervals import koopman_interval, wilson_interval
from equity_audit.settings import DisclosurePolicy, Settings, load_settings
from tests.conftest import IN_TENS
from tests.published_rows import disclosed_count
from tests.unit.measures.test_measures import stage_counts

POLICY = load_settings()
# As Ofqual has it: zeros are shown.
ZEROS_SHOWN = POLICY.disclosure.model_copy(update={"zeros": "show", "zeros_in_splits": "show"})


def published(count: int, policy: DisclosurePolicy) -> int | None:
    return pl.DataFrame({"n": [count]}).select(disclosed_count(pl.col("n"), policy)).item()


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, 0), (1, None), (4, None), (5, 5), (6, 5), (7, 5), (8, 10), (12, 10), (13, 15), (1002, 1000), (1003, 1005)],
)
def test_ofquals_rule(count: int, shown: int | None) -> None:
    assert published(count, ZEROS_SHOWN) == shown
    assert published(count, POLICY.disclosure) == (shown or None)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        # Halves up, to the nearest 10: 14, 15, 16.
        ({"round_to": 10}, {14: 10, 15: 20, 16: 20, 5: 10, 4: None}),
        # NHS Digital's Hospital Episode Statistics: 1 to 7 masked, the rest to the nearest 5.
        ({"withhold_below": 8}, {0: 0, 7: None, 8: 10, 12: 10, 13: 15}),
        # Zeros suppressed: not told apart from small counts.
        ({"zeros": "suppress"}, {0: None, 4: None, 5: 5}),
        ({"withhold_below": 1, "round_to": 1}, {0: 0, 1: 1, 2: 2}),
    ],
)
def test_other_published_rules(policy: dict[str, Any], expected: dict[int, int | None]) -> None:
    rule = ZEROS_SHOWN.model_copy(update=policy)
    assert {count: published(count, rule) for count in expected} == expected


def test_a_policy_that_would_publish_people_as_0_is_refused(tmp_path: Any) -> None:
    override = tmp_path / "settings.toml"
    override.write_text("[disclosure]\nround_to = 11\n", encoding="utf-8")
    with pytest.raises(UsageError, match="published as 0"):
        load_settings(override)


@given(
    st.integers(0, 200),
    st.integers(1, 12).flatmap(lambda r: st.tuples(st.just(r), st.integers((r + 1) // 2, 12))),
    st.sampled_from(["show", "suppress"]),
)
def test_the_possible_counts_are_exactly_those_published_the_same(
    count: int, rule: tuple[int, int], zeros: str
) -> None:
    policy = POLICY.disclosure.model_copy(
        update={"round_to": rule[0], "withhold_below": max(rule[1], 1), "zeros": zeros, "zeros_in_splits": "show"}
    )
    value = published(count, policy)
    same = [other for other, shown in enumerate(published_many(policy)) if shown == value]
    frame = pl.DataFrame({"breakdown": ["all"], "n": [value]}, schema={"breakdown": pl.String, "n": pl.Int64})
    assert with_possible_counts(frame, ["n"], policy).row(0)[2:] == (min(same), max(same))


@pytest.mark.parametrize(("zeros", "in_splits"), [("show", "suppress"), ("suppress", "show"), ("show", "round")])
def test_each_split_has_its_own_rule_for_zeros(zeros: str, in_splits: str) -> None:
    """A small count and a zero, whole and in a split, and of a board, which is a whole."""
    policy = ZEROS_SHOWN.model_copy(update={"zeros": zeros, "zeros_in_splits": in_splits})
    frame = pl.DataFrame({"breakdown": ["all", "pay_band", "board"] * 2, "n": [None] * 3 + [0] * 3})
    found = with_possible_counts(frame, ["n"], policy, ("all", "board"))
    least = {"show": 1, "suppress": 0, "round": 1}
    most = {"show": 0, "suppress": 0, "round": 2}
    expected = [(least[rule], 4) for rule in (zeros, in_splits, zeros)]
    expected += [(0, most[rule]) for rule in (zeros, in_splits, zeros)]
    assert found.select("n_low", "n_high").rows() == expected


def published_many(policy: DisclosurePolicy) -> list[int | None]:
    return pl.DataFrame({"n": range(260)}).select(disclosed_count(pl.col("n"), policy).alias("v"))["v"].to_list()


def rounded(exact: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Counts as published before any is withheld to protect another, of the groups that are there."""
    rows = stage_count_rows(first_marks(count_table_of(exact), settings.disclosure), exact)
    there = rows.join(exact.select("level", "group_name").unique(), on=["level", "group_name"], how="semi")
    return with_possible_counts(there, ("progressed", "decided"), settings.disclosure)


def disclose(settings: Settings, groups: dict[str, tuple[int, int]]) -> tuple[dict[str, Any], dict[str, Any]]:
    counts = rounded(stage_counts(groups), settings)
    rates = disclose_selection_rates(counts, settings)
    ratios = disclose_disparities(counts, settings)
    assert set(DISCLOSED_STAGE_COUNTS.column_names) < set(counts.columns)
    assert tuple(rates.columns) == DISCLOSED_SELECTION_RATES.column_names
    assert tuple(ratios.columns) == DISCLOSED_DISPARITIES.column_names
    return tuple({row["group_name"]: row for row in frame.iter_rows(named=True)} for frame in (rates, ratios))


@pytest.mark.parametrize(
    ("group", "rate", "reason", "point_reason"),
    [
        ((5, 7), None, "too_few_decided", None),  # rounds to 5
        ((5, 8), None, None, "rounding_too_coarse"),  # 5 of 10 may be 7 of 8
        ((8, 8), None, None, "rounding_too_coarse"),
        ((4, 40), None, None, "rounding_too_coarse"),  # fewer than 5
        ((0, 40), None, None, "rounding_too_coarse"),
        ((0, 0), None, "too_few_decided", None),
        ((0, 3), None, "too_few_decided", None),
        ((23, 47), None, None, "rounding_too_coarse"),  # 3 of 25 pairs, such as 23 of 47, are further off
        ((48, 97), 50 / 95, None, None),
    ],
)
def test_when_a_rate_is_shown(
    settings: Settings,
    group: tuple[int, int],
    rate: float | None,
    reason: str | None,
    point_reason: str | None,
) -> None:
    rates, _ = disclose(settings, {"Asian": group, "White": (50, 100)})
    asian = rates["Asian"]
    assert (asian["selection_rate"], asian["not_shown_reason"]) == (rate, reason)
    assert asian["selection_rate_reason"] == point_reason
    assert (asian["selection_rate_low"] is None) == (reason is not None)


@pytest.mark.parametrize(
    ("group", "rate", "reason"),
    [((0, 40), 0.0, None), ((0, 0), None, "no_decisions"), ((0, 3), None, "too_few_decided")],
)
def test_rates_where_policy_shows_zeros(
    settings: Settings, group: tuple[int, int], rate: float | None, reason: str | None
) -> None:
    shown = settings.model_copy(update={"disclosure": ZEROS_SHOWN})
    rates, _ = disclose(shown, {"Asian": group, "White": (50, 100)})
    assert (rates["Asian"]["selection_rate"], rates["Asian"]["not_shown_reason"]) == (rate, reason)


@pytest.mark.parametrize(
    ("group", "reference", "reason"),
    [
        ((20, 40), (4, 100), "fewer_than"),
        ((20, 40), (5, 7), "too_few_decided"),
        ((20, 40), (0, 100), "reference_never_selected"),
        ((20, 40), (0, 0), "no_decisions"),
    ],
)
def test_a_ratio_needs_a_rate_on_both_sides(
    settings: Settings, group: tuple[int, int], reference: tuple[int, int], reason: str
) -> None:
    shown = settings.model_copy(update={"disclosure": ZEROS_SHOWN})
    _, ratios = disclose(shown, {"Asian": group, "White": reference})
    assert ratios["Asian"]["not_shown_reason"] == reason
    assert ratios["Asian"]["impact_ratio"] is None
    assert ratios["Asian"]["reading"] is None


@pytest.mark.parametrize("progressed", [0, 1, 4])
def test_a_small_number_has_the_range_that_its_mark_leaves(settings: Settings, progressed: int) -> None:
    """Fewer than 5, so 0 to 4, of 40, so 38 to 42: statsmodels, at the ends."""
    rates, ratios = disclose(settings, {"Asian": (progressed, 40), "White": (50, 100)})
    row = rates["Asian"]
    assert row["selection_rate_low"] == 0
    assert row["selection_rate_high"] == pytest.approx(proportion_confint(4, 38, method="wilson")[1])
    highest = confint_proportions_2indep(4, 38, 48, 102, compare="ratio", method="score", correction=False)[1]
    row = ratios["Asian"]
    assert (row["impact_ratio"], row["impact_ratio_low"], row["impact_ratio_reason"]) == (
        None,
        0,
        "rounding_too_coarse",
    )
    assert row["impact_ratio_high"] == pytest.approx(highest, abs=1e-4)
    assert row["reading"] == "less_often"


def test_the_reading_is_clear_only_where_every_possible_count_agrees(settings: Settings) -> None:
    _, ratios = disclose(
        settings, {"Asian": (200, 1000), "Black": (330, 1000), "Mixed": (600, 1000), "White": (350, 1000)}
    )
    assert {name: row["reading"] for name, row in ratios.items()} == {
        "Asian": "less_often",
        "Black": "not_clear",
        "Mixed": "more_often",
    }


pairs = st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def of_organisations(cases: list[dict[str, tuple[int, int]]]) -> pl.DataFrame:
    """Published counts, an organisation for each case: figures of many at once take hardly longer than of one."""
    exact = (stage_counts(groups, organisation=f"Trust {place}") for place, groups in enumerate(cases))
    return pl.concat(rounded(own, POLICY) for own in exact)


@IN_TENS
@given(st.lists(st.tuples(pairs, pairs), min_size=10, max_size=10))
def test_a_published_interval_contains_the_exact_one(cases: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    counts = of_organisations([{"Asian": group, "White": reference} for group, reference in cases])
    mine = pl.col("group_name") == "Asian"
    rates, ratios = (
        {row["organisation"]: row for row in publish(counts, POLICY).filter(mine).iter_rows(named=True)}
        for publish in (disclose_selection_rates, disclose_disparities)
    )
    for place, (group, reference) in enumerate(cases):
        if group[1] + reference[1] == 0:
            continue  # nobody applied: there is no edition
        rate, ratio = rates[f"Trust {place}"], ratios[f"Trust {place}"]
        if rate["selection_rate"] is not None:
            low, high = wilson_interval(np.array([group[0]]), np.array([group[1]]), 0.95)
            assert rate["selection_rate_low"] <= low[0] + 1e-12
            assert rate["selection_rate_high"] >= high[0] - 1e-12
        if ratio["impact_ratio"] is not None:
            low, high = koopman_interval(*(np.array([n]) for n in (*group, *reference)), 0.95)
            assert ratio["impact_ratio_low"] <= low[0] * (1 + 1e-9)
            assert ratio["impact_ratio_high"] is None or ratio["impact_ratio_high"] >= high[0] * (1 - 1e-9)


@IN_TENS
@given(st.lists(st.tuples(pairs, pairs, st.integers(-2, 2), st.integers(-2, 2)), min_size=10, max_size=10))
def test_only_the_published_counts_decide(cases: list[tuple[tuple[int, int], tuple[int, int], int, int]]) -> None:
    """Two sets of records that publish the same counts publish the same everything."""
    alike = []
    for group, reference, more_selected, more_decided in cases:
        other = (group[0] + more_selected, group[1] + more_decided)
        if 0 <= other[0] <= other[1]:
            both = [{"Asian": one, "White": reference} for one in (group, other)]
            if rounded(stage_counts(both[0]), POLICY).equals(rounded(stage_counts(both[1]), POLICY)):
                alike.append(both)
    if alike:
        first, second = (of_organisations([both[place] for both in alike]) for place in (0, 1))
        for publish in (disclose_selection_rates, disclose_disparities):
            assert publish(first, POLICY).equals(publish(second, POLICY))


def test_disclosed_counts_are_all_that_rates_can_see(settings: Settings) -> None:
    counts = rounded(stage_counts({"Asian": (3, 40), "White": (50, 100)}), settings)
    assert counts["progressed"].to_list() == [None, 50]
    assert counts["progressed_note"].to_list() == ["fewer_than", None]
    assert "rejected" not in counts.columns  # with decided it would give progressed back


def test_outcomes_are_published_for_all_applicants_together(settings: Settings) -> None:
    """Of 40 decided on 20 went on: 20 rejected is their difference. Besides, 3 withdrew and 8 are pending."""
    counts = pl.concat(
        [stage_counts({name: (20, 40)}, level=level) for name, level in (("All applicants", "all"), ("Asian", "group"))]
    ).with_columns(reached=pl.lit(51, pl.Int64), withdrew=pl.lit(3, pl.Int64), pending=pl.lit(8, pl.Int64))
    rows = outcome_count_rows(first_marks(count_table_of(counts), settings.disclosure), counts, settings.disclosure)
    assert tuple(rows.columns) == DISCLOSED_OUTCOME_COUNTS.column_names
    shown = {row["outcome"]: (row["applications"], row["applications_note"]) for row in rows.iter_rows(named=True)}
    assert shown == {
        "progressed": (20, None),
        "rejected": (20, None),
        "withdrew": (None, "fewer_than"),
        "declined": (None, "fewer_than"),
        "ineligible": (None, "fewer_than"),
        "pending": (10, None),
    }


@pytest.mark.parametrize(
    ("round_to", "withhold_below", "zeros", "progressed", "expected"),
    [
        # 40 decided on stands for 38 to 42, and so does 40 who went on: from 0 to 4 were rejected.
        (5, 5, "suppress", 40, (None, "fewer_than")),
        (5, 5, "suppress", 38, (None, "fewer_than")),
        # 35 who went on may be 33, of 42: up to 9 were rejected.
        (5, 5, "suppress", 35, (5, None)),
        (5, 10, "suppress", 35, (None, "fewer_than")),
        (5, 7, "suppress", 35, (5, None)),
        # Up to 9 again, which "fewer than 5" would deny.
        (10, 5, "suppress", 40, (None, "protects_another")),
        # Zeros are shown: "0" would say that nobody was rejected, "fewer than 5" that somebody was.
        (5, 5, "show", 40, (None, "protects_another")),
        # Nothing is rounded, so the difference is exact.
        (1, 10, "suppress", 31, (None, "fewer_than")),
        (1, 10, "suppress", 30, (10, None)),
        (1, 1, "show", 40, (0, None)),
    ],
)
def test_rejected_is_never_said_to_be_nobody_where_somebody_may_be(
    round_to: int, withhold_below: int, zeros: str, progressed: int, expected: object, settings: Settings
) -> None:
    update = {"round_to": round_to, "withhold_below": withhold_below, "zeros": zeros, "zeros_in_splits": zeros}
    policy = settings.disclosure.model_copy(update=update)
    counts = stage_counts({"All applicants": (progressed, 40)}, level="all")
    rows = outcome_count_rows(first_marks(count_table_of(counts), policy), counts, policy)
    assert rows.filter(outcome="rejected").select("applications", "applications_note").row(0) == expected


def test_the_rule_is_seen_to_be_broken(settings: Settings) -> None:
    counts = rounded(stage_counts({"Asian": (3, 40), "White": (50, 100)}), settings)
    assert breaks_rule(counts, settings) == 0
    assert breaks_rule(counts.with_columns(progressed=pl.Series([3, 50])), settings) == 1
    assert breaks_rule(counts.with_columns(decided=pl.Series([41, 100])), settings) == 1
    assert breaks_rule(counts.with_columns(progressed=pl.Series([0, 50])), settings) == 1
    shown = settings.model_copy(update={"disclosure": ZEROS_SHOWN})
    assert breaks_rule(counts.with_columns(progressed=pl.Series([0, 50])), shown) == 0
