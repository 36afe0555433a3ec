"""The whole path from application to appointment: product-limit rates, and the stages that contribute to a gap.

Applications that were withdrawn or are pending count at every stage where they were decided and at none after it: they
are censored, not rejected. Stages are treated as separate decisions: given the number decided at a stage, the number
that progress says nothing about earlier stages, so the variances of the logarithms add up (Greenwood, Reports on Public
Health 33, 1926).
"""

import numpy as np
import polars as pl

from equity_audit.contracts import OVERALL_PATHS, STAGE_CONTRIBUTIONS
from equity_audit.measures.clustering import effects_of
from equity_audit.measures.intervals import Floats, koopman_interval, wilson_interval
from equity_audit.measures.references import references
from equity_audit.settings import Settings
from equity_audit.vocabulary import ALL_APPLICANTS

_PEOPLE = ("organisation", "period", "level", "breakdown", "breakdown_value", "withdrawals")
# How withdrawn and declined applications count: left out, or as rejections.
_CENSORED, _REJECTED = "censored", "as_rejections"


def overall_paths(stage_counts: pl.DataFrame, settings: Settings, effects: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return the selection rate of the whole path for each group, and its ratio to the reference's.

    overall_rate P = product over stages of p = progressed / decided; the variance of its logarithm is Greenwood's,
    V = sum(d (1 - p) / (p decided)), d being the stage's design effect (effects; 1 if None: clustering.py). The
    intervals are those of a single selection with the same variance, of (1 - P) / (P V) people with the rate P:
    Wilson's for a rate (Rothman, J Chronic Dis 1978;31:557), Koopman's for a ratio. If nobody drops out, that number is
    the number of applicants, and the intervals are those of the span. Greenwood's own interval, exp(log P +- z sqrt V),
    does not exist if nobody was appointed, has no width if everyone was, and covered the true value in as few as 78% of
    simulated paths of ten applicants. If P is 0 or 1 the variance is not informative: the number is then the number
    decided at the last stage, divided by its design effect and by the rate of reaching it.

    Each path has two rows: with withdrawn and declined applications left out (censored), and counted as rejections
    (as_rejections). The second shows how sensitive the first is to applicants leaving; it is not a bound.

    undefined_reason: no_decisions (a stage at which the group has none), and for the ratio no_reference_group,
    no_reference_decisions, reference_never_appointed. Columns as in contracts.OVERALL_PATHS.
    """
    confidence = settings.comparison.confidence
    paths = _with_reference(_rates(_stages(stage_counts, effects)), settings)
    rate, people, reference_rate, reference_people = (
        paths[name].to_numpy().astype(float)
        for name in ("overall_rate", "people", "reference_rate", "reference_people")
    )
    low, high = wilson_interval(rate * people, people, confidence)
    ratio_low, ratio_high = koopman_interval(
        rate * people, people, reference_rate * reference_people, reference_people, confidence
    )
    comparable = reference_rate > 0
    return paths.with_columns(
        _nullable("overall_rate_low", low),
        _nullable("overall_rate_high", high),
        pl.when(pl.col("reference_rate") > 0)
        .then(pl.col("overall_rate") / pl.col("reference_rate"))
        .alias("overall_ratio"),
        _nullable("overall_ratio_low", np.where(comparable, ratio_low, np.nan)),
        _nullable("overall_ratio_high", np.where(comparable, ratio_high, np.nan)),
        undefined_reason=_path_reason(),
    ).select(OVERALL_PATHS.column_names)


def stage_contributions(
    stage_counts: pl.DataFrame, paths: pl.DataFrame, settings: Settings, effects: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return each stage's contribution to the gap of the whole path: the logarithm of its impact ratio.

    The logarithms add up exactly to log(overall_ratio). Below 0: the stage is to the group's disadvantage. The interval
    is the logarithm of the stage's Koopman interval, so that a ratio never has two intervals. share = log /
    log(overall_ratio), given only if the overall interval excludes 1 and no stage points the other way: otherwise
    shares would add up to 100% of a gap that may not exist. Only paths with a ratio above 0 have rows. Columns as in
    contracts.STAGE_CONTRIBUTIONS.
    """
    key = [*_PEOPLE, "step_order"]
    stages = _stages(stage_counts, effects)
    reference = stages.select(
        *key, reference_name="group_name", reference_progressed="progressed", reference_decided="decided"
    )
    whole = paths.filter(pl.col("overall_ratio") > 0).select(
        *_PEOPLE, "group_name", "reference_name", "overall_ratio", "overall_ratio_low", "overall_ratio_high"
    )
    of_group = [*_PEOPLE, "group_name"]
    one_way = (pl.col("log_ratio") <= 0).all().over(of_group) | (pl.col("log_ratio") >= 0).all().over(of_group)
    clear = (pl.col("overall_ratio_low") > 1) | (pl.col("overall_ratio_high") < 1)
    both = stages.join(whole, on=of_group).join(reference, on=[*key, "reference_name"]).sort(*key, "group_name")
    s_g, n_g, s_r, n_r = (
        both[name].to_numpy() / both["effect"].to_numpy()
        for name in ("progressed", "decided", "reference_progressed", "reference_decided")
    )
    low, high = koopman_interval(s_g, n_g, s_r, n_r, settings.comparison.confidence)
    rate = pl.col("progressed") / pl.col("decided")
    return (
        both.with_columns(
            _nullable("log_ratio_low", np.log(low)),
            _nullable("log_ratio_high", np.log(high)),
            log_ratio=(rate / (pl.col("reference_progressed") / pl.col("reference_decided"))).log(),
        )
        .with_columns(share=pl.when(clear & one_way).then(pl.col("log_ratio") / pl.col("overall_ratio").log()))
        .select(STAGE_CONTRIBUTIONS.column_names)
    )


def _nullable(name: str, values: Floats) -> pl.Series:
    return pl.Series(name, values, pl.Float64, nan_to_null=True)


def _stages(stage_counts: pl.DataFrame, effects: pl.DataFrame | None) -> pl.DataFrame:
    """Return single steps twice: without withdrawn and declined applications in the denominator, and with them.

    Each has its design effect beside it.
    """
    stages = stage_counts.with_columns(effect=pl.Series(effects_of(stage_counts, effects))).filter(
        pl.col("step_kind") == "stage"
    )
    left = pl.col("withdrew") + pl.col("declined")
    return pl.concat(
        [
            stages.with_columns(withdrawals=pl.lit(_CENSORED)),
            stages.with_columns(withdrawals=pl.lit(_REJECTED), decided=pl.col("decided") + left),
        ]
    )


def _rates(stages: pl.DataFrame) -> pl.DataFrame:
    """Return the product-limit rate of each group, and `people`: the number of decisions in one step as precise."""
    p = pl.col("progressed") / pl.col("decided")
    some = pl.col("decided") > 0
    # A stage that nobody passes ends the path: there is nobody to decide on after it.
    ended = (some & (pl.col("progressed") == 0)).any()
    reaching_it = p.filter(some, pl.col("progressed") > 0).product()
    rate = pl.col("overall_rate")
    return (
        stages.sort("step_order")
        .group_by(*_PEOPLE, "group_name", maintain_order=True)
        .agg(
            from_stage=pl.col("from_stage").first(),
            to_stage=pl.col("to_stage").last(),
            overall_rate=pl.when(ended).then(0.0).when(some.all()).then(p.product()),
            log_variance=(pl.col("effect") * (1 - p) / pl.col("progressed")).sum(),
            at_the_edge=(pl.col("decided") / pl.col("effect")).filter(some).last() / reaching_it,
        )
        .with_columns(
            people=pl.when((rate > 0) & (rate < 1))
            .then((1 - rate) / (rate * pl.col("log_variance")))
            .when(rate.is_not_null())
            .then(pl.col("at_the_edge"))
        )
        .drop("log_variance", "at_the_edge")
    )


def _with_reference(rates: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Join each group's rate with the reference's; the reference and all applicants keep a row, without a ratio."""
    reference = rates.select(
        *_PEOPLE,
        reference_name="group_name",
        reference_rate="overall_rate",
        reference_people="people",
        in_table=pl.lit(value=True),
    )
    chosen = references(rates, settings)
    return rates.with_columns(
        reference_name=pl.when(pl.col("group_name") != chosen, pl.col("group_name") != ALL_APPLICANTS).then(chosen)
    ).join(reference, on=(*_PEOPLE, "reference_name"), how="left", maintain_order="left")


def _path_reason() -> pl.Expr:
    compared = pl.col("reference_name").is_not_null()
    return (
        pl.when(pl.col("overall_rate").is_null())
        .then(pl.lit("no_decisions"))
        .when(compared & pl.col("in_table").is_null())
        .then(pl.lit("no_reference_group"))
        .when(compared & pl.col("reference_rate").is_null())
        .then(pl.lit("no_reference_decisions"))
        .when(compared & (pl.col("reference_rate") == 0))
        .then(pl.lit("reference_never_appointed"))
    )
