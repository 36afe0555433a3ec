"""Pseudonyms: HMAC-SHA-256 (RFC 2104) of an identifier under the organisation's own key, cut to 128 bits.

Keyed, because an unkeyed hash of a short identifier is undone by trying them all. The same identifier always gives the
same pseudonym under the same key, so that a later extract can replace an earlier one; another organisation's equal
identifier gives another. DuckDB has no HMAC, so it is composed from SHA-256 inside SQL and millions of rows never pass
through Python.
"""

import hashlib
import hmac
import secrets

_BLOCK = 64
KEY_BYTES = 32


def new_key() -> bytes:
    """A random key of 256 bits."""
    return secrets.token_bytes(KEY_BYTES)


def key_id(key: bytes) -> str:
    """A fingerprint by which two extracts can be seen to have been pseudonymised under one key."""
    return hmac.new(key, b"equity-audit pseudonym key", hashlib.sha256).hexdigest()[:16]


def hmac_pads(key: bytes) -> dict[str, bytes]:
    """The two padded keys that `pseudonym_sql` binds as $inner_pad and $outer_pad. The key is at most 64 bytes."""
    if not KEY_BYTES <= len(key) <= _BLOCK:
        raise ValueError(f"a key has {KEY_BYTES} to {_BLOCK} bytes")
    padded = key.ljust(_BLOCK, b"\0")
    return {"inner_pad": bytes(byte ^ 0x36 for byte in padded), "outer_pad": bytes(byte ^ 0x5C for byte in padded)}


def pseudonym_sql(kind: str, identifier: str) -> str:
    """SQL of the pseudonym of one text expression: 32 hexadecimal characters; null for null.

    `kind` ("application" or "vacancy") and the bound $organisation are part of the message, apart by the unit
    separator, so that equal identifiers of different things do not meet.
    """
    message = f"encode($organisation || chr(31) || '{kind}' || chr(31) || {identifier})"
    return f"left(sha256($outer_pad::blob || unhex(sha256($inner_pad::blob || {message}))), 32)"
