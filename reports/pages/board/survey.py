"""How staff's answers have changed, for the board, from the numbers of answers that its editions published."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from equity_audit.measures.count_ranges import Count, Measure
from equity_audit.populations.answer_measures import answers_changed
from equity_audit.populations.answers import SURVEY_ANSWERS
from equity_audit.populations.measured import shown_numbers
from equity_audit.settings import Settings
from reports.edition.record import Earlier
from reports.figures.printable import day, name
from reports.figures.shown_numbers import modelled
from reports.pages.panel.survey import share_cell

_SIDES = ("BME", "White")
_Wave = tuple[date, tuple[tuple[Count, ...], ...]]


def answers_over_time(editions: Sequence[Earlier], settings: Settings) -> list[dict[str, Any]]:
    """Return for each question the change from its first wave to its last: of BME staff, White staff, and their gap.

    Empty if no question was asked twice of both. editions: oldest first; settings: those that all of them share.
    """
    asked: dict[str, list[_Wave]] = {}
    for edition in editions:
        for item, wave in _waves(edition, settings):
            asked.setdefault(item, []).append(wave)
    rows = []
    for item, waves in sorted(asked.items()):
        (first, earlier), (last, later) = waves[0], waves[-1]
        if first != last:
            changes = answers_changed(earlier, later, settings)
            rows.append(
                {"name": name(item), "between": f"{day(first)} to {day(last)}", "cells": list(map(_cell, changes))}
            )
    return rows


def _waves(edition: Earlier, settings: Settings) -> list[tuple[str, _Wave]]:
    """Return the questions of an edition that both were asked, with its day and the published numbers of each."""
    numbers = edition.tables.get("survey")
    if numbers is None or numbers.is_empty():
        return []
    wave: date = numbers["wave"][0]
    answers = shown_numbers(SURVEY_ANSWERS, numbers.filter(pl.col("level") == "wres"), settings.disclosure)
    items = sorted({item for _, _, item, _ in answers})
    sides = {item: [answers.get(("wres", "item", item, who)) for who in _SIDES] for item in items}
    return [
        (item, (wave, tuple(side for side in both if side is not None)))
        for item, both in sides.items()
        if None not in both
    ]


def _cell(change: Measure) -> dict[str, str]:
    return share_cell(
        {
            name: None if value is None else modelled(value)
            for name, value in (("value", change.value), ("value_low", change.low), ("value_high", change.high))
        }
        | {"value_reason": change.point_reason, "not_shown_reason": change.why_not}
    )
