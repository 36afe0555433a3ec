"""The files that an edition was counted from, as pages describe them: by number, never by name, hash or size."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from equity_audit.contracts import POPULATION_TABLES
from equity_audit.intake.mapping import BESIDE_RECRUITMENT
from reports.edition.record import Edition
from reports.figures.shown_numbers import shown_rows

_ROWS = "an export with one row per application"
_KINDS = {
    "wide": _ROWS,
    "flags": _ROWS,
    "status": _ROWS,
    "long": f"{_ROWS} and stage",
    "counts": "a table of counts, compiled by its source",
    **{one.name: f"{one.numbers}, compiled by their source" for one in POPULATION_TABLES},
}


def recruitment_shapes(tables: Mapping[str, pl.DataFrame]) -> set[str]:
    """Return the shapes of the files that applicants were counted from, without those of staff and surveys."""
    return set(tables["sources"]["shape"]) - set(BESIDE_RECRUITMENT)


def sources(edition: Edition) -> list[dict[str, Any]]:
    """Return each file behind the figures in order of arrival, with a name and its kind."""
    rows = shown_rows(edition.tables["sources"].sort("extract_number"), "sources")
    return [
        {**row, "name": f"File {number}", "kind": _KINDS.get(row["shape"], row["shape"])}
        for number, row in enumerate(rows, 1)
    ]
