"""Commitments to the files behind an edition: they name a file to whoever has the key, and tell nobody else anything.

A plain hash does not do: a table of counts is a few numbers in a known layout, so all tables that round to what is
published can be hashed until one fits, in seconds. Under a secret key of 256 bits there is nothing to hash against.

    extract id    = HMAC-SHA-256(home's key, "extract" | fingerprint of file, mapping and organisation), 64 bits
    key of a file = HMAC-SHA-256(home's key, "file key" | extract id)
    commitment    = HMAC-SHA-256(key of the file, SHA-256 in hexadecimal digits)

The key of one file opens the commitments to that file and its mapping, and no other: to hand it to an auditor gives
away neither the home's key nor the key of any other file. HMAC as in RFC 2104; parts are apart by the unit separator.
"""

import hashlib
import hmac

import polars as pl

# What the register knows of a file, and the published column that commits to it.
_COMMITTED = {"file_sha256": "file_commitment", "mapping_sha256": "mapping_commitment"}


def keyed_id(key: bytes, fingerprint: str) -> str:
    """The id of an extract: 16 hexadecimal digits that cannot be worked out without the home's key."""
    return _keyed(key, f"extract\x1f{fingerprint}").hex()[:16]


def file_key(key: bytes, extract_id: str) -> bytes:
    """The key of one file, from the home's."""
    return _keyed(key, f"file key\x1f{extract_id}")


def commitment(key_of_file: bytes, sha256: str) -> str:
    """What is published instead of a hash, given in hexadecimal digits: 64 such digits."""
    return _keyed(key_of_file, sha256).hex()


def commit(sources: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """The sources of a period with commitments in the place of hashes; key: the home's."""
    keys = [file_key(key, extract) for extract in sources["extract_id"]]
    return sources.drop(_COMMITTED).with_columns(
        pl.Series(name, list(map(commitment, keys, sources[column])), pl.String) for column, name in _COMMITTED.items()
    )


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
