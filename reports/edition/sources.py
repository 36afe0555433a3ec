"""The files that an edition was counted from, as a page tells of them: by number, never by name, hash or size."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from equity_audit.intake.mapping_checks import BESIDE_RECRUITMENT
from reports.edition.record import Edition
from reports.figures.shown_numbers import shown_rows

_ROWS = "an export with a row for each application"
_KINDS = {
    "wide": _ROWS,
    "flags": _ROWS,
    "status": _ROWS,
    "long": f"{_ROWS} and stage",
    "counts": "a table of counts, made by its source",
    "workforce": "numbers of staff, made by their source",
    "survey": "numbers of answers to a survey, made by their source",
}


def recruitment_shapes(tables: Mapping[str, pl.DataFrame]) -> set[str]:
    """The shapes of the files that applicants were counted from; numbers of staff stand beside them."""
    return set(tables["sources"]["shape"]) - set(BESIDE_RECRUITMENT)


def sources(edition: Edition) -> list[dict[str, Any]]:
    """Each file behind the figures in the order of arrival, with a name for it and what kind of file it is."""
    rows = shown_rows(edition.tables["sources"].sort("extract_number"), "sources")
    return [
        {**row, "name": f"File {place}", "kind": _KINDS.get(row["shape"], row["shape"])}
        for place, row in enumerate(rows, 1)
    ]
