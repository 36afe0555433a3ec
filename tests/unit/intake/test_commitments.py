"""Commitments to files: one file under one key has one alone, and a small table cannot be tried out."""

import hashlib
import hmac
import secrets
from itertools import product

import polars as pl

from equity_audit.intake.commitments import commit, commitment, file_key, keyed_id

KEY = b"k" * 32
SHA = hashlib.sha256(b"Group,Applied\nAsian,12\n").hexdigest()


def test_as_another_implementation_of_the_standard_gives_it() -> None:
    """printf %s "$SHA" | openssl dgst -sha256 -mac HMAC -macopt hexkey:KEY, OpenSSL 3.0.19, gave the digits below."""
    key = bytes(range(32))
    assert commitment(key, "0" * 64) == "316f015283f48487bfe5d490ce40c9cab087c68ce59d700d781e6b686cd1b4f9"


def test_each_file_has_a_key_of_its_own_and_none_is_the_homes() -> None:
    ids = [keyed_id(KEY, SHA), keyed_id(KEY, SHA[::-1]), keyed_id(b"o" * 32, SHA)]
    keys = [KEY, *(file_key(KEY, one) for one in ids)]
    assert len({*ids}) == 3
    assert len({*keys}) == 4
    assert len({commitment(key, SHA) for key in keys}) == 4
    # The id of a file and what commits to it are made apart: neither gives the other.
    assert all(one not in commitment(file_key(KEY, one), SHA) for one in ids)


def test_hashes_are_replaced_and_nothing_else_is_touched() -> None:
    row = {"extract_id": "a" * 16, "extract_number": 3, "file_sha256": SHA, "mapping_sha256": "0" * 64}
    done = commit(pl.DataFrame([row]), KEY).to_dicts()
    own = file_key(KEY, "a" * 16)
    assert done == [
        {"extract_id": "a" * 16, "extract_number": 3}
        | {"file_commitment": commitment(own, SHA), "mapping_commitment": commitment(own, "0" * 64)}
    ]
    assert commit(pl.DataFrame([row]).clear(), KEY).is_empty()


def test_a_counted_table_cannot_be_found_by_trying_all_that_fit() -> None:
    """In miniature what found all numbers of a table in 20 seconds: every table that rounds to what is published."""

    def table(asian: int, white: int) -> bytes:
        return f"Group,Applied\nAsian,{asian}\nWhite,{white}\nAll,{asian + white}\n".encode()

    shown = [range(18, 23), range(463, 468)]  # 20 and 465
    candidates = {hashlib.sha256(table(*numbers)).hexdigest(): numbers for numbers in product(*shown)}
    truth, home = (21, 464), secrets.token_bytes(32)
    sha256 = hashlib.sha256(table(*truth)).hexdigest()
    extract = keyed_id(home, sha256)
    published = {extract, commitment(file_key(home, extract), sha256)}
    # With the hash it falls at once; of what is published, no public text is the key to anything.
    assert candidates[sha256] == truth
    guesses = {b"", b"\0" * 32, extract.encode(), bytes.fromhex(extract)}
    tried = {hashlib.sha256(text.encode()).hexdigest() for text in (*candidates, *published)} | candidates.keys()
    for key, one in product(guesses, candidates):
        tried |= {hmac.new(key, one.encode(), hashlib.sha256).hexdigest(), commitment(file_key(key, extract), one)}
        tried |= {keyed_id(key, one)}
    assert not published & {text[: len(own)] for text in tried for own in published}
