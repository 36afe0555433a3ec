"""Impact ratios by month or quarter as series for charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from equity_audit.measure_policies import TrendPolicy
from equity_audit.measures.control_chart import ControlChart, xmr_chart
from equity_audit.measures.intervals import Counts, Floats
from equity_audit.measures.special_cause import special_causes
from equity_audit.programme.pairing import COUNTS
from equity_audit.programme.timeline import are_quarters


@dataclass(frozen=True)
class RatioSeries:
    """Impact ratios over time on a control chart. `periods`: first days of quarters, or of months if `by` is "month".

    counts: period and the four counts. adjusted: the points to which half a person was added, see impact_ratios.
    """

    by: str
    periods: Sequence[date]
    counts: pl.DataFrame
    adjusted: Sequence[bool]
    chart: ControlChart


def ratio_series(counts: pl.DataFrame, start: date, policy: TrendPolicy) -> RatioSeries:
    """Return the impact ratio by calendar quarter, or by month if there are too few quarters for reliable limits.

    counts: period (first days of months, or of quarters, which are then used as they are) and the four counts; several
    rows of a period are added up. Mean and limits are those of the whole quarters or months before `start`, extended
    over all periods: a point after it that breaks a rule would be unlikely by chance had nothing changed. The first and
    last quarter may have fewer months. trial: too few points before the start; limits are nan if there are none.
    """
    quarters = are_quarters(counts["period"].unique().sort().to_list())
    by = {"quarter": pl.col("period") if quarters else pl.col("period").dt.truncate("1q"), "month": pl.col("period")}
    before = counts.filter(pl.col("period") < start).select(by["quarter"]).n_unique()
    name = "quarter" if quarters or before >= policy.trial_below else "month"
    sums = counts.group_by(by[name]).agg(pl.col(COUNTS).sum()).sort("period")
    ratios, adjusted = impact_ratios(*(sums[column].to_numpy() for column in COUNTS))
    ended = sums["period"].dt.offset_by("3mo" if name == "quarter" else "1mo") <= start
    chart = _carried_on(ratios, int(ended.sum()), policy)
    return RatioSeries(name, sums["period"].to_list(), sums, adjusted.tolist(), chart)


def _carried_on(ratios: Floats, before: int, policy: TrendPolicy) -> ControlChart:
    """Return a chart of all points with the mean and limits of those before the start."""
    centre = lower = upper = np.full(ratios.shape, np.nan)
    if before:
        base = xmr_chart(ratios[:before], policy, log=True)
        centre, lower, upper = (np.full(ratios.shape, line[0]) for line in (base.centre, base.lower, base.upper))
    signals = special_causes(np.log(ratios), np.log(centre), np.log(lower), np.log(upper), policy.run_length)
    trial = [before < policy.trial_below] * ratios.size
    return ControlChart("xmr", ratios, centre, lower, upper, trial, signals)


def impact_ratios(
    group_selected: Counts, group_decided: Counts, reference_selected: Counts, reference_decided: Counts
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return impact ratios suitable for a logarithmic scale, and which of them were adjusted.

    (s_g / n_g) / (s_r / n_r); if s_g or s_r is 0, half a person is added to all four counts, since a ratio of 0 cannot
    be shown on that scale and leaving the point out would hide the worst months. nan without decisions on one side, or
    without any selections. Arrays of whole numbers of one length. Source: Walter, Biometrika 1975;62:371.
    """
    counts = [
        np.asarray(c, dtype=float) for c in (group_selected, group_decided, reference_selected, reference_decided)
    ]
    s_g, n_g, s_r, n_r = counts
    undefined = (n_g == 0) | (n_r == 0) | (s_g + s_r == 0)
    adjusted = ~undefined & ((s_g == 0) | (s_r == 0))
    half = np.where(adjusted, 0.5, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = ((s_g + half) / (n_g + half)) / ((s_r + half) / (n_r + half))
    return np.where(undefined, np.nan, ratio), adjusted
