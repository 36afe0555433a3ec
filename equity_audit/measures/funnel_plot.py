"""Funnel plots: find the units that differ from the others by more than chance.

Spiegelhalter, Funnel plots for comparing institutional performance, Stat Med 2005;24:1185; Handling over-dispersion of
performance indicators, Qual Saf Health Care 2005;14:347.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtri
from scipy.stats import binom
from scipy.stats.mstats import winsorize

from equity_audit.measure_policies import VariationPolicy
from equity_audit.measures.intervals import Counts, Flags, Floats


@dataclass(frozen=True)
class Dispersion:
    """How much units vary: phi is their mean squared distance from the target in standard deviations, 1 by chance.

    p_value: the probability of a phi this large by chance. tau: the standard deviation between units beyond chance, on
    the scale of the figures; 0 if phi may be chance (p_value at or above policy's level). With fewer than two units phi
    and p_value are nan, and tau is 0.
    """

    phi: float
    p_value: float
    tau: float


@dataclass(frozen=True)
class Funnel:
    """Rates of units with their target and limits, unit by unit; nan for a unit without decisions.

    limits: for each of policy's levels (95% and 99.8%) the exact binomial limits, lower and upper. adjusted: the same,
    widened for variation between units; None if there is no such variation.
    """

    rates: Floats
    target: float
    limits: tuple[tuple[Floats, Floats], ...]
    dispersion: Dispersion
    adjusted: tuple[tuple[Floats, Floats], ...] | None


def funnel(
    selected: Counts,
    decided: Counts,
    policy: VariationPolicy,
    *,
    target: float | None = None,
    noise: Floats | float = 0.0,
    tested: Flags | None = None,
) -> Funnel:
    """Compare each unit's rate with a target, by default that of all units together, sum(selected) / sum(decided).

    Limits are those of `limits`. Dispersion is calculated from (rate - target) / sqrt(target (1 - target) / n +
    noise^2), with policy's share and level; if units vary more than chance, there are adjusted limits as well.

    noise: standard error of a rate beyond chance, such as from rounding. tested: the units whose dispersion is
    measured, by default all. A unit outside the limits is unusual, not good or bad, and one inside may still differ.
    Raises ValueError if there are no decisions at all.
    """
    if not decided.sum():
        raise ValueError("nobody was decided on")
    if target is None:
        target = float(selected.sum() / decided.sum())
    rates: Floats = np.divide(selected, decided, out=np.full(decided.shape, np.nan), where=decided > 0)
    errors = np.hypot(_error(decided, target), noise)
    included = np.ones(decided.shape, bool) if tested is None else tested
    spread = dispersion((rates - target)[included], errors[included], policy)
    adjusted = limits(decided, target, policy, spread.tau) if spread.tau else None
    return Funnel(rates, target, limits(decided, target, policy), spread, adjusted)


def limits(
    decided: Counts, target: float, policy: VariationPolicy, tau: float = 0.0
) -> tuple[tuple[Floats, Floats], ...]:
    """Return lower and upper limits for units of these sizes, at each of policy's levels; nan for no decisions.

    Exact for tau 0: a unit of that size with the target's rate is beyond either limit with probability (1 - level) / 2,
    interpolated between whole numbers (Spiegelhalter, Stat Med, appendix A.1.1). For units that vary by tau beyond
    chance: target +- z sqrt(target (1 - target) / n + tau^2), cut at 0 and 1.
    """
    levels = policy.funnel_limits
    if not tau:
        return tuple(
            (_exact(decided, target, (1 - level) / 2), _exact(decided, target, (1 + level) / 2)) for level in levels
        )
    wide = np.hypot(_error(decided, target), tau)
    return tuple(
        (np.maximum(target - z * wide, 0), np.minimum(target + z * wide, 1))
        for z in (float(ndtri((1 + level) / 2)) for level in levels)
    )


def places(
    found: Funnel, selected: tuple[Counts, Counts], decided: tuple[Counts, Counts], policy: VariationPolicy
) -> npt.NDArray[np.str_]:
    """Say which limits each unit is beyond whatever its counts are: above_outer, below_inner, ..., or within.

    selected, decided: the least and the most that each unit's counts can be; the same twice if they are known. If units
    vary only by chance, the probability of so many, or of so few, decides, not the line that is drawn. The
    line runs between whole numbers: three of three selected lies above it where nine in ten are, which happens by
    chance seven times in ten. So many are most probable out of the most decided on, so few out of the fewest. If units
    vary more, the widened limits decide, those for the least decided on.
    """
    (fewest, most), (smallest, largest) = selected, decided
    if not found.dispersion.tau:
        few, many = binom.cdf(most, smallest, found.target), binom.sf(fewest - 1, largest, found.target)
        tails = [(1 - level) / 2 for level in policy.funnel_limits]
        below, above = [few < tail for tail in tails], [many < tail for tail in tails]
    else:
        widened = limits(smallest, found.target, policy, found.dispersion.tau)
        below = [most / smallest < lower for lower, _ in widened]
        above = [fewest / largest > upper for _, upper in widened]
    return np.select(
        [below[1], above[1], below[0], above[0]],
        ["below_outer", "above_outer", "below_inner", "above_inner"],
        "within",
    )


def dispersion(distances: Floats, errors: Floats, policy: VariationPolicy) -> Dispersion:
    """Measure whether units are further from a target than their standard errors explain, and by how much.

    With z = distance / error, winsorised by winsorised_share at either end, phi = mean(z^2) of k units, and
    tau^2 = (k phi - (k - 1)) / (sum(w) - sum(w^2) / sum(w)) with w = 1 / error^2, if phi is above 1 by more than chance
    (k phi against chi-squared with k degrees of freedom, at dispersion_level). nan is left out. Winsorising keeps a few
    units that do differ from hiding themselves by widening the limits of all; if all units vary, tau is about a fifth
    too low.
    """
    known = ~np.isnan(distances / errors)
    if known.sum() < 2:
        return Dispersion(np.nan, np.nan, 0.0)
    share = policy.winsorised_share
    z = np.asarray(winsorize(distances[known] / errors[known], limits=(share, share)))
    k, total = z.size, float((z**2).sum())
    p_value = float(chdtrc(k, total))
    w = 1 / errors[known] ** 2
    varies = p_value < policy.dispersion_level
    variance = (total - (k - 1)) / (w.sum() - (w**2).sum() / w.sum()) if varies else 0.0
    return Dispersion(total / k, p_value, float(np.sqrt(max(variance, 0.0))))


def _error(decided: Counts, target: float) -> Floats:
    """Return the standard error, by chance alone, of a unit's rate at the target; nan for no decisions."""
    return np.sqrt(target * (1 - target) / np.where(decided > 0, decided, np.nan))


def _exact(decided: Counts, target: float, probability: float) -> Floats:
    """Return the rate below which a unit would be with that probability, interpolated; nan for no decisions."""
    count = binom.ppf(probability, decided, target)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (binom.cdf(count, decided, target) - probability) / binom.pmf(count, decided, target)
        limit: Floats = np.where(decided > 0, np.clip((count - share) / decided, 0, 1), np.nan)
    return limit
