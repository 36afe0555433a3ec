"""The files that an edition was counted from, as a page tells of them."""

from typing import Any

from reports.record import Edition


def sources(edition: Edition) -> list[dict[str, Any]]:
    """Each file behind the figures, with the facts to know of it."""
    facts = edition.tables["extract_facts"].to_dicts()
    return [
        {**source, "facts": [fact for fact in facts if fact["extract_id"] == source["extract_id"]]}
        for source in edition.tables["sources"].to_dicts()
    ]
