"""Like with like from published counts alone: each group against its reference within the parts of a published split.

The Mantel-Haenszel risk ratio is P / Q with P = sum(s1 w0), Q = sum(s0 w1), w0 = n0 / (n1 + n0), w1 = 1 - w0, and
Greenland and Robins' variance of its logarithm is A / (P Q) with A = sum(w0 w1 (s1 + s0) - s1 s0 / (n1 + n0)): the sums
of measures/stratified.py, written otherwise. Published counts leave each count an interval, and so P, Q and A:

- w0 rises with n0 and falls with n1, so P and Q have their ends where the counts have theirs;
- A is bilinear in s1 and s0, so it is largest at one of their four corners, with the largest w0 w1 and n1 + n0;
- log P - log Q - z sqrt(A / (P Q)) rises with P, falls with A, and in Q rises and then falls: it is smallest for the
  smallest P, the largest A, and either end of Q. The upper end is the same with P and Q in each other's place.

A ratio that is not true enough to be shown as a single number (sums_true_enough.py) has its interval alone.
"""

import numpy as np
import polars as pl
from scipy.special import ndtri

from equity_audit.contracts import DISCLOSED_LIKE_FOR_LIKE
from equity_audit.disclosure.estimates.comparisons import count_bounds, pairs_of, points, widest_koopman
from equity_audit.disclosure.estimates.sums_true_enough import (
    MOMENTS,
    adjusted_true_enough,
    crude_true_enough,
    moments_of_parts,
)
from equity_audit.measures.clustering import effects_of
from equity_audit.measures.intervals import Floats
from equity_audit.measures.stratified import stratified_finding
from equity_audit.settings import Settings
from equity_audit.vocabulary import ALL_APPLICANTS

_KEY = ("organisation", "period", "level", "step_order", "step_kind", "from_stage", "to_stage", "group_name")
_COUNTS = ("progressed", "decided", "reference_progressed", "reference_decided")
_BOUNDS = ("selected_low", "selected_high", "decided_low", "decided_high")


def disclose_like_for_like(
    disclosed_counts: pl.DataFrame, settings: Settings, effects: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Adjusted beside crude ratios for each published split; columns as in contracts.DISCLOSED_LIKE_FOR_LIKE.

    effects: contracts.DISCLOSED_DESIGN_EFFECTS, which make both intervals wider; None: 1.

    A part takes part where both groups have published numbers decided on and selected, none of them marked or withheld,
    and somebody decided on. Both ratios are of those parts. not_shown_reason: "no_reference_group"; "too_few_parts",
    fewer than two; "too_few_decided", fewer than rate_min_denominator in them together; "nobody_selected" of either.
    crude_ratio_reason, adjusted_ratio_reason: "rounding_too_coarse" where only the interval is shown.
    """
    rows = _sums(_parts(disclosed_counts, settings)).with_columns(
        not_shown_reason=_reason(settings.disclosure.rate_min_denominator)
    )
    effect = effects_of(rows, effects)
    crude = widest_koopman(_bounds(rows, ""), _bounds(rows, "reference_"), settings.comparison.confidence, effect)
    adjusted = _widest_adjusted(rows, settings.comparison.confidence, effect)
    shown = pl.col("not_shown_reason").is_null()
    ends = {
        f"{name}_ratio_{end}": pl.when(shown & pl.Series(np.isfinite(values))).then(pl.Series(values))
        for name, both in (("crude", crude), ("adjusted", adjusted))
        for end, values in zip(("low", "high"), both, strict=True)
    }
    s1, n1, s0, n0 = (pl.col(name) for name in _COUNTS)
    figures = rows.select(
        crude_ratio=pl.when(shown).then((s1 * n0) / (s0 * n1)),
        adjusted_ratio=pl.when(shown).then(pl.col("numerator") / pl.col("denominator")),
    )
    return (
        rows.with_columns(*figures, **ends)
        .join(_decided(disclosed_counts), on=_KEY, how="left", maintain_order="left")
        # Rounded counts of parts may add up to more than the rounded whole.
        .with_columns(compared_share=pl.when(pl.col("all_decided") > 0).then((n1 / pl.col("all_decided")).clip(0, 1)))
        # Whether odds ratios differ between parts is not tested on rounded counts.
        .with_columns(homogeneity_p_value=pl.lit(None, pl.Float64), undefined_reason=pl.col("not_shown_reason"))
        .with_columns(stratified_finding=pl.when(shown).then(stratified_finding(settings)))
        .with_columns(**_points(figures, rows, settings))
        .select(DISCLOSED_LIKE_FOR_LIKE.column_names)
    )


def _points(figures: pl.DataFrame, rows: pl.DataFrame, settings: Settings) -> dict[str, pl.Expr]:
    """Return both ratios where they are true enough, and the reasons where only their intervals are shown."""
    sums = {name: rows[name].to_numpy() for name in MOMENTS}
    columns: dict[str, pl.Expr] = {}
    for name, decide in (("crude_ratio", crude_true_enough), ("adjusted_ratio", adjusted_true_enough)):
        enough = decide(figures[name].fill_null(np.nan).to_numpy(), sums, settings.disclosure)
        shown = pl.col("not_shown_reason").is_null()
        columns |= points(enough, shown, name, **{name: figures[name]})
    return columns


def _parts(disclosed_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Every part of every split with what takes part, and the bounds of its counts."""
    # When people applied is nothing that they or their posts are like.
    pairs = pairs_of(disclosed_counts.filter(~pl.col("breakdown").is_in(["all", "quarter"])), settings)
    bounds = {
        f"{prefix}{name}": pl.Series(values)
        for prefix in ("", "reference_")
        for name, values in zip(_BOUNDS, count_bounds(pairs, prefix), strict=True)
    }
    known = pl.all_horizontal(pl.col(name).is_not_null() for name in _COUNTS)
    decided = (pl.col("decided") > 0) & (pl.col("reference_decided") > 0)
    moments = moments_of_parts(count_bounds(pairs), count_bounds(pairs, "reference_"))
    bounds |= {name: pl.Series(values) for name, values in moments.items()}
    return pairs.with_columns(**bounds, compared=(known & decided).fill_null(value=False)).sort(
        "level", "breakdown", "step_order", "group_name", "breakdown_value"
    )


def _sums(parts: pl.DataFrame) -> pl.DataFrame:
    """Counts, their bounds, and P, Q and A with theirs, over the parts that take part."""
    counts = [*_COUNTS, *(f"{prefix}{name}" for prefix in ("", "reference_") for name in _BOUNDS)]
    s1, n1, s0, n0 = (pl.col(name).cast(pl.Float64) for name in _COUNTS)
    s1_low, s1_high, n1_low, n1_high = (pl.col(name).cast(pl.Float64) for name in _BOUNDS)
    s0_low, s0_high, n0_low, n0_high = (pl.col(f"reference_{name}").cast(pl.Float64) for name in _BOUNDS)
    w0_low, w0_high = n0_low / (n0_low + n1_high), n0_high / (n0_high + n1_low)
    half = (w0_low <= 0.5) & (w0_high >= 0.5)
    product = pl.when(half).then(0.25).otherwise(pl.max_horizontal(w * (1 - w) for w in (w0_low, w0_high)))
    corners = [product * (a + b) - a * b / (n1_high + n0_high) for a in (s1_low, s1_high) for b in (s0_low, s0_high)]
    sums = {
        "numerator": s1 * n0 / (n1 + n0),
        "denominator": s0 * n1 / (n1 + n0),
        "numerator_low": s1_low * w0_low,
        "numerator_high": s1_high * w0_high,
        "denominator_low": s0_low * (1 - w0_high),
        "denominator_high": s0_high * (1 - w0_low),
        "variance": pl.max_horizontal(*corners, 0.0),
    }
    taking_part = {name: pl.col(name) for name in (*counts, *MOMENTS)} | sums
    return (
        parts.group_by(*_KEY, "breakdown", "reference_name", maintain_order=True)
        .agg(
            parts=pl.len().cast(pl.Int64),
            parts_compared=pl.col("compared").sum().cast(pl.Int64),
            no_reference=(pl.col("not_shown_reason") == "no_reference_group").any(),
            **{name: value.filter(pl.col("compared")).sum() for name, value in taking_part.items()},
        )
        .rename({"breakdown": "stratified_by"})
    )


def _bounds(rows: pl.DataFrame, prefix: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    low, high, fewest, most = (rows[f"{prefix}{name}"].to_numpy().astype(np.int64) for name in _BOUNDS)
    return low, high, fewest, most


def _widest_adjusted(rows: pl.DataFrame, confidence: float, effect: Floats) -> tuple[Floats, Floats]:
    """Ends of the interval; 0 and infinite where a sum can be 0, since its logarithm has no lower end."""
    z = ndtri(0.5 + confidence / 2)
    p_low, p_high, q_low, q_high, variance = (
        rows[name].to_numpy()
        for name in ("numerator_low", "numerator_high", "denominator_low", "denominator_high", "variance")
    )

    def end(p: Floats, q: Floats, sign: int) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.exp(np.log(p / q) + sign * z * np.sqrt(effect * variance / (p * q)))
        return np.where((p > 0) & (q > 0), value, 0.0 if sign < 0 else np.inf)

    low = np.minimum(end(p_low, q_low, -1), end(p_low, q_high, -1))
    high = np.maximum(end(p_low, q_low, 1), end(p_high, q_low, 1))
    return low, high


def _reason(least: int) -> pl.Expr:
    return (
        pl.when(pl.col("no_reference"))
        .then(pl.lit("no_reference_group"))
        .when(pl.col("parts_compared") < 2)
        .then(pl.lit("too_few_parts"))
        .when((pl.col("decided") < least) | (pl.col("reference_decided") < least))
        .then(pl.lit("too_few_decided"))
        .when((pl.col("progressed") == 0) | (pl.col("reference_progressed") == 0))
        .then(pl.lit("nobody_selected"))
    )


def _decided(disclosed_counts: pl.DataFrame) -> pl.DataFrame:
    """Each group's published number decided on, of all applicants."""
    whole = disclosed_counts.filter(pl.col("breakdown") == "all", pl.col("group_name") != ALL_APPLICANTS)
    return whole.select(*_KEY, all_decided="decided")
