"""Tables of rates and ratios for a page, a row for each group, a column for each step: of all, of parts of splits."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import polars as pl

from equity_audit.vocabulary import GROUPS, display_order
from reports.cells import words
from reports.edition.record import Edition
from reports.figures.printable import name, sentence, step_name
from reports.figures.shown_numbers import shown_rows

# How finely ethnicity is told apart, in the order and the words of the page.
LEVELS = {"group": "Five groups", "wres": "White and BME", "category": "Each ethnic category"}


def steps_of(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """The steps of a table in order: single steps, the whole path, other spans."""
    keys = ["step_order", "step_kind", "from_stage", "to_stage"]
    return frame.select(keys).unique().sort("step_order").to_dicts()


def ordered(edition: Edition, table: str, level: str) -> list[dict[str, Any]]:
    """Rows of a level in GOV.UK's order of groups."""
    return _ordered(edition.tables[table], table, level)


def _ordered(frame: pl.DataFrame, table: str, level: str) -> list[dict[str, Any]]:
    order = {group: place for place, group in enumerate(display_order(level))}
    rows = shown_rows(frame.filter(pl.col("level") == level), table)
    return sorted(rows, key=lambda row: (row["step_order"], order[row["group_name"]]))


def grid(
    rows: Sequence[dict[str, Any]], steps: Sequence[dict[str, Any]], cell: Callable[[dict[str, Any]], dict[str, str]]
) -> list[dict[str, Any]]:
    """Rows by group with a cell for each step; `parent` is set where a group of categories begins."""
    by_group: dict[str, dict[int, dict[str, str]]] = {}
    for row in rows:
        by_group.setdefault(row["group_name"], {})[row["step_order"]] = cell(row)
    found: list[dict[str, Any]] = []
    parent = ""
    for group, cells in by_group.items():
        begins, own = _nested(group)
        found.append(
            {
                "parent": begins if begins != parent else "",
                "name": own,
                "cells": [cells[step["step_order"]] for step in steps],
            }
        )
        parent = begins
    return found


def part_tables(edition: Edition) -> Iterator[dict[str, Any]]:
    """Each part of each published split, in the order of their names, with the ratios of every level it has."""
    split = edition.tables["disparities"].filter(pl.col("breakdown") != "all")
    steps = steps_of(split)
    parts = split.select("breakdown", "breakdown_value").unique().sort("breakdown", "breakdown_value").rows()
    for breakdown, value in parts:
        own = split.filter(pl.col("breakdown") == breakdown, pl.col("breakdown_value") == value)
        levels = [level for level in LEVELS if level in own["level"].unique()]
        yield {
            "name": part_name(breakdown, value),
            "steps": [step_name(step["from_stage"], step["to_stage"]) for step in steps],
            "levels": {level: grid(_ordered(own, "disparities", level), steps, words.ratio_cell) for level in levels},
        }


def part_name(breakdown: str, value: str) -> str:
    """A part of a split as a heading: "Pay band: 5"."""
    return f"{sentence(breakdown.replace('_', ' '))}: {part_words(breakdown, value)}"


def part_words(breakdown: str, value: str) -> str:
    """A part of a split as people call it: the quarter "2021-04 to 2021-06" is April to June 2021."""
    if breakdown != "quarter":
        return name(value)
    first, last = (date.fromisoformat(f"{month}-01") for month in value.split(" to "))
    return name(f"{first:%B}{'' if first.year == last.year else f' {first.year}'} to {last:%B %Y}")


def _nested(group: str) -> tuple[str, str]:
    """A category's group and its own name: "Asian: Indian" is Indian under Asian."""
    for mark in (": ", ", "):
        head, found, tail = group.partition(mark)
        if found and (head in GROUPS or head == "BME"):
            return head, sentence(tail)
    return "", group
