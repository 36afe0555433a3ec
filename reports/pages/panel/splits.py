"""The same comparison within each part of a split: BME and White applicants by pay band, staff group and so on."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import polars as pl

from reports.cells.rate_tables import part_words
from reports.cells.whole_path import step_title
from reports.cells.words import SETTLED
from reports.charts.stage_charts import forest_chart
from reports.edition.record import Edition
from reports.figures.printable import point_or_range, tally
from reports.figures.shown_numbers import shown_rows


def split_sections(edition: Edition, step_order: int) -> list[dict[str, Any]]:
    """Return a sentence and a forest chart of one step for each published split; none if there are no splits.

    Parts are in the order of their names, which for pay bands is their own order. A split is left out if none of its
    parts can be shown.
    """
    rows = edition.tables["disparities"].filter(
        pl.col("breakdown") != "all",
        pl.col("level") == "wres",
        pl.col("group_name") == "BME",
        pl.col("step_order") == step_order,
    )
    sections = []
    for position, (name,) in enumerate(rows.select("breakdown").unique().sort("breakdown").iter_rows()):
        parts = shown_rows(rows.filter(pl.col("breakdown") == name).sort("breakdown_value"), "disparities")
        if any(row["not_shown_reason"] is None for row in parts):
            named = [row | {"group_name": part_words(name, row["breakdown_value"])} for row in parts]
            chart = forest_chart(f"split-{position}", named)
            title = f"{name.replace('_', ' ').capitalize()}: {step_title(parts[0]).lower()}"
            alternative = f"By {name.replace('_', ' ')}: {chart.alternative}"
            sections.append(
                {
                    "name": name.replace("_", " "),
                    "sentence": _sentence(named),
                    "chart": replace(chart, title=title, alternative=alternative),
                }
            )
    return sections


def _sentence(parts: list[dict[str, Any]]) -> str:
    """Say in which parts the difference is settled, and in how many it is not."""
    shown = [row for row in parts if row["not_shown_reason"] is None]
    settled = [row for row in shown if row["finding"] in SETTLED]
    of_all = f"{tally(len(shown))} of {tally(len(parts))} parts can be shown"
    if not settled:
        return f"{of_all}; in none of them is the difference settled."
    figures = ", ".join(
        f"{row['group_name']} ({point_or_range(row, 'impact_ratio')} times as likely)" for row in settled
    )
    rest = "" if len(settled) == len(shown) else "; in the others it is not"
    return f"{of_all}. The difference is settled in {figures}{rest}."


def not_published(edition: Edition) -> str:
    """Return in a sentence which splits and levels this edition lacks; empty if it has all that it could have.

    Splits that policy publishes but the edition lacks; groups and ethnic categories, of all applicants and within
    splits. This reveals nothing new: anybody can see which tables an edition has.
    """
    policy = edition.settings["disclosure"]
    absent = list(_absent(edition))
    if not absent:
        return ""
    by_policy = "category" not in policy["split_levels"] and any(" within " in name for name in absent)
    reasons = [
        "the records do not hold it",
        *(["policy does not publish it"] if by_policy else []),
        "or too much of it would have to be withheld",
    ]
    return f"Nothing is shown by {', or by '.join(absent)}: {', '.join(reasons)}."


def _absent(edition: Edition) -> Iterator[str]:
    levels: dict[str, set[str]] = {}
    for breakdown, level in edition.tables["stage_counts"].select("breakdown", "level").unique().iter_rows():
        levels.setdefault(breakdown, set()).add(level)
    if "category" not in levels.get("all", set()):
        yield "ethnic category"
    wanted = [split for split in edition.settings["disclosure"]["publish_splits"] if split != "quarter"]
    yield from (split.replace("_", " ") for split in wanted if split not in levels)
    published = [split for split in wanted if split in levels]
    for level, words in (("group", "group"), ("category", "ethnic category")):
        yield from (f"{words} within {split.replace('_', ' ')}" for split in published if level not in levels[split])
