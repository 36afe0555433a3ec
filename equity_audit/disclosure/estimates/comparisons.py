"""Rates and comparisons from published counts only, so that they disclose no more than the counts do.

Rates and ratios come from the rounded counts. An interval is the union of the intervals over all exact counts that
would have been published the same, so it always contains the exact interval.
"""

import numpy as np
import polars as pl

from equity_audit.contracts import DISCLOSED_DISPARITIES, DISCLOSED_SELECTION_RATES, STEP_KEY
from equity_audit.disclosure.estimates.finding_bounds import settled_findings
from equity_audit.disclosure.table.count_rows import PROTECTS
from equity_audit.disclosure.table.rounding import highest_possible, lowest_possible
from equity_audit.measures.intervals import Counts, Floats, koopman_interval, wilson_interval
from equity_audit.settings import DisclosurePolicy, Settings
from equity_audit.vocabulary import ALL_APPLICANTS

# The smallest and largest selected, then decided, that the published counts allow.
Bounds = tuple[Counts, Counts, Counts, Counts]
_PAIR = ("progressed", "progressed_note", "decided", "decided_note")


def disclose_selection_rates(disclosed_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return selection rates from disclosed counts, with the widest Wilson interval that these allow.

    not_shown_reason: "no_decisions" (a shown zero), "too_few_decided" (fewer than rate_min_denominator, or marked as
    small), "fewer_than" (progressed is marked as small), "protects_another" (a count is withheld). Columns as in
    contracts.DISCLOSED_SELECTION_RATES.
    """
    reason = rate_reason("", settings.disclosure)
    s_low, s_high, n_low, n_high = count_bounds(disclosed_counts, "progressed", "decided", settings.disclosure)
    confidence = settings.comparison.confidence
    # Wilson's bounds rise with the number selected and fall with the number decided.
    low, _ = wilson_interval(s_low, n_high, confidence)
    high = np.maximum(*(wilson_interval(*corner, confidence)[1] for corner in _highest_rates(s_high, n_low)))
    shown = pl.col("not_shown_reason").is_null()
    return (
        disclosed_counts.with_columns(not_shown_reason=reason)
        .with_columns(
            selection_rate=pl.when(shown).then(pl.col("progressed") / pl.col("decided")),
            selection_rate_low=pl.when(shown).then(pl.Series(low)),
            selection_rate_high=pl.when(shown).then(pl.Series(high)),
        )
        .select(DISCLOSED_SELECTION_RATES.column_names)
    )


def disclose_disparities(disclosed_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return impact ratios from disclosed counts, with the widest Koopman interval that these allow.

    A ratio needs a rate on both sides: otherwise not_shown_reason is the group's or the reference's reason (as for
    rates), "no_reference_group" or "reference_never_selected". reading is "less_often" or "more_often" if the widened
    interval excludes 1, else "not_clear". finding is that of the exact counts, if all counts that would be published
    the same give the same finding (finding_bounds.py). Columns as in contracts.DISCLOSED_DISPARITIES.
    """
    pairs = pairs_of(disclosed_counts, settings)
    policy = settings.disclosure
    low, high = widest_koopman(
        count_bounds(pairs, "progressed", "decided", policy),
        count_bounds(pairs, "reference_progressed", "reference_decided", policy),
        settings.comparison.confidence,
    )
    s_g, n_g, s_r, n_r = (
        pl.col(name) for name in ("progressed", "decided", "reference_progressed", "reference_decided")
    )
    shown = pl.col("not_shown_reason").is_null()
    return (
        pairs.with_columns(
            rate_difference=pl.when(shown).then(s_g / n_g - s_r / n_r),
            impact_ratio=pl.when(shown).then((s_g * n_r) / (s_r * n_g)),
            impact_ratio_low=pl.when(shown).then(pl.Series(low)),
            impact_ratio_high=pl.when(shown & pl.Series(np.isfinite(high))).then(pl.Series(high)),
            relative_likelihood=pl.when(shown & (s_g > 0)).then((s_r * n_g) / (s_g * n_r)),
        )
        .join(
            settled_findings(disclosed_counts, settings),
            on=[*STEP_KEY, "group_name"],
            how="left",
            maintain_order="left",
        )
        .with_columns(
            *(pl.when(shown).then(pl.col(name)).alias(name) for name in ("finding", "shortfall_low", "shortfall_high")),
            reading=pl.when(shown).then(
                pl.when(pl.col("impact_ratio_high") < 1)
                .then(pl.lit("less_often"))
                .when(pl.col("impact_ratio_low") > 1)
                .then(pl.lit("more_often"))
                .otherwise(pl.lit("not_clear"))
            ),
        )
        .select(DISCLOSED_DISPARITIES.column_names)
    )


def rate_reason(prefix: str, policy: DisclosurePolicy) -> pl.Expr:
    """Return why a rate is not shown, from the published counts and notes whose names begin with `prefix`."""
    progressed, decided = pl.col(f"{prefix}progressed"), pl.col(f"{prefix}decided")
    protects = (pl.col(f"{prefix}decided_note") == PROTECTS) | (pl.col(f"{prefix}progressed_note") == PROTECTS)
    return (
        pl.when(decided == 0)
        .then(pl.lit("no_decisions"))
        .when(protects)
        .then(pl.lit("protects_another"))
        .when(decided.is_null() | (decided < policy.rate_min_denominator))
        .then(pl.lit("too_few_decided"))
        .when(progressed.is_null())
        .then(pl.lit("fewer_than"))
    )


def count_bounds(frame: pl.DataFrame, progressed: str, decided: str, policy: DisclosurePolicy) -> Bounds:
    """Return the smallest and largest progressed, then decided, that the published pair allows, with s <= n."""
    s, n = pl.col(progressed), pl.col(decided)
    bounds = frame.select(
        s_low=lowest_possible(s, policy),
        s_high=highest_possible(s, policy),
        n_low=lowest_possible(n, policy),
        n_high=highest_possible(n, policy),
    ).select(
        "s_low",
        pl.min_horizontal("s_high", "n_high").alias("s_high"),
        pl.max_horizontal("n_low", "s_low").alias("n_low"),
        # Not valid for a number withheld to protect another, but no rate is shown for it.
        pl.max_horizontal("n_high", "s_low").alias("n_high"),
    )
    s_low, s_high, n_low, n_high = (bounds[name].to_numpy().astype(np.int64) for name in bounds.columns)
    return s_low, s_high, n_low, n_high


def pairs_of(disclosed_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Join each group's published counts with its reference's, and add the reason if no ratio can be shown."""
    levels = disclosed_counts["level"].unique().to_list()
    references = {level: name for level in levels if (name := settings.comparison.reference(level))}
    named = disclosed_counts.filter(pl.col("group_name") != ALL_APPLICANTS).with_columns(
        reference_name=pl.col("level").replace_strict(references, default=None, return_dtype=pl.String)
    )
    reference = named.filter(pl.col("group_name") == pl.col("reference_name")).select(
        *STEP_KEY, *(pl.col(name).alias(f"reference_{name}") for name in _PAIR), has_reference=pl.lit(True)
    )
    policy = settings.disclosure
    return (
        named.filter(pl.col("group_name") != pl.col("reference_name"))
        .join(reference, on=STEP_KEY, how="left", maintain_order="left")
        .with_columns(
            not_shown_reason=pl.coalesce(
                rate_reason("", policy),
                pl.when(pl.col("has_reference").is_null()).then(pl.lit("no_reference_group")),
                rate_reason("reference_", policy),
                pl.when(pl.col("reference_progressed") == 0).then(pl.lit("reference_never_selected")),
            )
        )
    )


def widest_koopman(group: Bounds, reference: Bounds, confidence: float) -> tuple[Floats, Floats]:
    """Return the union of Koopman's intervals over all counts within the bounds.

    Its limits rise with the group's selected and the reference's decided, and fall with the other two.
    """
    g_low, g_high, g_fewest, g_most = group
    r_low, r_high, r_fewest, r_most = reference
    lows = [koopman_interval(g_low, g_most, *corner, confidence)[0] for corner in _highest_rates(r_high, r_fewest)]
    highs = [koopman_interval(*corner, r_low, r_most, confidence)[1] for corner in _highest_rates(g_high, g_fewest)]
    return np.minimum(*lows), np.maximum(*highs)


def _highest_rates(selected: Counts, decided: Counts) -> list[tuple[Counts, Counts]]:
    """Return the corners with the highest rate, given that selected cannot exceed decided: both ends of s = n."""
    return [(np.minimum(selected, decided), decided), (selected, np.maximum(selected, decided))]
