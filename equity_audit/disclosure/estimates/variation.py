"""Departments, or organisations, side by side, from published counts only: each rate against that of the whole.

For departments the target is the group's published rate in the whole organisation, not in the departments that can be
shown: those with few selected are withheld, so the rate of the others would be too high. For the same reason dispersion
is measured only over departments so large that their count would be published even at the lower inner limit. Rounding
adds to the dispersion the variance of a uniformly distributed whole number among round_to. A department is reported
outside the limits only if every exact count that would be published the same is outside.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from equity_audit.contracts import DISCLOSED_VARIATION
from equity_audit.disclosure.estimates.comparisons import Bounds, count_bounds, rate_reason
from equity_audit.measures.funnel_plot import Funnel, funnel, limits
from equity_audit.measures.intervals import Counts, Floats
from equity_audit.measures.shrinkage import shrunken_rates
from equity_audit.settings import DisclosurePolicy, Settings
from equity_audit.vocabulary import UNKNOWN

# The five groups are too small within departments to compare these. Other splits are of posts that differ on purpose.
_LEVEL, _SPLIT = "wres", "department"
_FUNNEL = ("organisation", "period", "level", "step_order", "group_name")
_LIMITS = tuple(f"{pair}_{end}" for pair in ("inner", "outer") for end in ("low", "high"))
_FIGURES = {
    **dict.fromkeys(("selection_rate", "shrunken_rate", "shrunken_rate_low", "shrunken_rate_high"), pl.Float64),
    **dict.fromkeys(("target_rate", *_LIMITS, *(f"widened_{name}" for name in _LIMITS), "dispersion"), pl.Float64),
    "departments_tested": pl.Int64,
    "overdispersed": pl.Boolean,
    "place": pl.String,
}


def disclose_variation(disclosed_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return every department's rate of White and of BME applicants at each step.

    not_shown_reason: as for rates, or "no_whole_rate" if the organisation's own rate is not shown. There are no rows if
    departments are not published. Columns as in contracts.DISCLOSED_VARIATION.
    """
    rows = _compared(disclosed_counts)
    whole = rows.filter(pl.col("breakdown") == "all").with_columns(no_rate=rate_reason("", settings.disclosure))
    units = rows.filter(pl.col("breakdown") == _SPLIT).join(
        whole.select(*_FUNNEL, "no_rate", all_progressed="progressed", all_decided="decided"),
        on=_FUNNEL,
        how="left",
        maintain_order="left",
    )
    # Splits have their own rule for zeros.
    policy = settings.disclosure.model_copy(update={"zeros": settings.disclosure.zeros_in_splits})
    return _beside(units, policy, settings)


def organisations_beside(disclosed_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return every organisation's rate against that of all together, with the same columns; breakdown: organisation.

    disclosed_counts: of one period and several organisations with the same steps, protected under the same settings.
    The target is the rate of the sums of the counts shown: there is no published count of all organisations, and
    organisations are seldom small.
    """
    step = ("step_order", "group_name")
    shown = rate_reason("", settings.disclosure).is_null()
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
    return _beside(units, settings.disclosure, settings)


def _compared(disclosed_counts: pl.DataFrame) -> pl.DataFrame:
    return disclosed_counts.filter(pl.col("level") == _LEVEL, pl.col("group_name") != UNKNOWN)


def _beside(units: pl.DataFrame, policy: DisclosurePolicy, settings: Settings) -> pl.DataFrame:
    """Return the figures of units, which have the counts of the whole beside their own. policy: for their counts."""
    # If nobody or everybody was selected, rates cannot vary.
    varied = pl.col("no_rate").is_null() & pl.col("all_progressed").is_between(1, pl.col("all_decided") - 1)
    units = (
        units.sort("step_order", "group_name", "breakdown_value")
        .with_columns(
            not_shown_reason=pl.coalesce(
                rate_reason("", settings.disclosure), pl.when(~varied).then(pl.lit("no_whole_rate"))
            )
        )
        .with_row_index("row")
    )
    shown = units.filter(pl.col("not_shown_reason").is_null())
    figures = [pl.DataFrame(schema={"row": pl.UInt32, **_FIGURES})]
    figures += [_figures(part, policy, settings) for _, part in shown.group_by(_FUNNEL, maintain_order=True)]
    return units.join(pl.concat(figures), on="row", how="left", maintain_order="left").select(
        DISCLOSED_VARIATION.column_names
    )


def _figures(units: pl.DataFrame, policy: DisclosurePolicy, settings: Settings) -> pl.DataFrame:
    """Return the figures of one group's units at one step."""
    selected, decided = (units[name].to_numpy().astype(np.int64) for name in ("progressed", "decided"))
    whole = int(units["all_progressed"][0]), int(units["all_decided"][0])
    bounds = count_bounds(units, "progressed", "decided", policy)
    target = whole[0] / whole[1]
    fewest = limits(decided, target, settings.variation)[0][0] * decided
    noise = np.sqrt((policy.round_to**2 - 1) / 12 * (1 + target**2)) / decided
    tested = fewest >= policy.withhold_below
    plot = funnel(selected, decided, settings.variation, target=target, noise=noise, tested=tested)
    overdispersed = None if np.isnan(plot.dispersion.phi) else plot.adjusted is not None
    values = {
        "selection_rate": plot.rates,
        **_shrunken(selected, decided, bounds, whole, settings),
        "target_rate": target,
        **_named("", plot.limits),
        **_named("widened_", plot.adjusted),
        "dispersion": plot.dispersion.phi,
        "departments_tested": int(tested.sum()),
        "overdispersed": overdispersed,
        "place": _places(bounds, plot, settings),
    }
    return (
        units.select("row")
        .with_columns(
            (pl.Series(value) if isinstance(value, np.ndarray) else pl.lit(value)).cast(_FIGURES[name]).alias(name)
            for name, value in values.items()
        )
        .with_columns(pl.col(pl.Float64).fill_nan(None))
    )


def _named(prefix: str, pairs: tuple[tuple[Floats, Floats], ...] | None) -> dict[str, Floats | None]:
    ends = [None] * len(_LIMITS) if pairs is None else [end for pair in pairs for end in pair]
    return {f"{prefix}{name}": end for name, end in zip(_LIMITS, ends, strict=True)}


def _shrunken(
    selected: Counts, decided: Counts, bounds: Bounds, whole: tuple[int, int], settings: Settings
) -> dict[str, Floats]:
    """Return shrunken rates, with intervals that cover those of the lowest and the highest rates within the bounds."""
    s_low, s_high, n_low, n_high = bounds
    confidence = settings.comparison.confidence
    shrunken = shrunken_rates(selected, decided, confidence, whole)
    lowest = shrunken_rates(s_low, n_high, confidence, whole)
    highest = shrunken_rates(s_high, np.maximum(n_low, s_high), confidence, whole)
    return {
        "shrunken_rate": shrunken.values,
        "shrunken_rate_low": np.minimum(shrunken.low, lowest.low),
        "shrunken_rate_high": np.maximum(shrunken.high, highest.high),
    }


def _places(bounds: Bounds, plot: Funnel, settings: Settings) -> npt.NDArray[np.str_]:
    """Return the limits that a unit is beyond whatever its exact counts: the limits of its smallest possible size."""
    s_low, s_high, n_low, n_high = bounds
    inner, outer = limits(n_low, plot.target, settings.variation, plot.dispersion.tau)
    lowest, highest = s_low / n_high, s_high / n_low
    return np.select(
        [highest < outer[0], lowest > outer[1], highest < inner[0], lowest > inner[1]],
        ["below_outer", "above_outer", "below_inner", "above_inner"],
        "within",
    )
