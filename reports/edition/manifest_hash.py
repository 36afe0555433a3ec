"""The seal of an edition's record: a hash over what it says, kept in the record itself.

A record names the hash of every other file, so its seal covers the whole edition. A seal shows a slip or a damaged
copy; against somebody who seals anew it proves nothing: that takes the warehouse, or a hash kept elsewhere.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

RECORD = "edition.json"
SIGNATURE = "edition.json.sig"
EVENTS = "openlineage.json"
SEAL = "record_sha256"
OF_ONE_RUN = frozenset({RECORD, SIGNATURE, EVENTS})
"""The files that name a run or its time: they differ although nothing else does."""


def sha256(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def seal_of(record: Mapping[str, Any]) -> str:
    """The hash of a record without its seal: JSON with sorted keys, without spaces, in UTF-8."""
    said = {key: value for key, value in record.items() if key != SEAL}
    return sha256(json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())


def sealed(record: Mapping[str, Any]) -> bytes:
    """The file of a record, its seal last."""
    return written({**record, SEAL: seal_of(record)})


def written(record: Mapping[str, Any]) -> bytes:
    """The one way in which a record is written, so that there is no room in it that the seal does not cover."""
    return json.dumps(record, indent=2, ensure_ascii=False).encode() + b"\n"


def read_record(content: bytes) -> dict[str, Any]:
    """What a record says. Raises ValueError for what is no JSON object, and where a name is said twice."""
    record = json.loads(content.decode(), object_pairs_hook=_once)
    if not isinstance(record, dict):
        raise ValueError("no object")
    return record


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: of a name given twice, only the last would be looked at."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)
