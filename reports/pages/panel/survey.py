"""What staff say: shares agreeing of White and BME staff, from published numbers of answers alone."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from reports.cells.words import percent_cell
from reports.edition.record import Edition
from reports.figures.printable import day, name
from reports.figures.shown_numbers import shown_rows
from reports.pages.panel.workforce_words import why

SIDES = ("White", "BME")


def what_staff_say(edition: Edition) -> dict[str, Any] | None:
    """Return what the page says about the period's survey; None if there are no answers of White and BME staff."""
    measures = edition.tables["survey_measures"].filter(
        pl.col("measure") == "share_agreeing", pl.col("level") == "wres", pl.col("group_name").is_in(SIDES)
    )
    if measures.is_empty():
        return None
    by_question: dict[str, dict[str, Any]] = {}
    for row in shown_rows(measures.sort("breakdown_value"), "survey_measures"):
        by_question.setdefault(row["breakdown_value"], {})[row["group_name"]] = share_cell(row)
    no_answers = {"mark": "none"}
    return {
        "day": day(measures["wave"][0]),
        "rows": [
            {"name": name(item), "cells": [sides.get(side, no_answers) for side in SIDES]}
            for item, sides in by_question.items()
        ],
    }


def share_cell(row: Mapping[str, Any]) -> dict[str, str]:
    """Return a share, or a difference of two shares, as a table shows it."""
    return {"mark": why(row)} if row["not_shown_reason"] else percent_cell(row, "value")
