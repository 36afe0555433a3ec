"""Every published comparison as a row of words: group, place, counts, rates, ratio, how clear, and the finding."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from equity_audit.vocabulary import ALL_APPLICANTS, display_order
from reports.cells import words
from reports.cells.not_shown import NONE
from reports.cells.words import reversed_range
from reports.edition.record import Edition
from reports.figures.printable import name, ratio, stage_name, step_name
from reports.figures.shown_numbers import shown_rows

LEVELS = {"group": "Group", "wres": "White and BME", "category": "Category"}
READINGS = {"less_often": "Less often", "more_often": "More often", "not_clear": "Not clear"}
NOT_SHOWN = "Not shown"
ALL = "All"
_PLACE = ("level", "breakdown", "breakdown_value", "step_order")
_SIDE = ("progressed", "progressed_note", "decided", "decided_note", "selection_rate", "selection_rate_low",
         "selection_rate_high", "rate_reason")  # fmt: skip


def comparison_rows(edition: Edition) -> list[dict[str, Any]]:
    """Return a row for each row of disclosed.disparities: all applicants, then split by split; groups in display order.

    Cells are the values, ranges and marks of reports.cells.words; none is empty.
    """
    below = edition.settings["disclosure"]["withhold_below"]
    return [_words(row, below) for row in sorted(_sides_of(edition), key=_order)]


def _sides_of(edition: Edition) -> list[dict[str, Any]]:
    return shown_rows(_both_sides(edition), "disparities", "stage_counts", "selection_rates")


def _both_sides(edition: Edition) -> pl.DataFrame:
    """Join comparisons with the published counts and rates of the group, and of the group it is compared with."""
    key = [*_PLACE, "group_name"]
    rates = edition.tables["selection_rates"].rename({"not_shown_reason": "rate_reason"})
    counts = edition.tables["stage_counts"].select(*key, *_SIDE[:4])
    sides = counts.join(rates.select(*key, *_SIDE[4:]), on=key)
    reference = sides.select(*_PLACE, pl.col("group_name").alias("reference_name"), pl.col(_SIDE).name.prefix("other_"))
    compared = edition.tables["disparities"].join(sides, on=key, how="left")
    return compared.join(reference, on=[*_PLACE, "reference_name"], how="left")


def _order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    split = row["breakdown"] != "all"
    groups = display_order(row["level"])
    return (
        split,
        row["breakdown"],
        row["breakdown_value"],
        list(LEVELS).index(row["level"]),
        row["step_order"],
        groups.index(row["group_name"]),
    )


def _words(row: Mapping[str, Any], below: int) -> dict[str, Any]:
    shown = row["not_shown_reason"] is None
    is_unsplit = row["breakdown"] == "all"
    cell = words.ratio_cell(dict(row))
    return {
        "group": row["group_name"],
        "level": LEVELS[row["level"]],
        "split": ALL_APPLICANTS if is_unsplit else stage_name(row["breakdown"]),
        "part": ALL if is_unsplit else name(row["breakdown_value"]),
        "step": step_name(row["from_stage"], row["to_stage"]),
        "counts": _counts(row, "", below),
        "rate": words.rate_cell(_side(row, "")),
        "reference": words.rate_cell(_side(row, "other_")) | {"range": _counts(row, "other_", below)},
        "ratio": cell,
        "reverse": {"value": _reverse(row)} if shown else cell,
        "reading": READINGS[row["reading"]] if shown else NOT_SHOWN,
        "finding": stage_name(row["finding"]) if row["finding"] else NOT_SHOWN,
    }


def _reverse(row: Mapping[str, Any]) -> str:
    """Write the ratio the other way round; its range is that of the ratio turned round."""
    if row["impact_ratio"] is None:
        return reversed_range(row)
    return NONE if row["relative_likelihood"] is None else ratio(row["relative_likelihood"])


def _side(row: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return one side's rate as a row of disclosed.selection_rates; a side that is missing has none."""
    side = {name: row[f"{prefix}{name}"] for name in _SIDE[4:7]}
    present = row[f"{prefix}decided"] is not None or row[f"{prefix}decided_note"] is not None
    return side | {"not_shown_reason": row[f"{prefix}rate_reason"] if present else "no_reference_group"}


def _counts(row: Mapping[str, Any], prefix: str, below: int) -> str:
    """Return how many went on, of those decided on; a single mark if neither is shown, for the same reason."""
    pair = [
        words.count(row[f"{prefix}{name}"], row[f"{prefix}{name}_note"], below) for name in ("progressed", "decided")
    ]
    return pair[0] if pair[0] == pair[1] and row[f"{prefix}decided"] is None else " of ".join(pair)
