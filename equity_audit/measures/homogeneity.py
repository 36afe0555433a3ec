"""Test whether a disparity is the same in every stratum: the Breslow-Day test with Tarone's adjustment."""

import polars as pl
from scipy.special import chdtrc

# The approximation needs large strata. Cochran's rule: 5 or more expected in four cells of five, 1 or more in all.
_ENOUGH, _SHARE, _LEAST = 5, 0.8, 1


def equal_odds(tables: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """Test, for each key, that the odds ratio is the same in all its strata.

    `tables`: one row per stratum with the key, selected, decided, reference_selected, reference_decided (all decided
    above 0) and odds_ratio, the Mantel-Haenszel odds ratio of the key. In each stratum the expected selections e of the
    group solve e (n0 - m + e) / ((n1 - e) (m - e)) = odds ratio; the statistic is sum((s1 - e)^2 / v)
    - (sum(s1 - e))^2 / sum(v) with 1/v = 1/e + 1/(m - e) + 1/(n1 - e) + 1/(n0 - m + e), against chi-squared with one
    degree of freedom fewer than informative strata.

    A large statistic means that one figure for all strata hides differences between them, on the scale of odds. It is
    valid only for large strata: if an expected count is below 1, or more than one in five are below 5, or fewer than
    two strata are informative, the p-value is null and homogeneity_reason is strata_too_small or one_stratum.

    Returns the key, homogeneity_statistic, homogeneity_p_value, homogeneity_reason. Sources: Breslow and Day,
    Statistical Methods in Cancer Research I, 1980, section 4.4; Tarone, Biometrika 1985;72:91.
    """
    off, variance = pl.col("off"), pl.col("variance")
    return (
        _strata(tables)
        .group_by(key)
        .agg(
            homogeneity_statistic=(off**2 / variance).sum() - off.sum() ** 2 / variance.sum(),
            strata=pl.len(),
            large=pl.col("large").mean(),
            least=pl.col("least").min(),
        )
        .with_columns(
            homogeneity_reason=pl.when(pl.col("strata") < 2)
            .then(pl.lit("one_stratum"))
            .when((pl.col("large") < _SHARE) | (pl.col("least") < _LEAST))
            .then(pl.lit("strata_too_small"))
        )
        .with_columns(
            homogeneity_statistic=pl.when(pl.col("homogeneity_reason").is_null()).then(pl.col("homogeneity_statistic"))
        )
        .with_columns(
            homogeneity_p_value=pl.struct("strata", "homogeneity_statistic").map_batches(
                _p_values, return_dtype=pl.Float64
            )
        )
        .drop("strata", "large", "least")
    )


def _strata(tables: pl.DataFrame) -> pl.DataFrame:
    """Return the informative strata, each with how far the selections are from those expected and their variance.

    large: the share of its expected counts that are large enough for the approximation. least: the smallest of them.
    """
    s1, n1, n0, odds = (pl.col(name) for name in ("selected", "decided", "reference_decided", "odds_ratio"))
    m = s1 + pl.col("reference_selected")
    b = (n0 - m) + odds * (n1 + m)
    # The root that is a count, in the form that avoids cancellation.
    expected = 2 * odds * n1 * m / (b + (b**2 + 4 * (1 - odds) * odds * n1 * m).sqrt())
    e = pl.col("e")
    cells = [e, m - e, n1 - e, n0 - m + e]
    informative = tables.filter(odds.is_not_null(), m > 0, m < n1 + n0).with_columns(e=expected)
    return informative.with_columns(
        off=s1 - e,
        variance=1 / sum((1 / cell for cell in cells), pl.lit(0.0)),
        large=pl.mean_horizontal((cell >= _ENOUGH).cast(pl.Float64) for cell in cells),
        least=pl.min_horizontal(cells),
    )


def _p_values(tested: pl.Series) -> pl.Series:
    """Return the upper tail of chi-squared with one degree of freedom fewer than strata; null without a statistic."""
    degrees = tested.struct.field("strata").to_numpy() - 1.0
    statistic = tested.struct.field("homogeneity_statistic").fill_null(float("nan")).to_numpy()
    return pl.Series(chdtrc(degrees, statistic), nan_to_null=True)
