"""Selection rates and impact ratios by month, quarter or year, each series on a suitable control chart."""

from typing import Any

import numpy as np
import polars as pl

from equity_audit.measures.control_chart import ControlChart, rate_chart, which_chart, xmr_chart
from equity_audit.measures.intervals import Counts
from equity_audit.programme.comparisons import Every
from equity_audit.programme.series import impact_ratios
from equity_audit.settings import Settings

_SERIES = ("level", "step_order", "from_stage", "to_stage", "group_name")


def trend(counts: pl.DataFrame, every: Every, settings: Settings) -> pl.DataFrame:
    """Return every group at every step over time: a row for each period from the first of all to the last.

    counts: period (first days), level, step_order, from_stage, to_stage, group_name, decided, progressed; several rows
    of a period are added up. If a count of a period is null, so are its figures; a period without a row counts as 0.

    - selection_rate = progressed / decided, on the chart that which_chart chooses (rate_chart is its name).
    - impact_ratio = the rate / the reference's, on an XmR chart of its logarithm (series.impact_ratios).

    Both have the mean and limits of the whole series and the names of the rules that a point breaks (special_cause); no
    change of level is declared. trial_limits: too few points for reliable limits. NaN becomes null.

    Columns: unit, period, level, step_order, from_stage, to_stage, group_name, decided, progressed, selection_rate,
    rate_chart, rate_centre, rate_lower, rate_upper, rate_signals, reference_name, impact_ratio, ratio_centre,
    ratio_lower, ratio_upper, ratio_signals, trial_limits.
    """
    if counts.is_empty():
        return pl.DataFrame(schema=_SCHEMA)
    ends = counts.select(first=pl.col("period").min(), last=pl.col("period").max())
    periods = ends.select(period=pl.date_ranges("first", "last", every)).explode("period")
    sums = counts.group_by(*_SERIES, "period").agg(
        pl.when(pl.col(name).is_null().any()).then(None).otherwise(pl.col(name).sum()).cast(pl.Int64).alias(name)
        for name in ("decided", "progressed")
    )
    series = {
        tuple(key): _filled(part, periods)
        for key, part in sums.sort("step_order", "level", "group_name").group_by(_SERIES, maintain_order=True)
    }
    groups = counts.filter(pl.col("level") == "group")["group_name"].unique()
    rows = []
    for key, counts_of_group in series.items():
        name = settings.comparison.reference(str(key[0]), groups)
        reference = series.get((*key[:-1], name)) if name != key[-1] else None
        rows.append(_rows(key, counts_of_group, reference, name if reference is not None else None, settings))
    unit = {"1mo": "month", "3mo": "quarter", "12mo": "year"}[every]
    return pl.concat(rows).with_columns(pl.col(pl.Float64).fill_nan(None), unit=pl.lit(unit)).select(list(_SCHEMA))


_SCHEMA: dict[str, Any] = {
    "unit": pl.String,
    "period": pl.Date,
    "level": pl.String,
    "step_order": pl.Int8,
    "from_stage": pl.String,
    "to_stage": pl.String,
    "group_name": pl.String,
    "decided": pl.Int64,
    "progressed": pl.Int64,
    "selection_rate": pl.Float64,
    "rate_chart": pl.String,
    "rate_centre": pl.Float64,
    "rate_lower": pl.Float64,
    "rate_upper": pl.Float64,
    "rate_signals": pl.String,
    "reference_name": pl.String,
    "impact_ratio": pl.Float64,
    "ratio_centre": pl.Float64,
    "ratio_lower": pl.Float64,
    "ratio_upper": pl.Float64,
    "ratio_signals": pl.String,
    "trial_limits": pl.Boolean,
}


def _filled(part: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """Return a row for every period; periods that the counts do not have count 0."""
    present = part.select("period", "decided", "progressed", present=pl.lit(value=True))
    filled = periods.join(present, on="period", how="left", maintain_order="left")
    return filled.with_columns(
        pl.when(pl.col("present").is_null()).then(0).otherwise(pl.col(name)).alias(name)
        for name in ("decided", "progressed")
    )


def _rows(
    key: tuple[Any, ...], group: pl.DataFrame, reference: pl.DataFrame | None, name: str | None, settings: Settings
) -> pl.DataFrame:
    selected, decided = _counts(group)
    kind = which_chart(selected, decided, settings.trend)
    rates = rate_chart(selected, decided, settings.trend, kind=kind)
    ratios = None
    if reference is not None:
        values, _ = impact_ratios(selected, decided, *_counts(reference))
        ratios = xmr_chart(values, settings.trend, log=True)
    columns: dict[str, Any] = {name: group[name] for name in ("period", "decided", "progressed")}
    columns["trial_limits"] = rates.trial
    columns |= _figures("rate", "selection_rate", rates) | _figures("ratio", "impact_ratio", ratios)
    same = dict(zip(_SERIES, key, strict=True)) | {"rate_chart": kind, "reference_name": name}
    columns |= {column: [value] * group.height for column, value in same.items()}
    # From one dictionary of lists, since a small frame takes as long to change as to make.
    return pl.DataFrame(columns, schema={column: _SCHEMA[column] for column in _SCHEMA if column != "unit"})


def _counts(rows: pl.DataFrame) -> tuple[Counts, Counts]:
    """Return progressed and decided; a period in which either is not known counts 0, which makes no point."""
    both = np.column_stack([rows[name].cast(pl.Float64).to_numpy() for name in ("progressed", "decided")])
    selected, decided = np.where(np.isnan(both).any(axis=1), 0, both.T).astype(np.int64)
    return selected, decided


def _figures(short: str, value: str, chart: ControlChart | None) -> dict[str, Any]:
    lines = {value: "values", f"{short}_centre": "centre", f"{short}_lower": "lower", f"{short}_upper": "upper"}
    if chart is None:
        return dict.fromkeys((*lines, f"{short}_signals"))
    points: dict[str, Any] = {column: getattr(chart, line) for column, line in lines.items()}
    return points | {f"{short}_signals": [" ".join(broken) or None for broken in chart.signals]}
