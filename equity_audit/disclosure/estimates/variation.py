"""Departments, or organisations, side by side, from published counts alone: each one's rate against that of the whole.

Of departments the target is the group's published rate in the whole organisation, not that of the departments that can
be shown: those with few selected are withheld, so the rest would make it too high. For the same reason spread is asked
only of those so large that even at the lower inner limit their count would be published. Rounding adds to the spread:
of a count the variance of a whole number among round_to, all alike. A place outside the limits is said only where every
exact count that would be published the same is outside.
"""

import numpy as np
import polars as pl

from equity_audit.contracts import DISCLOSED_VARIATION
from equity_audit.contracts.model import TOO_COARSE
from equity_audit.disclosure.estimates.comparisons import count_bounds, number_reason
from equity_audit.disclosure.estimates.true_enough import Bounds, Truths, rates_true_enough
from equity_audit.disclosure.table.possible_counts import with_possible_counts
from equity_audit.measures.funnel_plot import funnel, limits, places
from equity_audit.measures.intervals import Counts, Floats
from equity_audit.measures.shrinkage import shrunken_rates
from equity_audit.settings import Settings
from equity_audit.vocabulary import UNKNOWN

# Groups within departments are too few to compare departments by. Other splits are of posts that differ on purpose.
_LEVEL, _SPLIT = "wres", "department"
_FUNNEL = ("organisation", "period", "level", "step_order", "group_name")
_LIMITS = tuple(f"{pair}_{end}" for pair in ("inner", "outer") for end in ("low", "high"))
_FIGURES = {
    **dict.fromkeys(("selection_rate", "shrunken_rate", "shrunken_rate_low", "shrunken_rate_high"), pl.Float64),
    "selection_rate_reason": pl.String,
    **dict.fromkeys(("target_rate", *_LIMITS, *(f"widened_{name}" for name in _LIMITS), "dispersion"), pl.Float64),
    "departments_tested": pl.Int64,
    "overdispersed": pl.Boolean,
    "place": pl.String,
}


def disclose_variation(disclosed_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Every department's rate of White and of BME applicants at each step; columns as in contracts.DISCLOSED_VARIATION.

    not_shown_reason: as for rates, or "no_whole_rate" where the organisation's own is not shown as a single number.
    selection_rate_reason: "rounding_too_coarse" where a department's is not, and so the shrunken one is not either. No
    rows where departments are not published.
    """
    rows = _compared(disclosed_counts)
    whole = rows.filter(pl.col("breakdown") == "all")
    too_coarse = pl.when(~pl.Series(_true_enough(whole, settings))).then(pl.lit(TOO_COARSE))
    whole = whole.with_columns(no_rate=pl.coalesce(number_reason("", settings.disclosure), too_coarse))
    units = rows.filter(pl.col("breakdown") == _SPLIT).join(
        whole.select(*_FUNNEL, "no_rate", all_progressed="progressed", all_decided="decided"),
        on=_FUNNEL,
        how="left",
        maintain_order="left",
    )
    return _beside(units, settings)


def organisations_beside(disclosed_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Every organisation's rate beside that of all of them together, with the same columns; breakdown: organisation.

    disclosed_counts: of one period and several organisations with the same steps, protected by the same settings. The
    target is the sums of those that are shown: no count of everybody is published, and organisations are seldom small.
    """
    step = ("step_order", "group_name")
    shown = number_reason("", settings.disclosure).is_null()
    units = (
        _compared(disclosed_counts)
        .filter(pl.col("breakdown") == "all")
        .with_columns(
            all_progressed=pl.col("progressed").filter(shown).sum().over(step),
            all_decided=pl.col("decided").filter(shown).sum().over(step),
            no_rate=pl.lit(None, pl.String),
            breakdown=pl.lit("organisation"),
            breakdown_value="organisation",
            organisation=pl.lit("all"),
        )
    )
    return _beside(
        with_possible_counts(units, ("progressed", "decided"), settings.disclosure, ("organisation",)), settings
    )


def _compared(disclosed_counts: pl.DataFrame) -> pl.DataFrame:
    return disclosed_counts.filter(pl.col("level") == _LEVEL, pl.col("group_name") != UNKNOWN)


def _beside(units: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Figures of units, which have the counts of the whole beside their own."""
    # Where nobody or everybody was selected there is nothing to vary about.
    varied = pl.col("no_rate").is_null() & pl.col("all_progressed").is_between(1, pl.col("all_decided") - 1)
    units = (
        units.sort("step_order", "group_name", "breakdown_value")
        .with_columns(
            not_shown_reason=pl.coalesce(
                number_reason("", settings.disclosure), pl.when(~varied).then(pl.lit("no_whole_rate"))
            )
        )
        .with_row_index("row")
    )
    shown = units.filter(pl.col("not_shown_reason").is_null())
    found = [pl.DataFrame(schema={"row": pl.UInt32, **_FIGURES})]
    found += [_figures(own, settings) for _, own in shown.group_by(_FUNNEL, maintain_order=True)]
    return units.join(pl.concat(found), on="row", how="left", maintain_order="left").select(
        DISCLOSED_VARIATION.column_names
    )


def _figures(own: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Figures of one group's units at one step."""
    policy = settings.disclosure
    selected, decided = _counted(own)
    whole = int(own["all_progressed"][0]), int(own["all_decided"][0])
    bounds = count_bounds(own)
    target = whole[0] / whole[1]
    fewest = limits(decided, target, settings.variation)[0][0] * decided
    noise = np.sqrt((policy.round_to**2 - 1) / 12 * (1 + target**2)) / decided
    tested = fewest >= policy.withhold_below
    found = funnel(selected, decided, settings.variation, target=target, noise=noise, tested=tested)
    overdispersed = None if np.isnan(found.dispersion.phi) else found.adjusted is not None
    enough = _true_enough(own, settings)
    shrunken = _shrunken(selected, decided, bounds, whole, settings)
    values = {
        "selection_rate": np.where(enough, found.rates, np.nan),
        **shrunken | {"shrunken_rate": np.where(enough, shrunken["shrunken_rate"], np.nan)},
        "selection_rate_reason": pl.Series(
            [None if is_enough else TOO_COARSE for is_enough in enough], dtype=pl.String
        ),
        "target_rate": target,
        **_named("", found.limits),
        **_named("widened_", found.adjusted),
        "dispersion": found.dispersion.phi,
        "departments_tested": int(tested.sum()),
        "overdispersed": overdispersed,
        "place": places(found, bounds[:2], bounds[2:], settings.variation),
    }
    return (
        own.select("row")
        .with_columns(
            (pl.Series(value) if isinstance(value, (np.ndarray, pl.Series)) else pl.lit(value))
            .cast(_FIGURES[name])
            .alias(name)
            for name, value in values.items()
        )
        .with_columns(pl.col(pl.Float64).fill_nan(None))
    )


def _counted(rows: pl.DataFrame) -> tuple[Counts, Counts]:
    selected, decided = (rows[name].fill_null(0).to_numpy().astype(np.int64) for name in ("progressed", "decided"))
    return selected, decided


def _true_enough(rows: pl.DataFrame, settings: Settings) -> Truths:
    """Whether each row's rate is true enough to be shown as a single number."""
    selected, decided = _counted(rows)
    rates = np.divide(selected, decided, out=np.full(len(selected), np.nan), where=decided > 0)
    return rates_true_enough(rates, count_bounds(rows), settings.disclosure)


def _named(prefix: str, pairs: tuple[tuple[Floats, Floats], ...] | None) -> dict[str, Floats | None]:
    ends = [None] * len(_LIMITS) if pairs is None else [end for pair in pairs for end in pair]
    return {f"{prefix}{name}": end for name, end in zip(_LIMITS, ends, strict=True)}


def _shrunken(
    selected: Counts, decided: Counts, bounds: Bounds, whole: tuple[int, int], settings: Settings
) -> dict[str, Floats]:
    """Shrunken rates; intervals reach from those of the lowest rates within the bounds to those of the highest."""
    s_low, s_high, n_low, n_high = bounds
    confidence = settings.comparison.confidence
    own = shrunken_rates(selected, decided, confidence, whole)
    lowest = shrunken_rates(s_low, n_high, confidence, whole)
    highest = shrunken_rates(s_high, np.maximum(n_low, s_high), confidence, whole)
    return {
        "shrunken_rate": own.values,
        "shrunken_rate_low": np.minimum(own.low, lowest.low),
        "shrunken_rate_high": np.maximum(own.high, highest.high),
    }
