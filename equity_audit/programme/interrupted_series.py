"""Comparative interrupted time series: whether the impact ratio left its path from before the programme."""

from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from equity_audit.measures.special_cause import Marks
from equity_audit.programme.ratio_model import Estimate, PairedCounts, RatioFit, fit_ratio
from equity_audit.programme.timeline import BEND, JUMP, LEVEL, SLOPE, Timeline
from equity_audit.settings import Settings

Unanswerable = Literal["too_soon", "too_few_periods_before", "too_few_selected"]


@dataclass(frozen=True)
class InterruptedSeries:
    """Changes from the projected path. Every estimate is a ratio with its interval; 1 means no change.

    effect: the impact ratio after the lead-in divided by its projection from the path before, averaged over the periods
    after. level_change: the same at the end of the lead-in. slope_change, trend_before: per year. projected: the
    projected impact ratio, averaged likewise. detectable_rise, detectable_fall: the effects nearest to 1 that would be
    found with the power of policy. seasonal: a yearly rhythm was fitted. drifts: neighbouring periods are correlated by
    more than policy's number of standard errors, 1 / sqrt(degrees of freedom).
    """

    effect: Estimate
    level_change: Estimate
    slope_change: Estimate
    trend_before: Estimate
    projected: Estimate
    detectable_rise: float
    detectable_fall: float
    seasonal: bool
    drifts: bool
    fit: RatioFit


def why_not(counts: PairedCounts, timeline: Timeline, settings: Settings) -> Unanswerable | None:
    """Return the reason why no effect can be calculated, or None if it can.

    too_soon: too few periods after the lead-in; too_few_periods_before; and too_few_selected: in the group or its
    reference, before or after, or too few periods in which some of both were selected to fit a path. Only rows with
    decisions on both sides count. Policy sets the limits (settings.programme).
    """
    policy = settings.programme
    if timeline.after.sum() < policy.least_periods:
        return "too_soon"
    if timeline.before.sum() < policy.least_periods:
        return "too_few_periods_before"
    both = (counts.group_decided > 0) & (counts.reference_decided > 0)
    sides = [rows(counts, both & marks[counts.period]) for marks in (timeline.before, timeline.after)]
    fewest = min(int(s.sum()) for side in sides for s in (side.group_selected, side.reference_selected))
    if fewest < policy.least_selected or min(map(periods_with_both, sides)) < policy.least_periods:
        return "too_few_selected"
    return None


def periods_with_both(counts: PairedCounts) -> int:
    """Return the number of periods with selections in both the group and the reference."""
    group, reference = (np.bincount(counts.period, s) for s in (counts.group_selected, counts.reference_selected))
    return int(((group > 0) & (reference > 0)).sum())


def interrupted_series(counts: PairedCounts, timeline: Timeline, settings: Settings) -> InterruptedSeries:
    """Fit log impact ratio = level + slope x years + jump x after + bend x years since, without the lead-in.

    The group's rate is compared with the reference's within every period, and within every stratum if a period has
    several rows: with strata, a change in the posts advertised is not mistaken for a change in fairness. A yearly
    rhythm of the ratio is fitted if the series is long enough (Timeline.design). The smallest detectable effects are
    exp(+-(t + t') error), with t and t' the quantiles of level and power (Bloom, Eval Rev 1995;19:547).

    Intervals allow for months that vary more than chance and for correlated neighbouring months
    (ratio_model.fit_ratio). Check why_not first: raises ValueError for too few periods. Sources: Lopez Bernal, Cummins
    and Gasparrini, Int J Epidemiol 2017;46:348 and 2018;47:2082 (with a comparison series); for drift, Bartlett, J R
    Stat Soc Suppl 1946;8:27.
    """
    design = timeline.design(settings.programme.seasonal_years)
    used = (timeline.before | timeline.after)[counts.period]
    fit = fit_ratio(rows(counts, used), design)
    width = design.shape[1]
    since = float(design[timeline.after, BEND].mean())
    years = float(design[timeline.after, SLOPE].mean())
    confidence, power = settings.comparison.confidence, settings.comparison.power

    def estimate(weights: dict[int, float]) -> Estimate:
        row = np.zeros(width)
        row[list(weights)] = list(weights.values())
        return fit.estimate(row, confidence)

    effect = estimate({JUMP: 1.0, BEND: since})
    reach = float(stdtrit(fit.degrees_of_freedom, [0.5 + confidence / 2, power]).sum()) * effect.log_error
    return InterruptedSeries(
        effect,
        level_change=estimate({JUMP: 1.0}),
        slope_change=estimate({BEND: 1.0}),
        trend_before=estimate({SLOPE: 1.0}),
        projected=estimate({LEVEL: 1.0, SLOPE: years}),
        detectable_rise=float(np.exp(reach)),
        detectable_fall=float(np.exp(-reach)),
        seasonal=width > BEND + 1,
        drifts=bool(fit.autocorrelation > settings.programme.drift_errors / np.sqrt(fit.degrees_of_freedom)),
        fit=fit,
    )


def rows(counts: PairedCounts, used: Marks) -> PairedCounts:
    """Return the marked rows of the counts."""
    return PairedCounts(*(getattr(counts, field.name)[used] for field in fields(counts)))
