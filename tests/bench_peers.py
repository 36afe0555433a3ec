"""Selection rates by group from records, by one other library: run by bench_measures.py, in that library's interpreter.

Prints seconds, import and reading of the file left out.
"""

import sys
import time
from typing import Any

import pandas as pd


def fairlearn(frame: Any) -> None:
    """MetricFrame on the records."""
    from fairlearn.metrics import MetricFrame, selection_rate

    _ = MetricFrame(
        metrics=selection_rate, y_true=frame["selected"], y_pred=frame["selected"], sensitive_features=frame["grp"]
    ).by_group


def aequitas(frame: Any) -> None:
    """Crosstabs, and disparities against one group."""
    from aequitas.bias import Bias
    from aequitas.group import Group

    records = frame.rename(columns={"selected": "score"}).assign(label_value=frame["selected"])
    records["grp"] = records["grp"].astype(str)
    table, _ = Group().get_crosstabs(records, attr_cols=["grp"])
    Bias().get_disparity_predefined_groups(
        table, original_df=records, ref_groups_dict={"grp": "0"}, check_significance=False
    )


if __name__ == "__main__":
    work = {"fairlearn": fairlearn, "aequitas": aequitas}[sys.argv[1]]
    records = pd.read_parquet(sys.argv[2])
    __import__(sys.argv[1])
    begun = time.perf_counter()
    work(records)
    print(time.perf_counter() - begun)
