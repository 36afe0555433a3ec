"""The results on a programme as tables: a row for each comparison, and a row for each sensitivity analysis."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

import polars as pl

from equity_audit.programme.comparisons import Judged
from equity_audit.programme.difference_in_differences import DifferenceInDifferences
from equity_audit.programme.ratio_model import Estimate

_ENDS = ("", "_low", "_high")


def effect_rows(judged: Sequence[Judged]) -> Iterator[dict[str, Any]]:
    """Yield a row for each comparison, as in contracts.PROGRAMME_EFFECT without organisation and programme.

    Figures that are not finite, or that the verdict says cannot be calculated, are None.
    """
    for judgement in judged:
        effect, main = judgement.effect, judgement.main
        against = effect.comparison if isinstance(effect.comparison, DifferenceInDifferences) else None
        yield {
            **_comparison_names(judgement),
            **dict(zip(("before_selected", "before_decided"), effect.plain.counts_before[:2], strict=True)),
            **dict(zip(("since_selected", "since_decided"), effect.plain.counts_after[:2], strict=True)),
            **_triple("ratio_before", effect.plain.before),
            **_triple("ratio_since", effect.plain.after),
            **_triple("change", effect.plain.change),
            **_estimate("effect", effect.overall.effect if effect.overall else None),
            **_estimate("effect_within", effect.within.effect if effect.within else None),
            "alike": ", ".join(effect.alike) or None,
            **_estimate("effect_against_comparators", against.difference if against else None),
            **_estimate("trend_against_comparators", against.trend_difference if against else None),
            **_estimate("level_change", main.level_change if main else None),
            **_estimate("slope_change", main.slope_change if main else None),
            **_estimate("trend_before", main.trend_before if main else None),
            "detectable_rise": _finite(main.detectable_rise) if main else None,
            "detectable_fall": _finite(main.detectable_fall) if main else None,
            "dispersion": _finite(main.fit.dispersion) if main else None,
            "autocorrelation": _finite(main.fit.autocorrelation) if main else None,
            "verdict": effect.verdict,
        }


def tried_rows(judged: Sequence[Judged]) -> Iterator[dict[str, Any]]:
    """Yield a row for each placebo date and each quarter left out, as in contracts.PROGRAMME_SENSITIVITY."""
    for judgement in judged:
        tries = {"placebo_date": judgement.effect.placebos, "without_quarter": judgement.effect.without_a_quarter}
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


def _estimate(name: str, estimate: Estimate | None) -> dict[str, float | None]:
    return _triple(name, (estimate.ratio, estimate.low, estimate.high) if estimate else (float("nan"),) * 3)


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None
