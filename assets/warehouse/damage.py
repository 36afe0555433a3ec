"""A warehouse that a disk has damaged: told from one that is in use and from a wrong key, with what to do about it."""

from pathlib import Path

import duckdb

from equity_audit.errors import Problem, UsageError

# DuckDB has no class of its own for these. "Computed AES tag" comes after its header opened with the key: a block was
# changed. A wrong key is said to be one.
_WORDS = (
    *("not a valid duckdb database", "could not read enough bytes", "corrupt", "checksum", "computed aes tag"),
    *("replaying wal", "failed to load metadata", "database has been invalidated", "could not read all bytes"),
    *("failed to deserialize", "serialization error"),
)
# From a lock's own words: "block" is in those of damage, too.
_IN_USE = ("could not set lock", "conflicting lock")


def is_in_use(error: duckdb.Error) -> bool:
    """Whether another process has the warehouse."""
    return any(words in str(error).lower() for words in _IN_USE)


def is_damage(error: BaseException) -> bool:
    """Whether an error says that the warehouse's file is damaged."""
    if not isinstance(error, duckdb.Error) or is_in_use(error):
        return False
    return isinstance(error, duckdb.FatalException) or any(words in str(error).lower() for words in _WORDS)


def damaged(file: Path) -> UsageError:
    """What is said of it. It holds what was taken in; what was published stands by itself."""
    return UsageError(
        Problem(
            "the warehouse is damaged: it cannot be read to its end",
            str(file),
            "put the home back from your backup; without one, move this file and the one that ends with .wal away and "
            "take the exports in again (docs/operations.md says what that loses). Published editions are not touched",
        )
    )


def find_damage(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether any table cannot be read: every block of each is looked at, so this takes as long as the disk does."""
    try:
        tables = connection.sql(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'warehouse'"
        ).fetchall()
        for (table,) in tables:
            connection.sql(f"select bit_xor(hash(t)) from {table} as t").fetchall()
    except duckdb.Error as error:
        return is_damage(error)
    return False
