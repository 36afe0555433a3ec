"""The rates and ratios once more, by fairlearn: an independent implementation that must agree.

fairlearn.metrics.MetricFrame computes a metric by group from records. Given the counts as two weighted records per
group (progressed and not), it computes the same rates without seeing ours.
"""

import numpy as np
import polars as pl

from equity_audit.contracts import STEP_KEY

_KEY = (*STEP_KEY, "group_name")


def largest_difference(stage_counts: pl.DataFrame, disparities: pl.DataFrame) -> float:
    """Largest absolute difference between out.disparities and fairlearn's recomputation.

    Compares each group's selection rate, from out.stage_counts, and its impact ratio, whose other rate is fairlearn's
    too: of the reference's counts in out.stage_counts where it is one group, else of the counts that the row names. inf
    where one side has a value and the other has none.
    """
    if disparities.is_empty():
        return 0.0
    rates = _fairlearn_rates(stage_counts, _KEY)
    several = disparities.filter(pl.col("comparator").is_in(["everyone_else", "overall"]))
    named = several.select(*_KEY, "comparator", progressed="reference_selected", decided="reference_decided")
    other = _fairlearn_rates(named, (*_KEY, "comparator")).rename({"rate": "several_rate"})
    reference = rates.rename({"group_name": "reference_name", "rate": "reference_rate"})
    again = (
        disparities.join(rates, on=_KEY, how="left")
        .join(reference, on=(*STEP_KEY, "reference_name"), how="left")
        .join(other, on=(*_KEY, "comparator"), how="left")
        .with_columns(reference_rate=pl.coalesce("several_rate", "reference_rate"))
    )
    ratio = pl.when(pl.col("reference_rate") > 0).then(pl.col("rate") / pl.col("reference_rate"))
    return max(
        _difference(again["selection_rate"], again["rate"]),
        _difference(again["impact_ratio"], again.select(ratio.alias("ratio"))["ratio"]),
    )


def _fairlearn_rates(counts: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """Selection rate of every key with a decision, by fairlearn."""
    from fairlearn.metrics import MetricFrame, selection_rate

    decided = counts.filter(pl.col("decided") > 0).select(*key, "progressed", "decided")
    # Equal counts have equal rates, and fairlearn takes a third of a millisecond for each group.
    groups = decided.select("progressed", "decided").unique(maintain_order=True)
    if groups.is_empty():
        return decided.select(*key, pl.lit(None, pl.Float64).alias("rate"))
    progressed = groups["progressed"].to_numpy()
    selected = np.repeat([1, 0], groups.height)
    frame = MetricFrame(
        metrics=selection_rate,
        y_true=selected,
        y_pred=selected,
        sensitive_features=np.tile(np.arange(groups.height), 2),
        sample_params={"sample_weight": np.concatenate([progressed, groups["decided"].to_numpy() - progressed])},
    )
    by_group = frame.by_group.sort_index().to_numpy().astype(float)
    rates = groups.with_columns(rate=pl.Series(by_group))
    return decided.join(rates, on=("progressed", "decided")).select(*key, "rate")


def _difference(ours: pl.Series, theirs: pl.Series) -> float:
    if not (ours.is_null() == theirs.is_null()).all():
        return float("inf")
    return float(np.max(np.abs((ours - theirs).fill_null(0).to_numpy()), initial=0.0))
