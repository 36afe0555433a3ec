"""Text exports: which encoding and delimiter they have, their header, and how their rows are read.

UTF-8 is read by DuckDB itself, in parallel and with no regard to the size of memory. Other encodings and the members of
a ZIP are streamed through Arrow: no decoded copy of people's records is ever written to disk.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import duckdb
import pyarrow as pa
from pyarrow import csv as arrow_csv

from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.mapping import Source
from equity_audit.intake.steps import literal

HEAD_BYTES = 1 << 20
DELIMITERS = (",", ";", "\t", "|")
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True)
class TextFormat:
    """How a text export is written, and the names in its first line."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]

    @property
    def readable_by_duckdb(self) -> bool:
        """DuckDB 1.5 reads UTF-8 without an extension, with or without a byte order mark."""
        return self.encoding in ("utf-8", "utf-8-sig")


def detect_format(head: bytes, whole: bool, name: str, source: Source | None) -> TextFormat:
    """Work the format out from the first bytes; the mapping's own word comes first. Raises InputRefused."""
    encoding = (source and source.encoding) or _encoding(head, name)
    # A cut may fall inside a character: whatever hangs over is dropped.
    text = head.decode(encoding, errors="strict" if whole else "ignore")
    if not whole and "\n" not in text and "\r" not in text:
        raise InputRefused(Problem("the first line has no end within a million bytes", name, "export it again as CSV"))
    lines = io.StringIO(text, newline="")
    candidates = (source.delimiter,) if source and source.delimiter else DELIMITERS
    headers = {}
    for delimiter in candidates:
        lines.seek(0)
        try:
            headers[delimiter] = tuple(field.strip() for field in next(csv.reader(lines, delimiter=delimiter), []))
        except csv.Error:
            continue
    if not headers:
        raise InputRefused(Problem("the first line cannot be read as CSV", name, "export it again as CSV"))
    delimiter = max(headers, key=lambda candidate: len(headers[candidate]))
    return TextFormat(encoding, delimiter, check_header(headers[delimiter], name))


def check_header(header: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Refuse a first line without names, or with one name twice; by place, since it may hold a person."""
    twice = [str(place) for place, field in enumerate(header, start=1) if header.count(field) > 1]
    if twice or not any(header):
        raise InputRefused(
            Problem(
                f"columns {', '.join(twice)} have the same name as another" if any(header) else "no column is named",
                name,
                "give each column a name of its own in the first line",
            )
        )
    return header


def read_csv_sql(path: Path, form: TextFormat) -> str:
    """DuckDB's reader. Columns are said, not guessed: its guess would hide a row that does not fit."""
    columns = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in form.header)
    return (
        f"read_csv({literal(str(path))}, auto_detect = false, header = true, columns = {{{columns}}}, "
        f"delim = {literal(form.delimiter)}, quote = '\"', escape = '\"', null_padding = false, strict_mode = true)"
    )


@contextmanager
def streamed(connection: duckdb.DuckDBPyConnection, parts: Iterator[IO[bytes]], form: TextFormat) -> Iterator[str]:
    """Rows of one or several texts of the same format, as a table of the connection while the block lasts."""
    schema = pa.schema([(column, pa.string()) for column in form.header])
    reader = pa.RecordBatchReader.from_batches(schema, _batches(parts, form, schema))
    connection.register("source_rows", reader)
    try:
        yield "source_rows"
    finally:
        connection.unregister("source_rows")


def zip_members(path: Path) -> list[str]:
    """The CSVs of a ZIP, in the order of their names. Raises InputRefused."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [
                info
                for info in archive.infolist()
                if Path(info.filename).suffix.lower() in (".csv", ".tsv", ".txt") and "__MACOSX" not in info.filename
            ]
    except (zipfile.BadZipFile, OSError):
        raise InputRefused(Problem("this is not a readable ZIP file", path.name, "make or copy it again")) from None
    if not members:
        raise InputRefused(Problem("there is no CSV in the ZIP", path.name, "put .csv, .tsv or .txt files into it"))
    if any(info.flag_bits & 1 for info in members):
        raise InputRefused(Problem("the ZIP is protected by a password", path.name, "give the files without one"))
    return sorted(info.filename for info in members)


def zip_format(path: Path, source: Source | None) -> TextFormat:
    """The one format that all members of a ZIP have. Raises InputRefused where they differ."""
    formats = {}
    members = zip_members(path)
    with zipfile.ZipFile(path) as archive:
        for member in members:
            with archive.open(member) as stream:
                head = stream.read(HEAD_BYTES)
            formats[member] = detect_format(head, len(head) < HEAD_BYTES, f"{path.name}: {member}", source)
    first = next(iter(formats.values()))
    odd = [member for member, form in formats.items() if form != first]
    if odd:
        raise InputRefused(
            Problem(f"{', '.join(odd)} differ from the first CSV in columns, delimiter or encoding", path.name,
                    "give files of one kind together")
        )  # fmt: skip
    return first


def zip_parts(path: Path) -> Iterator[IO[bytes]]:
    """The members of a ZIP one after the other, open."""
    with zipfile.ZipFile(path) as archive:
        for member in zip_members(path):
            with archive.open(member) as stream:
                yield stream


def _encoding(head: bytes, name: str) -> str:
    """By byte order mark, else UTF-8 if it decodes, else Windows-1252, which is what older systems write."""
    for mark, encoding in _BOMS.items():
        if head.startswith(mark):
            return encoding
    if b"\0" in head:
        raise InputRefused(
            Problem("this is not a text file", name, "give a CSV, a ZIP of CSVs, an XLSX workbook or a Parquet file")
        )
    try:
        head[: len(head) - 4 if len(head) == HEAD_BYTES else None].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _batches(parts: Iterator[IO[bytes]], form: TextFormat, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for part in parts:
        yield from arrow_csv.open_csv(
            part,
            read_options=arrow_csv.ReadOptions(
                # One thread, or an error does not know its row.
                use_threads=False,
                encoding=form.encoding,
                column_names=list(form.header),
                skip_rows=1,
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=form.delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=schema, strings_can_be_null=False, quoted_strings_can_be_null=False
            ),
        )
