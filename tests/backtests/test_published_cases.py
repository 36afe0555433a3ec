"""Published tables with known answers, to the digits that were printed.

Counts are facts from the sources named. Where a source printed no interval, scipy 1.17 and statsmodels 0.15 computed it
from the published counts, apart from this project.
"""

import numpy as np
import polars as pl
import pytest

from equity_audit.measures.disparity import disparities
from equity_audit.measures.intervals import newcombe_interval
from equity_audit.measures.rates import selection_rates
from equity_audit.measures.rules import against_highest, margin_problems
from equity_audit.settings import load_settings
from tests.unit.measures.test_measures import compare, stage_counts
from tests.unit.measures.test_stratified import GASTWIRTH, adjusted


def test_connecticut_v_teal_where_the_end_hides_the_examination() -> None:
    """457 US 440 (1982): 26 of 48 Black and 206 of 259 White people passed; 11 of 48 and 35 of 259 were promoted."""
    exam = compare(load_settings(), (26, 48), (206, 259))
    assert exam["impact_ratio"] == pytest.approx(0.6810, abs=5e-5)
    assert exam["z"] == pytest.approx(-3.757, abs=5e-4)
    assert (exam["finding"], exam["flip_flop"]) == ("disparity", False)
    promotion = compare(load_settings(), (11, 48), (35, 259))
    assert promotion["impact_ratio"] == pytest.approx(1.6958, abs=5e-5)
    # At 13.5% promoted, 48 candidates would not surely show even a group that is hardly ever promoted.
    assert promotion["finding"] == "too_few_to_say"


@pytest.mark.parametrize(
    ("group", "reference", "points", "low", "high"),
    [
        # BMJ Open 2023, sex: 6480 of 17523 women and 5625 of 19340 men; printed 7.9 points (6.93 to 8.86).
        ((6480, 17523), (5625, 19340), 7.90, 6.93, 8.86),
        # The same, disability: 179 of 464 and 11940 of 36418; printed 5.79 points, Newcombe 1.45 to 10.32.
        ((179, 464), (11940, 36418), 5.79, 1.45, 10.32),
    ],
)
def test_bmj_open_2023_differences(
    group: tuple[int, int], reference: tuple[int, int], points: float, low: float, high: float
) -> None:
    row = compare(load_settings(), group, reference)
    assert 100 * row["rate_difference"] == pytest.approx(points, abs=0.0051)
    # The sex paper's ends are those of Newcombe's interval to a hundredth of a point, 6.935 and 8.854.
    assert 100 * row["rate_difference_low"] == pytest.approx(low, abs=0.01)
    assert 100 * row["rate_difference_high"] == pytest.approx(high, abs=0.01)


def test_newcombe_1998_worked_example() -> None:
    """Stat Med 1998;17:873, table II (a), method 10: 56 of 70 against 48 of 80 is 0.2, 0.0524 to 0.3339."""
    low, high = newcombe_interval(*(np.array([count]) for count in (56, 70, 48, 80)), 0.95)
    assert (low[0], high[0]) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))


def test_floats_do_not_decide_four_fifths() -> None:
    assert compare(load_settings(), (3, 5), (15, 20))["below_four_fifths"] is False
    assert compare(load_settings(), (25, 30), (20, 30))["above_five_fourths"] is False


def test_katz_interval_of_a_textbook_ratio() -> None:
    """scipy.stats.contingency.relative_risk, documentation: 10 of 75 over 12 of 225 is 2.5, 1.12616 to 5.54985 by Katz.

    Katz's interval is Greenland and Robins' of one stratum, which is how this project has it.
    """
    row = adjusted({"only": (10, 65, 12, 213)})
    assert row["crude_ratio"] == row["adjusted_ratio"] == pytest.approx(2.5)
    assert row["adjusted_ratio_low"] == pytest.approx(1.12616, abs=5e-6)
    assert row["adjusted_ratio_high"] == pytest.approx(5.54985, abs=5e-6)


def test_gastwirth_1984_to_the_printed_digits() -> None:
    """Hiring of Black and White applicants in eight strata; R 4.2.2, mantelhaen.test(correct = TRUE) has 145.25.

    R: sum(black * hired / people) - sum(black hired) = 245.4, the shortfall within strata.
    """
    row = adjusted(GASTWIRTH)
    assert row["odds_ratio"] == pytest.approx(0.4775, abs=5e-5)
    assert row["adjusted_ratio"] == pytest.approx(0.5007, abs=5e-5)
    assert row["cmh_statistic"] == pytest.approx(145.84, abs=5e-3)
    assert row["homogeneity_statistic"] == pytest.approx(45.77, abs=5e-3)
    assert row["crude_ratio"] == pytest.approx(0.6480, abs=5e-5)
    assert row["shortfall"] == pytest.approx(245.4, abs=0.05)
    # The correction for continuity, which this project leaves out: half a person off the shortfall.
    assert row["cmh_statistic"] * (1 - 0.5 / row["shortfall"]) ** 2 == pytest.approx(145.25, abs=5e-3)
    hired, not_hired, white, not_white = (sum(column) for column in zip(*GASTWIRTH.values(), strict=True))
    assert hired * not_white / (not_hired * white) == pytest.approx(0.6386, abs=5e-5)


@pytest.mark.parametrize(
    ("step", "katz"),
    [
        ((415, 591, 1554, 1954), (0.8339, 0.9348)),
        ((111, 415, 728, 1554), (0.4827, 0.6753)),
        ((63, 111, 387, 728), (0.8953, 1.2733)),
        ((30, 63, 224, 387), (0.6264, 1.0805)),
        ((30, 591, 224, 1954), (0.3059, 0.6409)),
    ],
)
def test_nottingham_1997_katz_intervals(step: tuple[int, int, int, int], katz: tuple[float, float]) -> None:
    """BMJ 1999;319:351; intervals by scipy 1.17 from the published counts."""
    s_g, n_g, s_r, n_r = step
    row = adjusted({"only": (s_g, n_g - s_g, s_r, n_r - s_r)})
    assert (row["adjusted_ratio_low"], row["adjusted_ratio_high"]) == pytest.approx(katz, abs=5e-5)


NOTTINGHAM_BY_SEX = {"Female": (1422, 1146, 570, 311, 177), "Male": (1279, 933, 322, 167, 91)}


def test_nottingham_1997_by_sex() -> None:
    """BMJ 1999;319:351. R 4.2.2: c(1146, 570, 311, 177) / c(1422, 1146, 570, 311), the same for men, and the ratios."""
    women, men = NOTTINGHAM_BY_SEX.values()
    found = [compare(load_settings(), (women[i + 1], women[i]), (men[i + 1], men[i])) for i in range(4)]
    assert [row["impact_ratio"] for row in found] == pytest.approx(
        [1.1047752, 1.4411726, 1.0520223, 1.0444507], abs=5e-8
    )
    whole = compare(load_settings(), (women[4], women[0]), (men[4], men[0]))["impact_ratio"]
    assert np.prod([row["impact_ratio"] for row in found]) == pytest.approx(whole, rel=1e-12)


# Rules of the City of New York, title 6, chapter 5, subchapter T: the worked example of a selection-rate audit.
LL144 = {
    "sex": {"Male": (1390, 667, 1.00), "Female": (1181, 555, 0.979)},
    "race_ethnicity": {
        "Hispanic or Latino": (408, 204, 0.97),
        "White": (797, 412, 1.00),
        "Black or African American": (390, 170, 0.84),
        "Native Hawaiian or Pacific Islander": (119, 52, 0.85),
        "Asian": (616, 302, 0.95),
        "Native American or Alaska Native": (41, 18, 0.85),
        "Two or More Races": (213, 96, 0.87),
    },
}


def new_york(least_share: float) -> pl.DataFrame:
    rows = [
        {"table_name": name, "category": category, "applicants": applicants, "selected": selected}
        for name, categories in LL144.items()
        for category, (applicants, selected, _) in categories.items()
    ]
    key = {"organisation": "Example", "period": None, "rule": "nyc_ll144", "from_stage": "applied", "to_stage": "next"}
    return against_highest(pl.DataFrame([key | row for row in rows]), least_share)


def test_new_york_local_law_144_to_the_printed_digits() -> None:
    found = new_york(0.0)
    for name, categories in LL144.items():
        for category, (*_, printed) in categories.items():
            row = found.filter(pl.col("table_name") == name, pl.col("category") == category).row(0, named=True)
            digits = 3 if printed == 0.979 else 2
            assert round(row["impact_ratio"], digits) == printed, category


def test_new_york_may_leave_out_categories_below_two_per_cent() -> None:
    """Native American or Alaska Native: 41 of 2,584 is 1.59%. Its count and rate stay."""
    row = new_york(0.02).filter(pl.col("category") == "Native American or Alaska Native").row(0, named=True)
    assert row["share_of_applicants"] == pytest.approx(0.0159, abs=5e-5)
    assert (row["impact_ratio"], row["left_out_reason"]) == (None, "below_minimum_share")
    assert row["selection_rate"] == pytest.approx(18 / 41)


def test_new_yorks_own_example_does_not_add_up() -> None:
    assert margin_problems(new_york(0.0)) == [
        "nyc_ll144, applied to next: sex adds up to 2571 applicants and 1222 selected, race_ethnicity adds up to 2584 "
        "applicants and 1254 selected"
    ]


def test_wres_2022_of_a_trust() -> None:
    """The Christie: 46.99% of White and 14.65% of BME shortlisted were appointed; 3.2 published, 3.2075 computed."""
    row = compare(load_settings(), (1465, 10000), (4699, 10000))
    assert row["relative_likelihood"] == pytest.approx(3.2075, abs=5e-5)
    assert row["finding"] == "disparity"


def test_the_family_of_a_published_case_is_recorded() -> None:
    """Nottingham 1997, the four steps as one family.

    R 4.2.2: p <- sapply(list(c(415,591,1554,1954), c(111,415,728,1554), c(63,111,387,728), c(30,63,224,387)),
    function(v) chisq.test(matrix(c(v[1], v[2]-v[1], v[3], v[4]-v[3]), 2, byrow = TRUE), correct = FALSE)$p.value)
    and p.adjust(p, "holm").
    """
    settings = load_settings()
    steps = [((415, 591), (1554, 1954)), ((111, 415), (728, 1554)), ((63, 111), (387, 728)), ((30, 63), (224, 387))]
    counts = pl.concat(
        stage_counts({"Black": group, "White": reference}, step_order=order)
        for order, (group, reference) in enumerate(steps)
    )
    rows = disparities(selection_rates(counts, settings), settings).sort("step_order")
    assert rows["family_size"].to_list() == [4] * 4
    assert rows["p_value"].to_list() == pytest.approx(P_VALUES, rel=1e-9)
    assert rows["p_adjusted"].to_list() == pytest.approx(HOLM, rel=1e-9)


P_VALUES = [2.14871642194e-06, 1.89418929941e-13, 0.478960931019, 0.127650803948]
HOLM = [6.44614926583e-06, 7.57675719765e-13, 0.478960931019, 0.255301607897]
