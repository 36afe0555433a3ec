"""The five findings on comparisons that just are and just are not what they say, and their words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equity_audit.measures.disparity import disparities
from equity_audit.measures.findings import FINDINGS
from equity_audit.measures.rates import selection_rates
from equity_audit.measures.sentences import contributions_sentence, finding_sentence, stratified_sentence
from equity_audit.settings import Comparator, load_settings
from tests.unit.test_comparators import compared
from tests.unit.test_measures import stage_counts


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


@given(counts, counts)
def test_a_finding_is_what_its_evidence_says(group: tuple[int, int], reference: tuple[int, int]) -> None:
    """DOMAIN's five definitions once more, in plain Python."""
    found = row(group, reference)
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


# Ranges: statsmodels 0.15, confint_proportions_2indep(compare="ratio", method="score", correction=False).
SENTENCES = {
    "disparity": (
        "Asian applicants were less likely, 0.62 times as likely as White applicants to be shortlisted (likely range "
        "0.51 to 0.76). That is outside the usual range of 0.8 to 1.25, and hardly chance."
    ),
    "possible_disparity": (
        "Asian applicants were less likely, 0.75 times as likely as White applicants to be shortlisted (likely range "
        "0.49 to 1.12). That is outside the usual range of 0.8 to 1.25, but it may be chance."
    ),
    "small_difference": (
        "Asian applicants were less likely, 0.90 times as likely as White applicants to be shortlisted (likely range "
        "0.84 to 0.96). The difference is small, inside the usual range of 0.8 to 1.25, but hardly chance."
    ),
    "no_disparity_detected": (
        "Asian applicants were less likely, 0.90 times as likely as White applicants to be shortlisted (likely range "
        "0.73 to 1.11). No disparity was detected; with these numbers one of 0.72 times as likely or less would very "
        "probably have been, a smaller one not."
    ),
    "too_few_to_say": (
        "Asian applicants were less likely, 0.50 times as likely as White applicants to be shortlisted (likely range "
        "0.08 to 2.33). There were too few decisions to say more."
    ),
}


@pytest.mark.parametrize("finding", FINDINGS)
def test_each_finding_in_words(finding: str) -> None:
    assert finding_sentence(row(*CASES[finding])) == SENTENCES[finding]


@pytest.mark.parametrize(
    ("group", "reference", "said"),
    [
        ((0, 0), (5, 10), "Nobody among Asian applicants was decided on at this step."),
        (
            (5, 10),
            (0, 0),
            "Nobody among White applicants was decided on at this step, so there is no comparison.",
        ),
        ((5, 10), (0, 10), "Nobody among White applicants was selected, so there is no ratio."),
        ((0, 10), (0, 10), "Nobody was selected, neither of Asian applicants nor of White applicants."),
    ],
)
def test_what_is_undefined_says_why(group: tuple[int, int], reference: tuple[int, int], said: str) -> None:
    assert finding_sentence(row(group, reference)) == said


def test_nobody_to_compare_with_says_so() -> None:
    alone = {"Asian": (3, 5)}
    said = {name: finding_sentence(compared(name, alone)["Asian"]) for name in ("overall", "reference")}
    assert said == {
        "overall": "Nobody but Asian applicants was decided on at this step, so there is no comparison.",
        "reference": "There is no group to compare Asian applicants with.",
    }
    nobody = compared("highest_rate", {"White": (0, 0), "Asian": (0, 0)})["Asian"]
    assert finding_sentence(nobody) == "There is no group to compare Asian applicants with."


few = st.integers(0, 4).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
COMPARATORS: tuple[Comparator, ...] = ("reference", "everyone_else", "overall", "highest_rate")


@given(st.fixed_dictionaries({"White": few, "Asian": few}, optional={"Black": few, "Unknown": few}))
def test_whatever_the_counts_there_is_a_sentence_and_a_reason(groups: dict[str, tuple[int, int]]) -> None:
    measures = ("impact_ratio", "relative_likelihood", "rate_difference", "z", "p_value", "impact_ratio_low")
    for comparator in COMPARATORS:
        for found in compared(comparator, groups).values():
            assert finding_sentence(found).endswith(".")
            if found["undefined_reason"] is None:
                assert [name for name in measures if found[name] is None] == []


def test_the_direction_is_always_said() -> None:
    assert "more likely, 1.60 times as likely as White" in finding_sentence(row((200, 500), (100, 400)))
    assert "were as likely as White applicants to be" in finding_sentence(row((50, 100), (50, 100)))
    assert "0.00 times as likely" in finding_sentence(row((0, 100), (50, 100)))


def test_whom_others_are_compared_with_is_always_named() -> None:
    said = {name: finding_sentence(compared(name)["Asian"]) for name in ("everyone_else", "overall", "highest_rate")}
    assert "as likely as everyone else to be" in said["everyone_else"]
    assert "as likely as all applicants together to be" in said["overall"]
    assert said["highest_rate"] == (
        "Asian applicants were less likely, 0.60 times as likely as Black applicants to be shortlisted. Those compared "
        "with were picked because they did best, so this is not tested."
    )


STRATIFIED = {
    "stratified_by": "pay_band",
    "adjusted_ratio": 0.954,
    "adjusted_ratio_low": 0.9,
    "adjusted_ratio_high": 1.012,
    "crude_ratio": 0.61,
}
WITHIN = "0.95 times as likely within the same pay band (likely range 0.90 to 1.01), 0.61 over all"


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (
            "explained_by",
            f"Which pay band people applied to may explain the difference: {WITHIN}. "
            "Whether that itself is fair, these figures do not say.",
        ),
        ("not_explained_by", f"Which pay band people applied to does not explain the difference: {WITHIN}."),
        ("reversed_within", f"Compared within the same pay band, the difference points the other way: {WITHIN}."),
        (
            "differs_between",
            f"The difference is not the same in every pay band, so one figure hides something: {WITHIN}.",
        ),
        (
            "appears_within",
            f"Over all there is no clear difference; compared within the same pay band there is: {WITHIN}.",
        ),
        (
            "cannot_tell",
            f"Compared within the same pay band, it cannot be told whether the difference remains: {WITHIN}.",
        ),
        (
            "nothing_to_explain",
            f"There is no clear difference, neither over all nor compared within the same pay band: {WITHIN}.",
        ),
        ("too_few_to_say", "There are too few decisions within the same pay band to compare."),
    ],
)
def test_like_with_like_in_words(finding: str, said: str) -> None:
    assert stratified_sentence(STRATIFIED | {"stratified_finding": finding}) == said


def test_which_stage_makes_the_gap_in_words() -> None:
    stages = [
        {"from_stage": "applied", "to_stage": "shortlisted", "log_ratio": -0.4, "share": 0.8},
        {"from_stage": "shortlisted", "to_stage": "interviewed", "log_ratio": -0.1, "share": 0.2},
    ]
    assert contributions_sentence(stages) == "Of the whole gap, 80% arises from applied to shortlisted."
    unclear = [stage | {"share": None} for stage in stages]
    assert contributions_sentence(unclear) == (
        "The stage with the widest difference is applied to shortlisted; the stages do not all point the same way, or "
        "not surely."
    )
