"""Disparities: each group's selection rate against a comparator's at one step, with all measures in one row."""

import numpy as np
import polars as pl

from equity_audit.contracts import DISPARITIES
from equity_audit.measures import practical
from equity_audit.measures.bounds import unknown_bounds, unknown_bounds_of_overall
from equity_audit.measures.clustering import effects_of
from equity_audit.measures.comparators import PAIR, pairs
from equity_audit.measures.findings import finding
from equity_audit.measures.intervals import Counts, Floats, koopman_interval, newcombe_interval
from equity_audit.measures.power import smallest_detectable_ratio
from equity_audit.measures.significance import holm, pooled_z, two_sided_p
from equity_audit.settings import Settings
from equity_audit.vocabulary import UNKNOWN

# Comparisons that are read together are adjusted together: single steps and the whole path. Any other span, such as
# shortlisted to appointed, is a question of its own.
_FAMILY = ("organisation", "period", "level", "breakdown", "comparator", "question")


def disparities(selection_rates: pl.DataFrame, settings: Settings, effects: pl.DataFrame | None = None) -> pl.DataFrame:
    """Compare every group with each comparator that policy names. Columns as in contracts.DISPARITIES.

    effects: the design effect of each step, by which everything inferred takes the numbers as smaller; None for
    independent decisions (clustering.py).

    With s selected of n decided, g the group and r the reference (comparators.py says which):

    - impact_ratio = (s_g / n_g) / (s_r / n_r), with Koopman's score interval; below 1: the group is selected less often
    - relative_likelihood = the inverse (the WRES direction); above 1: the group is selected less often
    - rate_difference = s_g / n_g - s_r / n_r, with Newcombe's interval
    - z, p_value: pooled z; score test or exact test with mid-P (significance.py); p_adjusted: Holm's within the family
    - below_four_fifths, above_five_fourths, shortfall, selections_to_four_fifths, selections_to_parity, flip_flop:
      practical.py; smallest_detectable_ratio: power.py; unknown_low, unknown_high: bounds.py; finding: findings.py

    Against the overall rate, which includes the group itself, tests and intervals are those of the group against the
    rest of the applicants, converted exactly: with w = n_g / n_r the group's share, a ratio q to the rest is
    q / (w q + 1 - w) to all, and a difference d is (1 - w) d. Against the highest rate nothing is tested and no
    interval is given, since that group was chosen by its rate: undefined_reason is "reference_chosen_by_rate".

    Undefined values are null, and undefined_reason says why: no_reference_group, no_decisions, no_reference_decisions,
    nobody_else_decided (the group is all applicants), reference_never_selected, nobody_selected; and, with a ratio,
    group_never_selected (no relative_likelihood) and everybody_selected (no z).
    """
    paired = pairs(selection_rates, settings).with_columns(_rest("selected"), _rest("decided"), _question())
    inferred = paired.with_columns(*_plain(settings)).with_columns(
        *_inference(paired, settings, effects_of(paired, effects))
    )
    return (
        inferred.with_columns(undefined_reason=_reason())
        .with_columns(p_adjusted=_adjusted(inferred), family=_family())
        .with_columns(
            family_size=pl.col("p_value").count().over(_FAMILY),
            finding=finding(1 - settings.comparison.confidence),
        )
        .select(DISPARITIES.column_names)
    )


def _rest(which: str) -> pl.Expr:
    """Return the reference without the group itself, which is part of it for the comparator overall."""
    reference, group = pl.col(f"reference_{which}"), pl.col(f"group_{which}")
    rest = pl.when(pl.col("comparator") == "overall").then(reference - group).otherwise(reference)
    return rest.alias(f"rest_{which}")


def _plain(settings: Settings) -> list[pl.Expr]:
    """Return the measures that are plain arithmetic on the counts."""
    s_g, n_g, s_r, n_r, v, u = (pl.col(name) for name in PAIR)
    rest = (s_g, n_g, pl.col("rest_selected"), pl.col("rest_decided"))
    counts = (s_g, n_g, s_r, n_r)
    fraction = settings.comparison.four_fifths
    both = (n_g > 0) & (n_r > 0)
    comparable = both & (s_r > 0)
    overall = pl.col("comparator") == "overall"
    known = pl.col("group_name") != UNKNOWN
    to_others = unknown_bounds((s_g, n_g), (s_r, n_r), (v, u))
    to_all = unknown_bounds_of_overall((s_g, n_g), (s_r, n_r), (v, u))
    bounds = [
        pl.when(known).then(pl.when(overall).then(a).otherwise(o)) for a, o in zip(to_all, to_others, strict=True)
    ]
    return [
        pl.when(both).then(s_g / n_g - s_r / n_r).alias("rate_difference"),
        pl.when(comparable).then((s_g * n_r) / (s_r * n_g)).alias("impact_ratio"),
        pl.when(comparable & (s_g > 0)).then((s_r * n_g) / (s_g * n_r)).alias("relative_likelihood"),
        pl.when(comparable).then(practical.below(fraction, counts)).alias("below_four_fifths"),
        pl.when(comparable).then(practical.above(fraction, counts)).alias("above_five_fourths"),
        pl.when(both).then(practical.shortfall(*counts)).alias("shortfall"),
        pl.when(both).then(practical.selections_to(fraction, counts)).alias("selections_to_four_fifths"),
        pl.when(both).then(practical.selections_to((1, 1), counts)).alias("selections_to_parity"),
        pl.when(both & (rest[3] > 0)).then(practical.flip_flop(*rest)).alias("flip_flop"),
        bounds[0].alias("unknown_low"),
        bounds[1].alias("unknown_high"),
    ]


def _inference(paired: pl.DataFrame, settings: Settings, effect: Floats) -> list[pl.Series]:
    """Return the measures that need statistics, for all rows at once; null if the comparator does not allow them."""
    policy = settings.comparison
    s_g, n_g, s_o, n_o = _arrays(paired)
    # The group's share of its comparator: 0 unless the comparator includes it.
    share = np.where(paired["comparator"] == "overall", n_g / np.maximum(n_g + n_o, 1), 0.0)
    worth = s_g / effect, n_g / effect, s_o / effect, n_o / effect
    low, high = (_to_all(bound, share) for bound in koopman_interval(*worth, policy.confidence))
    below, above = ((1 - share) * bound for bound in newcombe_interval(*worth, policy.confidence))
    p, method = two_sided_p(s_g, n_g, s_o, n_o, effect)
    rate = np.divide(s_o, n_o, out=np.zeros(n_o.shape), where=n_o > 0)
    detectable = _to_all(smallest_detectable_ratio(worth[1], worth[3], rate, policy.confidence, policy.power), share)
    comparable = (s_o > 0) | ((share > 0) & (s_g > 0))
    values = {
        "impact_ratio_low": np.where(comparable, low, np.nan),
        "impact_ratio_high": np.where(comparable & np.isfinite(high), high, np.nan),
        "rate_difference_low": below,
        "rate_difference_high": above,
        "z": pooled_z(s_g, n_g, s_o, n_o) / np.sqrt(effect),
        "p_value": p,
        "smallest_detectable_ratio": detectable,
    }
    untested = paired["comparator"] == "highest_rate"
    series = [pl.Series(name, array, nan_to_null=True).set(untested, None) for name, array in values.items()]
    methods = pl.Series("p_method", method.astype(object), pl.String)
    return [*series, methods.set(untested | (methods == ""), None)]


def _to_all(ratio: Floats, share: Floats) -> Floats:
    """Convert a ratio to the rest into a ratio to all applicants, among whom the group has the given share."""
    with np.errstate(invalid="ignore"):
        finite = ratio / (share * ratio + 1 - share)
    # If the rest have no selections, all applicants still have those of the group.
    limit: Floats = np.where(np.isinf(ratio) & (share > 0), 1 / np.where(share > 0, share, 1), finite)
    return limit


def _adjusted(rows: pl.DataFrame) -> pl.Series:
    family = rows.select(pl.struct(_FAMILY).rank("dense")).to_series().to_numpy().astype(np.int64)
    return pl.Series(holm(rows["p_value"].fill_null(np.nan).to_numpy(), family), nan_to_null=True)


def _question() -> pl.Expr:
    """Return "every step" for a single step and for the whole path, else the stages that a span lies between."""
    whole = ("organisation", "period")
    steps = pl.col("step_kind") == "stage"
    first = pl.col("from_stage").filter(steps).sort_by(pl.col("step_order").filter(steps)).first().over(whole)
    last = pl.col("to_stage").filter(steps).sort_by(pl.col("step_order").filter(steps)).last().over(whole)
    of_path = steps | ((pl.col("from_stage") == first) & (pl.col("to_stage") == last))
    span = pl.concat_str("from_stage", pl.lit(" to "), "to_stage")
    return pl.when(of_path).then(pl.lit("every step")).otherwise(span).alias("question")


def _family() -> pl.Expr:
    """Return words for the comparisons that are read together."""
    return pl.concat_str(
        "question",
        pl.lit(", all groups and parts of level "),
        "level",
        pl.lit(" by "),
        "breakdown",
        pl.lit(", "),
        "comparator",
    )


def _reason() -> pl.Expr:
    s_g, n_g, s_r, n_r, *_ = (pl.col(name) for name in PAIR)
    return (
        pl.when(n_r.is_null())
        .then(pl.lit("no_reference_group"))
        .when(n_g == 0)
        .then(pl.lit("no_decisions"))
        .when(n_r == 0)
        .then(pl.lit("no_reference_decisions"))
        .when(pl.col("rest_decided") == 0)
        .then(pl.lit("nobody_else_decided"))
        .when((s_r == 0) & (s_g == 0))
        .then(pl.lit("nobody_selected"))
        .when(s_r == 0)
        .then(pl.lit("reference_never_selected"))
        .when(pl.col("comparator") == "highest_rate")
        .then(pl.lit("reference_chosen_by_rate"))
        .when(s_g == 0)
        .then(pl.lit("group_never_selected"))
        .when((s_g == n_g) & (s_r == n_r))
        .then(pl.lit("everybody_selected"))
    )


def _arrays(paired: pl.DataFrame) -> tuple[Counts, Counts, Counts, Counts]:
    """Return the four counts for inference; a missing reference is 0 of 0, for which everything is undefined."""
    names = ("group_selected", "group_decided", "rest_selected", "rest_decided")
    s_g, n_g, s_o, n_o = (paired[name].fill_null(0).to_numpy().astype(np.int64) for name in names)
    return s_g, n_g, s_o, n_o
