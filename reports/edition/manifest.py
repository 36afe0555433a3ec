"""The content of `edition.json`: what an edition consists of, what it was made from and by. No figures about people."""

from collections.abc import Mapping
from typing import Any

from reports.edition.asset_graph import lineage_record
from reports.edition.manifest_hash import sha256
from reports.edition.mark_tallies import cells_by_mark
from reports.edition.record import Earlier, Edition

# What the record says about each extract, as in disclosed.sources.
EXTRACT = ("extract_id", "file_commitment", "mapping_commitment")


def edition_record(edition: Edition, files: Mapping[str, bytes], run_id: str, published_at: str) -> dict[str, Any]:
    """Return the record of an edition, without its own hash.

    files: every other file of the edition by name. published_at: UTC, ISO 8601. Run and time are the only parts that do
    not follow from the edition's content.
    """
    return {
        "organisation": edition.organisation,
        "period": edition.period.isoformat(),
        "period_label": edition.period_label,
        "revision": edition.revision,
        "replaces": edition.replaces,
        "compared_with": _earlier(edition.previous),
        "published_at": published_at,
        "run_id": run_id,
        "settings_sha256": edition.settings_sha256,
        "settings": edition.settings,
        "software": edition.software,
        "packages": edition.made.packages,
        "extracts": edition.tables["sources"].sort("extract_number").select(EXTRACT).to_dicts(),
        "statements": edition.made.statements,
        "lineage": lineage_record(edition.made.assets),
        "checks": [
            {"name": check.name, "table": check.table, "severity": check.severity, "passed": check.passed}
            for check in edition.checks
        ],
        "counts": cells_by_mark(edition),
        "tables": {name: sha256(files[f"tables/{name}.csv"]) for name in edition.tables},
        "files": {name: {"sha256": sha256(content), "bytes": len(content)} for name, content in sorted(files.items())},
    }


def _earlier(previous: Earlier | None) -> dict[str, Any] | None:
    """Identify the edition of the period before that the page compares with, so that a reader can find it."""
    if previous is None:
        return None
    return {
        "period": previous.period.isoformat(),
        "revision": previous.revision,
        "record_sha256": previous.record_sha256,
    }
