"""Signatures of records, against the published test vectors of Ed25519."""

import pytest

from reports.edition.signature import signed, signer

# RFC 8032, section 7.1, tests 1 and 2: private key, public key, message, signature.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2465"
        "5141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d"
        "291612bb0c00",
    ),
]


@pytest.mark.parametrize(("private", "public", "message", "signature"), VECTORS)
def test_published_vectors(private: str, public: str, message: str, signature: str) -> None:
    record = bytes.fromhex(message)
    assert signed(record, bytes.fromhex(private)) == f"{public}\n{signature}\n".encode()
    assert signer(record, f"{public}\n{signature}\n".encode()) == public


def test_what_does_not_sign_a_record() -> None:
    signature = signed(b"record", b"k" * 32)
    public, sign = signature.decode().split()
    others = [b"", b"x", b"\xff\n\xff\n", signature + b"more", f"{sign}\n{public}\n".encode(), signature.upper()]
    for other in [*others, signed(b"record", b"l" * 32)[:65] + signature[65:]]:
        with pytest.raises(ValueError):  # noqa: PT011  its words are for nobody
            signer(b"record", other)
    with pytest.raises(ValueError, match="not of this record"):
        signer(b"Record", signature)
