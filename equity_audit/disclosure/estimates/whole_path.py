"""The whole path and each stage's part in its gap, from published figures alone, so that they tell nothing more."""

from typing import Any

import numpy as np
import polars as pl

from equity_audit.contracts import DISCLOSED_OVERALL_PATHS, DISCLOSED_STAGE_CONTRIBUTIONS
from equity_audit.disclosure.estimates.comparisons import points
from equity_audit.disclosure.estimates.paths_true_enough import Stage, path_combinations
from equity_audit.disclosure.estimates.true_enough import Truths
from equity_audit.measures.clustering import effects_of
from equity_audit.measures.intervals import Floats, koopman_interval, wilson_interval
from equity_audit.measures.references import references
from equity_audit.settings import Settings

_STAGE = ("rate", "fewest", "most", "smallest", "largest")
_PEOPLE = ("organisation", "period", "level", "breakdown", "breakdown_value", "group_name")


def disclose_overall_paths(
    counts: pl.DataFrame, rates: pl.DataFrame, settings: Settings, effects: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Product-limit rates and ratios from published counts, with intervals that hold whatever was rounded away.

    overall_rate is the product over stages of the rates of the published counts. It and overall_ratio are shown where
    they are true enough for a single number (paths_true_enough.py); otherwise overall_rate_reason or
    overall_ratio_reason is "rounding_too_coarse", and the interval is shown alone.

    The exact interval is one of `people` selections at the exact rate (measures.overall_paths). It lies within the
    interval of the lowest possible rate, and that of the highest, of the fewest people possible: a score interval moves
    with its rate and is wider the fewer people. With selected s of n at each stage and its design effect d (effects; 1
    if None), they are (1 - P) / (P V) with V = sum(d (1/s - 1/n)): no fewer than for the highest P and the largest V,
    and no fewer than the smallest n / d of a stage, since prod(1/p) - 1 >= sum(1/p - 1). A ratio's interval goes by
    both rates in opposite directions.

    not_shown_reason: "a_stage_not_shown" (or with nobody selected), "no_reference_group", "reference_not_shown". The
    reference itself has no ratio, and no reason. Columns as in contracts.DISCLOSED_OVERALL_PATHS.
    """
    confidence = settings.comparison.confidence
    paths = _with_reference(_paths(counts, rates, effects), settings)
    lowest, highest, people = (paths[name].to_numpy() for name in ("lowest", "highest", "people"))
    r_lowest, r_highest, r_people = (paths[f"reference_{name}"].to_numpy() for name in ("lowest", "highest", "people"))
    low, _ = wilson_interval(lowest * people, people, confidence)
    _, high = wilson_interval(highest * people, people, confidence)
    ratio_low, _ = koopman_interval(lowest * people, people, r_highest * r_people, r_people, confidence)
    _, ratio_high = koopman_interval(highest * people, people, r_lowest * r_people, r_people, confidence)
    own, compared = pl.col("rate").is_not_null(), pl.col("reference_rate").is_not_null()
    ratio = pl.col("rate") / pl.col("reference_rate")
    rates_enough, ratios_enough = _true_enough(paths, settings)
    return paths.with_columns(
        **points(rates_enough, own, "overall_rate", overall_rate=pl.col("rate")),
        **points(ratios_enough, own & compared, "overall_ratio", overall_ratio=ratio, overall_log_ratio=ratio.log()),
        overall_rate_low=_where(own, low),
        overall_rate_high=_where(own, high),
        overall_ratio_low=_where(own & compared, ratio_low),
        overall_ratio_high=_where(own & compared & pl.Series(np.isfinite(ratio_high)), ratio_high),
        not_shown_reason=pl.when(~own)
        .then(pl.lit("a_stage_not_shown"))
        .when(pl.col("reference_name").is_not_null() & pl.col("found").is_null())
        .then(pl.lit("no_reference_group"))
        .when(pl.col("reference_name").is_not_null() & ~compared)
        .then(pl.lit("reference_not_shown")),
    ).select(DISCLOSED_OVERALL_PATHS.column_names)


def disclose_stage_contributions(ratios: pl.DataFrame, paths: pl.DataFrame) -> pl.DataFrame:
    """Logarithms of the published impact ratios of the single stages; they add up to that of the published whole path.

    Only where the ratio of the path and those of all its stages are shown as single numbers: a sum needs every part.
    The range is the logarithm of the stage's published range. Columns as in contracts.DISCLOSED_STAGE_CONTRIBUTIONS.
    """
    shown = paths.filter(pl.col("overall_ratio").is_not_null()).select(*_PEOPLE)
    return (
        ratios.filter(pl.col("step_kind") == "stage")
        .join(shown, on=_PEOPLE, how="semi", maintain_order="left")
        .filter(pl.col("impact_ratio").is_not_null().all().over(_PEOPLE))
        .sort(*_PEOPLE, "step_order")
        .with_columns(
            log_ratio=pl.col("impact_ratio").log(),
            log_before=pl.col("impact_ratio").log().cum_sum().shift(fill_value=0.0).over(_PEOPLE),
            log_ratio_low=pl.col("impact_ratio_low").log(),
            log_ratio_high=pl.col("impact_ratio_high").log(),
        )
        .select(DISCLOSED_STAGE_CONTRIBUTIONS.column_names)
    )


def _paths(counts: pl.DataFrame, rates: pl.DataFrame, effects: pl.DataFrame | None) -> pl.DataFrame:
    """For each group the published rate of the path, and the ends of what the exact one can be."""
    stages = (
        counts.with_columns(effect=pl.Series(effects_of(counts, effects)))
        .join(rates.select(*_PEOPLE, "step_order", "not_shown_reason"), on=[*_PEOPLE, "step_order"])
        .filter(pl.col("step_kind") == "stage")
        .sort("step_order")
        .with_columns(
            rate=pl.when(pl.col("not_shown_reason").is_null()).then(pl.col("progressed") / pl.col("decided")),
            fewest="progressed_low",
            most=pl.min_horizontal("progressed_high", "decided_high"),
            largest="decided_high",
            smallest=pl.max_horizontal("decided_low", "progressed_low"),
        )
    )
    shown = (pl.col("rate") > 0).fill_null(value=False).all()
    lowest, highest = (pl.col("fewest") / pl.col("largest")), pl.min_horizontal(1, pl.col("most") / pl.col("smallest"))
    variance = (pl.col("effect") * (1 / pl.col("fewest") - 1 / pl.col("largest"))).sum()
    return (
        stages.group_by(_PEOPLE, maintain_order=True)
        .agg(
            from_stage=pl.col("from_stage").first(),
            to_stage=pl.col("to_stage").last(),
            rate=pl.when(shown).then(pl.col("rate").product()),
            stages=pl.struct(_STAGE),
            # A withheld number has no bounds, and a path with one is not shown.
            lowest=pl.when(shown).then(lowest.product()),
            highest=pl.when(shown).then(highest.product()),
            variance=variance,
            fewest_decided=(pl.col("smallest") / pl.col("effect")).min(),
        )
        .with_columns(
            people=pl.max_horizontal(
                pl.col("fewest_decided"), (1 - pl.col("highest")) / (pl.col("highest") * pl.col("variance"))
            ).fill_nan(pl.col("fewest_decided"))
        )
    )


def _true_enough(paths: pl.DataFrame, settings: Settings) -> tuple[Truths, Truths]:
    """Whether each path's rate, and its ratio to the reference's, is true enough to be shown as a single number."""
    policy = settings.disclosure
    rates, ratios = np.zeros(paths.height, np.bool_), np.zeros(paths.height, np.bool_)
    for row, (rate, stages, other_rate, others) in enumerate(
        paths.select("rate", "stages", "reference_rate", "reference_stages").iter_rows()
    ):
        if rate is not None:
            ours = path_combinations(_stages(stages))
            rates[row] = ours.rate_true_enough(policy)
            ratios[row] = other_rate is not None and ours.ratio_true_enough(path_combinations(_stages(others)), policy)
    return rates, ratios


def _stages(rows: list[dict[str, Any]]) -> tuple[Stage, ...]:
    return tuple(Stage(*(row[name] for name in _STAGE)) for row in rows)


def _with_reference(paths: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    chosen = references(paths, settings)
    key = _PEOPLE[:-1]
    reference = paths.select(
        *key,
        found=pl.lit(value=True),
        reference_name="group_name",
        reference_rate="rate",
        reference_stages="stages",
        **{f"reference_{name}": name for name in ("lowest", "highest", "people")},
    )
    return paths.with_columns(reference_name=pl.when(pl.col("group_name") != chosen).then(chosen)).join(
        reference, on=(*key, "reference_name"), how="left", maintain_order="left"
    )


def _where(shown: pl.Expr, values: Floats) -> pl.Expr:
    return pl.when(shown).then(pl.Series(values))
