"""The whole path of each group, exactly, and each stage's part in it; withdrawn applications in two ways."""

from collections.abc import Iterator, Mapping
from math import exp
from typing import Any

import polars as pl
from markupsafe import Markup

from equity_audit import wording
from equity_audit.vocabulary import display_order
from reports.pages.analyst_private import tables
from reports.pages.analyst_private.record import ExactReport
from reports.pages.analyst_private.seen import figure_seen
from reports.pages.analyst_private.tables import Column, ratio, share

_KEY = ("level", "breakdown", "breakdown_value", "group_name")
_TREATMENTS = {"censored": "left out", "as_rejections": "as rejected"}


def whole_path(report: ExactReport) -> Markup:
    """Return a row for each group, in both treatments of withdrawn applications, with the ratio of every stage."""
    contributions = report.tables["stage_contributions"].filter(breakdown="all")
    stages = contributions.sort("step_order")["to_stage"].unique(maintain_order=True).to_list()
    columns = (
        Column("Group", lambda row: row["group_name"]),
        Column("Withdrawn", lambda row: _TREATMENTS[row["withdrawals"]], words=True),
        Column("Rate, whole path", *tables.ranged("overall_rate", share)),
        Column("Ratio, whole path", *tables.ranged("overall_ratio", ratio)),
        *(_stage(stage) for stage in stages),
        Column("Panel sees", lambda row: figure_seen(row, "overall_ratio"), words=True),
    )
    return tables.table("The whole path", columns, _rows(report, contributions))


def _stage(stage: str) -> Column:
    return Column(
        f"Ratio: {wording.stage_name(stage).lower()}",
        lambda row: ratio(row["parts"][stage][0]) if stage in row["parts"] else tables.NONE,
        lambda row: f"{100 * row['parts'][stage][1]:.0f}% of it" if _has_share(row, stage) else "",
    )


def _has_share(row: tables.Row, stage: str) -> bool:
    return stage in row["parts"] and row["parts"][stage][1] is not None


def _rows(report: ExactReport, contributions: pl.DataFrame) -> Iterator[Mapping[str, Any]]:
    parts: dict[tuple[str, ...], dict[str, tuple[float, float | None]]] = {}
    for row in contributions.iter_rows(named=True):
        of_group = parts.setdefault((row["level"], row["group_name"], row["withdrawals"]), {})
        of_group[row["to_stage"]] = exp(row["log_ratio"]), row["share"]
    paths = report.beside(report.tables["overall_paths"].filter(breakdown="all"), "overall_paths", _KEY)
    levels = ("all", "wres", "group", "category")
    order = {level: display_order(level) for level in levels}
    rows = sorted(
        paths.iter_rows(named=True),
        key=lambda row: (levels.index(row["level"]), order[row["level"]].index(row["group_name"]), row["withdrawals"]),
    )
    # Categories are in the workbook.
    for row in rows:
        if row["level"] != "category":
            yield row | {"parts": parts.get((row["level"], row["group_name"], row["withdrawals"]), {})}
