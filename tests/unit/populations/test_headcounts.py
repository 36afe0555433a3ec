"""Workforce measures and the projection against published figures and independent implementations."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats.contingency import odds_ratio, relative_risk
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from equity_audit.populations.headcounts import (
    board_gap,
    clinical,
    disparity_ratio,
    leaving_ratio,
    representation,
    tier,
)
from equity_audit.populations.projection import Flows, projection


@pytest.mark.parametrize(
    ("band", "expected"),
    [
        *((f"Band {n}", "lower") for n in range(1, 6)),
        *(
            ("Band 6", "middle"),
            ("band 7", "middle"),
            ("Band 8a", "upper"),
            ("AfC Band 8D", "upper"),
            ("Band 9", "upper"),
        ),
        *(("Band 8b to 9", "upper"), ("VSM", "upper"), ("Very Senior Manager", "upper")),
        *(("Medical and dental", None), ("Consultant", None), ("Not recorded", None)),
    ],
)
def test_tiers(band: str, expected: str | None) -> None:
    assert tier(band) == expected


@pytest.mark.parametrize(
    ("staff_group", "expected"),
    [
        # The nine staff groups of the Electronic Staff Record, as NHS workforce statistics list them.
        *((name, "clinical") for name in ("Add Prof Scientific and Technic", "Additional Clinical Services")),
        *((name, "clinical") for name in ("Allied Health Professionals", "Healthcare Scientists", "Medical & Dental")),
        *((name, "clinical") for name in ("Nursing and Midwifery Registered", "STUDENTS")),
        *((name, "other") for name in ("Administrative and Clerical", "Estates and Ancillary")),
        *((name, None) for name in ("Not recorded", "Bank", "Clinical support to nobody", "")),
    ],
)
def test_who_counts_as_clinical(staff_group: str, expected: str | None) -> None:
    assert clinical(staff_group) == expected


def test_race_disparity_ratios_are_odds_ratios_that_multiply() -> None:
    """White and BME staff in the lower, middle and upper tier."""
    (a, b, c), (d, e, f) = (500, 280, 135), (350, 120, 20)
    low, high, whole = (
        disparity_ratio(*sides, 0.95) for sides in (((a, b), (d, e)), ((b, c), (e, f)), ((a, c), (d, f)))
    )
    assert low is not None
    assert high is not None
    assert whole is not None
    assert low[0] == pytest.approx((280 / 500) / (120 / 350))
    assert whole[0] == pytest.approx(low[0] * high[0])
    # scipy's sample odds ratio has the same interval.
    expected = odds_ratio([[280, 500], [120, 350]], kind="sample").confidence_interval(0.95)
    assert low[1:] == pytest.approx((expected.low, expected.high))


def test_an_empty_cell_leaves_a_disparity_ratio_undefined() -> None:
    assert disparity_ratio((280, 135), (120, 0), 0.95) is None
    assert disparity_ratio((0, 135), (120, 20), 0.95) is None


def test_the_boards_gap_of_a_published_trust() -> None:
    """Kent and Medway NHS and Social Care Partnership Trust, WRES 2020, indicator 9: board 17%, workforce 21% BME."""
    gap, low, high = board_gap(17, 100, 21, 100, 0.95)
    assert gap == pytest.approx(-0.04)
    expected = confint_proportions_2indep(17, 100, 21, 100, compare="diff", method="newcomb")
    assert (low, high) == pytest.approx(expected)
    assert np.isnan(board_gap(0, 0, 21, 100, 0.95)[0])


def test_representation_against_a_benchmark() -> None:
    value, low, high = representation(180, 600, 0.40, 0.95)
    assert value == pytest.approx(0.75)
    assert (low, high) == pytest.approx(np.array(proportion_confint(180, 600, method="wilson")) / 0.40)
    assert np.isnan(representation(0, 0, 0.4, 0.95)[0])
    for wrong in (0, 1, 40):
        with pytest.raises(ValueError, match="between 0 and 1"):
            representation(1, 2, wrong, 0.95)


def test_leaving() -> None:
    value, low, high = leaving_ratio(60, 400, 120, 1000, 0.95)
    assert value == pytest.approx(relative_risk(60, 400, 120, 1000).relative_risk)
    expected = confint_proportions_2indep(60, 400, 120, 1000, compare="ratio", method="score", correction=False)
    assert (low, high) == pytest.approx(expected, rel=1e-6)
    assert np.isnan(leaving_ratio(0, 10, 0, 10, 0.95)[0])


FLOWS = Flows(60, 140, 50, 90, 400, 900, 900, 1100)


def next_year(flows: Flows, group: float, others: float) -> float:
    """The group's number a year on, people counted one flow after the other."""
    gone = group * flows.group_leavers / flows.group_employed
    others_gone = others * flows.others_leavers / flows.others_employed
    joined = (gone + others_gone) * flows.group_appointed / (flows.group_appointed + flows.others_appointed)
    return group - gone + joined


def test_the_path_leads_to_where_it_settles() -> None:
    found = projection(FLOWS, 200, 0.95)
    assert found is not None
    group, path = 400.0, [400 / 1300]
    for _ in range(200):
        group = next_year(FLOWS, group, 1300 - group)
        path.append(group / 1300)
    assert found.path == pytest.approx(path)
    settled = brentq(lambda share: next_year(FLOWS, 1300 * share, 1300 * (1 - share)) - 1300 * share, 0.001, 0.999)
    assert found.settles_at[0] == pytest.approx(settled)
    assert found.path[-1] == pytest.approx(settled)
    distance = [abs(share - settled) for share in found.path]
    years = int(found.halfway_years)
    assert distance[years] >= distance[0] / 2 >= distance[years + 1]


def test_selected_alike_the_joiners_are_as_the_applicants() -> None:
    found, alike = projection(FLOWS, 1, 0.95), replace(FLOWS, group_appointed=90, others_appointed=110)
    same = projection(alike, 1, 0.95)
    assert found is not None
    assert same is not None
    assert found.at_parity == pytest.approx(same.settles_at[0])
    assert found.at_parity > found.settles_at[0]


def test_the_range_of_where_it_settles_by_drawing_the_flows_again() -> None:
    """A parametric bootstrap: 20,000 years drawn with the same rates."""
    rng, draws = np.random.default_rng(9), 20000
    joining = rng.binomial(200, 60 / 200, draws)
    leaving, others = rng.binomial(400, 50 / 400, draws) / 400, rng.binomial(900, 90 / 900, draws) / 900
    share = joining / 200
    settled = share * others / (share * others + (1 - share) * leaving)
    found = projection(FLOWS, 1, 0.95)
    assert found is not None
    assert found.settles_at[1:] == pytest.approx(np.quantile(settled, [0.025, 0.975]), abs=0.01)


@given(st.lists(st.integers(1, 500), min_size=8, max_size=8))
def test_the_two_groups_shares_add_up(counts: list[int]) -> None:
    a, b, c, d, e, f, g, h = counts
    one = projection(Flows(a, b, c, d, c + e, d + f, g, h), 5, 0.95)
    two = projection(Flows(b, a, d, c, d + f, c + e, h, g), 5, 0.95)
    assert one is not None
    assert two is not None
    assert np.array(one.path) + np.array(two.path) == pytest.approx(np.ones(6))
    assert one.settles_at[1] + two.settles_at[2] == pytest.approx(1)
    assert one.halfway_years == pytest.approx(two.halfway_years)


def test_without_flows_there_is_no_projection() -> None:
    assert projection(replace(FLOWS, group_leavers=0), 5, 0.95) is None
