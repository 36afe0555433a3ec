"""Departments side by side, exactly: rates, funnel limits and rates drawn in. For the analyst; never published."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from equity_audit.measures.funnel_plot import Funnel, funnel, places
from equity_audit.measures.shrinkage import shrunken_rates
from equity_audit.settings import Settings
from equity_audit.vocabulary import UNKNOWN

_STEP = ("step_order", "step_kind", "from_stage", "to_stage", "group_name")
_LIMITS = tuple(f"{pair}_{end}" for pair in ("inner", "outer") for end in ("low", "high"))


def exact_variation(stage_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return every department's rate of White and BME applicants at each step, on a funnel plot around the whole rate.

    stage_counts: of one organisation, as out.stage_counts. The target is the rate of the whole organisation; limits are
    exact binomial ones, and widened_ ones allow for variation beyond chance (measures.funnel_plot); shrunken_rate draws
    small departments towards the target (measures.shrinkage). place says which limits a department is beyond: the
    widened ones if they vary more than chance. A step at which nobody or everybody was selected has no rows, nor has a
    department without decisions.

    Columns: step_order, step_kind, from_stage, to_stage, group_name, breakdown_value, decided, progressed,
    selection_rate, shrunken_rate (with _low, _high), target_rate, inner_low, inner_high, outer_low, outer_high, the
    same with widened_ (null if not widened), dispersion, overdispersed, place.
    """
    rows = stage_counts.filter(pl.col("level") == "wres", pl.col("group_name") != UNKNOWN)
    whole = {
        tuple(row[:-2]): (row[-2], row[-1])
        for row in rows.filter(breakdown="all").select(*_STEP, "progressed", "decided").iter_rows()
    }
    units = rows.filter(pl.col("breakdown") == "department", pl.col("decided") > 0).sort("breakdown_value")
    found = [
        _figures(own, whole[tuple(key)], settings)
        for key, own in units.group_by(_STEP, maintain_order=True)
        if tuple(key) in whole and 0 < whole[tuple(key)][0] < whole[tuple(key)][1]
    ]
    return pl.concat(found).sort("step_order", "group_name", "breakdown_value") if found else pl.DataFrame()


def _figures(own: pl.DataFrame, whole: tuple[int, int], settings: Settings) -> pl.DataFrame:
    selected, decided = (own[name].to_numpy().astype(np.int64) for name in ("progressed", "decided"))
    found = funnel(selected, decided, settings.variation, target=whole[0] / whole[1])
    drawn_in = shrunken_rates(selected, decided, settings.comparison.confidence, whole)
    return own.select(*_STEP, "breakdown_value", "decided", "progressed").with_columns(
        selection_rate=pl.Series(found.rates),
        shrunken_rate=pl.Series(drawn_in.values),
        shrunken_rate_low=pl.Series(drawn_in.low),
        shrunken_rate_high=pl.Series(drawn_in.high),
        target_rate=pl.lit(found.target),
        **dict(_limits(found)),
        dispersion=pl.lit(found.dispersion.phi).fill_nan(None),
        overdispersed=pl.lit(None if np.isnan(found.dispersion.phi) else found.adjusted is not None, pl.Boolean),
        place=pl.Series(places(found, (selected, selected), (decided, decided), settings.variation)),
    )


def _limits(found: Funnel) -> Iterator[tuple[str, pl.Series | pl.Expr]]:
    for prefix, pairs in (("", found.limits), ("widened_", found.adjusted)):
        ends = [None] * len(_LIMITS) if pairs is None else [end for pair in pairs for end in pair]
        for name, end in zip(_LIMITS, ends, strict=True):
            yield f"{prefix}{name}", pl.lit(None, pl.Float64) if end is None else pl.Series(end)
