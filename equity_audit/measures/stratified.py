"""Stratified disparities: each group against its reference within vacancies, bands, staff groups or departments.

Uses sums over strata, which SQL makes in one pass (assets/sql/stratified_sums.sql), so that a quarter of a million
vacancies are not a problem. With s selected of n decided in a stratum, 1 the group, 0 the reference, t = n1 + n0 and
m = s1 + s0:

- Mantel-Haenszel risk ratio = sum(s1 n0 / t) / sum(s0 n1 / t). Mantel and Haenszel, J Natl Cancer Inst 1959;22:719.
- variance of its logarithm = sum((n1 n0 m - s1 s0 t) / t^2) / (sum(s1 n0 / t) sum(s0 n1 / t)), which holds both for
  many small strata and for a few large ones. Greenland and Robins, Biometrics 1985;41:55.
- Cochran-Mantel-Haenszel statistic = (sum(s1 - n1 m / t))^2 / sum(n1 n0 m (t - m) / (t^2 (t - 1))), without continuity
  correction, against chi-squared with 1 degree of freedom.
- shortfall = sum(n1 m / t - s1): the difference that this statistic tests, in people. Gastwirth, J Am Stat Assoc
  1984;79:26.
"""

import polars as pl
from scipy.special import chdtrc, ndtri

from equity_audit.contracts import STEP_KEY, STRATIFIED_DISPARITIES
from equity_audit.measures.clustering import effects_of
from equity_audit.measures.homogeneity import equal_odds
from equity_audit.settings import Settings

_KEY = ("organisation", "level", "step_order", "group_name", "stratified_by")


def stratified_disparities(
    sums: pl.DataFrame,
    stage_counts: pl.DataFrame,
    disparities: pl.DataFrame,
    settings: Settings,
    effects: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return adjusted and crude figures, one row for each comparison and kind of stratum.

    `sums` is the result of stratified_sums.sql; `stage_counts` gives bands, staff groups and departments for the test
    of whether ratios differ between them; `disparities` has the crude figures of the same period.

    effects: the design effect of each step (None: 1), which makes variances larger except within vacancies: there like
    is compared with like in the very cluster.

    strata counts those with decisions on both groups; informative strata also have both selected and not selected.
    compared_share is the share of the group's decisions in such strata: in others there is nobody to compare with.
    undefined_reason: no_informative_strata; and, over all strata, nobody_selected (in either group),
    group_never_selected (the ratio is 0) or reference_never_selected (there is no ratio). homogeneity_reason:
    strata_too_small (always for single vacancies), one_stratum, no_informative_strata, or no_odds_ratio, if the common
    odds ratio to be tested is 0 or infinite. Columns as in contracts.STRATIFIED_DISPARITIES.
    """
    within_vacancies = pl.col("stratified_by") == "vacancy"
    rows = (
        sums.join(_crude(disparities), on=("organisation", "level", "step_order", "group_name"), how="inner")
        .with_columns(effect=pl.when(within_vacancies).then(1.0).otherwise(pl.Series(effects_of(sums, effects))))
        .with_columns(
            **_adjusted(settings.comparison.confidence),
            cmh_statistic=_cmh_statistic(),
            shortfall=-pl.col("excess"),
            compared_share=pl.col("group_decided") / pl.col("crude_decided"),
            undefined_reason=_why_undefined(),
        )
        .with_columns(
            cmh_p_value=pl.col("cmh_statistic").map_batches(
                lambda s: pl.Series(chdtrc(1, s.to_numpy()), nan_to_null=True)
            )
        )
    )
    return (
        rows.join(_homogeneity(rows, stage_counts), on=_KEY, how="left", maintain_order="left")
        .with_columns(
            homogeneity_reason=pl.when(pl.col("homogeneity_p_value").is_null()).then(
                pl.coalesce("homogeneity_reason", _why_untested())
            )
        )
        .with_columns(stratified_finding=stratified_finding(settings))
        .select(STRATIFIED_DISPARITIES.column_names)
    )


def _adjusted(confidence: float) -> dict[str, pl.Expr]:
    """Return the Mantel-Haenszel risk ratio with its range, and the Mantel-Haenszel odds ratio."""
    z = float(ndtri(0.5 + confidence / 2))
    numerator, denominator = pl.col("ratio_numerator"), pl.col("ratio_denominator")
    ratio, positive = numerator / denominator, _both_selected()
    deviation = (pl.col("ratio_variance") / (numerator * denominator) * pl.col("effect")).sqrt()
    return {
        "adjusted_ratio": pl.when(denominator > 0).then(ratio),
        "adjusted_ratio_low": pl.when(positive).then(ratio * (-z * deviation).exp()),
        "adjusted_ratio_high": pl.when(positive).then(ratio * (z * deviation).exp()),
        "odds_ratio": pl.when((pl.col("odds_numerator") > 0) & (pl.col("odds_denominator") > 0)).then(
            pl.col("odds_numerator") / pl.col("odds_denominator")
        ),
    }


def _cmh_statistic() -> pl.Expr:
    """Return the Cochran-Mantel-Haenszel statistic; null if no stratum is informative."""
    statistic = pl.col("excess") ** 2 / (pl.col("excess_variance") * pl.col("effect"))
    return pl.when(pl.col("informative_strata") > 0).then(statistic)


def _both_selected() -> pl.Expr:
    """Return whether the ratio is neither 0 nor undefined: somebody was selected on either side."""
    return (pl.col("ratio_numerator") > 0) & (pl.col("ratio_denominator") > 0)


def _why_undefined() -> pl.Expr:
    """Return why a row has no test or no range; null if it has both."""
    numerator, denominator = pl.col("ratio_numerator"), pl.col("ratio_denominator")
    return (
        pl.when(~(pl.col("informative_strata") > 0))
        .then(pl.lit("no_informative_strata"))
        .when((numerator <= 0) & (denominator <= 0))
        .then(pl.lit("nobody_selected"))
        .when(numerator <= 0)
        .then(pl.lit("group_never_selected"))
        .when(~_both_selected())
        .then(pl.lit("reference_never_selected"))
    )


def _crude(disparities: pl.DataFrame) -> pl.DataFrame:
    """Return the crude comparison, of all people together, from out.disparities."""
    return disparities.filter(pl.col("breakdown") == "all", pl.col("comparator") == "reference").select(
        *(name for name in STEP_KEY if name not in ("breakdown", "breakdown_value")),
        "group_name",
        crude_decided="group_decided",
        crude_ratio="impact_ratio",
        crude_ratio_low="impact_ratio_low",
        crude_ratio_high="impact_ratio_high",
    )


def _homogeneity(rows: pl.DataFrame, stage_counts: pl.DataFrame) -> pl.DataFrame:
    """Test whether the odds ratios differ between the parts of a breakdown; there are no rows for vacancies."""
    parts = stage_counts.select(
        "organisation",
        "level",
        "step_order",
        "group_name",
        "breakdown_value",
        stratified_by="breakdown",
        selected="progressed",
        decided="decided",
    )
    tables = (
        parts.join(rows.select(*_KEY, "reference_name", "odds_ratio"), on=_KEY)
        .join(
            parts.rename(
                {"group_name": "reference_name", "selected": "reference_selected", "decided": "reference_decided"}
            ),
            on=("organisation", "level", "step_order", "stratified_by", "breakdown_value", "reference_name"),
        )
        .filter(pl.col("decided") > 0, pl.col("reference_decided") > 0)
    )
    return equal_odds(tables, _KEY)


def _why_untested() -> pl.Expr:
    """Return the reason why homogeneity could not be tested for a row."""
    return (
        # Single vacancies are always too small.
        pl.when(pl.col("stratified_by") == "vacancy")
        .then(pl.lit("strata_too_small"))
        .when(pl.col("informative_strata") == 0)
        .then(pl.lit("no_informative_strata"))
        .otherwise(pl.lit("no_odds_ratio"))
    )


def stratified_finding(settings: Settings) -> pl.Expr:
    """Return the finding on what stratification shows about the crude difference: see docs/methodology.md.

    Uses the columns crude_ratio and adjusted_ratio, each with _low and _high, homogeneity_p_value and undefined_reason.
    """
    numerator, denominator = settings.comparison.four_fifths
    adjusted, crude = pl.col("adjusted_ratio"), pl.col("crude_ratio")
    usual = (adjusted >= numerator / denominator) & (adjusted <= denominator / numerator)
    crude_clear, adjusted_clear = (_excludes_one(name) for name in ("crude_ratio", "adjusted_ratio"))
    # Not significant does not mean equal: the difference is gone only if the crude ratio is outside the adjusted range.
    gone = ((crude < pl.col("adjusted_ratio_low")) | (crude > pl.col("adjusted_ratio_high"))).fill_null(value=False)
    differs = (pl.col("homogeneity_p_value") < 1 - settings.comparison.confidence).fill_null(value=False)
    return (
        pl.when(pl.col("undefined_reason").is_not_null() | crude.is_null())
        .then(pl.lit("too_few_to_say"))
        .when(crude_clear & adjusted_clear & ((crude < 1) != (adjusted < 1)))
        .then(pl.lit("reversed_within"))
        .when(differs)
        .then(pl.lit("differs_between"))
        .when(crude_clear & adjusted_clear)
        .then(pl.lit("not_explained_by"))
        .when(crude_clear & usual & gone)
        .then(pl.lit("explained_by"))
        .when(crude_clear)
        .then(pl.lit("cannot_tell"))
        .when(adjusted_clear)
        .then(pl.lit("appears_within"))
        .otherwise(pl.lit("nothing_to_explain"))
    )


def _excludes_one(name: str) -> pl.Expr:
    return ((pl.col(f"{name}_low") > 1) | (pl.col(f"{name}_high") < 1)).fill_null(value=False)
