"""Rates and comparisons from published counts alone, so that they tell nobody more than those do.

Rates and ratios come from the rounded counts, which have what each stands for beside them (with_possible_counts). An
interval is the union of the intervals over every exact count that would have been published the same, so that it always
contains the exact one. A rate or ratio that is not true enough to be shown as a single number (true_enough.py) has its
interval alone.
"""

import numpy as np
import polars as pl

from equity_audit.contracts import DISCLOSED_DISPARITIES, DISCLOSED_SELECTION_RATES, STEP_KEY
from equity_audit.contracts.model import TOO_COARSE
from equity_audit.disclosure.estimates.finding_bounds import settled_findings
from equity_audit.disclosure.estimates.true_enough import Bounds, Truths, rates_true_enough, ratios_true_enough
from equity_audit.disclosure.table.count_rows import FEWER_THAN, PROTECTS
from equity_audit.measures.clustering import effects_of
from equity_audit.measures.intervals import Floats, koopman_interval, wilson_interval
from equity_audit.measures.references import references
from equity_audit.settings import DisclosurePolicy, Settings
from equity_audit.vocabulary import ALL_APPLICANTS

_PAIR = tuple(f"{count}{of}" for count in ("progressed", "decided") for of in ("", "_note", "_low", "_high"))


def disclose_selection_rates(
    disclosed_counts: pl.DataFrame, settings: Settings, effects: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Selection rates from disclosed counts, with the widest Wilson interval that those allow.

    effects: contracts.DISCLOSED_DESIGN_EFFECTS, by which the interval takes the numbers as smaller; None: 1.

    not_shown_reason: "no_decisions" (a shown zero), "too_few_decided" (fewer than rate_min_denominator, or small),
    "protects_another" (either count is withheld). selection_rate_reason: "rounding_too_coarse" where only the interval
    is shown; so it is where those who progressed are "fewer than", over every count that this leaves possible. Columns
    as in contracts.DISCLOSED_SELECTION_RATES.
    """
    counts = disclosed_counts.with_columns(not_shown_reason=rate_reason("", settings.disclosure))
    shown = pl.col("not_shown_reason").is_null()
    rate = counts.select(pl.when(shown).then(pl.col("progressed") / pl.col("decided"))).to_series()
    bounds = count_bounds(counts)
    low, high = rate_bounds(bounds, settings.comparison.confidence, effects_of(counts, effects))
    enough = rates_true_enough(_numbers(rate), bounds, settings.disclosure)
    return counts.with_columns(
        **points(enough, shown, "selection_rate", selection_rate=rate),
        selection_rate_low=pl.when(shown).then(pl.Series(low)),
        selection_rate_high=pl.when(shown).then(pl.Series(high)),
    ).select(DISCLOSED_SELECTION_RATES.column_names)


def disclose_disparities(
    disclosed_counts: pl.DataFrame, settings: Settings, effects: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Impact ratios from disclosed counts, with the widest Koopman interval that those allow.

    effects: contracts.DISCLOSED_DESIGN_EFFECTS, by which everything inferred takes the numbers as smaller; None: 1.

    A ratio needs a rate on both sides: else not_shown_reason is the group's, or the reference's, reason (as for rates),
    "fewer_than" (the reference's progressed, so that nothing bounds the ratio), "no_reference_group", or
    "reference_never_selected". reading is "less_often" or "more_often" where the widened
    interval excludes 1, else "not_clear"; finding is that of the exact counts, where no counts that would be published
    the same give another (finding_bounds.py). impact_ratio_reason: "rounding_too_coarse" where only the interval is
    shown: the ratio, its reverse and the difference of rates are shown together, or none of them, since a tenth of a
    difference near zero would say nothing. Columns as in contracts.DISCLOSED_DISPARITIES.
    """
    pairs = pairs_of(disclosed_counts, settings)
    group, reference = count_bounds(pairs), count_bounds(pairs, "reference_")
    low, high = widest_koopman(group, reference, settings.comparison.confidence, effects_of(pairs, effects))
    s_g, n_g, s_r, n_r = (
        pl.col(name) for name in ("progressed", "decided", "reference_progressed", "reference_decided")
    )
    shown = pl.col("not_shown_reason").is_null()
    ratio = pairs.select(pl.when(shown).then((s_g * n_r) / (s_r * n_g))).to_series()
    figures: dict[str, pl.Expr | pl.Series] = {
        "rate_difference": s_g / n_g - s_r / n_r,
        "impact_ratio": ratio,
        "relative_likelihood": pl.when(s_g > 0).then((s_r * n_g) / (s_g * n_r)),
    }
    enough = ratios_true_enough(_numbers(ratio), group, reference, settings.disclosure)
    return (
        pairs.with_columns(
            **points(enough, shown, "impact_ratio", **figures),
            impact_ratio_low=pl.when(shown).then(pl.Series(low)),
            impact_ratio_high=pl.when(shown & pl.Series(np.isfinite(high))).then(pl.Series(high)),
        )
        .join(
            settled_findings(disclosed_counts, settings, effects),
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


def points(enough: Truths, shown: pl.Expr, of: str, **figures: pl.Expr | pl.Series) -> dict[str, pl.Expr]:
    """Return the columns of figures where they are true enough, and of the reason why only their range is shown.

    enough: whether each row's are. shown: whether the row's range is shown. of: the figure that the reason is named by.
    """
    true = pl.Series(enough)
    columns: dict[str, pl.Expr] = {name: pl.when(shown & true).then(figure) for name, figure in figures.items()}
    return columns | {f"{of}_reason": pl.when(shown & ~true).then(pl.lit(TOO_COARSE))}


def rate_reason(prefix: str, policy: DisclosurePolicy) -> pl.Expr:
    """Why not even the range of a rate is shown, from the published counts and notes that begin with `prefix`."""
    decided = pl.col(f"{prefix}decided")
    protects = (pl.col(f"{prefix}decided_note") == PROTECTS) | (pl.col(f"{prefix}progressed_note") == PROTECTS)
    return (
        pl.when(decided == 0)
        .then(pl.lit("no_decisions"))
        .when(protects)
        .then(pl.lit("protects_another"))
        .when(decided.is_null() | (decided < policy.rate_min_denominator))
        .then(pl.lit("too_few_decided"))
    )


def number_reason(prefix: str, policy: DisclosurePolicy) -> pl.Expr:
    """Why there are no two numbers to make a rate of: as rate_reason, or "fewer_than" of those who progressed."""
    small = pl.when(pl.col(f"{prefix}progressed").is_null()).then(pl.lit(FEWER_THAN))
    return pl.coalesce(rate_reason(prefix, policy), small)


def count_bounds(frame: pl.DataFrame, prefix: str = "") -> Bounds:
    """Smallest and largest progressed, then decided, that the published pair allows; progressed within decided.

    prefix: with which the names of the pair's columns begin.
    """
    # Without a reference any number does: nothing is shown of it.
    s_low, s_high, n_low, n_high = (
        frame[f"{prefix}{count}_{end}"].fill_null(1).to_numpy()
        for count in ("progressed", "decided")
        for end in ("low", "high")
    )
    # A number that is withheld to protect another has no bounds here, and no rate is shown on it.
    return s_low, np.minimum(s_high, n_high), np.maximum(n_low, s_low), np.maximum(n_high, s_low)


def pairs_of(disclosed_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Each group's published counts beside its reference's, with the reason why no ratio can be shown."""
    named = disclosed_counts.filter(pl.col("group_name") != ALL_APPLICANTS).with_columns(
        reference_name=references(disclosed_counts, settings)
    )
    reference = named.filter(pl.col("group_name") == pl.col("reference_name")).select(
        *STEP_KEY, *(pl.col(name).alias(f"reference_{name}") for name in _PAIR), found=pl.lit(True)
    )
    policy = settings.disclosure
    return (
        named.filter(pl.col("group_name") != pl.col("reference_name"))
        .join(reference, on=STEP_KEY, how="left", maintain_order="left")
        .with_columns(
            not_shown_reason=pl.coalesce(
                rate_reason("", policy),
                pl.when(pl.col("found").is_null()).then(pl.lit("no_reference_group")),
                number_reason("reference_", policy),
                pl.when(pl.col("reference_progressed") == 0).then(pl.lit("reference_never_selected")),
            )
        )
    )


def rate_bounds(bounds: Bounds, confidence: float, effect: Floats | float = 1.0) -> tuple[Floats, Floats]:
    """The union of Wilson's intervals over every count within the bounds, as so many times smaller as the effect says.

    They rise with those selected and fall with those decided.
    """
    s_low, s_high, n_low, n_high = (bound / effect for bound in bounds)
    low, _ = wilson_interval(s_low, n_high, confidence)
    return low, np.maximum(*(wilson_interval(*corner, confidence)[1] for corner in _highest_rates(s_high, n_low)))


def widest_koopman(
    group: Bounds, reference: Bounds, confidence: float, effect: Floats | float = 1.0
) -> tuple[Floats, Floats]:
    """The union of Koopman's intervals over every count within the bounds, as so many times smaller as the effect says.

    They rise with the group's selected and the reference's decided, and fall with the other two.
    """
    g_low, g_high, g_fewest, g_most = (bound / effect for bound in group)
    r_low, r_high, r_fewest, r_most = (bound / effect for bound in reference)
    lows = [koopman_interval(g_low, g_most, *corner, confidence)[0] for corner in _highest_rates(r_high, r_fewest)]
    highs = [koopman_interval(*corner, r_low, r_most, confidence)[1] for corner in _highest_rates(g_high, g_fewest)]
    return np.minimum(*lows), np.maximum(*highs)


def _numbers(figures: pl.Series) -> Floats:
    """Return figures as floats, nan where there is none."""
    return figures.cast(pl.Float64).fill_null(np.nan).to_numpy()


def _highest_rates(selected: Floats, decided: Floats) -> list[tuple[Floats, Floats]]:
    """The corners with the highest rate where selected may not exceed decided: both ends of where they are equal."""
    return [(np.minimum(selected, decided), decided), (selected, np.maximum(selected, decided))]
