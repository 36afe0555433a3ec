"""Every verdict comes up where it should, and none says more than numbers can."""

from dataclasses import replace
from datetime import date
from typing import Any, get_args

import numpy as np
import pytest

from equity_audit.programme.before_after import BeforeAfter
from equity_audit.programme.difference_in_differences import DifferenceInDifferences, difference_in_differences
from equity_audit.programme.interrupted_series import InterruptedSeries
from equity_audit.programme.like_posts import LIKENESS, LikePosts
from equity_audit.programme.ratio_model import Estimate, PairedCounts, RatioFit
from equity_audit.programme.sensitivity import Tried
from equity_audit.programme.timeline import Timeline
from equity_audit.programme.verdict import judge
from equity_audit.programme.verdict_words import SENTENCES, Verdict, verdict_sentence


def about(ratio: float, error: float = 0.05) -> Estimate:
    half = 1.96 * error
    return Estimate(ratio, ratio * np.exp(-half), ratio * np.exp(half), error)


FIT = RatioFit(np.zeros(1), np.eye(1), 60, 1.0, 0.0)
NONE = about(1.0)


def series(effect: float, projected: float = 0.7, trend: Estimate = NONE, *, drifts: bool = False) -> InterruptedSeries:
    return InterruptedSeries(about(effect), NONE, NONE, trend, about(projected), 1.15, 0.87, True, drifts, FIT)


def plain(before: float, after: float, error: float = 0.02) -> BeforeAfter:
    half, change = np.exp(1.96 * error), after / before
    return BeforeAfter((before, before, before), (after, after, after), (change, change / half, change * half))


def units(comparators: float, difference: float) -> DifferenceInDifferences:
    return DifferenceInDifferences(about(1.2), about(comparators), about(difference), NONE, (9, 9))


def tried(*effects: float) -> list[Tried]:
    return [Tried(date(2018, 1, 1), about(effect)) for effect in effects]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({"overall": series(1.2)}, "improved"),
        ({"overall": series(0.8)}, "worse"),
        # A ratio above 1 that rises has moved away from equal, and one that falls towards it.
        ({"overall": series(1.2, projected=1.1)}, "worse"),
        ({"overall": series(0.8, projected=1.2)}, "improved"),
        # From 0.95 to 1.33: past equal, and further from it than before.
        ({"overall": series(1.4, projected=0.95)}, "worse"),
        ({"overall": series(1.05)}, "no_clear_change"),
        ({"overall": series(1.2), "within": series(1.05)}, "follows_what_was_advertised"),
        ({"overall": series(1.05), "within": series(1.2)}, "improved"),
        ({"overall": series(1.0, trend=about(1.1, 0.01))}, "improved_before_the_programme"),
        ({"overall": series(1.0, trend=about(1.01, 0.01))}, "no_clear_change"),
        ({"overall": series(1.0, trend=about(1.1, 0.01)), "plain": plain(0.7, 0.71)}, "no_clear_change"),
        ({"overall": series(1.0, trend=about(1.1, 0.01)), "plain": plain(1.1, 1.3)}, "no_clear_change"),
        ({"overall": series(1.0, trend=about(0.9, 0.01)), "plain": plain(1.3, 1.1)}, "improved_before_the_programme"),
        ({"overall": series(1.2, drifts=True)}, "drifts_by_itself"),
        ({"overall": series(0.8, drifts=True)}, "drifts_by_itself"),
        ({"overall": series(1.05, drifts=True)}, "no_clear_change"),
        ({"overall": series(1.2, drifts=True), "within": series(1.2)}, "improved"),
        ({"overall": series(1.2), "placebos": tried(0.99, 1.25)}, "unusual_changes_without_a_programme"),
        # As far from chance the other way, or clear but less far from chance, is something else.
        ({"overall": series(1.2), "placebos": tried(0.75, 1.15)}, "improved"),
        ({"overall": series(1.2), "without": tried(1.2, 1.05)}, "hangs_on_one_quarter"),
        ({"overall": series(0.8), "without": tried(0.95)}, "hangs_on_one_quarter"),
        ({"overall": series(1.2), "comparison": units(1.2, 1.0)}, "improved_like_the_comparators"),
        ({"overall": series(1.2), "comparison": units(1.2, 1.3)}, "improved"),
        ({"overall": series(1.2), "comparison": units(1.0, 1.05)}, "improved"),
        ({"overall": series(1.2), "comparison": "too_few_comparators"}, "improved"),
        # Units that were on another path anyway say nothing.
        ({"overall": series(1.2), "comparison": replace(units(1.2, 1.0), trend_difference=about(1.2))}, "improved"),
    ],
)
def test_the_verdict(case: dict[str, Any], expected: str) -> None:
    given = {"plain": plain(0.7, 0.8), "within": None, "placebos": [], "without": [], "comparison": None} | case
    tried = given["placebos"], given["without"]
    assert judge(given["plain"], given["overall"], given["within"], tried, given["comparison"]) == expected


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        ((), "improved"),
        ((1.2,), "improved"),
        ((1.02,), "follows_what_was_advertised"),
        # By staff group it goes with the posts, though by pay band it does not.
        ((1.2, 1.02), "follows_what_was_advertised"),
        ((0.8,), "follows_what_was_advertised"),
    ],
)
def test_yearly_counts_of_like_posts_take_a_change_back(within: tuple[float, ...], expected: str) -> None:
    like = [LikePosts(name, about(1.2), about(found)) for name, found in zip(LIKENESS, within, strict=False)]
    assert judge(plain(0.7, 0.8), series(1.2), None, ([], []), None, like) == expected


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_every_verdict_has_a_sentence_that_claims_no_cause(verdict: Verdict) -> None:
    assert set(SENTENCES) == set(get_args(Verdict))
    said = verdict_sentence(verdict, "Asian applicants", (1.2, 1.05, 1.37), 1.15)
    assert "Asian applicants" in said
    assert said.endswith(".")
    assert not {"{", "}", "nan"} & set(said.split())
    lowered = said.lower()
    for word in ("because of the programme", "caused", "thanks to", "due to", "led to by", "proves", "racis", "bias"):
        assert word not in lowered


def test_a_sentence_gives_direction_size_and_range() -> None:
    said = verdict_sentence("no_clear_change", "Black applicants", (1.04, 0.93, 1.16), 1.18)
    assert "1.04 times" in said
    assert "0.93 to 1.16" in said
    assert "1.18 times" in said


MONTHS = tuple(date(2018 + month // 12, month % 12 + 1, 1) for month in range(48))
TIMELINE = Timeline(MONTHS, date(2020, 1, 1), 0)


def unit(change: float, size: int = 10**9, slope: float = 0.0) -> PairedCounts:
    """Counts without chance: an impact ratio of 0.7, times exp(slope x years), times exp(change) from the start."""
    years = TIMELINE.design(9)[:, 1]
    ratio = 0.7 * np.exp(change * TIMELINE.after + slope * years)
    decided = np.full(48, size)
    reference = np.full(48, round(size * 0.4))
    return PairedCounts(np.arange(48), np.rint(size * 0.4 * ratio).astype(int), decided, reference, decided)


def test_units_that_change_of_their_own_accord_are_one_observation_each() -> None:
    """With units too large for chance, the standard error is that of Welch's test of the units' changes."""
    changes = {"programme": np.array([0.30, 0.10, 0.25, 0.15]), "none": np.array([0.05, -0.10, 0.00, 0.10, -0.05])}
    named = {
        f"{side} {i}": unit(change) for side, side_changes in changes.items() for i, change in enumerate(side_changes)
    }
    found = difference_in_differences(named, [name for name in named if name.startswith("none")], TIMELINE, 0.95)
    assert isinstance(found, DifferenceInDifferences)
    assert np.log(found.difference.ratio) == pytest.approx(0.2, abs=1e-6)
    welch = np.sqrt(sum(side.var(ddof=1) / side.size for side in changes.values()))
    assert found.difference.log_error == pytest.approx(welch, rel=1e-4)
    assert found.units == (4, 5)
    assert found.trend_difference.direction == 0


def test_units_on_another_path_before_are_seen() -> None:
    named = {f"programme {i}": unit(0.0, slope=0.10 + 0.001 * i) for i in range(4)}
    named |= {f"none {i}": unit(0.0, slope=0.001 * i) for i in range(4)}
    found = difference_in_differences(named, [f"none {i}" for i in range(4)], TIMELINE, 0.95)
    assert isinstance(found, DifferenceInDifferences)
    assert found.trend_difference.ratio == pytest.approx(np.exp(0.1), rel=1e-3)
    assert found.trend_difference.direction == 1
    assert not found.on_the_same_path


def test_a_single_unit_with_the_programme_has_the_spread_of_the_others() -> None:
    named = {"programme": unit(0.5), "a": unit(0.2), "b": unit(0.0), "c": unit(-0.2)}
    found = difference_in_differences(named, ["a", "b", "c"], TIMELINE, 0.95)
    assert isinstance(found, DifferenceInDifferences)
    assert found.programme.log_error == pytest.approx(0.2, rel=1e-4)
    assert found.comparators.log_error == pytest.approx(0.2 / np.sqrt(3), rel=1e-4)


def test_two_months_before_in_which_both_were_selected_are_no_path() -> None:
    """Two points fit any line, and leave nothing to show how much months vary."""
    named = {"programme": unit(0.5), "a": unit(0.2), "b": unit(0.0), "c": unit(-0.2)}
    early = TIMELINE.before & (np.arange(48) > 1)
    none = np.where(early, 0, 1)
    named["c"] = replace(
        named["c"],
        group_selected=named["c"].group_selected * none,
        reference_selected=named["c"].reference_selected * none,
    )
    assert difference_in_differences(named, ["a", "b", "c"], TIMELINE, 0.95) == "too_few_comparators"


def test_too_few_units_give_a_reason() -> None:
    named = {"programme": unit(0.5), "a": unit(0.2), "b": unit(0.0), "c": unit(-0.2)}
    assert difference_in_differences(named, ["a", "b"], TIMELINE, 0.95) == "too_few_comparators"
    small = {
        name: counts if name != "c" else replace(counts, group_selected=counts.group_selected * 0)
        for name, counts in named.items()
    }
    assert difference_in_differences(small, ["a", "b", "c"], TIMELINE, 0.95) == "too_few_comparators"
    assert difference_in_differences(named, list(named), TIMELINE, 0.95) == "too_few_units_to_judge"
