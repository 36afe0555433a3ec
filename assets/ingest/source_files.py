"""An export file on disk: its kind, hash, columns and rows. A file that cannot be an export is refused.

This module knows nothing of the warehouse's tables.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

import duckdb
import polars as pl
import pyarrow as pa

from assets.ingest.csv_files import (
    HEAD_BYTES,
    check_last_line,
    detect_format,
    has_blank_line,
    read_csv_sql,
    streamed,
    table_only,
)
from assets.ingest.xlsx_files import WORKBOOKS, read_workbook, serial_epoch
from assets.ingest.zip_files import DAMAGED_ZIP, check_unpacked, zip_format, zip_parts
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.steps import literal
from equity_audit.settings import IntakePolicy, load_settings

_PARQUET_MAGIC = b"PAR1"
_ZIP_MAGIC = b"PK\x03\x04"
# Fits the processor's cache.
_CHUNK_BYTES = 1 << 18
Rows = Callable[[duckdb.DuckDBPyConnection], AbstractContextManager[str]]


@dataclass(frozen=True)
class SourceFile:
    """A readable export. `types` are its columns in order with their types, all text except in Parquet.

    serial_epoch: the day from which a workbook counts dates stored as numbers; None for other files, in which a number
    is not a date. skipped: what the file has besides its table, such as titles, in words. titles: their
    texts.
    """

    path: Path
    kind: Literal["text", "zip", "xlsx", "parquet"]
    sha256: str
    size: int
    modified_ns: int
    types: dict[str, str]
    _rows: Rows = field(repr=False)
    serial_epoch: date | None = None
    skipped: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()

    @contextmanager
    def rows(self, connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
        """Return a table expression that gives the rows, in the order of the file, during the block.

        Raises InputRefused for a row that cannot be read, with its line number but not its content.
        """
        try:
            with self._rows(connection) as source:
                yield source
        except (duckdb.Error, pa.ArrowInvalid, UnicodeError, *DAMAGED_ZIP) as error:
            if isinstance(error, duckdb.OutOfMemoryException) or "no space left" in str(error).lower():
                raise  # caused by the machine, not by the file
            raise _unreadable(error, self.path, self.kind) from None

    def check_unchanged(self) -> None:
        """Raise InputRefused if the file was written to since it was opened, as when it is still being copied."""
        now = self.path.stat()
        if (now.st_size, now.st_mtime_ns) != (self.size, self.modified_ns):
            raise InputRefused(
                Problem("the file changed while it was being read", self.path.name, "run again once it is fully copied")
            )


def _hash_and_blank_lines(path: Path) -> tuple[str, bool]:
    """Return the SHA-256 of a file's bytes and, if it is text, whether it has blank lines: both in one pass.

    Raises InputRefused for a file that is missing, empty or not readable.
    """
    try:
        if path.is_dir():
            raise InputRefused(Problem("this is a folder, not a file", str(path), "name a file inside it"))
        if path.stat().st_size == 0:
            raise InputRefused(Problem("the file is empty (0 bytes)", path.name, "export it again"))
        digest, blank, last = hashlib.sha256(), False, b""
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
                blank = blank or has_blank_line(last + chunk)
                last = chunk[-1:]
        return digest.hexdigest(), blank
    except FileNotFoundError:
        raise InputRefused(Problem("there is no such file", str(path), "check the name and the folder")) from None
    except PermissionError:
        raise InputRefused(
            Problem("permission to read the file was denied", str(path), "ask for read access")
        ) from None


def open_source(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    mapping: Mapping | None = None,
    policy: IntakePolicy | None = None,
    sheet: str | None = None,
) -> SourceFile:
    """Open an export without loading it; the mapping, if known, states what cannot be detected. Raises InputRefused.

    policy: how much a file may unpack to; the bundled settings by default. sheet: of a workbook, if no mapping names
    it.
    """
    sha256, blank_lines = _hash_and_blank_lines(path)
    status = path.stat()
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if head.startswith(_ZIP_MAGIC):
        check_unpacked(path, policy or load_settings().intake)
    if head.startswith(_PARQUET_MAGIC) or path.suffix.lower() == ".parquet":
        types, rows = _parquet(connection, path)
        return SourceFile(path, "parquet", sha256, status.st_size, status.st_mtime_ns, types, rows)
    if path.suffix.lower() in WORKBOOKS:
        frame, skipped, titles = read_workbook(path, mapping, sheet)
        types = dict.fromkeys(frame.columns, "VARCHAR")
        rows, epoch = _registered(frame), serial_epoch(path)
        return SourceFile(path, "xlsx", sha256, status.st_size, status.st_mtime_ns, types, rows, epoch, skipped, titles)
    if head.startswith(_ZIP_MAGIC):
        form = zip_format(path, mapping)
        types = dict.fromkeys(form.header, "VARCHAR")

        def members(connection: duckdb.DuckDBPyConnection) -> AbstractContextManager[str]:
            return streamed(connection, zip_parts(path), form)

        return SourceFile(path, "zip", sha256, status.st_size, status.st_mtime_ns, types, members, skipped=form.skipped)
    form = detect_format(head, len(head) < HEAD_BYTES, path.name, mapping)
    types = dict.fromkeys(form.header, "VARCHAR")
    check_last_line(path)

    def lines(connection: duckdb.DuckDBPyConnection) -> AbstractContextManager[str]:
        # DuckDB silently skips blank lines, so row counts and row numbers would not match the file.
        if form.readable_by_duckdb and not blank_lines:
            return _expression(read_csv_sql(path, form))
        return streamed(connection, iter([table_only(path, form)]), form)

    return SourceFile(
        path, "text", sha256, status.st_size, status.st_mtime_ns, types, lines, skipped=form.skipped, titles=form.titles
    )


def _parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[dict[str, str], Rows]:
    read_sql = f"read_parquet({literal(str(path))})"
    try:
        types = {name: type_ for name, type_, *_ in connection.sql(f"describe from {read_sql}").fetchall()}
    except duckdb.Error as error:
        raise _unreadable(error, path, "parquet") from None
    return types, lambda _: _expression(read_sql)


def _registered(frame: pl.DataFrame) -> Rows:
    @contextmanager
    def rows(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
        connection.register("source_rows", frame)
        try:
            yield "source_rows"
        finally:
            connection.unregister("source_rows")

    return rows


@contextmanager
def _expression(text: str) -> Iterator[str]:
    yield text


def _unreadable(error: Exception, path: Path, kind: str) -> InputRefused:
    """Turn a reader's error into a refusal that keeps the line number but never the content."""
    if kind == "parquet":
        return InputRefused(Problem("this is not a readable Parquet file", path.name, "export or copy it again"))
    line = re.search(r"\bLine:\s*(\d+)|Row #(\d+)", str(error))
    number = next((group for group in line.groups() if group), None) if line else None
    return InputRefused(
        Problem(
            "a row does not fit the header (wrong number of fields, an unclosed quotation mark, or another encoding)",
            f"{path.name}, line {number}" if number else path.name,
            "open the file in a text editor at that line, or export it again as CSV in UTF-8",
        )
    )
