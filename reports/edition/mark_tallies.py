"""How many cells of an edition have which mark: the outcome of disclosure control, from its marks alone."""

from typing import Any

import polars as pl

from equity_audit.contracts import DISCLOSED_EARLIER_YEARS
from equity_audit.wording import sentence
from reports.edition.record import Edition

_REASONS = {
    "fewer_than": "An underlying count is small",
    "protects_another": "An underlying count is withheld",
    "too_few_decided": "Too few decided on",
    "no_decisions": "Nobody decided on",
    "reference_never_selected": "Nobody in the comparison group selected",
    "no_reference_group": "No group to compare with",
    "no_whole_rate": "No overall rate to compare with",
}


def marks_of_counts(edition: Edition) -> list[dict[str, Any]]:
    """Count for each column of counts how many are shown and how many have which mark; not those of other editions."""
    tallies = []
    for name, rows in edition.tables.items():
        if name == DISCLOSED_EARLIER_YEARS.name:
            continue
        for column in (column for column in rows.columns if column.endswith("_note")):
            tally = _tally(rows[column])
            tallies.append(
                {
                    "what": f"{sentence(column.removesuffix('_note'))} ({name.replace('_', ' ')})",
                    "cells": [tally.get(mark, 0) for mark in (None, "fewer_than", "protects_another")],
                }
            )
    return tallies


def cells_by_mark(edition: Edition) -> dict[str, int]:
    """Count the cells of counts that are published (shown or marked as small), and those withheld to protect others."""
    tallies = [row["cells"] for row in marks_of_counts(edition)]
    return {
        "published": sum(shown + small for shown, small, _ in tallies),
        "withheld": sum(withheld for *_, withheld in tallies),
    }


def reasons_of_rates(edition: Edition) -> dict[str, Any]:
    """Count for each table of rates or comparisons the rows shown, and the others by the reason why not."""
    tallies = {
        name: _tally(rows["not_shown_reason"])
        for name, rows in edition.tables.items()
        if "not_shown_reason" in rows.columns and name != DISCLOSED_EARLIER_YEARS.name
    }
    present = [reason for reason in _REASONS if any(reason in tally for tally in tallies.values())]
    return {
        "names": ["Of these, a figure as a range only", *(_REASONS[reason] for reason in present)],
        "rows": [
            (name, [tally.get(None, 0), _ranges(edition.tables[name]), *(tally.get(reason, 0) for reason in present)])
            for name, tally in tallies.items()
        ],
    }


def _ranges(rows: pl.DataFrame) -> int:
    """Count the rows of which some figure is shown as a range only."""
    reasons = [name for name in rows.columns if name.endswith("_reason") and name != "not_shown_reason"]
    return rows.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in reasons)).height if reasons else 0


def _tally(values: pl.Series) -> dict[str | None, int]:
    return dict(values.value_counts().iter_rows())
