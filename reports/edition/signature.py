"""The signature of an edition's record, `edition.json.sig`: who published it, so that a copy can be trusted elsewhere.

Ed25519 (RFC 8032) over the record's bytes. The file has two lines of hexadecimal digits: the public key, the signature.
It proves nothing by itself: anybody can sign with their own key. Compare the key with the publisher's.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def signed(record: bytes, key: bytes) -> bytes:
    """Return the signature file of a record. key: the 32 bytes of a private key; any 32 bytes will do."""
    private = Ed25519PrivateKey.from_private_bytes(key)
    public = private.public_key().public_bytes_raw()
    return f"{public.hex()}\n{private.sign(record).hex()}\n".encode()


def signer(record: bytes, signature: bytes) -> str:
    """Return the public key that signed a record. Raises ValueError if it is not a signature, or not of this record."""
    public, signature_bytes = (bytes.fromhex(line) for line in signature.decode("ascii").split("\n", maxsplit=2)[:2])
    if signature != f"{public.hex()}\n{signature_bytes.hex()}\n".encode():
        raise ValueError("not in the format of a signature file")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature_bytes, record)
    except InvalidSignature:
        raise ValueError("not of this record") from None
    return public.hex()
