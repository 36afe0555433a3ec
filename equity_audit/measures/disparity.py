"""Disparities: each group's selection rate against the reference group's, at one step."""

import numpy as np
import polars as pl

from equity_audit.contracts import DISPARITIES, STEP_KEY
from equity_audit.measures.intervals import Counts, koopman_interval
from equity_audit.settings import Settings
from equity_audit.vocabulary import ALL_APPLICANTS

_PAIR = ("group_selected", "group_decided", "reference_selected", "reference_decided")


def disparities(selection_rates: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Compare every group with the reference that policy fixes for its level; the reference has no row of its own.

    With s selected of n decided, g the group and r the reference:

    - impact_ratio = (s_g / n_g) / (s_r / n_r), with Koopman's score interval; below 1: the group is selected less often
    - relative_likelihood = the reverse (the WRES direction); above 1: the group is selected less often
    - rate_difference = s_g / n_g - s_r / n_r
    - z = rate_difference / sqrt(p (1 - p) (1/n_g + 1/n_r)) with p = (s_g + s_r) / (n_g + n_r)
    - below_four_fifths: 5 s_g n_r < 4 s_r n_g; above_five_fourths: 4 s_g n_r > 5 s_r n_g. In whole numbers, since in
      floats 3/5 over 15/20 comes out below 0.8.

    What is undefined is null, and undefined_reason says why: no_reference_group, no_decisions, no_reference_decisions,
    reference_never_selected, nobody_selected. z is null where everybody or nobody of both groups was selected.
    Columns as in contracts.DISPARITIES.
    """
    return _measured(_pairs(selection_rates, settings), settings).select(DISPARITIES.column_names)


def _pairs(selection_rates: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Each group's row beside its reference's, where there is one."""
    levels = selection_rates["level"].unique().to_list()
    references = {level: name for level in levels if (name := settings.comparison.reference(level))}
    named = selection_rates.filter(pl.col("group_name") != ALL_APPLICANTS).with_columns(
        reference_name=pl.col("level").replace_strict(references, default=None, return_dtype=pl.String)
    )
    reference = named.filter(pl.col("group_name") == pl.col("reference_name")).select(
        *STEP_KEY, reference_selected="progressed", reference_decided="decided"
    )
    return (
        named.filter(pl.col("group_name") != pl.col("reference_name"))
        .join(reference, on=STEP_KEY, how="left", maintain_order="left")
        .rename({"progressed": "group_selected", "decided": "group_decided"})
    )


def _measured(pairs: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    s_g, n_g, s_r, n_r = (pl.col(name) for name in _PAIR)
    numerator, denominator = settings.comparison.four_fifths
    both = (n_g > 0) & (n_r > 0)
    comparable = both & (s_r > 0)
    pooled = (s_g + s_r) / (n_g + n_r)
    variance = pooled * (1 - pooled) * (1 / n_g + 1 / n_r)
    low, high = koopman_interval(*_arrays(pairs), settings.comparison.confidence)
    bounded = pl.Series(np.isfinite(high))
    return pairs.with_columns(
        rate_difference=pl.when(both).then(s_g / n_g - s_r / n_r),
        impact_ratio=pl.when(comparable).then((s_g * n_r) / (s_r * n_g)),
        impact_ratio_low=pl.when(comparable).then(pl.Series(low)),
        impact_ratio_high=pl.when(comparable & bounded).then(pl.Series(high)),
        relative_likelihood=pl.when(comparable & (s_g > 0)).then((s_r * n_g) / (s_g * n_r)),
        z=pl.when(both & (variance > 0)).then((s_g / n_g - s_r / n_r) / variance.sqrt()),
        below_four_fifths=pl.when(comparable).then(denominator * s_g * n_r < numerator * s_r * n_g),
        above_five_fourths=pl.when(comparable).then(numerator * s_g * n_r > denominator * s_r * n_g),
        undefined_reason=pl.when(n_r.is_null())
        .then(pl.lit("no_reference_group"))
        .when(n_g == 0)
        .then(pl.lit("no_decisions"))
        .when(n_r == 0)
        .then(pl.lit("no_reference_decisions"))
        .when((s_r == 0) & (s_g == 0))
        .then(pl.lit("nobody_selected"))
        .when(s_r == 0)
        .then(pl.lit("reference_never_selected")),
    )


def _arrays(pairs: pl.DataFrame) -> tuple[Counts, Counts, Counts, Counts]:
    """The four counts; a missing reference counts 0 of 0, for which every interval is undefined."""
    s_g, n_g, s_r, n_r = (pairs[name].fill_null(0).to_numpy().astype(np.int64) for name in _PAIR)
    return s_g, n_g, s_r, n_r
