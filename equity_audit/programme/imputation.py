"""Widen ranges to allow for rounding: an estimate from published counts, and others from the counts these may be."""

from collections.abc import Sequence
from dataclasses import replace
from math import exp, inf, isfinite, log, sqrt

import numpy as np
from scipy.special import ndtri

from equity_audit.programme.before_after import BeforeAfter
from equity_audit.programme.interrupted_series import InterruptedSeries
from equity_audit.programme.ratio_model import Estimate


def widening(log_error: float, logs: Sequence[float]) -> float:
    """Return the factor by which a range becomes wider: sqrt(1 + (1 + 1/m) B / W).

    W = log_error^2, the variance within one table; B is the variance of the m estimates (`logs`, natural logarithms)
    from tables that would be published the same. Estimates that are not finite are left out; with fewer than two, or
    without a finite error, the result is 1. Source: D. B. Rubin, Multiple Imputation for Nonresponse in Surveys, 1987,
    section 3.1.
    """
    known = [value for value in logs if isfinite(value)]
    if len(known) < 2 or not log_error > 0 or not isfinite(log_error):
        return 1.0
    between = float(np.var(known, ddof=1))
    return sqrt(1 + (1 + 1 / len(known)) * between / log_error**2)


def widened(estimate: Estimate, others: Sequence[Estimate]) -> Estimate:
    """Return the estimate with its range and error widened for the differences between `others`."""
    factor = widening(estimate.log_error, [log(other.ratio) for other in others])
    low, high = _stretched(estimate.ratio, estimate.low, estimate.high, factor)
    return Estimate(estimate.ratio, low, high, estimate.log_error * factor)


def widened_series(series: InterruptedSeries, others: Sequence[InterruptedSeries]) -> InterruptedSeries:
    """Return an interrupted series with every estimate widened, and its detectable effects moved away from 1."""

    def wide(name: str) -> Estimate:
        return widened(getattr(series, name), [getattr(other, name) for other in others])

    effect = wide("effect")
    factor = effect.log_error / series.effect.log_error
    return replace(
        series,
        effect=effect,
        level_change=wide("level_change"),
        slope_change=wide("slope_change"),
        trend_before=wide("trend_before"),
        projected=wide("projected"),
        detectable_rise=series.detectable_rise**factor,
        detectable_fall=series.detectable_fall**factor,
    )


def widened_plain(plain: BeforeAfter, others: Sequence[BeforeAfter], confidence: float) -> BeforeAfter:
    """Return before, after and change widened."""

    def wide(name: str) -> tuple[float, float, float]:
        return widened_figures(getattr(plain, name), [getattr(other, name)[0] for other in others], confidence)

    return replace(plain, before=wide("before"), after=wide("after"), change=wide("change"))


def widened_figures(
    figures: tuple[float, float, float], others: Sequence[float], confidence: float
) -> tuple[float, float, float]:
    """Return a ratio and its range (value, low, high), widened for the differences between `others`.

    The error is recovered from the range: half its length over z.
    """
    value, low, high = figures
    z = float(ndtri(0.5 + confidence / 2))
    error = log(high / low) / (2 * z) if 0 < low < high < inf else float("nan")
    return value, *_stretched(value, low, high, widening(error, [log(other) for other in others if other > 0]))


def _stretched(value: float, low: float, high: float, factor: float) -> tuple[float, float]:
    """Move both limits away from the value by a factor, on the log scale."""
    if factor == 1:
        return low, high
    return value * exp(factor * log(low / value)), value * exp(factor * log(high / value))
