"""Commitments to the files behind an edition: they identify a file to holders of its key and disclose nothing else.

A plain hash is not enough: a table of counts is a few numbers in a known layout, so all tables that round to the
published figures could be hashed until one matches, in seconds. A secret key of 256 bits prevents this.

    extract id    = HMAC-SHA-256(home's key, "extract" | fingerprint of file, mapping and organisation), 64 bits
    key of a file = HMAC-SHA-256(home's key, "file key" | extract id)
    commitment    = HMAC-SHA-256(key of the file, SHA-256 in hexadecimal digits)

The key of a file opens only the commitments to that file and its mapping: giving it to an auditor discloses neither the
home's key nor that of any other file. HMAC as in RFC 2104; parts are separated by the unit separator.
"""

import hashlib
import hmac

import polars as pl

# Columns of the register, and the published columns that commit to them.
_COMMITTED = {"file_sha256": "file_commitment", "mapping_sha256": "mapping_commitment"}


def keyed_id(key: bytes, fingerprint: str) -> str:
    """Return the id of an extract: 16 hexadecimal digits that cannot be computed without the home's key."""
    return _keyed(key, f"extract\x1f{fingerprint}").hex()[:16]


def file_key(key: bytes, extract_id: str) -> bytes:
    """Return the key of one file, derived from the home's key."""
    return _keyed(key, f"file key\x1f{extract_id}")


def commitment(key_of_file: bytes, sha256: str) -> str:
    """Return what is published instead of a hash in hexadecimal digits: 64 hexadecimal digits."""
    return _keyed(key_of_file, sha256).hex()


def commit(sources: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """Return the sources of a period with commitments in place of hashes. key: the home's."""
    keys = [file_key(key, extract) for extract in sources["extract_id"]]
    return sources.drop(_COMMITTED).with_columns(
        pl.Series(name, list(map(commitment, keys, sources[column])), pl.String) for column, name in _COMMITTED.items()
    )


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
