"""The whole path of each group and each stage's part in its ratio, as rows of words."""

from collections.abc import Mapping
from math import exp
from typing import Any

import polars as pl

from equity_audit.vocabulary import display_order
from reports.cells.comparison_rows import ALL, LEVELS
from reports.cells.not_shown import MARKS, NONE
from reports.cells.words import figure_cell, percent_cell
from reports.edition.record import Edition
from reports.figures.printable import likely_range, log_words, ratio, stage_name
from reports.figures.shown_numbers import derived, shown_rows


def path_rows(edition: Edition) -> dict[str, Any]:
    """Return the stages, and a row for each row of disclosed.overall_paths; `edition` without splits.

    A ratio comes with its logarithm, since those of the stages add up to that of the whole path. `parts` is empty if
    the path has no ratio, and `whole` then has the mark; or if only the range of the path's ratio, or of a stage's, is
    shown.
    """
    stages = edition.tables["stage_contributions"].sort("step_order")
    order = {level: display_order(level) for level in ("all", *LEVELS)}
    paths = sorted(
        shown_rows(edition.tables["overall_paths"], "overall_paths"),
        key=lambda row: (list(order).index(row["level"]), order[row["level"]].index(row["group_name"])),
    )
    names = [stage_name(name) for name in stages["to_stage"].unique(maintain_order=True)]
    return {"stages": names, "rows": [_row(path, stages) for path in paths]}


def _row(path: Mapping[str, Any], stages: pl.DataFrame) -> dict[str, Any]:
    mark = {"mark": MARKS.get(path["not_shown_reason"], NONE)}
    row = {"group": path["group_name"], "level": LEVELS.get(path["level"], ALL), "rate": mark, "whole": mark}
    if path["overall_rate_low"] is not None:
        row["rate"] = percent_cell(path, "overall_rate")
    if path["overall_ratio_low"] is None:
        return row | {"parts": []}
    row["whole"] = figure_cell(path, "overall_ratio", ratio, likely_range)
    of_group = stages.filter(pl.col("level") == path["level"], pl.col("group_name") == path["group_name"])
    contributions = shown_rows(of_group, "stage_contributions")
    if not contributions:
        return row | {"parts": []}
    widest = max(contributions, key=lambda stage: abs(stage["log_ratio"]))
    return row | {
        "whole": row["whole"] | {"log": _log(path["overall_log_ratio"])},
        "parts": [
            {"value": ratio(derived(exp(stage["log_ratio"]), stage["log_ratio"])), "log": _log(stage["log_ratio"])}
            for stage in contributions
        ],
        "widest": stage_name(widest["to_stage"]),
    }


def _log(value: float) -> str:
    return f"log {log_words(value)}"
