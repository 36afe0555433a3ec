"""A finished `edition.json` against the edition and the other finished files: every value at its path, and no other.

Says anew what the record has to say, rather than ask the code that wrote it: that code is what is looked at.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from reports.graph import Asset
from reports.last_check.charts import Path, leaves
from reports.last_check.finding import Finding
from reports.mark_tallies import cells_by_mark
from reports.record import Edition
from reports.seal import RECORD, SEAL, read_record, seal_of, sha256
from reports.sources import sources

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")
_SOURCE = ("extract_id", "file_commitment", "mapping_commitment")
_CHECK = ("name", "table", "severity", "passed")


def strange_in_record(files: Mapping[str, bytes], edition: Edition, run_id: str) -> Iterator[Finding]:
    """What the record among the files says that it may not say, says otherwise, or leaves out."""
    try:
        record = read_record(files[RECORD])
    except ValueError:
        yield Finding(RECORD, "whole file", "not readable as JSON, or says something twice")
        return
    due, found = dict(leaves(_due(files, edition, run_id))), dict(leaves(record))
    names = {key for path in due for key in path} | {SEAL, "published_at"}
    for path, value in found.items():
        if path not in due and path not in ((SEAL,), ("published_at",)):
            yield Finding(RECORD, _place(path, names), "a value that a record has not")
        elif path in due and json.dumps(value) != json.dumps(due[path]):
            yield Finding(RECORD, _place(path, names), "not the edition's value")
    for path in due:
        if path not in found:
            yield Finding(RECORD, _place(path, names), "missing")
    if not _is_time(record.get("published_at")):
        yield Finding(RECORD, "published_at", "not a time")
    if record.get(SEAL) != seal_of(record):
        yield Finding(RECORD, SEAL, "not the hash of the record")


def record_texts(files: Mapping[str, bytes], edition: Edition, run_id: str) -> frozenset[str]:
    """Every text that the record has to say, its hashes among them."""
    seal = re.findall(rf'"{SEAL}": "([0-9a-f]{{64}})"\n}}\n\Z', files[RECORD].decode())
    return frozenset(seal) | {v for _, v in leaves(_due(files, edition, run_id)) if isinstance(v, str)}


def _due(files: Mapping[str, bytes], edition: Edition, run_id: str) -> dict[str, Any]:
    others = {name: content for name, content in files.items() if name != RECORD}
    return {
        "organisation": edition.organisation,
        "period": edition.period.isoformat(),
        "period_label": edition.period_label,
        "revision": edition.revision,
        "replaces": edition.replaces,
        "compared_with": edition.previous
        and {
            "period": edition.previous.period.isoformat(),
            "revision": edition.previous.revision,
            "record_sha256": edition.previous.record_sha256,
        },
        "run_id": run_id,
        "settings_sha256": edition.settings_sha256,
        "settings": edition.settings,
        "software": dict(edition.software),
        "packages": dict(edition.made.packages),
        "extracts": [{name: row[name] for name in _SOURCE} for row in sources(edition)],
        "statements": {name: dict(said) for name, said in edition.made.statements.items()},
        "lineage": {asset.name: _lineage(asset) for asset in edition.made.assets},
        "checks": [{name: getattr(check, name) for name in _CHECK} for check in edition.checks],
        "counts": cells_by_mark(edition),
        "tables": {name: sha256(others.get(f"tables/{name}.csv", b"")) for name in edition.tables},
        "files": {name: {"sha256": sha256(content), "bytes": len(content)} for name, content in others.items()},
    }


def _lineage(asset: Asset) -> dict[str, Any]:
    return {
        "made_by": asset.computation,
        "made_from": list(asset.made_from),
        "checks": [check.name for check in asset.checks],
        "columns": {column.name: list(column.made_of) for column in asset.columns if column.made_of},
    }


def _place(path: Path, names: set[str | int]) -> str:
    """A path without names that nobody declared: they could be what must not be seen."""
    return ".".join(str(key) if key in names else "?" for key in path)


def _is_time(value: Any) -> bool:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
