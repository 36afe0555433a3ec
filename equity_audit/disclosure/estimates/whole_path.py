"""The whole path and each stage's contribution to its gap, from published figures only, so they disclose no more."""

import numpy as np
import polars as pl

from equity_audit.contracts import DISCLOSED_OVERALL_PATHS, DISCLOSED_STAGE_CONTRIBUTIONS
from equity_audit.disclosure.table.rounding import highest_possible, lowest_possible
from equity_audit.measures.intervals import Floats, koopman_interval, wilson_interval
from equity_audit.settings import Settings

_PEOPLE = ("organisation", "period", "level", "breakdown", "breakdown_value", "group_name")


def disclose_overall_paths(counts: pl.DataFrame, rates: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return product-limit rates and ratios from published counts, with intervals that allow for all rounding.

    overall_rate is the product over stages of the published rates. The exact interval is that of a number of `people`
    selected at the exact rate (measures.overall_paths). It lies between the lower limit for the lowest possible rate
    and the upper limit for the highest, both with the fewest people possible: a score interval moves with its rate and
    is wider with fewer people. With s selected of n at each stage, the number of people is (1 - P) / (P V) with
    V = sum(1/s - 1/n): at least that for the highest P and the largest V, and at least the fewest decided at a stage,
    since prod(1/p) - 1 >= sum(1/p - 1). A ratio's interval combines both rates in opposite directions.

    not_shown_reason: "a_stage_not_shown" (or without selections), "no_reference_group", "reference_not_shown". The
    reference itself has neither a ratio nor a reason. Columns as in contracts.DISCLOSED_OVERALL_PATHS.
    """
    confidence = settings.comparison.confidence
    paths = _with_reference(_paths(counts, rates, settings), settings)
    lowest, highest, people = (paths[name].to_numpy() for name in ("lowest", "highest", "people"))
    r_lowest, r_highest, r_people = (paths[f"reference_{name}"].to_numpy() for name in ("lowest", "highest", "people"))
    low, _ = wilson_interval(lowest * people, people, confidence)
    _, high = wilson_interval(highest * people, people, confidence)
    ratio_low, _ = koopman_interval(lowest * people, people, r_highest * r_people, r_people, confidence)
    _, ratio_high = koopman_interval(highest * people, people, r_lowest * r_people, r_people, confidence)
    has_rate, has_reference = pl.col("overall_rate").is_not_null(), pl.col("reference_rate").is_not_null()
    both = has_rate & has_reference
    return paths.with_columns(
        _where(has_rate, "overall_rate_low", low),
        _where(has_rate, "overall_rate_high", high),
        pl.when(both).then(pl.col("overall_rate") / pl.col("reference_rate")).alias("overall_ratio"),
        _where(both, "overall_ratio_low", ratio_low),
        _where(both & pl.Series(np.isfinite(ratio_high)), "overall_ratio_high", ratio_high),
        overall_log_ratio=pl.when(both).then((pl.col("overall_rate") / pl.col("reference_rate")).log()),
        not_shown_reason=pl.when(~has_rate)
        .then(pl.lit("a_stage_not_shown"))
        .when(pl.col("reference_name").is_not_null() & pl.col("in_table").is_null())
        .then(pl.lit("no_reference_group"))
        .when(pl.col("reference_name").is_not_null() & ~has_reference)
        .then(pl.lit("reference_not_shown")),
    ).select(DISCLOSED_OVERALL_PATHS.column_names)


def disclose_stage_contributions(ratios: pl.DataFrame, paths: pl.DataFrame) -> pl.DataFrame:
    """Return the logarithms of the published impact ratios of single stages, which add up to that of the whole path.

    The interval is the logarithm of the stage's published interval. Columns as in
    contracts.DISCLOSED_STAGE_CONTRIBUTIONS.
    """
    shown = paths.filter(pl.col("overall_ratio").is_not_null()).select(*_PEOPLE)
    return (
        ratios.filter(pl.col("step_kind") == "stage")
        .join(shown, on=_PEOPLE, how="semi", maintain_order="left")
        .sort(*_PEOPLE, "step_order")
        .with_columns(
            log_ratio=pl.col("impact_ratio").log(),
            log_before=pl.col("impact_ratio").log().cum_sum().shift(fill_value=0.0).over(_PEOPLE),
            log_ratio_low=pl.col("impact_ratio_low").log(),
            log_ratio_high=pl.col("impact_ratio_high").log(),
        )
        .select(DISCLOSED_STAGE_CONTRIBUTIONS.column_names)
    )


def _paths(counts: pl.DataFrame, rates: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return for each group the published rate of the path, and the lowest and highest that the exact one can be."""
    policy = settings.disclosure
    s, n = pl.col("progressed"), pl.col("decided")
    stages = (
        counts.join(rates.select(*_PEOPLE, "step_order", "selection_rate"), on=[*_PEOPLE, "step_order"])
        .filter(pl.col("step_kind") == "stage")
        .sort("step_order")
        .with_columns(
            fewest=lowest_possible(s, policy),
            most=pl.min_horizontal(highest_possible(s, policy), highest_possible(n, policy)),
            largest=highest_possible(n, policy),
        )
        .with_columns(smallest=pl.max_horizontal(lowest_possible(n, policy), "fewest"))
    )
    shown = (pl.col("selection_rate") > 0).fill_null(value=False).all()
    lowest, highest = (pl.col("fewest") / pl.col("largest")), pl.min_horizontal(1, pl.col("most") / pl.col("smallest"))
    variance = (1 / pl.col("fewest") - 1 / pl.col("largest")).sum()
    return (
        stages.group_by(_PEOPLE, maintain_order=True)
        .agg(
            from_stage=pl.col("from_stage").first(),
            to_stage=pl.col("to_stage").last(),
            overall_rate=pl.when(shown).then(pl.col("selection_rate").product()),
            # A withheld number has no bounds, but a path with one is not shown.
            lowest=pl.when(shown).then(lowest.product()),
            highest=pl.when(shown).then(highest.product()),
            variance=variance,
            fewest_decided=pl.col("smallest").min(),
        )
        .with_columns(
            people=pl.max_horizontal(
                pl.col("fewest_decided"), (1 - pl.col("highest")) / (pl.col("highest") * pl.col("variance"))
            ).fill_nan(pl.col("fewest_decided"))
        )
    )


def _with_reference(paths: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    levels = paths["level"].unique().to_list()
    references = {level: name for level in levels if (name := settings.comparison.reference(level))}
    chosen = pl.col("level").replace_strict(references, default=None, return_dtype=pl.String)
    key = _PEOPLE[:-1]
    reference = paths.select(
        *key,
        in_table=pl.lit(value=True),
        reference_name="group_name",
        reference_rate="overall_rate",
        **{f"reference_{name}": name for name in ("lowest", "highest", "people")},
    )
    return paths.with_columns(reference_name=pl.when(pl.col("group_name") != chosen).then(chosen)).join(
        reference, on=(*key, "reference_name"), how="left", maintain_order="left"
    )


def _where(shown: pl.Expr, name: str, values: Floats) -> pl.Expr:
    return pl.when(shown).then(pl.Series(values)).alias(name)
