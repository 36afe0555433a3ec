"""Counts by month or quarter as the series that charts are drawn of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from equity_audit.measures.control_chart import ControlChart, xmr_chart
from equity_audit.measures.intervals import Counts, Floats
from equity_audit.measures.special_cause import special_causes
from equity_audit.programme.pairing import COUNTS
from equity_audit.programme.timeline import are_quarters
from equity_audit.settings import TrendPolicy


@dataclass(frozen=True)
class RatioSeries:
    """Impact ratios over time on a control chart. `periods`: first days, of quarters or (`by` "month") of months.

    counts: period and the four counts. adjusted: the points to which half a person was added, see impact_ratios.
    """

    by: str
    periods: Sequence[date]
    counts: pl.DataFrame
    adjusted: Sequence[bool]
    chart: ControlChart


def ratio_series(counts: pl.DataFrame, start: date, policy: TrendPolicy) -> RatioSeries:
    """The impact ratio by calendar quarter, or by month where quarters are too few for limits to be relied on.

    counts: period (first days of months, or of quarters, which are then taken as they are) and the four counts; several
    rows of a period are added up. Mean and limits
    are those of the whole quarters or months before `start`, carried on over all: what breaks a rule after it would not
    have come by chance had nothing changed. The first and last quarter are of as many months as there are. trial: where
    too few points lie before the start; nan limits where there are none.
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
    """All points against the mean and limits of those before."""
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
    """Impact ratios fit for a logarithmic scale, and which of them had to be made so.

    (s_g / n_g) / (s_r / n_r); where s_g or s_r is 0, half a person is added to all four counts, since a ratio of 0 has
    no place on that scale and leaving the point out would hide the worst months. nan where nobody of a side was decided
    on, or nobody at all selected. Arrays of whole numbers of one length. Source: Walter, Biometrika 1975;62:371.
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
