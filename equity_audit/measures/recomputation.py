"""The rates and ratios once more, by fairlearn: an independent implementation that must agree.

fairlearn.metrics.MetricFrame computes a metric by group from records. Given the counts as two weighted records per
group (progressed and not), it computes the same rates without seeing ours.
"""

import numpy as np
import polars as pl

from equity_audit.contracts import STEP_KEY

_KEY = (*STEP_KEY, "group_name")


def largest_difference(stage_counts: pl.DataFrame, disparities: pl.DataFrame) -> float:
    """Largest absolute difference between out.disparities and fairlearn's recomputation from out.stage_counts.

    Compares each group's selection rate and impact ratio. inf where one side has a value and the other has none.
    """
    rates = _fairlearn_rates(stage_counts)
    if disparities.is_empty():
        return 0.0
    reference = rates.rename({"group_name": "reference_name", "rate": "reference_rate"})
    again = disparities.join(rates, on=_KEY, how="left").join(reference, on=(*STEP_KEY, "reference_name"), how="left")
    ratio = pl.when(pl.col("reference_rate") > 0).then(pl.col("rate") / pl.col("reference_rate"))
    return max(
        _difference(again["selection_rate"], again["rate"]),
        _difference(again["impact_ratio"], again.select(ratio.alias("ratio"))["ratio"]),
    )


def _fairlearn_rates(stage_counts: pl.DataFrame) -> pl.DataFrame:
    """Selection rate of every key with a decision, by fairlearn."""
    from fairlearn.metrics import MetricFrame, selection_rate

    decided = stage_counts.filter(pl.col("decided") > 0).select(*_KEY, "progressed", "decided")
    if decided.is_empty():
        return decided.select(*_KEY, pl.lit(None, pl.Float64).alias("rate"))
    progressed = decided["progressed"].to_numpy()
    selected = np.repeat([1, 0], decided.height)
    frame = MetricFrame(
        metrics=selection_rate,
        y_true=selected,
        y_pred=selected,
        sensitive_features=np.tile(np.arange(decided.height), 2),
        sample_params={"sample_weight": np.concatenate([progressed, decided["decided"].to_numpy() - progressed])},
    )
    by_row = frame.by_group.sort_index().to_numpy().astype(float)
    return decided.select(*_KEY).with_columns(rate=pl.Series(by_row))


def _difference(ours: pl.Series, theirs: pl.Series) -> float:
    if not (ours.is_null() == theirs.is_null()).all():
        return float("inf")
    return float(np.max(np.abs((ours - theirs).fill_null(0).to_numpy()), initial=0.0))
