"""What staff say: shares agreeing of White and BME staff, from published numbers of answers alone."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from reports.edition.record import Edition
from reports.figures.printable import day, name, percent
from reports.figures.shown_numbers import shown_rows
from reports.pages.panel.workforce_words import why

SIDES = ("White", "BME")


def what_staff_say(edition: Edition) -> dict[str, Any] | None:
    """What the page says of the period's survey; None where the edition has no answers of White and BME staff."""
    measures = edition.tables["survey_measures"].filter(
        pl.col("measure") == "share_agreeing", pl.col("level") == "wres", pl.col("group_name").is_in(SIDES)
    )
    if measures.is_empty():
        return None
    of: dict[str, dict[str, Any]] = {}
    for row in shown_rows(measures.sort("breakdown_value"), "survey_measures"):
        of.setdefault(row["breakdown_value"], {})[row["group_name"]] = share_cell(row)
    nobody = {"mark": "none"}
    return {
        "day": day(measures["wave"][0]),
        "rows": [
            {"name": name(item), "cells": [sides.get(who, nobody) for who in SIDES]} for item, sides in of.items()
        ],
    }


def share_cell(row: Mapping[str, Any]) -> dict[str, str]:
    """A share, or a difference of two, as a table shows it."""
    if row["value"] is None:
        return {"mark": why(row)}
    return {"value": percent(row["value"]), "range": f"{percent(row['value_low'])} to {percent(row['value_high'])}"}
