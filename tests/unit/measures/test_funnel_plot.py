"""Funnel limits, dispersion and shrunken estimates against independent implementations."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.proportion import proportion_confint

from equity_audit.measures.funnel_plot import dispersion, funnel
from equity_audit.measures.shrinkage import shrunken_rates
from equity_audit.settings import load_settings

POLICY = load_settings().variation
NOT_DRAWN_IN = POLICY.model_copy(update={"winsorised_share": 0.0})


def limit_by_adding_up(n: int, target: float, probability: float) -> float:
    """Spiegelhalter's interpolated limit (Stat Med 2005;24:1185, A.1.1), probabilities added up in plain Python."""
    below = 0.0
    for r in range(n + 1):
        here = comb(n, r) * target**r * (1 - target) ** (n - r)
        if below + here >= probability:
            return max((r - (below + here - probability) / here) / n, 0.0)
        below += here
    return 1.0


@settings(max_examples=40)
@given(st.integers(1, 120), st.integers(1, 19))
def test_exact_limits_against_adding_up(n: int, twentieths: int) -> None:
    # A unit that makes the target what it is, and the unit looked at, of the same rate.
    selected, decided = np.array([twentieths * n, twentieths * 1000]), np.array([20 * n, 20000])
    found = funnel(selected, decided, POLICY)
    target = twentieths / 20
    for level, (low, high) in zip((0.95, 0.998), found.limits, strict=True):
        if n <= 50:
            assert low[0] == pytest.approx(limit_by_adding_up(20 * n, target, (1 - level) / 2), abs=1e-6)
            assert high[0] == pytest.approx(limit_by_adding_up(20 * n, target, (1 + level) / 2), abs=1e-6)
    assert found.target == pytest.approx(target)


def test_limits_of_chance_hold_what_they_say() -> None:
    """4,000 units by chance alone: outside 95% limits one in twenty, outside 99.8% two in a thousand."""
    decided = np.tile([150, 300, 600, 1200], 1000)
    found = funnel(np.random.default_rng(2).binomial(decided, 0.3), decided, POLICY)
    outside = [np.mean((found.rates < low) | (found.rates > high)) for low, high in found.limits]
    assert outside[0] == pytest.approx(0.05, abs=0.012)
    assert outside[1] == pytest.approx(0.002, abs=0.002)
    assert found.adjusted is None
    assert found.dispersion.tau == 0


def test_units_that_vary_besides_chance_have_wider_limits_too() -> None:
    rng = np.random.default_rng(3)
    decided = np.full(200, 500)
    found = funnel(rng.binomial(decided, np.clip(rng.normal(0.3, 0.06, 200), 0, 1)), decided, POLICY)
    # Normal values drawn in at their 10% points keep 0.679 of their variance: phi = 0.679 (1 + 0.06^2 / 0.0205^2).
    assert found.dispersion.phi == pytest.approx(6.5, rel=0.2)
    assert found.dispersion.tau == pytest.approx(0.0205 * 5.5**0.5, rel=0.15)
    assert found.adjusted is not None
    for (low, high), (wide_low, wide_high) in zip(found.limits, found.adjusted, strict=True):
        assert (wide_low < low).all()
        assert (wide_high > high).all()


def test_a_few_outliers_do_not_hide_themselves() -> None:
    """Drawn in by a tenth at either end, one wild unit in twenty leaves phi as it would be without it."""
    errors = np.full(20, 1.0)
    calm = np.tile([-1.0, 1.0], 10)
    wild = calm.copy()
    wild[0] = 40.0
    assert dispersion(wild, errors, POLICY).phi == pytest.approx(1.0)
    assert dispersion(wild, errors, NOT_DRAWN_IN).phi > 50


def test_tau_is_that_of_dersimonian_and_laird_about_the_target() -> None:
    """Not winsorised, with the target at the weighted mean: statsmodels' combine_effects."""
    rng = np.random.default_rng(4)
    errors = rng.uniform(0.5, 1.5, 30)
    effects = rng.normal(0, 2, 30)
    centred = effects - np.average(effects, weights=1 / errors**2)
    expected = combine_effects(centred, errors**2, method_re="dl").tau2
    assert dispersion(centred, errors, NOT_DRAWN_IN).tau ** 2 == pytest.approx(expected)


def test_what_is_more_than_chance_is_policys() -> None:
    """Twelve units, each sqrt(1.5) errors off: 18 on chi-squared with 12 degrees of freedom, p = 0.1157 (tables)."""
    distances = np.tile([-1.0, 1.0], 6) * 1.5**0.5
    found = dispersion(distances, np.ones(12), POLICY)
    assert (found.phi, found.p_value) == (pytest.approx(1.5), pytest.approx(0.1157, abs=5e-4))
    assert found.tau == 0
    lax = dispersion(distances, np.ones(12), POLICY.model_copy(update={"dispersion_level": 0.2}))
    # (18 - 11) / (12 - 12 / 12)
    assert lax.tau**2 == pytest.approx(7 / 11)


def test_of_one_unit_nobody_can_tell_whether_it_varies() -> None:
    found = funnel(np.array([30]), np.array([100]), POLICY, target=0.2)
    assert np.isnan(found.dispersion.phi)
    assert (found.dispersion.tau, found.adjusted, found.target) == (0, None, 0.2)


def test_noise_and_units_left_out_are_no_spread() -> None:
    """Rates 1.5 errors off the target; noise as large again as chance halves phi."""
    decided = np.full(10, 100)
    selected = np.tile([14, 26], 5)
    plain = funnel(selected, decided, POLICY, target=0.2).dispersion
    noisy = funnel(selected, decided, POLICY, target=0.2, noise=np.full(10, 0.04)).dispersion
    assert (plain.phi, noisy.phi) == (pytest.approx(2.25), pytest.approx(1.125))
    wild = np.append(selected, 90)
    tested = np.append(np.ones(10, bool), False)
    assert funnel(wild, np.full(11, 100), POLICY, target=0.2, tested=tested).dispersion == plain


def test_units_without_decisions_have_no_rate_and_no_limits() -> None:
    found = funnel(np.array([3, 0, 5]), np.array([10, 0, 10]), POLICY)
    assert np.isnan([found.rates[1], found.limits[0][0][1]]).all()
    assert found.target == 0.4
    with pytest.raises(ValueError, match="nobody"):
        funnel(np.array([0]), np.array([0]), POLICY)


def test_shrunken_rates_are_the_means_of_the_beta_they_are_drawn_from() -> None:
    """Units drawn from beta(30, 70): mean 0.3, worth 100 decisions; and the intervals hold 95% of the true rates."""
    rng = np.random.default_rng(5)
    true = rng.beta(30, 70, 3000)
    decided = np.tile([5, 20, 100, 400], 750)
    selected = rng.binomial(decided, true)
    found = shrunken_rates(selected, decided, 0.95)
    assert found.mean == pytest.approx(0.3, abs=0.01)
    assert np.mean((found.low <= true) & (true <= found.high)) == pytest.approx(0.95, abs=0.015)
    # Nearer to the truth than the raw rates, most of all for the smallest.
    off = [np.mean((figures - true)[decided == 5] ** 2) for figures in (found.values, selected / decided)]
    assert off[0] < 0.15 * off[1]
    expected = beta(found.mean * 100 + selected[0], (1 - found.mean) * 100 + 5 - selected[0]).mean()
    assert found.values[0] == pytest.approx(expected, abs=0.003)


def test_units_that_vary_by_chance_only_are_all_alike() -> None:
    found = shrunken_rates(np.array([30, 31, 29]), np.array([100, 100, 100]), 0.95)
    assert found.values == pytest.approx([0.3] * 3)
    # Wilson's interval of 90 of 300, as statsmodels' proportion_confint gives it.
    expected = proportion_confint(90, 300, method="wilson")
    assert (found.low[0], found.high[2]) == pytest.approx(expected)


def test_the_mean_may_be_that_of_more_people_than_the_units() -> None:
    found = shrunken_rates(np.array([30, 31, 29]), np.array([100, 100, 100]), 0.95, whole=(600, 2000))
    assert found.mean == 0.3
    assert (found.low[0], found.high[2]) == pytest.approx(proportion_confint(600, 2000, method="wilson"))
    # M = 0.16 x 99 / (100 (0.05^2 + 0.1^2) - 0.16) - 1 = 13.53; (0.2 M + 15) / (M + 100), and of 30.
    drawn = shrunken_rates(np.array([15, 30]), np.array([100, 100]), 0.95, whole=(400, 2000))
    assert drawn.values == pytest.approx([0.15596, 0.28808], abs=1e-5)


@given(
    st.lists(st.integers(1, 50).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=3, max_size=20)
)
def test_a_shrunken_rate_lies_between_the_units_own_and_the_mean(units: list[tuple[int, int]]) -> None:
    selected, decided = (np.array(column) for column in zip(*units, strict=True))
    found, raw = shrunken_rates(selected, decided, 0.95), selected / decided
    low, high = np.minimum(raw, found.mean), np.maximum(raw, found.mean)
    assert ((found.values >= low - 1e-12) & (found.values <= high + 1e-12)).all()
