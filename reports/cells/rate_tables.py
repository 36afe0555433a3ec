"""Tables of rates and ratios for a page, a row per group and a column per step: of all, and of parts of splits."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import polars as pl

from equity_audit.vocabulary import GROUPS, display_order
from reports.cells import words
from reports.cells.whole_path import step_title
from reports.edition.record import Edition
from reports.edition.references import level_names
from reports.figures.printable import name, sentence
from reports.figures.shown_numbers import shown_rows


def steps_of(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the steps of a table in order: single steps, the whole path, other spans."""
    keys = ["step_order", "step_kind", "from_stage", "to_stage"]
    return frame.select(keys).unique().sort("step_order").to_dicts()


def ordered(edition: Edition, table: str, level: str) -> list[dict[str, Any]]:
    """Return rows of a level, with groups in GOV.UK order."""
    return _ordered(edition.tables[table], table, level)


def _ordered(frame: pl.DataFrame, table: str, level: str) -> list[dict[str, Any]]:
    order = {group: position for position, group in enumerate(display_order(level))}
    rows = shown_rows(frame.filter(pl.col("level") == level), table)
    return sorted(rows, key=lambda row: (row["step_order"], order[row["group_name"]]))


def grid(
    rows: Sequence[dict[str, Any]], steps: Sequence[dict[str, Any]], cell: Callable[[dict[str, Any]], dict[str, str]]
) -> list[dict[str, Any]]:
    """Return a row per group with a cell per step; `parent` is set where a group of categories begins."""
    by_group: dict[str, dict[int, dict[str, str]]] = {}
    for row in rows:
        by_group.setdefault(row["group_name"], {})[row["step_order"]] = cell(row)
    table_rows: list[dict[str, Any]] = []
    parent = ""
    for group, cells in by_group.items():
        parent_of_row, own_name = _nested(group)
        table_rows.append(
            {
                "parent": parent_of_row if parent_of_row != parent else "",
                "name": own_name,
                "cells": [cells[step["step_order"]] for step in steps],
            }
        )
        parent = parent_of_row
    return table_rows


def part_tables(edition: Edition) -> Iterator[dict[str, Any]]:
    """Yield each part of each published split, in order of name, with the ratios of every level it has."""
    split = edition.tables["disparities"].filter(pl.col("breakdown") != "all")
    steps = steps_of(split)
    parts = split.select("breakdown", "breakdown_value").unique().sort("breakdown", "breakdown_value").rows()
    for breakdown, value in parts:
        of_part = split.filter(pl.col("breakdown") == breakdown, pl.col("breakdown_value") == value)
        levels = level_names(of_part["level"].unique())
        yield {
            "name": part_name(breakdown, value),
            "steps": [step_title(step) for step in steps],
            "levels": {
                level: grid(_ordered(of_part, "disparities", level), steps, words.ratio_cell) for level in levels
            },
        }


def part_name(breakdown: str, value: str) -> str:
    """Write a part of a split as a heading: "Pay band: 5"."""
    return f"{sentence(breakdown.replace('_', ' '))}: {part_words(breakdown, value)}"


def part_words(breakdown: str, value: str) -> str:
    """Write a part of a split in words: the quarter "2021-04 to 2021-06" is April to June 2021."""
    if breakdown != "quarter":
        return name(value)
    first, last = (date.fromisoformat(f"{month}-01") for month in value.split(" to "))
    return name(f"{first:%B}{'' if first.year == last.year else f' {first.year}'} to {last:%B %Y}")


def _nested(group: str) -> tuple[str, str]:
    """Split a category into its group and its own name: "Asian: Indian" is Indian under Asian."""
    for separator in (": ", ", "):
        head, is_nested, tail = group.partition(separator)
        if is_nested and (head in GROUPS or head == "BME"):
            return head, sentence(tail)
    return "", group
