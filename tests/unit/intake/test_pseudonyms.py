"""The SQL pseudonym against Python's own hmac (RFC 2104), an independent implementation."""

import hashlib
import hmac

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equity_audit.intake.pseudonyms import hmac_pads, new_key, pseudonym_sql


def in_duckdb(key: bytes, organisation: str, kind: str, identifier: str | None) -> str | None:
    with duckdb.connect() as connection:
        query = f"select {pseudonym_sql(kind, '$identifier::varchar')}"
        values = {name: value for name, value in hmac_pads(key, organisation).items() if f"${name}" in query}
        row = connection.execute(query, {"identifier": identifier, **values}).fetchone()
    assert row is not None
    return row[0].hex if row[0] else None


@given(
    st.binary(min_size=32, max_size=64),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
)
def test_agrees_with_pythons_hmac(key: bytes, organisation: str, identifier: str) -> None:
    message = f"{organisation}\x1fapplication\x1f{identifier}".encode()
    expected = hmac.new(key, message, hashlib.sha256).hexdigest()[:32]
    assert in_duckdb(key, organisation, "application", identifier) == expected


def test_a_vacancy_has_a_digest_under_a_key_of_its_own() -> None:
    key = new_key()
    derived = hmac.new(key, b"Trust\x1fvacancy", hashlib.sha256).digest()
    assert in_duckdb(key, "Trust", "vacancy", "V-1") == hashlib.sha256(derived + b"V-1").hexdigest()[:32]


def test_another_organisation_kind_or_key_gives_another_pseudonym() -> None:
    key = new_key()
    found = {
        in_duckdb(key, "A", "application", "1"),
        in_duckdb(key, "B", "application", "1"),
        in_duckdb(key, "A", "vacancy", "1"),
        in_duckdb(key, "A", "candidate", "1"),
        in_duckdb(key, "B", "vacancy", "1"),
        in_duckdb(new_key(), "A", "application", "1"),
    }
    assert len(found) == 6


def test_null_stays_null() -> None:
    assert in_duckdb(new_key(), "A", "application", None) is None


@pytest.mark.parametrize("length", [31, 65])
def test_a_key_that_is_too_short_or_too_long_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 to 64 bytes"):
        hmac_pads(b"k" * length, "Trust")
