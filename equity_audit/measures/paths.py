"""The way from application to appointment as a whole: product-limit rates, and which stage makes a gap.

Whoever withdrew or is pending counts at every stage where they were decided on, and at none after it: censored, not a
loser. Stages are taken as separate decisions: given who is decided on at a stage, how many progress tells nothing of
the stages before, so the variances of the logarithms add up (Greenwood, Reports on Public Health 33, 1926).
"""

import polars as pl
from scipy.special import ndtri

from equity_audit.contracts import OVERALL_PATHS, STAGE_CONTRIBUTIONS
from equity_audit.settings import Settings
from equity_audit.vocabulary import ALL_APPLICANTS

_PEOPLE = ("organisation", "period", "level", "breakdown", "breakdown_value", "withdrawals")
# How those are counted who withdrew or declined: out of the sum, or as turned down.
_CENSORED, _REJECTED = "censored", "as_rejections"


def overall_paths(stage_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Selection rate of the whole path for each group, and its ratio to the reference's. Columns as in the contract.

    overall_rate = product over stages of p = progressed / decided; the variance of its logarithm is
    sum((1 - p) / (p decided)); intervals are exp(log +- z sqrt(variance)), of a ratio with both variances. Twice: with
    withdrawn and declined applications left out (censored), and counted as turned down (as_rejections): the truth about
    those who left lies between, if leaving was anybody's answer to the process.

    undefined_reason: no_decisions (a stage where nobody of the group was decided on), nobody_appointed (rate 0, no
    interval), and for the ratio no_reference_group, no_reference_decisions, reference_never_appointed.
    """
    z = float(ndtri(0.5 + settings.comparison.confidence / 2))
    rates = _rates(_stages(stage_counts))
    referenced = _with_reference(rates, settings)
    log_ratio = (pl.col("overall_rate") / pl.col("reference_rate")).log()
    spread = z * (pl.col("log_variance") + pl.col("reference_log_variance")).sqrt()
    own = z * pl.col("log_variance").sqrt()
    both = (pl.col("overall_rate") > 0) & (pl.col("reference_rate") > 0)
    return referenced.with_columns(
        overall_rate_low=pl.when(pl.col("overall_rate") > 0).then(pl.col("overall_rate") * (-own).exp()),
        overall_rate_high=pl.when(pl.col("overall_rate") > 0).then(
            pl.min_horizontal(pl.col("overall_rate") * own.exp(), pl.lit(1.0))
        ),
        overall_ratio=pl.when(pl.col("reference_rate") > 0).then(pl.col("overall_rate") / pl.col("reference_rate")),
        overall_ratio_low=pl.when(both).then((log_ratio - spread).exp()),
        overall_ratio_high=pl.when(both).then((log_ratio + spread).exp()),
        undefined_reason=_path_reason(),
    ).select(OVERALL_PATHS.column_names)


def stage_contributions(stage_counts: pl.DataFrame, paths: pl.DataFrame, disparities: pl.DataFrame) -> pl.DataFrame:
    """How much each stage adds to the gap of the whole path: the logarithm of its impact ratio.

    The logarithms add up exactly to log(overall_ratio). Below 0: the stage is to the group's disadvantage. The interval
    is the logarithm of the stage's Koopman interval, so that one ratio never has two intervals; where withdrawals count
    as rejections none is given. share = log / log(overall_ratio), only where the overall interval excludes 1 and no
    stage points the other way: else shares would add up to 100% of something that is not there. Only paths with a ratio
    above 0 have rows. Columns as in contracts.STAGE_CONTRIBUTIONS.
    """
    key = [*_PEOPLE, "step_order"]
    stages = _stages(stage_counts)
    reference = stages.select(
        *key, reference_name="group_name", reference_rate=pl.col("progressed") / pl.col("decided")
    )
    whole = paths.filter(pl.col("overall_ratio") > 0).select(
        *_PEOPLE, "group_name", "reference_name", "overall_ratio", "overall_ratio_low", "overall_ratio_high"
    )
    intervals = disparities.filter(pl.col("comparator") == "reference", pl.col("step_kind") == "stage").select(
        *(name for name in key if name != "withdrawals"),
        "group_name",
        pl.lit(_CENSORED).alias("withdrawals"),
        pl.col("impact_ratio_low", "impact_ratio_high"),
    )
    own = [*_PEOPLE, "group_name"]
    one_way = (pl.col("log_ratio") <= 0).all().over(own) | (pl.col("log_ratio") >= 0).all().over(own)
    clear = (pl.col("overall_ratio_low") > 1) | (pl.col("overall_ratio_high") < 1)
    return (
        stages.join(whole, on=own)
        .join(reference, on=[*key, "reference_name"])
        .join(intervals, on=[*key, "group_name"], how="left")
        .sort(*key, "group_name")
        .with_columns(log_ratio=(pl.col("progressed") / pl.col("decided") / pl.col("reference_rate")).log())
        .with_columns(
            log_ratio_low=pl.when(pl.col("impact_ratio_low") > 0).then(pl.col("impact_ratio_low").log()),
            log_ratio_high=pl.col("impact_ratio_high").log(),
            share=pl.when(clear & one_way).then(pl.col("log_ratio") / pl.col("overall_ratio").log()),
        )
        .select(STAGE_CONTRIBUTIONS.column_names)
    )


def _stages(stage_counts: pl.DataFrame) -> pl.DataFrame:
    """Single steps, once with those who left out of the denominator and once in it."""
    stages = stage_counts.filter(pl.col("step_kind") == "stage")
    left = pl.col("withdrew") + pl.col("declined")
    return pl.concat(
        [
            stages.with_columns(withdrawals=pl.lit(_CENSORED)),
            stages.with_columns(withdrawals=pl.lit(_REJECTED), decided=pl.col("decided") + left),
        ]
    )


def _rates(stages: pl.DataFrame) -> pl.DataFrame:
    p = pl.col("progressed") / pl.col("decided")
    undecided = (pl.col("decided") == 0).any()
    # A stage that nobody passes ends the path: what comes after it has nobody to decide on.
    ended = ((pl.col("decided") > 0) & (pl.col("progressed") == 0)).any()
    return (
        stages.sort("step_order")
        .group_by(*_PEOPLE, "group_name", maintain_order=True)
        .agg(
            from_stage=pl.col("from_stage").first(),
            to_stage=pl.col("to_stage").last(),
            overall_rate=pl.when(ended).then(0.0).when(~undecided).then(p.product()),
            log_variance=pl.when(~ended & ~undecided).then(((1 - p) / pl.col("progressed")).sum()),
        )
    )


def _with_reference(rates: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Each group's rate beside the reference's; the reference and all applicants keep a row, without a ratio."""
    levels = rates["level"].unique().to_list()
    references = {level: name for level in levels if (name := settings.comparison.reference(level))}
    reference = rates.select(
        *_PEOPLE,
        reference_name="group_name",
        reference_rate="overall_rate",
        reference_log_variance="log_variance",
        found=pl.lit(value=True),
    )
    chosen = pl.col("level").replace_strict(references, default=None, return_dtype=pl.String)
    return rates.with_columns(
        reference_name=pl.when(pl.col("group_name") != chosen, pl.col("group_name") != ALL_APPLICANTS).then(chosen)
    ).join(reference, on=(*_PEOPLE, "reference_name"), how="left", maintain_order="left")


def _path_reason() -> pl.Expr:
    compared = pl.col("reference_name").is_not_null()
    return (
        pl.when(pl.col("overall_rate").is_null())
        .then(pl.lit("no_decisions"))
        .when(compared & pl.col("found").is_null())
        .then(pl.lit("no_reference_group"))
        .when(compared & pl.col("reference_rate").is_null())
        .then(pl.lit("no_reference_decisions"))
        .when(compared & (pl.col("reference_rate") == 0))
        .then(pl.lit("reference_never_appointed"))
        .when(pl.col("overall_rate") == 0)
        .then(pl.lit("nobody_appointed"))
    )
