"""The section on several years together: what each year's edition published, added up, and the years beside it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl

from equity_audit.vocabulary import display_order
from reports.cells.not_shown import LEFT_OUT
from reports.cells.words import NOT_SHOWN, SETTLED, ratio_cell
from reports.edition.record import Edition
from reports.figures.printable import likely_range, people, point_or_range, sentence, step_name
from reports.figures.shown_numbers import shown_rows
from reports.pages.settled import WRES_INDICATOR
from reports.pages.years_together import at_steps, compared_together, how_many, settled_together, span, year_name

_MOST = 3
_ROW = ("level", "from_stage", "to_stage", "group_name")


def several_years(edition: Edition) -> dict[str, Any] | None:
    """Return what the page says of the years together; None where periods are not years.

    Without another year the section only says why: `years` is empty.
    """
    considered = edition.tables["years_together"].sort("year")
    if considered.is_empty():
        return None
    section: dict[str, Any] = {
        "years": how_many(edition),
        "left_out": [
            {"year": year_name(year), "why": LEFT_OUT[why]}
            for year, why in considered.select("year", "left_out_reason").iter_rows()
            if why
        ],
    }
    if not section["years"]:
        return section
    stated, yearly = settled_together(edition), _yearly(edition)
    return section | {
        "span": span(edition),
        "settled": stated.height,
        "compared": compared_together(edition).height,
        "sentences": [_sentence(row, yearly) for row in _told(edition, stated)],
        "columns": [f"{sentence(section['years'])} years", *(year_name(year) for year in sorted(yearly))],
        "steps": list(_steps(edition, yearly)),
    }


def _told(edition: Edition, stated: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the comparisons with a sentence: settled ones, then White and BME from shortlisting to appointment."""
    rows = edition.tables["several_years"]
    indicator = rows.filter(WRES_INDICATOR, pl.col("not_shown_reason").is_null())
    return shown_rows(pl.concat([stated.head(_MOST), indicator]), "several_years")


def _yearly(edition: Edition) -> dict[date, dict[tuple[str, ...], dict[str, Any]]]:
    """Return the published comparisons of each year, by level, step and group."""
    own = edition.tables["disparities"].filter(pl.col("breakdown") == "all")
    years = {edition.period: shown_rows(own, "disparities")}
    earlier = edition.tables["earlier_years"].filter(pl.col("reference_name").is_not_null())
    for year in earlier["year"].unique():
        years[year] = shown_rows(earlier.filter(pl.col("year") == year), "earlier_years")
    return {year: {tuple(row[name] for name in _ROW): row for row in rows} for year, rows in years.items()}


def _sentence(row: dict[str, Any], yearly: dict[date, dict[tuple[str, ...], dict[str, Any]]]) -> dict[str, str]:
    figure = f"{point_or_range(row, 'impact_ratio')} times as likely as {people(row['reference_name'])}"
    likely = f" (likely range {likely_range(row['impact_ratio_low'], row['impact_ratio_high'])})"
    certainty = "settled" if row["finding"] in SETTLED else "not settled"
    key = tuple(row[name] for name in _ROW)
    each = [f"{_alone(yearly[year].get(key))} in {year_name(year)}" for year in sorted(yearly)]
    return {
        "who": f"{sentence(people(row['group_name']))}, {step_name(row['from_stage'], row['to_stage']).lower()}",
        "sentence": f"{figure}{'' if row['impact_ratio'] is None else likely}, {certainty}. "
        f"By year: {', '.join(each)}.",
    }


def _alone(row: dict[str, Any] | None) -> str:
    """Write one year's figure, its range, or that it is not shown."""
    return (row and point_or_range(row, "impact_ratio")) or "not shown"


def _steps(edition: Edition, yearly: dict[date, dict[tuple[str, ...], dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """Yield the table rows of each step, groups in display order and BME last."""
    order = {name: position for position, name in enumerate((*display_order("group"), "BME"))}
    rows = at_steps(edition)
    for step in rows.select("step_order", "from_stage", "to_stage").unique().sort("step_order").to_dicts():
        of_step = shown_rows(rows.filter(pl.col("step_order") == step["step_order"]), "several_years")
        yield {
            "name": step_name(step["from_stage"], step["to_stage"]),
            "rows": [
                {"name": row["group_name"], "cells": [ratio_cell(row), *_cells(row, yearly)]}
                for row in sorted(of_step, key=lambda row: order.get(row["group_name"], len(order)))
            ],
        }


def _cells(row: dict[str, Any], yearly: dict[date, dict[tuple[str, ...], dict[str, Any]]]) -> Iterator[dict[str, str]]:
    key = tuple(row[name] for name in _ROW)
    for year in sorted(yearly):
        alone = yearly[year].get(key)
        yield ratio_cell(alone) if alone else {"mark": NOT_SHOWN["no_decisions"]}
