"""Recognise a damaged warehouse, as distinct from one in use or a wrong key, and say what to do about it."""

from pathlib import Path

import duckdb

from equity_audit.errors import Problem, UsageError

# DuckDB has no exception class for these. "Computed AES tag" comes after the header has opened with the key: a block
# was changed. A wrong key has an error of its own.
_DAMAGE = (
    *("not a valid duckdb database", "could not read enough bytes", "corrupt", "checksum", "computed aes tag"),
    *("replaying wal", "failed to load metadata", "database has been invalidated", "could not read all bytes"),
    *("failed to deserialize", "serialization error"),
)
# "lock" alone would not do: messages about damage contain "block".
_IN_USE = ("could not set lock", "conflicting lock")


def is_in_use(error: duckdb.Error) -> bool:
    """Return whether an error says that another process is using the warehouse."""
    return any(words in str(error).lower() for words in _IN_USE)


def is_damage(error: BaseException) -> bool:
    """Return whether an error says that the warehouse file is damaged."""
    if not isinstance(error, duckdb.Error) or is_in_use(error):
        return False
    return isinstance(error, duckdb.FatalException) or any(words in str(error).lower() for words in _DAMAGE)


def damaged(file: Path) -> UsageError:
    """Return the error for a damaged warehouse. It holds what was loaded; published editions do not depend on it."""
    return UsageError(
        Problem(
            "the warehouse is damaged: part of it cannot be read",
            str(file),
            "restore the home from your backup; without one, move this file and the one that ends with .wal away and "
            "load the exports again (docs/operations.md says what that loses). Published editions are not affected",
        )
    )


def find_damage(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether any table cannot be read. Every block is read, so the time depends on the disk."""
    try:
        tables = connection.sql(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'warehouse'"
        ).fetchall()
        for (table,) in tables:
            connection.sql(f"select bit_xor(hash(t)) from {table} as t").fetchall()
    except duckdb.Error as error:
        return is_damage(error)
    return False
