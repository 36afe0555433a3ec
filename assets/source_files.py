"""An export file on disk: what kind it is, its hash, its columns. Refuses what cannot be an export before reading it.

Knows nothing of mappings or of the warehouse's tables.
"""

import csv
import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.steps import literal

_HEAD_BYTES = 1 << 16
_PARQUET_MAGIC = b"PAR1"


@dataclass(frozen=True)
class SourceFile:
    """A readable export: `read_sql` is the table expression that gives its rows, `types` its columns in order."""

    path: Path
    sha256: str
    size: int
    modified_ns: int
    read_sql: str
    types: dict[str, str]

    def check_unchanged(self) -> None:
        """Raise InputRefused if the file was written to since it was opened, as when it is still being copied."""
        now = self.path.stat()
        if (now.st_size, now.st_mtime_ns) != (self.size, self.modified_ns):
            raise InputRefused(
                Problem("the file changed while it was read", self.path.name, "run again once it is fully copied")
            )


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes; raises InputRefused for a file that is missing, empty or not readable."""
    try:
        if path.is_dir():
            raise InputRefused(Problem("this is a folder", str(path), "name the file inside it"))
        if path.stat().st_size == 0:
            raise InputRefused(Problem("the file is empty (0 bytes)", path.name, "export it again"))
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        raise InputRefused(Problem("there is no such file", str(path), "check the name and the folder")) from None
    except PermissionError:
        raise InputRefused(Problem("the file may not be read", str(path), "ask for read access to it")) from None


def open_source(connection: duckdb.DuckDBPyConnection, path: Path) -> SourceFile:
    """Look at an export without loading it. Raises InputRefused."""
    sha256 = file_sha256(path)
    status = path.stat()
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if head.startswith(_PARQUET_MAGIC) or path.suffix.lower() == ".parquet":
        read_sql = f"read_parquet({literal(str(path))})"
        try:
            types = {name: type_ for name, type_, *_ in connection.sql(f"describe from {read_sql}").fetchall()}
        except duckdb.Error as error:
            raise unreadable(error, path) from None
    else:
        types = dict.fromkeys(_csv_header(head, path), "VARCHAR")
        read_sql = _read_csv_sql(path, types)
    return SourceFile(path, sha256, status.st_size, status.st_mtime_ns, read_sql, types)


def unreadable(error: duckdb.Error, path: Path) -> InputRefused:
    """A reader's error as a refusal: the line's number is kept, its content never."""
    line = re.search(r"\bLine:\s*(\d+)", str(error))
    if path.suffix.lower() == ".parquet":
        return InputRefused(Problem("this is not a readable Parquet file", path.name, "export or copy it again"))
    return InputRefused(
        Problem(
            "a row does not fit the header (wrong number of fields, or a quotation mark not closed)",
            f"{path.name}, line {line[1]}" if line else path.name,
            "open the file in a text editor at that line, or export it again as CSV in UTF-8",
        )
    )


def _read_csv_sql(path: Path, types: dict[str, str]) -> str:
    """The columns are said, not guessed: DuckDB's guess depends on the rows and would hide a row that does not fit."""
    columns = ", ".join(f"{literal(name)}: '{type_}'" for name, type_ in types.items())
    return (
        f"read_csv({literal(str(path))}, auto_detect = false, header = true, columns = {{{columns}}}, "
        "delim = ',', quote = '\"', escape = '\"', null_padding = false, strict_mode = true)"
    )


def _csv_header(head: bytes, path: Path) -> list[str]:
    """The names in the first line of a text file."""
    if b"\0" in head:
        raise InputRefused(
            Problem("this is not a text file", path.name, "give a CSV (comma-separated, UTF-8) or Parquet file")
        )
    try:
        # The cut may fall inside a character: the last few bytes are left out.
        text = head[: len(head) - 4 if len(head) == _HEAD_BYTES else None].decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputRefused(Problem("the text is not UTF-8", path.name, "export it as CSV in UTF-8")) from None
    header = next(csv.reader(io.StringIO(text)), [])
    # By place and not by name: without a header the first line has people in it.
    twice = [str(place) for place, name in enumerate(header, start=1) if header.count(name) > 1]
    if twice or not header:
        raise InputRefused(
            Problem(
                f"columns {', '.join(twice)} have the same name as another" if twice else "the first line is empty",
                path.name,
                "give each column a name of its own in the first line",
            )
        )
    return header
