"""The same comparison within each part of a split: BME and White applicants by pay band, staff group and so on."""

from dataclasses import replace

import polars as pl

from reports.cells.rate_tables import part_words
from reports.charts.stage_charts import Chart, forest_chart
from reports.edition.record import Edition
from reports.figures.shown_numbers import shown_rows


def split_charts(edition: Edition) -> list[Chart]:
    """Return a forest chart of the whole path for each published split; none if there are no splits or no whole path.

    Parts are in the order of their names, which for pay bands is their own order. A split is left out if none of its
    parts can be shown.
    """
    rows = edition.tables["disparities"].filter(
        pl.col("breakdown") != "all", pl.col("level") == "wres", pl.col("group_name") == "BME"
    )
    whole = rows.filter(pl.col("step_kind") == "span").filter(pl.col("step_order") == pl.col("step_order").min())
    charts = []
    for position, (name,) in enumerate(whole.select("breakdown").unique().sort("breakdown").iter_rows()):
        parts = whole.filter(pl.col("breakdown") == name).sort("breakdown_value")
        if parts["not_shown_reason"].is_null().any():
            named = [
                row | {"group_name": part_words(name, row["breakdown_value"])}
                for row in shown_rows(parts, "disparities")
            ]
            chart = forest_chart(f"split-{position}", named)
            title = name.replace("_", " ").capitalize()
            charts.append(replace(chart, title=title, alternative=f"By {title.lower()}: {chart.alternative}"))
    return charts


def not_published(edition: Edition) -> list[str]:
    """Return in words the splits that policy publishes but this edition lacks, then those without groups.

    This reveals nothing new: anybody can see which tables an edition has.
    """
    policy = edition.settings["disclosure"]
    levels: dict[str, set[str]] = {}
    for breakdown, level in edition.tables["stage_counts"].select("breakdown", "level").unique().iter_rows():
        levels.setdefault(breakdown, set()).add(level)
    wanted = [split for split in policy["publish_splits"] if split != "quarter"]
    absent = [split.replace("_", " ") for split in wanted if split not in levels]
    if "group" not in policy["split_levels"]:
        return absent
    return absent + [f"group within {s.replace('_', ' ')}" for s in wanted if s in levels and "group" not in levels[s]]
