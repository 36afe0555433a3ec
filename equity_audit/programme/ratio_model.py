"""How the impact ratio moves over time: a binomial model in which everything that all groups share drops out.

In a month (and stratum) n_g and n_r are decided on, s_g and s_r selected, m = s_g + s_r. With an impact ratio of R,
n_g R / (n_g R + n_r) of the m are expected to be the group's, whatever the month's selection rate: so log R = x beta is
fitted as a binomial model of s_g out of m, logit link, offset log(n_g / n_r). It is the log-link model of selection on
group, time and their products with an effect of its own for every month and stratum, conditioned on the totals: a
labour market that tightens for everybody, a season, or a change of what is advertised cannot move it, no coefficient is
lost to them, and unlike a log-binomial model of the rates it always fits. Armstrong, Gasparrini and Tobias, BMC Med
Res Methodol 2014;14:122 (conditional Poisson); Zou, Am J Epidemiol 2004;159:702 (risk ratios of binary outcomes).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, expit, stdtrit

from equity_audit.measures.intervals import Counts, Floats

# Neighbours further apart than this say little more: residuals that go together do so from one month to the next.
_LAGS = 3
# A correlation nearer to 1 would make an error without end.
_STRONGEST = 0.9
# Newton's steps double the right digits: more than enough from any start, and each no longer than the widest ratio.
_STEPS, _LONGEST = 50, 3.0


@dataclass(frozen=True)
class PairedCounts:
    """Selected of decided, of the group and of its reference, row by row; `period` numbers the months or quarters.

    Rows of one period are its strata. Arrays of one length, whole numbers, selected <= decided.
    """

    period: Counts
    group_selected: Counts
    group_decided: Counts
    reference_selected: Counts
    reference_decided: Counts


@dataclass(frozen=True)
class Estimate:
    """A ratio with its interval at the level asked for, and the standard error of its logarithm."""

    ratio: float
    low: float
    high: float
    log_error: float

    @property
    def direction(self) -> int:
        """1 where the interval lies above 1, -1 where it lies below, 0 where it holds 1."""
        return int(self.low > 1) - int(self.high < 1)


@dataclass(frozen=True)
class RatioFit:
    """A fitted model: coefficients, their covariance, and what the errors had to allow for.

    dispersion: how many times the variance of chance the periods have; 1 is chance alone. autocorrelation: of the
    residuals of neighbouring periods, 0 where negative; autocorrelation_p: whether that is more than chance
    (Ljung-Box), nan where there are too few periods to ask.
    """

    coefficients: Floats
    covariance: Floats
    degrees_of_freedom: int
    dispersion: float
    autocorrelation: float
    autocorrelation_p: float

    def estimate(self, weights: Floats, confidence: float) -> Estimate:
        """exp of a weighted sum of coefficients, with an interval by Student's t."""
        log, error = float(weights @ self.coefficients), float(np.sqrt(weights @ self.covariance @ weights))
        half = float(stdtrit(self.degrees_of_freedom, 0.5 + confidence / 2)) * error
        return Estimate(float(np.exp(log)), float(np.exp(log - half)), float(np.exp(log + half)), error)


def fit_ratio(counts: PairedCounts, design: Floats) -> RatioFit:
    """Fit log impact ratio = design x coefficients. `design` has a row for each period, numbered as in the counts.

    Rows without selections, or with nobody decided on of one side, have nothing to compare and drop out. The variance
    of a row's s_g - E(s_g) is m q (1 - q) - s_g s_r R (n_g + n_r) / (n_g R + n_r)^2, with q the group's expected part:
    for R = 1 that of Greenland and Robins (Biometrics 1985;41:55), valid for many small strata and few large ones
    alike. It is multiplied by the dispersion (squared residuals of whole periods over their variance, per degree of
    freedom) where that is above 1, and periods d apart are taken to go together as a^d. The autocorrelation a is that
    of neighbouring residuals, made up for what fitting k coefficients to T periods takes from it: (T a + k) / (T - k);
    never below 0, so that errors are never made smaller. Newey-West errors were tried and are too small for series of
    this length (docs/calibration.md).

    Raises ValueError where there are no more periods with selections than coefficients.
    """
    told = (counts.group_decided > 0) & (counts.reference_decided > 0)
    told &= counts.group_selected + counts.reference_selected > 0
    which, period = np.unique(counts.period[told], return_inverse=True)
    x = design[which]
    freedom = which.size - x.shape[1]
    if freedom < 1:
        raise ValueError("no more periods with selections than coefficients")
    s_g, n_g, s_r, n_r = (
        array[told].astype(float)
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
    together = autocorrelation ** np.abs(np.subtract.outer(which, which))
    scaled = deviations[:, None] * x
    bread = np.linalg.inv(x.T @ (np.bincount(period, information)[:, None] * x))
    covariance = max(dispersion, 1.0) * bread @ (scaled.T @ together @ scaled) @ bread
    return RatioFit(coefficients, covariance, freedom, dispersion, autocorrelation, _ljung_box(z))


def _of_periods(variance: Floats, information: Floats) -> Floats:
    """The variances of periods, those without any made up for: else one such month would make every range endless."""
    share = max(variance.sum() / information.sum(), np.finfo(float).eps)
    # Rounding leaves a little where the two terms cancel.
    return np.where(variance > 1e-9 * information, variance, share * information)


def _autocorrelation(z: Floats, which: Counts, coefficients: int) -> float:
    neighbours = np.diff(which) == 1
    found = (z[1:] * z[:-1])[neighbours].sum() / max((z**2).sum(), np.finfo(float).tiny)
    corrected = (z.size * found + coefficients) / (z.size - coefficients)
    return float(np.clip(corrected, 0, _STRONGEST))


def _ljung_box(z: Floats) -> float:
    """P-value of T (T + 2) sum(r_k^2 / (T - k)), k up to three, against chi-squared."""
    lags = np.arange(1, min(_LAGS, z.size // 5) + 1)
    centred = z - z.mean()
    if not lags.size or not centred.any():
        return float("nan")
    r = np.array([(centred[k:] * centred[:-k]).sum() for k in lags]) / (centred**2).sum()
    return float(chdtrc(lags.size, z.size * (z.size + 2) * (r**2 / (z.size - lags)).sum()))


def _maximum_likelihood(x: Floats, s_g: Floats, m: Floats, offset: Floats) -> Floats:
    """Coefficients of the binomial model, by Newton's method.

    Own, since an effect with its sensitivity takes a hundred fits, and statsmodels' take ten times as long each; tested
    against them.
    """
    coefficients = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        q = expit(x @ coefficients + offset)
        step = np.linalg.solve(x.T @ ((m * q * (1 - q))[:, None] * x), x.T @ (s_g - m * q))
        coefficients = coefficients + step * min(1.0, _LONGEST / max(np.abs(step).max(), _LONGEST))
        if np.abs(step).max() < 1e-10:
            break
    return coefficients
