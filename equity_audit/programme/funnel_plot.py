"""Funnel plots: which of many units differ from the rest by more than chance.

Spiegelhalter, Funnel plots for comparing institutional performance, Stat Med 2005;24:1185; Handling over-dispersion of
performance indicators, Qual Saf Health Care 2005;14:347.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtri
from scipy.stats import binom
from scipy.stats.mstats import winsorize

from equity_audit.measures.intervals import Counts, Floats
from equity_audit.settings import VariationPolicy


@dataclass(frozen=True)
class Dispersion:
    """How much units vary: phi is their mean squared distance from the target in standard deviations, 1 by chance.

    p_value: the chance of so large a phi. tau: the standard deviation between units besides chance, on the scale of the
    figures; 0 where phi is no more than chance (p_value at or above 0.05).
    """

    phi: float
    p_value: float
    tau: float


@dataclass(frozen=True)
class Funnel:
    """Rates of units with their target and limits, unit by unit; nan where nobody was decided on.

    limits: for each pair of policy's levels (95% and 99.8%) the exact binomial limits, lower and upper. adjusted: the
    same, widened for variation between all units, None where there is none to allow for.
    """

    rates: Floats
    target: float
    limits: tuple[tuple[Floats, Floats], ...]
    dispersion: Dispersion
    adjusted: tuple[tuple[Floats, Floats], ...] | None


def funnel(selected: Counts, decided: Counts, policy: VariationPolicy) -> Funnel:
    """Set each unit's rate against that of all units together.

    The target is sum(selected) / sum(decided). Limits are exact: where a unit of that size at the target's rate would
    be with probability (1 - level) / 2 on either side, interpolated between whole numbers (Spiegelhalter, Stat Med,
    appendix A.1.1). Dispersion is worked out from (rate - target) / sqrt(target (1 - target) / n), winsorised by
    policy's share at either end, with tau^2 by the method of moments; adjusted limits are
    target +- z sqrt(target (1 - target) / n + tau^2), cut at 0 and 1.

    A unit outside is unusual, not good or bad, and one inside may yet differ. Raises ValueError where nobody was
    decided on at all.
    """
    if not decided.sum():
        raise ValueError("nobody was decided on")
    target = float(selected.sum() / decided.sum())
    rates: Floats = np.divide(selected, decided, out=np.full(decided.shape, np.nan), where=decided > 0)
    errors = np.sqrt(target * (1 - target) / np.where(decided > 0, decided, np.nan))
    spread = dispersion(rates - target, errors, policy.winsorised_share)
    levels = policy.funnel_limits
    exact = tuple(
        (_exact(decided, target, (1 - level) / 2), _exact(decided, target, (1 + level) / 2)) for level in levels
    )
    if not spread.tau:
        return Funnel(rates, target, exact, spread, None)
    wide = np.hypot(errors, spread.tau)
    adjusted = tuple(
        (np.maximum(target - z * wide, 0), np.minimum(target + z * wide, 1))
        for z in (float(ndtri((1 + level) / 2)) for level in levels)
    )
    return Funnel(rates, target, exact, spread, adjusted)


def dispersion(distances: Floats, errors: Floats, winsorised_share: float) -> Dispersion:
    """Whether units are further from a target than their standard errors say, and by how much.

    With z = distance / error, the outermost `winsorised_share` at either end drawn in to the next, phi = mean(z^2) of k
    units, and tau^2 = (k phi - (k - 1)) / (sum(w) - sum(w^2) / sum(w)) with w = 1 / error^2, where phi is above 1 by
    more than chance (k phi against chi-squared with k degrees of freedom, at 5%). nan is left out. So few
    units at either end that do differ do not hide themselves by widening everybody's limits; where all units vary, tau
    comes out about a fifth low.
    """
    known = ~np.isnan(distances / errors)
    z = np.asarray(winsorize(distances[known] / errors[known], limits=(winsorised_share, winsorised_share)))
    k, total = z.size, float((z**2).sum())
    p_value = float(chdtrc(k, total))
    w = 1 / errors[known] ** 2
    variance = (total - (k - 1)) / (w.sum() - (w**2).sum() / w.sum()) if p_value < 0.05 and k > 1 else 0.0
    return Dispersion(total / k, p_value, float(np.sqrt(max(variance, 0.0))))


def _exact(decided: Counts, target: float, probability: float) -> Floats:
    """The rate below which a unit would be with that probability, between whole numbers; nan for no decisions."""
    count = binom.ppf(probability, decided, target)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (binom.cdf(count, decided, target) - probability) / binom.pmf(count, decided, target)
        limit: Floats = np.where(decided > 0, np.clip((count - share) / decided, 0, 1), np.nan)
    return limit
