"""Recompute rates and ratios with fairlearn, an independent implementation that must agree.

fairlearn.metrics.selection_rate computes a rate from records. Given a group's counts as two weighted records
(progressed and not), it computes the same rate independently.
"""

import numpy as np
import polars as pl

from equity_audit.contracts import STEP_KEY
from equity_audit.vocabulary import ALL_APPLICANTS, UNKNOWN

_KEY = (*STEP_KEY, "group_name")


def largest_difference(stage_counts: pl.DataFrame, disparities: pl.DataFrame) -> float:
    """Return the largest absolute difference between out.disparities and fairlearn's recomputation.

    Compares each group's selection rate and its impact ratio. The reference rate is recomputed too, from
    out.stage_counts: from the counts of the reference if it is one group; for everyone_else, from the sums of the other
    known groups; for overall, from the level of all applicants, which is counted independently. The counts in the rows
    of out.disparities are not used. inf if only one side has a value.
    """
    if disparities.is_empty():
        return 0.0
    rates = _fairlearn_rates(stage_counts, _KEY)
    several = pl.concat([_everyone_else(stage_counts, disparities), _overall(stage_counts, disparities)])
    other = _fairlearn_rates(several, (*_KEY, "comparator")).rename({"rate": "several_rate"})
    reference = rates.rename({"group_name": "reference_name", "rate": "reference_rate"})
    again = (
        disparities.join(rates, on=_KEY, how="left")
        .join(reference, on=(*STEP_KEY, "reference_name"), how="left")
        .join(other, on=(*_KEY, "comparator"), how="left")
        .with_columns(
            reference_rate=pl.when(pl.col("comparator").is_in(["everyone_else", "overall"]))
            .then("several_rate")
            .otherwise("reference_rate")
        )
    )
    ratio = pl.when(pl.col("reference_rate") > 0).then(pl.col("rate") / pl.col("reference_rate"))
    return max(
        _difference(again["selection_rate"], again["rate"]),
        _difference(again["impact_ratio"], again.select(ratio.alias("ratio"))["ratio"]),
    )


def _everyone_else(stage_counts: pl.DataFrame, disparities: pl.DataFrame) -> pl.DataFrame:
    """Return the counts of all known groups except the row's own."""
    others = stage_counts.filter(~pl.col("group_name").is_in([UNKNOWN, ALL_APPLICANTS])).select(
        *STEP_KEY, "progressed", "decided", other="group_name"
    )
    return (
        disparities.filter(pl.col("comparator") == "everyone_else")
        .select(*_KEY, "comparator")
        .join(others, on=STEP_KEY)
        .filter(pl.col("other") != pl.col("group_name"))
        .group_by(*_KEY, "comparator")
        .agg(pl.col("progressed", "decided").sum())
    )


def _overall(stage_counts: pl.DataFrame, disparities: pl.DataFrame) -> pl.DataFrame:
    """Return the counts of all applicants, whatever the row's level."""
    step = [name for name in STEP_KEY if name != "level"]
    everybody = stage_counts.filter(pl.col("level") == "all").select(*step, "progressed", "decided")
    return (
        disparities.filter(pl.col("comparator") == "overall")
        .select(*_KEY, "comparator")
        .join(everybody, on=step)
        .select(*_KEY, "comparator", "progressed", "decided")
    )


def _fairlearn_rates(counts: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """Return fairlearn's selection rate for every key with a decision."""
    from fairlearn.metrics import selection_rate

    decided = counts.filter(pl.col("decided") > 0).select(*key, "progressed", "decided")
    # Equal counts have equal rates. Each is passed to fairlearn separately: its MetricFrame makes the same call through
    # pandas for one group at a time, which takes eighty times as long.
    groups = decided.select("progressed", "decided").unique(maintain_order=True)
    records = np.array([1, 0])
    by_group = [
        float(selection_rate(records, records, sample_weight=np.array([progressed, decided - progressed])))
        for progressed, decided in groups.iter_rows()
    ]
    rates = groups.with_columns(rate=pl.Series(by_group, dtype=pl.Float64))
    return decided.join(rates, on=("progressed", "decided")).select(*key, "rate")


def _difference(ours: pl.Series, theirs: pl.Series) -> float:
    if not (ours.is_null() == theirs.is_null()).all():
        return float("inf")
    return float(np.max(np.abs((ours - theirs).fill_null(0).to_numpy()), initial=0.0))
