"""The keys of a home: for pseudonyms, for commitments to files, for the encrypted warehouse, and to sign editions.

Each is 256 random bits in <home>/secrets/<name>.key, readable only by its owner, or in an environment variable. They
are created once, before the warehouse is. A key that is missing later is an error and is never replaced, since a new
one would make every applicant or file look new, or make the warehouse unreadable. The signing key is optional and never
created here, because a signature means something only if its owner is known.
"""

import os
from pathlib import Path
from typing import Literal

from assets.warehouse.durable import sync_folder
from equity_audit.errors import Problem, UsageError
from equity_audit.intake.pseudonyms import KEY_BYTES, new_key

KeyName = Literal["pseudonym", "commitment", "warehouse", "signing"]
KEYS: tuple[KeyName, ...] = ("pseudonym", "commitment", "warehouse")
WAREHOUSE_FILE = "warehouse.duckdb"


def ensure_keys(home: Path) -> None:
    """Create the keys of a home that has no warehouse yet. Raises UsageError if they cannot be written."""
    if (home / WAREHOUSE_FILE).exists():
        return
    try:
        (home / "secrets").mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in KEYS:
            file = _file(home, name)
            if not file.exists() and _variable(name) not in os.environ:
                _write(file)
    except OSError as error:
        raise UsageError(
            Problem(
                f"the keys cannot be created ({error.strerror})",
                str(home / "secrets"),
                "check the folder's permissions",
            )
        ) from None


def commitment_key(home: Path) -> bytes:
    """Return the key for commitments to files, created first if the home is new. Raises UsageError if it is missing."""
    ensure_keys(home)
    return read_key(home, "commitment")


def signing_key(home: Path) -> bytes | None:
    """Return the key that signs editions; None if the home has none. Raises UsageError if it is not a valid key."""
    if not os.environ.get(_variable("signing")) and not _file(home, "signing").exists():
        return None
    return read_key(home, "signing")


def read_key(home: Path, name: KeyName) -> bytes:
    """Return a key from the environment, else from its file. Raises UsageError if it is missing or not valid."""
    variable, file = _variable(name), _file(home, name)
    try:
        text = os.environ.get(variable) or file.read_text(encoding="ascii")
        key = bytes.fromhex(text.strip())
        if len(key) != KEY_BYTES:
            raise ValueError
    except FileNotFoundError:
        raise UsageError(
            Problem(
                f"the {name} key is missing",
                str(file),
                f"restore it from your backup, or set {variable}; docs/operations.md says what its loss means",
            )
        ) from None
    except (OSError, ValueError):
        raise UsageError(
            Problem(
                f"the {name} key cannot be read, or is not {2 * KEY_BYTES} hexadecimal digits",
                f"{file} or {variable}",
                "restore it from your backup",
            )
        ) from None
    return key


def keys_held(home: Path) -> list[tuple[KeyName, str]]:
    """Return each key and where it is: the environment variable or the file that has it, or "none"."""
    names: tuple[KeyName, ...] = (*KEYS, "signing")
    return [(name, _where(home, name)) for name in names]


def _where(home: Path, name: KeyName) -> str:
    variable, file = _variable(name), _file(home, name)
    if os.environ.get(variable):
        return f"environment variable {variable}"
    return str(file.relative_to(home)) if file.exists() else "none"


def _variable(name: KeyName) -> str:
    return f"EQUITY_AUDIT_{name.upper()}_KEY"


def _file(home: Path, name: KeyName) -> Path:
    return home / "secrets" / f"{name}.key"


def _write(file: Path) -> None:
    """Write a new key to a temporary file with its permissions set, then move it into place if no other run has."""
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(new_key().hex() + "\n")
        stream.flush()
        # A warehouse without its key is lost.
        os.fsync(stream.fileno())
    try:
        os.link(partial, file)
        sync_folder(file.parent)
    except FileExistsError:
        pass
    finally:
        partial.unlink()
