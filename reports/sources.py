"""The files that an edition was counted from, as a page tells of them."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from equity_audit.intake.mapping import BESIDE_RECRUITMENT
from reports.record import Edition
from reports.shown import shown_rows


def recruitment_shapes(tables: Mapping[str, pl.DataFrame]) -> set[str]:
    """The shapes of the files that applicants were counted from; numbers of staff stand beside them."""
    return set(tables["sources"]["shape"]) - set(BESIDE_RECRUITMENT)


def sources(edition: Edition) -> list[dict[str, Any]]:
    """Each file behind the figures, with the facts to know of it."""
    facts = shown_rows(edition.tables["extract_facts"], "extract_facts")
    return [
        {**source, "facts": [fact for fact in facts if fact["extract_id"] == source["extract_id"]]}
        for source in shown_rows(edition.tables["sources"], "sources")
    ]
