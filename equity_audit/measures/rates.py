"""Selection rates: the share that progressed of those decided at a step."""

import numpy as np
import polars as pl

from equity_audit.contracts import SELECTION_RATES
from equity_audit.measures.clustering import effects_of
from equity_audit.measures.intervals import wilson_interval
from equity_audit.settings import Settings


def selection_rates(
    stage_counts: pl.DataFrame, settings: Settings, effects: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return rate = progressed / decided with Wilson's interval, one row for each row of out.stage_counts.

    effects: the design effect of each step, by which the interval takes its numbers as smaller, so that rates of two
    groups are compared with what their ratio is; None for independent decisions (clustering.py).

    Withdrawn, declined, ineligible and pending applications are in neither number. Without decisions, rate and interval
    are null and undefined_reason is "no_decisions". Columns as in contracts.SELECTION_RATES.
    """
    progressed, decided = (stage_counts[name].to_numpy().astype(np.int64) for name in ("progressed", "decided"))
    effect = effects_of(stage_counts, effects)
    low, high = wilson_interval(progressed / effect, decided / effect, settings.comparison.confidence)
    known = pl.col("decided") > 0
    return stage_counts.with_columns(
        selection_rate=pl.when(known).then(pl.col("progressed") / pl.col("decided")),
        selection_rate_low=pl.Series(low).fill_nan(None),
        selection_rate_high=pl.Series(high).fill_nan(None),
        undefined_reason=pl.when(~known).then(pl.lit("no_decisions")),
    ).select(SELECTION_RATES.column_names)
