"""Convert tables of a group and its reference to the arrays that the model of impact ratios takes."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from equity_audit.programme.ratio_model import PairedCounts

COUNTS = ("group_selected", "group_decided", "reference_selected", "reference_decided")


def paired(counts: pl.DataFrame, periods: Sequence[date], *by: str) -> PairedCounts:
    """Return the COUNTS as arrays, summed to one row for each period and value of the columns `by`.

    `period` becomes the index in `periods`, which has every period of the counts.
    """
    sums = counts.group_by("period", *by, maintain_order=True).agg(pl.col(COUNTS).sum())
    number = {day: index for index, day in enumerate(periods)}
    period = sums["period"].replace_strict(number, return_dtype=pl.Int64).to_numpy()
    return PairedCounts(period, *(sums[name].to_numpy().astype(np.int64) for name in COUNTS))
