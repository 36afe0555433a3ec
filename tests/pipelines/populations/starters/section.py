"""Who stays: shares still in post after a year, from published numbers alone."""

from typing import Any

import polars as pl

from reports.edition.record import Edition
from reports.figures.printable import day, name
from reports.figures.shown_numbers import shown_rows
from reports.pages.panel.survey import share_cell


def who_stays(edition: Edition) -> dict[str, Any] | None:
    """What the page says of starters; None where the edition has none."""
    measures = edition.tables["starters_measures"].filter(pl.col("level") == "group").sort("group_name")
    if measures.is_empty():
        return None
    rows = shown_rows(measures, "starters_measures")
    return {
        "day": day(measures["followed_up"][0]),
        "rows": [{"name": name(row["group_name"]), "cells": [share_cell(row)]} for row in rows],
    }
