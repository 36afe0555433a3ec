"""Like for like: does who applies where explain the gap? Crude and adjusted ratios side by side, by published split."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from equity_audit.vocabulary import display_order
from reports.cells.not_shown import mark
from reports.cells.words import figure_cell
from reports.charts.stage_charts import BLUE, SOFT, Chart, ranges, ratio_axes, times_as_likely
from reports.edition.record import Edition
from reports.figures.printable import likely_range, number, people, percent, point_or_range, ratio, step_name
from reports.figures.shown_numbers import shown_rows

_MEANINGS = {
    "not_explained_by": "who applies where does not explain the gap",
    "explained_by": "who applies where explains the gap, or most of it",
    "reversed_within": "within parts the gap is the other way round",
    "appears_within": "there is a gap within parts that does not show when they are taken together",
    "cannot_tell": "these numbers are too small to say whether who applies where explains the gap",
    "nothing_to_explain": "neither shows a clear gap",
}
# Colour is not the only sign: squares for all together, circles for like with like.
_KINDS = (("crude", "square", SOFT, "all together"), ("adjusted", "circle", BLUE, "like with like"))


def like_for_like(edition: Edition, step_order: int) -> list[dict[str, Any]]:
    """Return for each split a chart and sentences on BME and White applicants, and a table of every group.

    "answer" is the sentence of one step, or of the first that has one. A split without a shown BME ratio is left out.
    """
    rows = edition.tables["like_for_like"].filter(pl.col("group_name") != "Unknown")
    sections = []
    for position, (split,) in enumerate(rows.select("stratified_by").unique().sort("stratified_by").iter_rows()):
        of_split = rows.filter(pl.col("stratified_by") == split).sort("step_order")
        bme = of_split.filter(pl.col("group_name") == "BME", pl.col("not_shown_reason").is_null())
        if bme.height:
            rows_of_bme = shown_rows(bme, "like_for_like")
            name = split.replace("_", " ")
            sections.append(
                {
                    "name": name,
                    "chart": _chart(f"like-{position}", name, rows_of_bme),
                    "answer": _answer(rows_of_bme, name, step_order),
                    "sentences": [_sentence(row, name) for row in rows_of_bme],
                    "steps": list(_steps(of_split)),
                }
            )
    return sections


def _answer(rows: Sequence[dict[str, Any]], split: str, step_order: int) -> str:
    said = _sentence(next((row for row in rows if row["step_order"] == step_order), rows[0]), split)
    return f"{said['step']}: {said['sentence']}"


def _chart(chart_id: str, split: str, rows: Sequence[dict[str, Any]]) -> Chart:
    names = [step_name(row["from_stage"], row["to_stage"]) for row in rows]
    # Two lines leave room for the ranges on a phone.
    lines = [name.replace(" to ", "<br>to ") for name in names]
    lows, highs = ([row[f"{kind}_ratio_{end}"] for row in rows for kind, *_ in _KINDS] for end in ("low", "high"))
    layout, top = ratio_axes(lines, lows, highs, rows[0]["reference_name"], height=76 + 46 * len(rows))
    traces = [_points(lines, rows, kind, top) for kind in _KINDS]
    words = "; ".join(
        f"{name}: {point_or_range(row, 'crude_ratio')} all together, {point_or_range(row, 'adjusted_ratio')} "
        "like with like"
        for name, row in zip(names, rows, strict=True)
    )
    alternative = f"BME applicants by {split}, times as likely as {people(rows[0]['reference_name'])}. {words}."
    figure = {"data": traces, "layout": {**layout, "scattermode": "group", "scattergap": 0.5}}
    return Chart(chart_id, f"By {split}", figure, alternative)


def _points(
    names: Sequence[str], rows: Sequence[Mapping[str, Any]], kind: tuple[str, str, str, str], top: float
) -> dict[str, Any]:
    """Draw one kind of ratio at every step, its range as a line; filled if the range excludes 1, hollow otherwise."""
    name, symbol, colour, words = kind
    figure = f"{name}_ratio"
    clear = [_is_clear(row[f"{figure}_low"], row[f"{figure}_high"]) for row in rows]
    symbols = [symbol if is_clear else f"{symbol}-open" for is_clear in clear]
    return {
        "type": "scatter",
        "mode": "markers",
        "orientation": "h",
        "offsetgroup": name,
        "y": list(names),
        **ranges(rows, figure, symbols, colour, top),
        "text": [
            f"{step.replace('<br>', ' ')}, {words}: {times_as_likely(row, figure)}"
            for step, row in zip(names, rows, strict=True)
        ],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _sentence(row: Mapping[str, Any], split: str) -> dict[str, str]:
    share = "" if row["compared_share"] is None else f", with {percent(row['compared_share'])} of the BME applicants"
    return {
        "step": step_name(row["from_stage"], row["to_stage"]),
        "sentence": f"{point_or_range(row, 'crude_ratio')} times as likely as {people(row['reference_name'])} all "
        f"together, {point_or_range(row, 'adjusted_ratio')} within the same {split}: "
        f"{_MEANINGS[row['stratified_finding']]}.",
        "parts": f"{number(row['parts_compared'])} of {number(row['parts'])} parts are compared{share}.",
    }


def _steps(rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the table rows of each step, groups in display order and BME last."""
    order = {name: position for position, name in enumerate((*display_order("group"), "BME"))}
    for (_,), step in rows.group_by("step_order", maintain_order=True):
        of_step = sorted(shown_rows(step, "like_for_like"), key=lambda row: order.get(row["group_name"], len(order)))
        yield {
            "name": step_name(of_step[0]["from_stage"], of_step[0]["to_stage"]),
            "rows": [
                {"name": row["group_name"], "cells": [_cell(row, kind) for kind, *_ in _KINDS]} for row in of_step
            ],
        }


def _cell(row: Mapping[str, Any], kind: str) -> dict[str, str]:
    if row["not_shown_reason"]:
        return {"mark": mark(row["not_shown_reason"])}
    figure = f"{kind}_ratio"
    bold = "yes" if _is_clear(row[f"{figure}_low"], row[f"{figure}_high"]) else ""
    return figure_cell(row, figure, ratio, likely_range) | {"bold": bold}


def _is_clear(low: float, high: float | None) -> bool:
    """Whether the range lies on one side of 1; `high` is None if it has no upper end."""
    return low > 1 or (high is not None and high < 1)
