"""The results on a programme as tables: a row for each comparison, and a row for each sensitivity analysis."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

import polars as pl

from equity_audit.contracts.model import TOO_COARSE
from equity_audit.programme.comparisons import Judged
from equity_audit.programme.difference_in_differences import DifferenceInDifferences
from equity_audit.programme.ratio_model import Estimate
from equity_audit.programme.yearly_change import YearlyChange

_ENDS = ("", "_low", "_high")


def effect_rows(judged: Sequence[Judged]) -> Iterator[dict[str, Any]]:
    """Yield a row for each comparison, as in contracts.PROGRAMME_EFFECT without organisation and programme.

    Figures that are not finite, or that the verdict says cannot be calculated, are None.
    """
    for judgement in judged:
        series, main, against = judgement.effect, judgement.main, judgement.against
        overall, within = (series.overall, series.within) if series else (None, None)
        difference = against if isinstance(against, DifferenceInDifferences) else None
        yield {
            **_comparison_names(judgement),
            **_yearly(judgement.years),
            **_estimate("effect", overall.effect if overall else None),
            **_estimate("effect_within", within.effect if within else None),
            "alike": (", ".join(series.alike) if series else "") or None,
            **_estimate("effect_against_comparators", difference.difference if difference else None),
            **_estimate("trend_against_comparators", difference.trend_difference if difference else None),
            **_estimate("level_change", main.level_change if main else None),
            **_estimate("slope_change", main.slope_change if main else None),
            **_estimate("trend_before", main.trend_before if main else None),
            "detectable_rise": _finite(main.detectable_rise) if main else None,
            "detectable_fall": _finite(main.detectable_fall) if main else None,
            "dispersion": _finite(main.fit.dispersion) if main else None,
            "autocorrelation": _finite(main.fit.autocorrelation) if main else None,
            "verdict": judgement.verdict,
            "series_verdict": series.verdict if series else None,
        }


def _yearly(change: YearlyChange | None) -> dict[str, Any]:
    """Return the columns of the change between whole years, null without one."""
    sides = change.counts if change else ((None, None), (None, None))
    return {
        "years_before": len(change.years[0]) if change else 0,
        "years_since": len(change.years[1]) if change else 0,
        **dict(zip(("before_selected", "before_decided"), sides[0][:2], strict=True)),
        **dict(zip(("since_selected", "since_decided"), sides[1][:2], strict=True)),
        **_points(change),
        "years_dispersion": _finite(change.dispersion) if change else None,
        "breakdown_drift": change.breakdown_drift if change else None,
        "detectable_change": _finite(change.detectable) if change else None,
    }


def tried_rows(judged: Sequence[Judged]) -> Iterator[dict[str, Any]]:
    """Yield a row for each placebo date and each quarter left out, as in contracts.PROGRAMME_SENSITIVITY."""
    for judgement in judged:
        effect = judgement.effect
        tries = {"placebo_date": effect.placebos, "without_quarter": effect.without_a_quarter} if effect else {}
        for kind, tried in tries.items():
            for attempt in tried:
                yield {
                    **_comparison_names(judgement),
                    "tried": kind,
                    "day": attempt.day,
                    **_estimate("effect", attempt.effect),
                }


def frame(rows: Iterator[dict[str, Any]], columns: Sequence[tuple[str, str]], **same: str) -> pl.DataFrame:
    """Return rows as a table with the columns (name, DuckDB type) of a contract; `same`: values that all rows share."""
    types = {"varchar": pl.String, "double": pl.Float64, "bigint": pl.Int64, "tinyint": pl.Int8, "date": pl.Date}
    schema = {name: types[kind] for name, kind in columns}
    return pl.DataFrame([{**same, **row} for row in rows], schema=schema, strict=False)


def _comparison_names(judgement: Judged) -> dict[str, Any]:
    comparison = judgement.comparison
    return {
        "level": comparison.level,
        "from_stage": comparison.from_stage,
        "to_stage": comparison.to_stage,
        "group_name": comparison.group,
        "reference_name": comparison.reference,
    }


def _triple(name: str, figures: tuple[float, float, float]) -> dict[str, float | None]:
    return {f"{name}{end}": _finite(value) for end, value in zip(_ENDS, figures, strict=True)}


def _points(change: YearlyChange | None) -> dict[str, Any]:
    """Return the ratios and the change, with the reason where only the range is true enough to be published."""
    names = ("ratio_before", "ratio_since", "change")
    if change is None:
        return {column: None for name in names for column in _triple(name, (0.0,) * 3)}
    figures = (change.before, change.since, (change.change.ratio, change.change.low, change.change.high))
    columns: dict[str, Any] = {}
    for name, triple, enough in zip(names, figures, change.true_enough, strict=True):
        columns |= _triple(name, triple)
        if not enough and isfinite(triple[0]):
            columns |= {name: None, f"{name}_reason": TOO_COARSE}
    return columns


def _estimate(name: str, estimate: Estimate | None) -> dict[str, float | None]:
    return _triple(name, (estimate.ratio, estimate.low, estimate.high) if estimate else (float("nan"),) * 3)


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None
