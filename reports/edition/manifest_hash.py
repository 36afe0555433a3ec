"""The manifest hash of an edition: a hash of its record's content, kept in the record itself.

A record lists the hash of every other file, so its own hash covers the whole edition. It reveals a slip or a damaged
copy. It proves nothing against somebody who recalculates it: that takes the warehouse, or a hash kept elsewhere.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

RECORD = "edition.json"
SIGNATURE = "edition.json.sig"
EVENTS = "openlineage.json"
MANIFEST_HASH = "record_sha256"
OF_ONE_RUN = frozenset({RECORD, SIGNATURE, EVENTS})
"""The files that name a run or its time: they differ even if nothing else does."""


def sha256(content: bytes) -> str:
    """Return the SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def manifest_hash(record: Mapping[str, Any]) -> str:
    """Return the hash of a record without its own hash: of JSON with sorted keys, without spaces, in UTF-8."""
    content = {key: value for key, value in record.items() if key != MANIFEST_HASH}
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())


def with_manifest_hash(record: Mapping[str, Any]) -> bytes:
    """Return the file of a record, with its own hash last."""
    return record_bytes({**record, MANIFEST_HASH: manifest_hash(record)})


def record_bytes(record: Mapping[str, Any]) -> bytes:
    """Write a record in the one permitted way, which leaves nothing in the file that its hash does not cover."""
    return json.dumps(record, indent=2, ensure_ascii=False).encode() + b"\n"


def read_record(content: bytes) -> dict[str, Any]:
    """Read a record. Raises ValueError if it is not a JSON object, or if a key occurs twice."""
    record = json.loads(content.decode(), object_pairs_hook=_once)
    if not isinstance(record, dict):
        raise ValueError("not an object")
    return record


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object without repeated keys: of a key given twice, only the last would be read."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a key occurs twice")
    return dict(pairs)
