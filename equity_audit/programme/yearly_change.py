"""Whether the impact ratio changed between whole years before a programme and whole years since: the first answer.

A small employer has a few years on either side and a few dozen appointments in each. A model that carries a trend
forward finds almost nothing there. Comparing the years before with the years since finds more, but mistakes a steady
drift for an effect. So the change is given together with the drift that would explain it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, inf, log, sqrt

import numpy as np
import polars as pl
from scipy.special import ndtri, stdtrit

from equity_audit.periods import period_start
from equity_audit.programme.before_after import Counts4, impact_ratio, ratio_of, sums_of
from equity_audit.programme.imputation import widened_figures, widening
from equity_audit.programme.pairing import COUNTS, paired
from equity_audit.programme.ratio_model import Estimate, PairedCounts, fit_ratio
from equity_audit.settings import PeriodPolicy, Settings

_DAYS = 365.25


@dataclass(frozen=True)
class YearlyChange:
    """Impact ratios of whole years before a programme and whole years since, and the second divided by the first.

    years: first days of the years used, before and since. left_out: of years of published counts, those in which a
    period's count is not known. counts: the four counts of each side (group selected and decided, reference selected
    and decided). before, since: (ratio, low, high). change: nan if undefined. dispersion: the variance of single years
    about the two levels as a multiple of that expected by chance. breakdown_drift: the steady yearly change of the
    ratio, as a share (0.03 is 3% a year), that would explain the whole change; 0 if the change is not clear.
    detectable: the change that these counts and so few years would have found with the power of policy;
    detectable_by_chance: the same if it were known that years differ by chance alone. true_enough: whether before,
    since and change may be published as single numbers (published/years.py); exact ones always may.
    """

    years: tuple[Sequence[date], Sequence[date]]
    counts: tuple[Counts4, Counts4]
    before: tuple[float, float, float]
    since: tuple[float, float, float]
    change: Estimate
    dispersion: float
    breakdown_drift: float
    detectable: float
    detectable_by_chance: float
    left_out: Sequence[date] = ()
    true_enough: tuple[bool, bool, bool] = (True, True, True)

    @property
    def fewest_selected(self) -> int:
        """The smallest number selected of the group or its reference, before or since."""
        return min(side[index] for side in self.counts for index in (0, 2))


def yearly_change(
    counts: pl.DataFrame,
    years: tuple[Sequence[date], Sequence[date]],
    settings: Settings,
    possible: Sequence[pl.DataFrame] = (),
) -> YearlyChange | None:
    """Compare whole years before a programme with whole years since.

    counts: period (first days of months, quarters or years) and the four counts of pairing.COUNTS; rows are added up to
    reporting years. years: as years_on_each_side gives them. possible: tables that may be the exact ones, if the counts
    are published ones; the range is widened for the differences between them (imputation.py). None if a side has no
    year.

    With D = log(ratio since / ratio before) from summed counts, v = the sum of 1 / selected - 1 / decided over the four
    cells, phi = the dispersion of the Y years about the two levels (ratio_model.fit_ratio), at least 1, the half-width
    of the range is the larger of t(Y - 2) sqrt(phi v) and z sqrt(v): the year is the unit (Donald and Lang, Rev Econ
    Stat 2007;89:221). breakdown_drift = exp((|D| - half-width) / years between the middles of both sides) - 1: how much
    earlier paths would have to differ from a level one (Rambachan and Roth, Rev Econ Stud 2023;90:2555). detectable =
    exp((t(Y - 2) + z') sqrt(v)), with z' the quantile of power, and by chance z in place of t. A cell without
    selections leaves the change undefined.
    """
    if not all(years):
        return None
    confidence = settings.comparison.confidence
    yearly = _by_year(counts, years, settings.period)
    estimate, dispersion = _change(yearly, years, confidence)
    sides = _sides(yearly, years)
    others = [_sides_of(table, years, settings.period) for table in possible]
    change = _widened(estimate, [_log_change(other) for other in others if _all_selected(other)])
    middles = [float(np.mean([day.toordinal() for day in side])) / _DAYS for side in years]
    beyond = max(log(change.low), -log(change.high), 0.0) if 0 < change.low <= change.high < inf else 0.0
    freedom = max(sum(map(len, years)) - 2, 1)
    quantiles = float(stdtrit(freedom, 0.5 + confidence / 2)), float(ndtri(0.5 + confidence / 2))
    power = float(ndtri(settings.comparison.power))
    error = sqrt(_variance(sides)) if _all_selected(sides) else inf
    return YearlyChange(
        years,
        sides,
        _ratio(sides[0], [other[0] for other in others], confidence),
        _ratio(sides[1], [other[1] for other in others], confidence),
        change,
        dispersion,
        exp(beyond / (middles[1] - middles[0])) - 1,
        exp((quantiles[0] + power) * error),
        exp((quantiles[1] + power) * error),
    )


def ratios_by_year(
    counts: pl.DataFrame, policy: PeriodPolicy, confidence: float
) -> list[tuple[date, tuple[float, float, float]]]:
    """Return the impact ratio of every reporting year with Koopman's interval; nan if undefined. counts: see above."""
    every = sorted({period_start(day, policy.model_copy(update={"unit": "year"})) for day in counts["period"].unique()})
    yearly = _by_year(counts, (every, ()), policy)
    return [(day, impact_ratio(sums_of(yearly, yearly.period == year), confidence)) for year, day in enumerate(every)]


def _sides(counts: PairedCounts, years: tuple[Sequence[date], Sequence[date]]) -> tuple[Counts4, Counts4]:
    before = counts.period < len(years[0])
    return sums_of(counts, before), sums_of(counts, ~before)


def _by_year(counts: pl.DataFrame, years: tuple[Sequence[date], Sequence[date]], policy: PeriodPolicy) -> PairedCounts:
    yearly, every = policy.model_copy(update={"unit": "year"}), [*years[0], *years[1]]
    starts = {day: period_start(day, yearly) for day in counts["period"].unique()}
    of_years = counts.with_columns(pl.col("period").replace_strict(starts, return_dtype=pl.Date))
    return paired(of_years.filter(pl.col("period").is_in(every)).select("period", *COUNTS), every)


def _change(
    counts: PairedCounts, years: tuple[Sequence[date], Sequence[date]], confidence: float
) -> tuple[Estimate, float]:
    """Return the change with its range, and the dispersion of the years; nan without selections in a cell."""
    sides = _sides(counts, years)
    if not _all_selected(sides):
        return Estimate(*[float("nan")] * 4), float("nan")
    log_change, error = _log_change(sides), sqrt(_variance(sides))
    normal = half = float(ndtri(0.5 + confidence / 2)) * error
    dispersion = float("nan")
    with_selections = (counts.group_decided > 0) & (counts.reference_decided > 0)
    with_selections &= counts.group_selected + counts.reference_selected > 0
    if (freedom := int(with_selections.sum()) - 2) > 0:
        jump = np.repeat([0.0, 1.0], list(map(len, years)))
        dispersion = fit_ratio(counts, np.column_stack([np.ones_like(jump), jump])).dispersion
        half = float(stdtrit(freedom, 0.5 + confidence / 2)) * sqrt(max(dispersion, 1.0)) * error
    half = max(half, normal)
    z = float(ndtri(0.5 + confidence / 2))
    return Estimate(exp(log_change), exp(log_change - half), exp(log_change + half), half / z), dispersion


def _sides_of(
    counts: pl.DataFrame, years: tuple[Sequence[date], Sequence[date]], policy: PeriodPolicy
) -> tuple[Counts4, Counts4]:
    """Return what _sides gives, directly from a table: of a table that may be the exact one only sums are needed."""
    yearly = policy.model_copy(update={"unit": "year"})
    starts = {day: period_start(day, yearly) for day in counts["period"].unique()}
    year_of_row = [starts[day] for day in counts["period"]]
    values = counts.select(COUNTS).to_numpy()
    sums = (values[[day in side for day in year_of_row]].sum(axis=0) for side in map(set, years))
    before, since = (tuple(map(int, side)) for side in sums)
    return before, since  # type: ignore[return-value]


def _ratio(side: Counts4, others: Sequence[Counts4], confidence: float) -> tuple[float, float, float]:
    ratio = impact_ratio(side, confidence)
    return widened_figures(ratio, [ratio_of(other) for other in others], confidence)


def _all_selected(sides: tuple[Counts4, Counts4]) -> bool:
    """Return whether some were selected in all four cells."""
    return min(side[k] for side in sides for k in (0, 2)) > 0


def _log_change(sides: tuple[Counts4, Counts4]) -> float:
    (a, m, b, n), (a2, m2, b2, n2) = sides
    return log(a2 * n2 * b * m) - log(m2 * b2 * n * a)


def _variance(sides: Sequence[Counts4]) -> float:
    """Return the variance of the change's logarithm; where everybody was selected, as if half a person had not been."""
    cells = [(side[k], side[k + 1]) for side in sides for k in (0, 2)]
    return sum(1 / selected - 1 / max(decided, selected + 0.5) for selected, decided in cells)


def _widened(estimate: Estimate, logs: Sequence[float]) -> Estimate:
    factor = widening(estimate.log_error, logs)
    low, high = (estimate.ratio * (end / estimate.ratio) ** factor for end in (estimate.low, estimate.high))
    return Estimate(estimate.ratio, low, high, estimate.log_error * factor)
