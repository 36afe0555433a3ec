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
# People's identifiers; a vacancy's gets a cheaper pseudonym.
_KINDS = ("application", "candidate")


def new_key() -> bytes:
    """A random key of 256 bits."""
    return secrets.token_bytes(KEY_BYTES)


def key_id(key: bytes) -> str:
    """A fingerprint by which two extracts can be seen to have been pseudonymised under one key."""
    return hmac.new(key, b"equity-audit pseudonym key", hashlib.sha256).hexdigest()[:16]


def hmac_pads(key: bytes, organisation: str) -> dict[str, bytes]:
    """What `pseudonym_sql` binds: the outer padded key, and the inner one with the beginning of each kind of message.

    A message is organisation, kind and identifier, apart by the unit separator, so that equal identifiers of different
    things or employers do not meet. The key is at most 64 bytes.
    """
    if not KEY_BYTES <= len(key) <= _BLOCK:
        raise ValueError(f"a key has {KEY_BYTES} to {_BLOCK} bytes")
    padded = key.ljust(_BLOCK, b"\0")
    inner = bytes(byte ^ 0x36 for byte in padded)
    beginnings = {f"{kind}_pad": inner + f"{organisation}\x1f{kind}\x1f".encode() for kind in _KINDS}
    vacancy_key = hmac.new(key, f"{organisation}\x1fvacancy".encode(), hashlib.sha256).digest()
    return {"outer_pad": bytes(byte ^ 0x5C for byte in padded), "vacancy_key": vacancy_key, **beginnings}


def pseudonym_sql(kind: str, identifier: str) -> str:
    """SQL of the pseudonym of one text expression, a UUID of 128 bits; null for null.

    A vacancy is no person: SHA-256 of a key derived for vacancies alone and the identifier, as in the one-step key
    derivation of NIST SP 800-56C, takes a quarter of the time of an HMAC.
    """
    if kind == "vacancy":
        digest = f"sha256($vacancy_key::blob || encode({identifier}))"
    else:
        digest = f"sha256($outer_pad::blob || unhex(sha256(${kind}_pad::blob || encode({identifier}))))"
    # Through bytes: reading a UUID from text allows for dashes and takes longer.
    return f"unhex(left({digest}, 32))::uuid"
