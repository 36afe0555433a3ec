"""Rates and ratios over time from published counts: single numbers where they are true enough, else their ranges."""

from typing import Any

import numpy as np
import polars as pl

from equity_audit.disclosure.estimates.comparisons import count_bounds, points, rate_bounds, widest_koopman
from equity_audit.disclosure.estimates.true_enough import rates_true_enough, ratios_true_enough
from equity_audit.measures.intervals import Floats
from equity_audit.settings import Settings

_KEY = ("level", "from_stage", "to_stage", "period")
_BOUNDS = [f"{name}_{end}" for name in ("progressed", "decided") for end in ("low", "high")]


def with_ranges(over_time: pl.DataFrame, counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return a trend with the ranges that published counts allow, and without points that are not true enough.

    over_time: trend.trend of `counts`, which are as quarterly_counts gives them. Further columns: the reason, the low
    and the high end of selection_rate and impact_ratio: the union of Wilson's, or Koopman's, intervals over all counts
    that would be published the same (true_enough.py); null without a rate or ratio, the high end also
    where there is none. Mean and limits stay, as those of the whole series. A point that is not
    shown has no signal, which would rest on it.
    """
    bounds = counts.select(*_KEY, "group_name", *_BOUNDS)
    of_reference = bounds.rename({"group_name": "reference_name"} | {name: f"reference_{name}" for name in _BOUNDS})
    rows = over_time.join(bounds, on=[*_KEY, "group_name"], how="left", maintain_order="left").join(
        of_reference, on=[*_KEY, "reference_name"], how="left", maintain_order="left"
    )
    group, reference = count_bounds(rows), count_bounds(rows, "reference_")
    confidence, policy = settings.comparison.confidence, settings.disclosure
    columns: dict[str, Any] = {}
    for name, signals, ends, enough in (
        (
            "selection_rate",
            "rate_signals",
            rate_bounds(group, confidence),
            rates_true_enough(_numbers(rows, "selection_rate"), group, policy),
        ),
        (
            "impact_ratio",
            "ratio_signals",
            widest_koopman(group, reference, confidence),
            ratios_true_enough(_numbers(rows, "impact_ratio"), group, reference, policy),
        ),
    ):
        shown = pl.col(name).is_not_null()
        columns |= points(enough, shown, name, **{name: pl.col(name), signals: pl.col(signals)})
        columns |= {
            f"{name}_{end}": pl.when(shown & pl.Series(np.isfinite(values))).then(pl.Series(values))
            for end, values in zip(("low", "high"), ends, strict=True)
        }
    return rows.with_columns(**columns).drop(*_BOUNDS, *(f"reference_{name}" for name in _BOUNDS))


def _numbers(rows: pl.DataFrame, name: str) -> Floats:
    return rows[name].fill_null(float("nan")).to_numpy()
