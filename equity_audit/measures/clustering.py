"""Clustering: how much wider ranges are because decisions of one vacancy, and on one person, go together.

An impact ratio is usually tested as if every decision were made by itself. Applications to one vacancy are judged by
one panel against each other, and one person applies to several vacancies. Where the mix of groups differs between
vacancies, or people apply often, a ratio then varies more than independent decisions would.

With s selected of n decided, g a group and r its reference, the logarithm of an impact ratio changes with one
application by e = (y - s_g / n_g) / s_g in the group and -(y - s_r / n_r) / s_r in the reference, y = 1 if selected.
Its variance, if clusters and not applications are independent, is the sum over clusters of (sum of e in the cluster)^2
(the sandwich estimator: Liang and Zeger, Biometrika 1986;73:13), times G / (G - 1) for G clusters. It expands into sums
of products of whole numbers (clustered_sums.sql). By vacancies and people at once it is V(vacancy) + V(person) -
V(application) (Cameron, Gelbach and Miller, J Bus Econ Stat 2011;29:238), V(application) = (1 - p_g) / s_g +
(1 - p_r) / s_r being that of independent decisions.

The design effect (Kish, Survey Sampling, 1965) of a step is V / V(application), at least 1. In every inference
at the step its numbers count as that many times smaller.
"""

import numpy as np
import polars as pl
from scipy.special import ndtri
from scipy.stats import t as student

from equity_audit.contracts import DESIGN_EFFECTS
from equity_audit.measure_policies import ClusteringPolicy
from equity_audit.measures.intervals import Floats
from equity_audit.settings import Settings
from equity_audit.vocabulary import UNKNOWN

COUNTED_BY_SOURCE, TOO_FEW = "counted_by_source", "too_few_to_estimate"
_STEP = ("organisation", "step_order")
_OWN = ("clusters", "selected", "decided", "selected_selected", "selected_decided", "decided_decided")
# A rounding error may not lift an effect into the next class.
_TOLERANCE = 1e-9


def design_effects(sums: pl.DataFrame, stage_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return the design effect of every step of every organisation in stage_counts.

    sums: from clustered_sums.sql, with one row for each organisation, clustered_by, level, step and group.

    A step has one design effect, so that it is stable and a table of groups has one rule: the larger of that of BME and
    White applicants, and the mean of those of the groups, each weighted by 1 / V(application). If there are fewer
    vacancies than clustering.small_sample_below it is larger by (t / z)^2, with the quantiles of Student's and the
    normal distribution; vacancies of unequal size count as (sum of n)^2 / (sum of n^2), the number of equal ones that
    would be worth as much (Kish).

    undefined_reason: counted_by_source (counts without vacancies; everything is then taken as independent, 1),
    too_few_to_estimate (fewer vacancies than clustering.fewest_vacancies, or nobody selected on a side; it is then
    clustering.default_effect). Columns as in contracts.DESIGN_EFFECTS.
    """
    policy = settings.clustering
    whole = stage_counts.filter(pl.col("level") == "all", pl.col("breakdown") == "all")
    steps = whole.group_by(*_STEP, "period", "step_kind", "from_stage", "to_stage").agg(
        counted=(pl.col("basis") == "aggregated").any()
    )
    variances = _variances(sums)
    estimated = (
        variances.group_by(_STEP)
        .agg(
            of_wres=pl.col("effect").filter(pl.col("level") == "wres").max(),
            of_groups=_weighted(pl.col("level") == "group"),
        )
        .with_columns(raw=pl.max_horizontal("of_wres", "of_groups"))
    )
    rows = (
        steps.join(_clusters(sums), on=_STEP, how="left")
        .join(estimated, on=_STEP, how="left")
        .sort("organisation", "step_order")
    )
    worth = rows["vacancies_worth"].cast(pl.Float64).fill_null(0).to_numpy()
    few = rows.select(
        few=(pl.col("vacancies").fill_null(0) < policy.fewest_vacancies) | pl.col("raw").is_null()
    ).to_series()
    estimate = rows["raw"].fill_null(1.0).clip(1).to_numpy() * small_sample(worth, settings)
    counted = pl.col("counted")
    return rows.with_columns(
        design_effect=pl.when(counted).then(1.0).when(few).then(policy.default_effect).otherwise(pl.Series(estimate)),
        undefined_reason=pl.when(counted).then(pl.lit(COUNTED_BY_SOURCE)).when(few).then(pl.lit(TOO_FEW)),
    ).select(DESIGN_EFFECTS.column_names)


def small_sample(vacancies: Floats, settings: Settings) -> Floats:
    """Return by how much few vacancies make a variance larger: (t / z)^2 with one degree of freedom fewer than those.

    1 from clustering.small_sample_below vacancies on. vacancies: how many equal ones they are worth; two at least.
    """
    tail = 0.5 + settings.comparison.confidence / 2
    larger: Floats = (student.ppf(tail, np.maximum(vacancies, 2) - 1) / ndtri(tail)) ** 2
    return np.where(vacancies < settings.clustering.small_sample_below, larger, 1.0)


def effect_class(effects: Floats, policy: ClusteringPolicy) -> Floats:
    """Return effects rounded up to the next of clustering.classes; beyond the last, to its next multiple."""
    classes = np.array(policy.classes)
    position = np.searchsorted(classes, effects - _TOLERANCE)
    beyond = np.ceil((effects - _TOLERANCE) / classes[-1]) * classes[-1]
    rounded: Floats = np.where(position < classes.size, classes[np.minimum(position, classes.size - 1)], beyond)
    return rounded


def effects_of(rows: pl.DataFrame, effects: pl.DataFrame | None) -> Floats:
    """Return the design effect of each row's step; 1 where there is none.

    rows: with organisation and step_order. effects: with these and design_effect, or None for independent decisions.
    """
    if effects is None:
        return np.ones(rows.height)
    beside = rows.select(_STEP).join(
        effects.select(*(pl.col(name).cast(rows.schema[name]) for name in _STEP), "design_effect"),
        on=_STEP,
        how="left",
        maintain_order="left",
    )
    return beside["design_effect"].cast(pl.Float64).fill_null(1.0).to_numpy()


def _variances(sums: pl.DataFrame) -> pl.DataFrame:
    """Return for each group but the reference at each level and step: independent, its variance, and `effect`."""
    key = (*_STEP, "clustered_by", "level")
    reference = sums.filter("is_reference").select(*key, **{f"reference_{name}": name for name in _OWN})
    pairs = sums.filter(~pl.col("is_reference"), pl.col("selected") > 0).join(reference, on=key)
    pairs = pairs.filter(pl.col("reference_selected") > 0, ~((pl.col("level") == "wres") & _unknown()))
    p, q = pl.col("selected") / pl.col("decided"), pl.col("reference_selected") / pl.col("reference_decided")
    s, r = pl.col("selected").cast(pl.Float64), pl.col("reference_selected").cast(pl.Float64)
    both = (
        pl.col("selected_with_selected")
        - q * pl.col("selected_with_decided")
        - p * pl.col("decided_with_selected")
        + p * q * pl.col("decided_with_decided")
    )
    clusters = pl.col("clusters") + pl.col("reference_clusters") - pl.col("clusters_with_reference")
    variance = (_squares("", p) / s**2 + _squares("reference_", q) / r**2 - 2 * both / (s * r)) * (
        clusters / (clusters - 1)
    )
    found = pairs.select(*key, "group_name", variance=variance, independent=(1 - p) / s + (1 - q) / r)
    # Vacancies and people both include the variance of single applications, which is subtracted once.
    two_way = pl.col("variance").sum() - pl.col("independent").first() * (pl.len() - 1)
    return (
        found.filter(pl.col("independent") > 0, pl.col("variance").is_finite())
        .group_by(*_STEP, "level", "group_name")
        .agg(independent=pl.col("independent").first(), effect=two_way / pl.col("independent").first())
    )


def _squares(prefix: str, rate: pl.Expr) -> pl.Expr:
    """Sum over clusters of (selected - rate x decided)^2."""
    ss, sn, nn = (pl.col(f"{prefix}{name}") for name in _OWN[3:])
    return ss - 2 * rate * sn + rate**2 * nn


def _weighted(chosen: pl.Expr) -> pl.Expr:
    weight = (1 / pl.col("independent")).filter(chosen)
    return (pl.col("effect").filter(chosen) * weight).sum() / pl.when(weight.sum() > 0).then(weight.sum())


def _clusters(sums: pl.DataFrame) -> pl.DataFrame:
    """Return how many vacancies and people a step decided on, and how many equal vacancies these are worth."""
    counted = sums.filter(pl.col("level") == "all").with_columns(
        worth=pl.col("decided").cast(pl.Float64) ** 2 / pl.col("decided_decided")
    )
    vacancies, people = (counted.filter(pl.col("clustered_by") == kind) for kind in ("vacancy", "candidate"))
    return vacancies.select(*_STEP, vacancies="clusters", vacancies_worth="worth").join(
        people.select(*_STEP, candidates="clusters"), on=_STEP, how="left"
    )


def _unknown() -> pl.Expr:
    return pl.col("group_name") == UNKNOWN
