"""Who works here: the people in post beside those who apply, from published numbers of staff alone."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from equity_audit.vocabulary import ALL_STAFF, display_order
from reports.cells.words import count, percent_cell
from reports.charts.stage_charts import BLUE, LINE, ROOM, SOFT, Chart, away, layout
from reports.edition.record import Edition
from reports.figures.printable import day, name, percent, point_or_range
from reports.figures.shown_numbers import fixed, shown_rows
from reports.pages.panel.workforce_words import (
    KINDS,
    answer,
    benchmark,
    board,
    clinical_and_other,
    disparity,
    leaving,
    settling,
    value_of,
    why,
)

_Rows = Sequence[Mapping[str, Any]]


def who_works_here(edition: Edition) -> dict[str, Any] | None:
    """Return what the page says about the people in post; None if the edition has no numbers of staff."""
    numbers = edition.tables["workforce"]
    if numbers.is_empty():
        return None
    measures = edition.tables["workforce_measures"]
    below = edition.settings["disclosure"]["withhold_below"]
    bands = _parts(edition, "pay_band")
    return {
        "day": day(numbers["snapshot"][0]),
        "answer": answer(edition),
        "chart": _chart(bands, value_of(measures, "share"), edition) if _shown(bands) else None,
        "bands": [_part_cells(row, below) for row in bands],
        "kinds": [_part_cells(row, below) for row in _parts(edition, "clinical")],
        "clinical": clinical_and_other(measures),
        "groups": _groups(edition, below),
        "disparity": disparity(measures),
        "board": board(edition, below),
        "benchmark": benchmark(edition),
        "leaving": leaving(measures),
        "settling": settling(edition),
    }


def _parts(edition: Edition, breakdown: str) -> list[dict[str, Any]]:
    """Return for each part of a split the numbers of all and of BME staff, and the share; lowest band first."""
    numbers = edition.tables["workforce"].filter(pl.col("breakdown") == breakdown)
    shares = edition.tables["workforce_measures"].filter(
        pl.col("measure") == "share", pl.col("breakdown") == breakdown, pl.col("group_name") == "BME"
    )
    share_of = {row["breakdown_value"]: row for row in shown_rows(shares, "workforce_measures")}
    parts: dict[str, dict[str, Any]] = {}
    for row in shown_rows(numbers.filter(pl.col("group_name").is_in([ALL_STAFF, "BME"])), "workforce"):
        part = row["breakdown_value"]
        parts.setdefault(part, {"name": KINDS.get(part) or name(part)})[row["group_name"]] = row
    return [parts[part] | {"share": share_of[part]} for part in sorted(parts, key=_band_order) if part in share_of]


def _band_order(band: str) -> tuple[bool, list[Any]]:
    """Sort bands by their number, then anything else by name."""
    parts = [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", band.casefold())]
    return not re.search(r"\bband\b", band, re.IGNORECASE), parts


def _shown(bands: _Rows) -> bool:
    return any(row["share"]["not_shown_reason"] is None for row in bands)


def _chart(bands: _Rows, everybody: float | None, edition: Edition) -> Chart:
    """Draw the BME share by pay band as bars, with a line for all bands together and one for the benchmark."""
    alone = [row for row in bands if row["share"]["value"] is None and not row["share"]["not_shown_reason"]]
    labels = [point_or_range(row["share"], "value", percent) or why(row["share"]) for row in bands]
    lines = [(everybody, "dash"), (edition.settings["workforce"]["benchmark"].get("BME"), "dot")]
    bars = _bars(
        [row["name"] for row in bands],
        [row["share"]["value"] or fixed(0) for row in bands],
        ["" if row in alone else label for row, label in zip(bands, labels, strict=True)],
    )
    drawn = {"data": [bars, _ranges_alone(alone)] if alone else [bars], "layout": _layout(bands, alone, lines)}
    title = "BME staff as a share of each pay band"
    words = "; ".join(f"{row['name']} {label}" for row, label in zip(bands, labels, strict=True))
    return Chart("workforce-bands", title, drawn, f"{title}: {words}.")


def _layout(bands: _Rows, alone: _Rows, lines: Sequence[tuple[float | None, str]]) -> dict[str, Any]:
    """Return a layout with room for the longest bar, the furthest end of a range, and the words beside it."""
    shares = (row["share"]["value"] for row in bands)
    furthest = max([*filter(None, (*shares, *(at for at, _ in lines))), *(row["share"]["value_high"] for row in alone)])
    return {
        **layout(height=52 + 28 * len(bands)),
        "xaxis": {"range": [0, 1.1 * furthest + 0.08], "visible": False, "fixedrange": True},
        "yaxis": {"autorange": "reversed", "type": "category", "fixedrange": True, "automargin": True, **ROOM},
        "bargap": 0.35,
        "shapes": [_line(at, dash) for at, dash in lines if at is not None],
    }


def _bars(names: list[str], lengths: list[Any], texts: list[str]) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": lengths,
        "text": texts,
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": BLUE},
        "hovertemplate": "%{y}: %{text}<extra></extra>",
    }


def _ranges_alone(alone: _Rows) -> dict[str, Any]:
    """Draw each share that is shown only as its range as a line from one end to the other, with its words beside it."""
    shares = [row["share"] for row in alone]
    bars = _bars(
        [row["name"] for row in alone],
        [away(share["value_high"], share["value_low"]) for share in shares],
        [point_or_range(share, "value", percent) for share in shares],
    )
    return {**bars, "base": [share["value_low"] for share in shares], "width": 0.12}


def _line(at: float, dash: str) -> dict[str, Any]:
    position = {"x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "layer": "below"}
    return {"type": "line", **position, "line": {"color": LINE if dash == "dash" else SOFT, "width": 2, "dash": dash}}


def _part_cells(row: Mapping[str, Any], below: int) -> dict[str, Any]:
    numbers = [count(row[group]["headcount"], row[group]["headcount_note"], below) for group in (ALL_STAFF, "BME")]
    return {
        "name": row["name"],
        "cells": [*({"value": number, "range": ""} for number in numbers), _share_cell(row["share"])],
    }


def _share_cell(row: Mapping[str, Any]) -> dict[str, str]:
    return {"mark": why(row)} if row["not_shown_reason"] else percent_cell(row, "value")


def _groups(edition: Edition, below: int) -> list[dict[str, Any]]:
    """Return numbers and shares of all staff, of each group, and of BME staff last."""
    numbers = edition.tables["workforce"].filter(pl.col("breakdown") == "all")
    shares = edition.tables["workforce_measures"].filter(pl.col("measure") == "share", pl.col("breakdown") == "all")
    share_of = {(row["level"], row["group_name"]): row for row in shown_rows(shares, "workforce_measures")}
    order = {("all", ALL_STAFF): 0}
    order |= {("group", group): position for position, group in enumerate(display_order("group"), 1)}
    order[("wres", "BME")] = len(order)
    ordered = []
    for row in shown_rows(numbers, "workforce"):
        key = row["level"], row["group_name"]
        if key in order:
            number = {"value": count(row["headcount"], row["headcount_note"], below), "range": ""}
            share = _share_cell(share_of[key]) if key in share_of else {"value": percent(fixed(1.0)), "range": ""}
            ordered.append((order[key], {"name": row["group_name"], "cells": [number, share]}))
    return [row for _, row in sorted(ordered, key=lambda pair: pair[0])]
