"""The whole path against R's survival package and against what must hold.

R 4.2.2, survival: each person is decided on at stages 1, 2, 3; a rejection is an event at its stage, a withdrawal is
censored just before the stage at which it spared the decision, an appointment after the last.
    > s <- summary(survfit(Surv(time, event) ~ 1), times = 3); n <- s$surv * (1 - s$surv) / s$std.err^2
    > prop.test(s$surv * n, n, correct = FALSE)$conf.int
    110 decided and 60 on (10 withdrew), 55 and 30 (5 withdrew), 30 and 12:
        survival 0.11900826446281, n 101.78819444444447, interval 0.06957950703107, 0.19614825672019
    415 decided and 111 on, 111 and 63 (Nottingham 1997, two steps):
        survival 0.1518072289157, n 415, interval 0.1204876262498, 0.1895138219981
The ratio of two, Koopman's statistic as published (Biometrics 1984;40:513) solved by R's uniroot with such n:
    60 and 30 on (10 withdrew), 25 and 12 (5), 12 and 6, over 200 and 90, 85 and 60 (5), 58 and 40 (2):
        0.1200000000 / 0.2190669372, interval 0.248157285524, 1.141348163822
    30 of 591 over 224 of 1954: 0.305839601551, 0.637608127176
"""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from equity_audit.contracts import OVERALL_PATHS, STAGE_CONTRIBUTIONS
from equity_audit.measures.consistency import contributions_that_do_not_add_up, intervals_that_miss
from equity_audit.measures.paths import overall_paths, stage_contributions
from equity_audit.settings import load_settings
from tests.unit.measures.test_measures import stage_counts

STAGES = ("applied", "shortlisted", "interviewed", "offered", "appointed")
# (progressed, decided, withdrew) at each step
Path = list[tuple[int, int, int]]


def counts_of(groups: dict[str, Path]) -> pl.DataFrame:
    steps = len(next(iter(groups.values())))
    frames = []
    for order in range(steps):
        key = {"step_order": order, "from_stage": STAGES[order], "to_stage": STAGES[order + 1]}
        here = {name: path[order][:2] for name, path in groups.items()}
        left = {name: path[order][2] for name, path in groups.items()}
        withdrew = pl.col("group_name").replace_strict(left, return_dtype=pl.Int64)
        frames.append(stage_counts(here, **key).with_columns(withdrew=withdrew, reached=pl.col("decided") + withdrew))
    return pl.concat(frames)


def measured(groups: dict[str, Path]) -> tuple[pl.DataFrame, pl.DataFrame]:
    policy, counts = load_settings(), counts_of(groups)
    paths = overall_paths(counts, policy)
    stages = stage_contributions(counts, paths, policy)
    assert tuple(paths.columns) == OVERALL_PATHS.column_names
    assert tuple(stages.columns) == STAGE_CONTRIBUTIONS.column_names
    return paths, stages


def path_of(paths: pl.DataFrame, group: str, withdrawals: str = "censored") -> dict[str, Any]:
    return paths.filter(pl.col("group_name") == group, pl.col("withdrawals") == withdrawals).row(0, named=True)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ([(60, 110, 10), (30, 55, 5), (12, 30, 0)], (0.11900826446281, 0.06957950703107, 0.19614825672019)),
        ([(111, 415, 0), (63, 111, 0)], (0.1518072289157, 0.1204876262498, 0.1895138219981)),
    ],
)
def test_product_limit_and_greenwood_against_r(path: Path, expected: tuple[float, float, float]) -> None:
    row = path_of(measured({"White": path})[0], "White")
    assert (row["overall_rate"], row["overall_rate_low"], row["overall_rate_high"]) == pytest.approx(expected)


def test_the_ratio_of_two_paths_against_r() -> None:
    group, reference = [(30, 60, 10), (12, 25, 5), (6, 12, 0)], [(90, 200, 0), (60, 85, 5), (40, 58, 2)]
    row = path_of(measured({"Black": group, "White": reference})[0], "Black")
    assert row["overall_ratio"] == pytest.approx(0.12 / 0.2190669371197)
    assert (row["overall_ratio_low"], row["overall_ratio_high"]) == pytest.approx((0.248157285524, 1.141348163822))


@pytest.mark.parametrize(
    ("path", "people", "appointed"),
    [
        ([(1, 1, 0), (1, 1, 0)], 1, 1),  # one applicant, appointed: 21% to 100%, not 100% to 100%
        ([(10, 10, 0), (7, 7, 3)], 7, 7),
        ([(5, 10, 0), (0, 5, 0)], 10, 0),
        ([(5, 10, 0), (0, 2, 3)], 4, 0),  # two of five decided on: as sure as two fifths of the ten
        ([(0, 9, 0), (0, 0, 0)], 9, 0),
    ],
)
def test_nobody_or_everybody_appointed_has_the_interval_of_so_many_decisions(
    path: Path, people: int, appointed: int
) -> None:
    """Wilson's interval by statsmodels."""
    row = path_of(measured({"White": path})[0], "White")
    expected = proportion_confint(appointed, people, method="wilson")
    assert (row["overall_rate_low"], row["overall_rate_high"]) == pytest.approx(expected)
    assert row["undefined_reason"] is None


def test_nobody_of_the_group_appointed_still_has_an_upper_end() -> None:
    """As one selection of 10 people beside 3 of 10, by statsmodels' Koopman interval."""
    row = path_of(measured({"Black": [(5, 10, 0), (0, 5, 0)], "White": [(6, 10, 0), (3, 6, 0)]})[0], "Black")
    high = confint_proportions_2indep(0, 10, 3, 10, compare="ratio", method="score", correction=False)[1]
    assert (row["overall_ratio"], row["overall_ratio_low"]) == (0, 0)
    assert row["overall_ratio_high"] == pytest.approx(high)


def test_withdrawals_counted_as_rejections_lower_the_rate() -> None:
    row = path_of(measured({"White": [(60, 110, 10), (30, 55, 5), (12, 30, 0)]})[0], "White", "as_rejections")
    assert row["overall_rate"] == pytest.approx(60 / 120 * 30 / 60 * 12 / 30)


NOTTINGHAM = {
    # BMJ 1999;319:351: applied, passed academic, questionnaire and statement, offered.
    "White": [(1554, 1954, 0), (728, 1554, 0), (387, 728, 0), (224, 387, 0)],
    "Black": [(415, 591, 0), (111, 415, 0), (63, 111, 0), (30, 63, 0)],
}


def test_nottingham_1997_which_step_makes_the_gap() -> None:
    """30/591 over 224/1954 is 0.4428; the logarithms of 0.8829, 0.5709, 1.0677 and 0.8227 add up to that of it."""
    paths, stages = measured(NOTTINGHAM)
    row = path_of(paths, "Black")
    assert row["overall_ratio"] == pytest.approx(0.4428, abs=5e-5)
    # Nobody dropped out, so that the whole path is one step from applied to offered.
    assert row["overall_ratio_low"] == pytest.approx(0.305839601551)
    assert row["overall_ratio_high"] == pytest.approx(0.637608127176)
    mine = stages.filter(pl.col("withdrawals") == "censored")
    assert mine["log_ratio"].exp().to_list() == pytest.approx([0.8829, 0.5709, 1.0677, 0.8227], abs=5e-5)
    assert mine["log_ratio_low"].exp().to_list()[1] == pytest.approx(0.4810, abs=5e-5)
    # One step points the other way, so that there are no shares.
    assert mine["share"].to_list() == [None] * 4


def test_stages_have_intervals_with_withdrawals_counted_as_rejections_too() -> None:
    """20 of 40 + 10 against 30 of 40 + 10, by statsmodels' Koopman interval."""
    _, stages = measured({"Black": [(20, 40, 10)], "White": [(30, 40, 10)]})
    row = stages.filter(pl.col("withdrawals") == "as_rejections").row(0, named=True)
    expected = confint_proportions_2indep(20, 50, 30, 50, compare="ratio", method="score", correction=False)
    assert (row["log_ratio_low"], row["log_ratio_high"]) == pytest.approx(tuple(np.log(expected)))


def test_shares_where_the_gap_is_clear_and_all_stages_point_one_way() -> None:
    _, stages = measured({"White": [(500, 1000, 0), (300, 500, 0)], "Black": [(300, 1000, 0), (150, 300, 0)]})
    mine = stages.filter(pl.col("withdrawals") == "censored")
    assert mine["share"].sum() == pytest.approx(1)
    assert mine["share"].min() > 0
    _, unclear = measured({"White": [(5, 10, 0), (3, 5, 0)], "Black": [(4, 10, 0), (2, 4, 0)]})
    assert unclear["share"].null_count() == unclear.height


@pytest.mark.parametrize(
    ("group", "reference", "rate", "reason"),
    [
        ([(0, 9, 0), (0, 0, 0)], [(5, 10, 0), (2, 5, 0)], 0.0, None),
        ([(5, 9, 0), (0, 0, 5)], [(5, 10, 0), (2, 5, 0)], None, "no_decisions"),
        ([(5, 9, 0), (2, 5, 0)], [(0, 10, 0), (0, 0, 0)], 10 / 45, "reference_never_appointed"),
        ([(5, 9, 0), (2, 5, 0)], [(0, 0, 0), (0, 0, 0)], 10 / 45, "no_reference_decisions"),
    ],
)
def test_what_is_undefined_says_why(group: Path, reference: Path, rate: float | None, reason: str) -> None:
    paths, stages = measured({"Black": group, "White": reference})
    row = path_of(paths, "Black")
    assert row["overall_rate"] == pytest.approx(rate)
    assert row["undefined_reason"] == reason
    assert stages.filter(pl.col("withdrawals") == "censored").is_empty()


def test_no_reference_group_at_all() -> None:
    assert path_of(measured({"Black": [(5, 9, 0), (2, 5, 0)]})[0], "Black")["undefined_reason"] == "no_reference_group"


@st.composite
def one_path(draw: st.DrawFn) -> Path:
    here, path = draw(st.integers(5, 200)), []
    for _ in range(4):
        withdrew = draw(st.integers(0, here // 5))
        progressed = draw(st.integers(0, here - withdrew))
        path.append((progressed, here - withdrew, withdrew))
        here = progressed
    return path


@hypothesis_settings(max_examples=50)
@given(one_path(), one_path())
def test_what_always_holds(group: Path, reference: Path) -> None:
    paths, stages = measured({"Black": group, "White": reference})
    assert contributions_that_do_not_add_up(stages, paths) == 0
    assert intervals_that_miss(paths, "overall_rate", "overall_ratio") == 0
    assert intervals_that_miss(stages, "log_ratio") == 0
    for name in ("Black", "White"):
        censored, rejected = (path_of(paths, name, w)["overall_rate"] for w in ("censored", "as_rejections"))
        if censored is not None:
            assert rejected <= censored + 1e-12


@hypothesis_settings(max_examples=50)
@given(one_path(), one_path())
def test_swapping_the_groups_turns_the_ratio_upside_down(group: Path, reference: Path) -> None:
    there = path_of(measured({"Black": group, "White": reference})[0], "Black")
    back = path_of(measured({"Black": reference, "White": group})[0], "Black")
    if there["overall_ratio"] and back["overall_ratio"]:
        assert there["overall_ratio"] == pytest.approx(1 / back["overall_ratio"])
        assert there["overall_ratio_low"] == pytest.approx(1 / back["overall_ratio_high"])
