"""The impact ratio over time: a binomial model in which everything that affects all groups alike cancels out.

In a month (and stratum) n_g and n_r are decided, s_g and s_r selected, and m = s_g + s_r. With an impact ratio of R,
n_g R / (n_g R + n_r) of the m are expected to be in the group, whatever the month's selection rate: so log R = x beta
is fitted as a binomial model of s_g out of m, with logit link and offset log(n_g / n_r). It is the log-link model of
selection on group, time and their products, with a separate effect for every month and stratum, conditioned on the
totals. A labour market that tightens for everyone, a season, or a change in the posts advertised does not affect it and
costs no coefficient, and unlike a log-binomial model of the rates it always fits. Armstrong, Gasparrini and Tobias, BMC
Med Res Methodol 2014;14:122 (conditional Poisson); Zou, Am J Epidemiol 2004;159:702 (risk ratios of binary outcomes).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, stdtrit

from equity_audit.measures.intervals import Counts, Floats

# A correlation nearer to 1 would make errors arbitrarily large.
_STRONGEST = 0.9
# Newton's steps double the number of correct digits, so this is ample; each is limited to a plausible change.
_STEPS, _LONGEST = 50, 3.0


@dataclass(frozen=True)
class PairedCounts:
    """Selected and decided, for the group and its reference, row by row; `period` numbers the months or quarters.

    Rows of one period are its strata. Arrays of whole numbers of one length, selected <= decided.
    """

    period: Counts
    group_selected: Counts
    group_decided: Counts
    reference_selected: Counts
    reference_decided: Counts


@dataclass(frozen=True)
class Estimate:
    """A ratio with its confidence interval, and the standard error of its logarithm."""

    ratio: float
    low: float
    high: float
    log_error: float

    @property
    def direction(self) -> int:
        """1 if the interval is above 1, -1 if it is below, 0 if it contains 1."""
        return int(self.low > 1) - int(self.high < 1)


@dataclass(frozen=True)
class RatioFit:
    """A fitted model: coefficients, their covariance, and what the errors allow for.

    dispersion: the variance of periods as a multiple of that by chance; 1 is chance alone. autocorrelation: of the
    residuals of neighbouring periods, 0 if negative.
    """

    coefficients: Floats
    covariance: Floats
    degrees_of_freedom: int
    dispersion: float
    autocorrelation: float

    def estimate(self, weights: Floats, confidence: float) -> Estimate:
        """Return exp of a weighted sum of coefficients, with an interval by Student's t."""
        log, error = float(weights @ self.coefficients), float(np.sqrt(weights @ self.covariance @ weights))
        half = float(stdtrit(self.degrees_of_freedom, 0.5 + confidence / 2)) * error
        return Estimate(float(np.exp(log)), float(np.exp(log - half)), float(np.exp(log + half)), error)


def fit_ratio(counts: PairedCounts, design: Floats) -> RatioFit:
    """Fit log impact ratio = design x coefficients. `design` has a row for each period, numbered as in the counts.

    Rows without selections, or without decisions on one side, have nothing to compare and are left out. The variance of
    a row's s_g - E(s_g) is m q (1 - q) - s_g s_r R (n_g + n_r) / (n_g R + n_r)^2, with q the group's expected share:
    for R = 1 that of Greenland and Robins (Biometrics 1985;41:55), valid both for many small strata and for a few large
    ones. It is multiplied by the dispersion (squared residuals of whole periods over their variance, per degree of
    freedom) if that is above 1, and periods d apart are taken to have the correlation a^d. The autocorrelation a is
    that of neighbouring residuals, corrected for its bias from fitting k coefficients to T periods: (T a + k) /
    (T - k); it is never below 0, so that errors are never made smaller. Newey-West errors were tried and are too small
    for series of this length (docs/calibration.md).

    Raises ValueError if there are no more periods with selections than coefficients.
    """
    informative = (counts.group_decided > 0) & (counts.reference_decided > 0)
    informative &= counts.group_selected + counts.reference_selected > 0
    which, period = np.unique(counts.period[informative], return_inverse=True)
    x = design[which]
    freedom = which.size - x.shape[1]
    if freedom < 1:
        raise ValueError("no more periods with selections than coefficients")
    s_g, n_g, s_r, n_r = (
        array[informative].astype(float)
        for array in (counts.group_selected, counts.group_decided, counts.reference_selected, counts.reference_decided)
    )
    coefficients = _maximum_likelihood(x[period], s_g, s_g + s_r, np.log(n_g / n_r))
    ratio = np.exp(x @ coefficients)[period]
    q = n_g * ratio / (n_g * ratio + n_r)
    information = (s_g + s_r) * q * (1 - q)
    variance = information - s_g * s_r * ratio * (n_g + n_r) / (n_g * ratio + n_r) ** 2
    residuals = np.bincount(period, s_g - (s_g + s_r) * q)
    deviations = np.sqrt(_of_periods(*(np.bincount(period, v).astype(float) for v in (variance, information))))
    z = residuals / deviations
    dispersion = float((z**2).sum() / freedom)
    autocorrelation = _autocorrelation(z, which, x.shape[1])
    correlation = autocorrelation ** np.abs(np.subtract.outer(which, which))
    scaled = deviations[:, None] * x
    bread = np.linalg.inv(x.T @ (np.bincount(period, information)[:, None] * x))
    covariance = max(dispersion, 1.0) * bread @ (scaled.T @ correlation @ scaled) @ bread
    return RatioFit(coefficients, covariance, freedom, dispersion, autocorrelation)


def _of_periods(variance: Floats, information: Floats) -> Floats:
    """Return the variances of periods, with zeros replaced: one such month would make every range infinite."""
    share = max(variance.sum() / information.sum(), np.finfo(float).eps)
    # Rounding leaves a small remainder where the two terms cancel.
    return np.where(variance > 1e-9 * information, variance, share * information)


def _autocorrelation(z: Floats, which: Counts, coefficients: int) -> float:
    neighbours = np.diff(which) == 1
    raw = (z[1:] * z[:-1])[neighbours].sum() / max((z**2).sum(), np.finfo(float).tiny)
    corrected = (z.size * raw + coefficients) / (z.size - coefficients)
    return float(np.clip(corrected, 0, _STRONGEST))


def _maximum_likelihood(x: Floats, s_g: Floats, m: Floats, offset: Floats) -> Floats:
    """Return the coefficients of the binomial model, by Newton's method.

    Not statsmodels', since an effect with its sensitivity analyses takes a hundred fits, and each would take ten times
    as long. Tested against statsmodels.
    """
    coefficients = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        q = expit(x @ coefficients + offset)
        step = np.linalg.solve(x.T @ ((m * q * (1 - q))[:, None] * x), x.T @ (s_g - m * q))
        coefficients = coefficients + step * min(1.0, _LONGEST / max(np.abs(step).max(), _LONGEST))
        if np.abs(step).max() < 1e-10:
            break
    return coefficients
