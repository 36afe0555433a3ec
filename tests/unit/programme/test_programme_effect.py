"""The effect of a programme against independent implementations, known histories and its own invariants."""

from dataclasses import fields, replace
from datetime import date
from typing import get_args

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import nct, norm, t
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM

from equity_audit.programme.before_after import before_after
from equity_audit.programme.interrupted_series import interrupted_series, rows, why_not
from equity_audit.programme.programme_effect import ProgrammeEffect, programme_effect
from equity_audit.programme.ratio_model import PairedCounts, fit_ratio
from equity_audit.programme.sensitivity import leave_one_quarter_out, placebo_dates
from equity_audit.programme.timeline import Timeline
from equity_audit.settings import load_settings
from equity_audit.synthetic.history import PROGRAMME_EFFECT, PROGRAMME_START, WITHOUT_PROGRAMME, Scenario, history

SETTINGS = load_settings()
START = date(2020, 1, 1)


def months(count: int, first_year: int = 2017) -> tuple[date, ...]:
    return tuple(date(first_year + month // 12, month % 12 + 1, 1) for month in range(count))


TIMELINE = Timeline(months(72), START, 6)


def drawn(seed: int, size: int = 100, timeline: Timeline = TIMELINE, jump: float = 0.0) -> PairedCounts:
    """A series by chance, its impact ratio 0.7, times exp(jump) after the lead-in."""
    rng = np.random.default_rng(seed)
    count = len(timeline.periods)
    n_g, n_r = rng.poisson(size, count) + 1, rng.poisson(3 * size, count) + 1
    rate = rng.uniform(0.2, 0.5, count)
    return PairedCounts(
        np.arange(count),
        rng.binomial(n_g, rate * 0.7 * np.exp(jump * timeline.after)),
        n_g,
        rng.binomial(n_r, rate),
        n_r,
    )


def test_coefficients_are_those_of_a_poisson_model_with_an_effect_for_every_month() -> None:
    """statsmodels, log link: one column for each month, and the group's columns; no conditioning, no offset trick."""
    counts = drawn(1)
    design = TIMELINE.design(2)
    count = len(TIMELINE.periods)
    month = np.vstack([np.eye(count)] * 2)
    group = np.vstack([design, np.zeros_like(design)])
    selected = np.concatenate([counts.group_selected, counts.reference_selected])
    decided = np.concatenate([counts.group_decided, counts.reference_decided])
    model = GLM(selected, np.hstack([group, month]), family=Poisson(), offset=np.log(decided)).fit()
    assert fit_ratio(counts, design).coefficients == pytest.approx(model.params[: design.shape[1]], abs=1e-6)


def test_without_change_ratio_and_error_are_those_of_one_table() -> None:
    """29 and 31 of 100 in turn against 160 of 400: 0.3 / 0.4, and the delta method's sum of 1/s - 1/n."""
    constant = [np.full(10, count) for count in (100, 160, 400)]
    fit = fit_ratio(PairedCounts(np.arange(10), np.tile([29, 31], 5), *constant), np.ones((10, 1)))
    found = fit.estimate(np.ones(1), 0.95)
    assert found.ratio == pytest.approx(0.75)
    assert fit.autocorrelation == 0
    assert found.log_error == pytest.approx(np.sqrt(1 / 300 - 1 / 1000 + 1 / 1600 - 1 / 4000))
    assert found.high == pytest.approx(0.75 * np.exp(t.ppf(0.975, 9) * found.log_error))


def test_many_small_strata_have_the_error_of_greenland_and_robins() -> None:
    """Where the ratio is 1 by construction; their variance (Biometrics 1985;41:55) written out."""
    rng = np.random.default_rng(3)
    n_g, n_r = rng.integers(1, 4, 4000), rng.integers(1, 6, 4000)
    s_g, s_r = rng.binomial(n_g, 0.4), rng.binomial(n_r, 0.4)
    fit = fit_ratio(PairedCounts(np.arange(4000) % 40, s_g, n_g, s_r, n_r), np.ones((40, 1)))
    total, m = n_g + n_r, s_g + s_r
    sums = ((n_g * n_r * m - s_g * s_r * total) / total**2).sum()
    robins = sums / ((s_g * n_r / total).sum() * (s_r * n_g / total).sum())
    own = fit.covariance[0, 0] / max(fit.dispersion, 1)
    # Neighbouring months may go together by chance; then the error is larger, never smaller.
    assert own >= robins * 0.98
    if fit.autocorrelation == 0:
        assert own == pytest.approx(robins, rel=0.02)


def test_a_known_change_is_found_exactly_whatever_the_months_share() -> None:
    """Without chance: level 0.6, falling 3% a year, then 20% up and 5% a year up; the months' own rates are random."""
    rng = np.random.default_rng(4)
    design = TIMELINE.design(9)
    ratio = np.exp(design @ np.array([np.log(0.6), -0.03, np.log(1.2), 0.05]))
    rate = rng.uniform(0.1, 0.6, 72)
    decided = np.full(72, 10**9)
    counts = PairedCounts(
        np.arange(72),
        np.rint(decided * rate * ratio).astype(int),
        decided,
        np.rint(decided * rate).astype(int),
        decided,
    )
    found = interrupted_series(counts, TIMELINE, SETTINGS)
    assert found.level_change.ratio == pytest.approx(1.2, rel=1e-5)
    assert found.slope_change.ratio == pytest.approx(np.exp(0.05), rel=1e-5)
    assert found.trend_before.ratio == pytest.approx(np.exp(-0.03), rel=1e-5)
    # 30 months after the lead-in: on average 14.5 months, of which a year has 12 to within a leap day.
    assert found.effect.ratio == pytest.approx(1.2 * np.exp(0.05 * 14.5 / 12), rel=1e-3)
    assert found.projected.ratio == pytest.approx(0.6 * np.exp(-0.03 * 20.5 / 12), rel=1e-3)
    assert found.seasonal


def test_the_lead_in_counts_as_neither_before_nor_after() -> None:
    counts = drawn(5)
    lead_in = ~(TIMELINE.before | TIMELINE.after)
    assert lead_in.sum() == 6
    changed = replace(counts, group_selected=np.where(lead_in, 0, counts.group_selected))
    assert (
        interrupted_series(changed, TIMELINE, SETTINGS).effect == interrupted_series(counts, TIMELINE, SETTINGS).effect
    )


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_the_order_of_rows_makes_no_difference(seed: int, random: object) -> None:
    counts = drawn(seed, size=20)
    order = list(range(72))
    random.shuffle(order)  # type: ignore[attr-defined]
    mixed = PairedCounts(*(getattr(counts, field.name)[order] for field in fields(counts)))
    one, two = (interrupted_series(c, TIMELINE, SETTINGS).effect for c in (counts, mixed))
    assert (one.ratio, one.log_error) == pytest.approx((two.ratio, two.log_error), rel=1e-6)


@settings(max_examples=15)
@given(st.integers(0, 10**6))
def test_exchanging_group_and_reference_turns_the_effect_upside_down(seed: int) -> None:
    counts = drawn(seed, size=20)
    other = PairedCounts(
        counts.period,
        counts.reference_selected,
        counts.reference_decided,
        counts.group_selected,
        counts.group_decided,
    )
    one, two = (interrupted_series(c, TIMELINE, SETTINGS).effect for c in (counts, other))
    assert (two.ratio, two.low, two.high) == pytest.approx((1 / one.ratio, 1 / one.high, 1 / one.low), rel=1e-5)


def test_months_that_vary_more_than_chance_or_go_together_widen_the_range() -> None:
    rng = np.random.default_rng(6)
    counts = drawn(6, size=400)
    plain = interrupted_series(counts, TIMELINE, SETTINGS)
    wobble = np.repeat(np.exp(rng.normal(0, 0.4, 12)), 6)
    rough = replace(
        counts, group_selected=np.rint(np.minimum(counts.group_selected * wobble, counts.group_decided)).astype(int)
    )
    found = interrupted_series(rough, TIMELINE, SETTINGS)
    assert found.fit.dispersion > 3
    assert found.fit.autocorrelation > 0.4
    assert found.effect.log_error > 3 * plain.effect.log_error
    # The same in an order that takes the going together apart.
    apart = rng.permutation(72)
    shuffled = rows(rough, apart)
    shuffled = replace(shuffled, period=np.arange(72))
    assert interrupted_series(shuffled, TIMELINE, SETTINGS).fit.autocorrelation < found.fit.autocorrelation


def test_a_month_in_which_everybody_went_on_does_not_make_ranges_endless() -> None:
    """One of the group and two of the reference, all selected: no variance to see, and next to nothing to learn."""
    counts = drawn(3, size=20)
    cells = {"group_selected": 1, "group_decided": 1, "reference_selected": 2, "reference_decided": 2}
    changed = {name: np.where(counts.period == 5, value, getattr(counts, name)) for name, value in cells.items()}
    found = interrupted_series(replace(counts, **changed), TIMELINE, SETTINGS)
    without = interrupted_series(rows(counts, counts.period != 5), TIMELINE, SETTINGS)
    assert found.effect.log_error == pytest.approx(without.effect.log_error, rel=0.03)
    assert found.effect.ratio == pytest.approx(without.effect.ratio, rel=0.03)


def test_a_step_at_which_hardly_anybody_is_turned_down_has_ranges_that_hold() -> None:
    """Seven of a hundred, in months of a dozen: in many of them nobody. No change was put in."""
    rng, held = np.random.default_rng(1), 0
    for _ in range(100):
        n_g, n_r = rng.poisson(4, 72), rng.poisson(8, 72)
        counts = PairedCounts(np.arange(72), rng.binomial(n_g, 0.93), n_g, rng.binomial(n_r, 0.93), n_r)
        effect = interrupted_series(counts, TIMELINE, SETTINGS).effect
        held += effect.low <= 1 <= effect.high
        assert effect.log_error < 0.5
    assert held >= 90


def test_the_smallest_detectable_change_has_the_power_asked_for() -> None:
    found = interrupted_series(drawn(7), TIMELINE, SETTINGS)
    shift = np.log(found.detectable_rise) / found.effect.log_error
    freedom = found.fit.degrees_of_freedom
    # Power of a t-test, by scipy's noncentral t.
    assert nct.sf(t.ppf(0.975, freedom), freedom, shift) == pytest.approx(0.8, abs=0.005)
    assert found.detectable_fall == pytest.approx(1 / found.detectable_rise)


@pytest.mark.parametrize(
    ("periods", "start", "size", "reason"),
    [
        (months(21), date(2018, 1, 1), 100, "too_soon"),
        (months(26), date(2018, 1, 1), 100, None),
        (months(25), date(2018, 1, 1), 100, "too_soon"),
        (months(40), date(2017, 8, 1), 100, "too_few_periods_before"),
        (months(40), date(2017, 9, 1), 100, None),
        (months(40), date(2018, 6, 1), 1, "too_few_selected"),
    ],
)
def test_when_nothing_can_be_said(periods: tuple[date, ...], start: date, size: int, reason: str | None) -> None:
    """Eight months on either side, the lead-in of six not counted."""
    timeline = Timeline(periods, start, 6)
    assert why_not(drawn(8, size, timeline), timeline, SETTINGS) == reason


def test_a_group_that_hardly_anybody_is_of_is_not_told_that_it_is_too_soon() -> None:
    """Thirty months have passed; in six of them somebody of the group was decided on."""
    counts = drawn(8)
    gone = TIMELINE.after & (np.arange(72) < 66)
    few = replace(
        counts,
        group_selected=np.where(gone, 0, counts.group_selected),
        group_decided=np.where(gone, 0, counts.group_decided),
    )
    assert why_not(few, TIMELINE, SETTINGS) == "too_few_selected"


@pytest.mark.parametrize(("selected", "reason"), [(19, "too_few_selected"), (20, None)])
def test_twenty_selected_are_enough(selected: int, reason: str | None) -> None:
    counts = drawn(9)
    few = np.where(TIMELINE.before, 0, counts.group_selected)
    few[:10] = 2
    few[0] = selected - 18
    assert why_not(replace(counts, group_selected=few), TIMELINE, SETTINGS) == reason


def test_a_path_needs_months_in_which_both_were_selected() -> None:
    """The group only in the last months before: any slope would fit."""
    counts = drawn(9)
    for few, reason in ((7, "too_few_selected"), (8, None)):
        hidden = TIMELINE.before & (np.arange(72) < 36 - few)
        late = replace(counts, group_selected=np.where(hidden, 0, counts.group_selected))
        assert why_not(late, TIMELINE, SETTINGS) == reason


def test_strata_without_anybody_like_them_do_not_count() -> None:
    """Nobody of the reference applies for the group's posts: there is nothing to compare within."""
    counts = (
        history("none", 1)
        .filter(pl.col("unit") == "Department 01")
        .with_columns(
            reference_decided=pl.when(pl.col("pay_band") != "Band 2").then("reference_decided").otherwise(0),
            reference_selected=pl.when(pl.col("pay_band") != "Band 2").then("reference_selected").otherwise(0),
            group_decided=pl.when(pl.col("pay_band") == "Band 2").then("group_decided").otherwise(0),
            group_selected=pl.when(pl.col("pay_band") == "Band 2").then("group_selected").otherwise(0),
        )
    )
    apart = programme_effect(counts, PROGRAMME_START, 6, SETTINGS)
    assert (apart.verdict, apart.overall) == ("too_few_selected", None)
    assert programme_effect(counts.drop("pay_band"), PROGRAMME_START, 6, SETTINGS).overall is not None


def test_posts_are_alike_that_share_band_and_staff_group() -> None:
    """What was advertised changes between staff groups of one band: only both together tell it from an effect."""
    counts = history("advertised_mix", 1)
    groups = counts.rename({"pay_band": "staff_group"}).with_columns(pay_band=pl.lit("Band 5"))
    banded, both, bands_alone = (
        programme_effect(one, PROGRAMME_START, 6, SETTINGS) for one in (counts, groups, groups.drop("staff_group"))
    )
    assert both.alike == ("pay_band", "staff_group")
    assert both.verdict == banded.verdict
    assert both.within is not None
    assert banded.within is not None
    assert bands_alone.within is not None
    assert both.within.effect == banded.within.effect
    assert bands_alone.within.effect.direction == 1


def test_where_nobody_shares_band_and_group_the_band_says_what_is_alike() -> None:
    """The group applies for posts of one staff group, the reference for those of another, in the same bands."""
    counts = history("effect", 1).filter(pl.col("unit") == "Department 01")
    apart = pl.concat(
        counts.with_columns(pl.lit(0, pl.Int64).alias(name) for name in nobody).with_columns(staff_group=pl.lit(posts))
        for posts, nobody in (
            ("Nursing", ("reference_selected", "reference_decided")),
            ("Medical", ("group_selected", "group_decided")),
        )
    )
    banded, found = (programme_effect(one, PROGRAMME_START, 6, SETTINGS) for one in (counts, apart))
    assert (banded.alike, found.alike) == (("pay_band",), ("pay_band",))
    assert found.within is not None
    assert banded.within is not None
    assert found.within.effect == banded.within.effect


@pytest.mark.parametrize(("runs", "drifts"), [(1, False), (12, True)])
def test_a_ratio_that_swings_slowly_drifts(runs: int, drifts: bool) -> None:
    """Up and down by a tenth, month by month or year by year; a month of each side has 10,000 decisions."""
    up = np.arange(72) // runs % 2 == 0
    decided = np.full(72, 10_000)
    counts = PairedCounts(np.arange(72), np.where(up, 2200, 2000), decided, np.full(72, 3000), decided)
    assert interrupted_series(counts, TIMELINE, SETTINGS).drifts == drifts


def test_the_line_of_drift_is_two_standard_errors() -> None:
    """The correlation of this series is fixed: policy on either side of it decides."""
    counts = drawn(3)
    found = interrupted_series(counts, TIMELINE, SETTINGS)
    errors = found.fit.autocorrelation * np.sqrt(found.fit.degrees_of_freedom)
    assert errors > 0
    for line, drifts in ((errors - 1e-6, True), (errors + 1e-6, False)):
        policy = SETTINGS.model_copy(update={"programme": SETTINGS.programme.model_copy(update={"drift_errors": line})})
        assert interrupted_series(counts, TIMELINE, policy).drifts == drifts


def test_periods_are_named_once_in_order_and_quarters_are_seen_as_such() -> None:
    assert TIMELINE.per_year == 12
    assert Timeline(months(72)[::3], START, 6).per_year == 4
    with pytest.raises(ValueError, match="in order"):
        Timeline(months(3)[::-1], START, 0)


@pytest.mark.parametrize(("count", "columns"), [(65, 4), (66, 6)])
def test_a_yearly_rhythm_needs_two_years_on_both_sides(count: int, columns: int) -> None:
    """36 months before; 24 after a lead-in of 6 only with the 66th."""
    assert Timeline(months(count), START, 6).design(2).shape[1] == columns


cells = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def two_periods(cells: tuple[tuple[int, int], ...]) -> PairedCounts:
    (a, b), (c, d), (e, f), (g, h) = cells
    return PairedCounts(*(np.array(pair) for pair in ((0, 1), (a, e), (b, f), (c, g), (d, h))))


FIRST, SECOND = np.array([True, False]), np.array([False, True])


@settings(max_examples=25)
@given(st.tuples(cells, cells, cells, cells))
def test_before_and_after_exchanged_turns_the_change_upside_down(four: tuple[tuple[int, int], ...]) -> None:
    counts = two_periods(four)
    one, two = before_after(counts, FIRST, SECOND, 0.95), before_after(counts, SECOND, FIRST, 0.95)
    value, low, high = one.change
    assume(all(selected > 0 for selected, _ in four))
    assert two.change == pytest.approx((1 / value, 1 / high, 1 / low), rel=1e-9)
    assert low <= value <= high


def test_the_change_of_large_counts_has_the_delta_methods_range() -> None:
    """(0.27/0.40) / (0.20/0.41), and 1/s - 1/n added over the four cells."""
    counts = two_periods(((20000, 100000), (41000, 100000), (27000, 100000), (40000, 100000)))
    value, low, high = before_after(counts, FIRST, SECOND, 0.95).change
    error = np.sqrt(sum(1 / s - 1 / 100000 for s in (20000, 41000, 27000, 40000)))
    expected = (0.27 / 0.40) / (0.20 / 0.41)
    assert value == pytest.approx(expected)
    assert (low, high) == pytest.approx(expected * np.exp(norm.ppf(0.975) * error * np.array([-1, 1])), rel=1e-3)


def test_the_change_where_nobody_was_selected() -> None:
    none_after = before_after(two_periods(((10, 50), (20, 50), (0, 50), (20, 50))), FIRST, SECOND, 0.95)
    assert none_after.change[:2] == (0, 0)
    assert none_after.change[2] == pytest.approx(none_after.after[2] / 0.5)
    none_before = before_after(two_periods(((0, 50), (20, 50), (10, 50), (20, 50))), FIRST, SECOND, 0.95)
    assert np.isnan(none_before.change).all()


def test_placebo_dates_know_nothing_of_what_came_after() -> None:
    counts = drawn(10)
    tried = placebo_dates(counts, TIMELINE, SETTINGS)
    # 36 months before: a start every third month, 8 before it, and 8 after a lead-in of 6.
    assert [each.day for each in tried] == [date(2017, 10, 1), *(date(2018, m, 1) for m in (1, 4, 7, 10))]
    later = replace(counts, group_selected=np.where(TIMELINE.before, counts.group_selected, 0))
    assert placebo_dates(later, TIMELINE, SETTINGS) == tried


def test_each_quarter_is_left_out_in_turn() -> None:
    counts = drawn(11)
    tried = leave_one_quarter_out(counts, TIMELINE, SETTINGS)
    # 24 quarters, of which two are lead-in.
    assert len(tried) == 22
    kept = rows(counts, ~np.isin(counts.period, [3, 4, 5]))
    assert tried[1].day == date(2017, 4, 1)
    assert tried[1].effect == interrupted_series(kept, TIMELINE, SETTINGS).effect


@pytest.fixture(scope="module")
def effects() -> dict[str, ProgrammeEffect]:
    return {
        scenario: programme_effect(history(scenario, 1), PROGRAMME_START, 6, SETTINGS, WITHOUT_PROGRAMME)
        for scenario in get_args(Scenario)
    }


def test_a_programme_with_an_effect_is_found(effects: dict[str, ProgrammeEffect]) -> None:
    found = effects["effect"]
    assert found.verdict == "improved"
    assert found.within.effect.low < PROGRAMME_EFFECT < found.within.effect.high
    assert found.comparison.difference.low < PROGRAMME_EFFECT < found.comparison.difference.high
    assert found.comparison.units == (40, 10)


@pytest.mark.parametrize("scenario", ["none", "tighter_market"])
def test_nothing_is_found_where_nothing_changed_or_only_the_market(
    effects: dict[str, ProgrammeEffect], scenario: str
) -> None:
    found = effects[scenario]
    assert found.verdict == "no_clear_change"
    assert found.within.effect.direction == found.overall.effect.direction == found.comparison.difference.direction == 0


def test_a_change_of_what_is_advertised_is_not_taken_for_fairness(effects: dict[str, ProgrammeEffect]) -> None:
    found = effects["advertised_mix"]
    assert found.plain.change[1] > 1
    assert found.overall.effect.direction == 1
    assert found.within.effect.direction == 0
    assert found.verdict == "follows_what_was_advertised"


def test_the_tighter_market_is_really_there() -> None:
    """Else the test above would prove nothing: a third fewer of everybody are selected."""
    counts = history("tighter_market", 1).with_columns(late=pl.col("period") > date(2021, 1, 1))
    rate = counts.group_by("late").agg(pl.col("reference_selected").sum() / pl.col("reference_decided").sum())
    rates = dict(rate.iter_rows())
    assert rates[True] < 0.75 * rates[False]


def test_the_same_history_comes_out_of_the_same_seed() -> None:
    assert history("none", 2).equals(history("none", 2))
    assert not history("none", 2).equals(history("none", 3))


def test_what_is_asked_must_be_in_the_counts() -> None:
    counts = history("none", 1)
    with pytest.raises(ValueError, match="no counts of the comparators Departmnt 02"):
        programme_effect(counts, PROGRAMME_START, 6, SETTINGS, ["Department 01", "Departmnt 02"])
    with pytest.raises(ValueError, match="no counts of the comparators Department 01"):
        programme_effect(counts.drop("unit"), PROGRAMME_START, 6, SETTINGS, ["Department 01"])
    with pytest.raises(ValueError, match="first of a month"):
        programme_effect(counts.with_columns(pl.col("period").dt.offset_by("1d")), PROGRAMME_START, 6, SETTINGS)


def test_quarters_say_the_same_as_their_months(effects: dict[str, ProgrammeEffect]) -> None:
    quarters = history("effect", 1).with_columns(pl.col("period").dt.truncate("1q"))
    found = programme_effect(quarters.drop("unit"), PROGRAMME_START, 6, SETTINGS)
    months_found = programme_effect(history("effect", 1).drop("unit"), PROGRAMME_START, 6, SETTINGS)
    assert (found.timeline.per_year, found.verdict) == (4, effects["effect"].verdict)
    assert found.plain.change == months_found.plain.change
    assert found.within is not None
    assert months_found.within is not None
    assert found.within.effect.ratio == pytest.approx(months_found.within.effect.ratio, rel=0.02)


def test_too_soon_has_no_figures_but_the_plain_ones() -> None:
    counts = history("effect", 1).filter(pl.col("period") < date(2020, 9, 1))
    found = programme_effect(counts, PROGRAMME_START, 6, SETTINGS, WITHOUT_PROGRAMME)
    assert (found.verdict, found.overall, found.within, found.comparison) == ("too_soon", None, None, None)
    assert found.plain.change[0] > 1
