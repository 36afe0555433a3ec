"""Text exports: which encoding and delimiter they have, their header, and how their rows are read.

UTF-8 is read by DuckDB itself, in parallel and with no regard to the size of memory. Other encodings, texts with blank
lines and the members of a ZIP are streamed through Arrow: no decoded copy of people's records is ever written to disk.
"""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.mapping import Source
from equity_audit.intake.steps import literal

HEAD_BYTES = 1 << 20
DELIMITERS = (",", ";", "\t", "|")
# Looked for where none of the usual ones parts the first line: names of columns may hold them.
_RARE_DELIMITERS = ("^", "~", "\x1f", "\x01", ":")
# DuckDB reads lines of up to two megabytes.
_LINE_BYTES = 2 << 20
# A letter of two bytes in UTF-8: in Windows-1252 a capital with a tilde or a hat and a sign after it, as in no word.
_UTF8_LETTER = re.compile(rb"[\xc3\xc4\xc5][\x80-\xbf]|\xe2\x80[\x93-\x9e]")
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
    try:
        # A cut may fall inside a character: whatever hangs over is dropped.
        text = head.decode(encoding, errors="strict" if whole else "ignore")
    except UnicodeDecodeError:
        raise InputRefused(
            Problem(f"the file is not all in one encoding ({encoding})", name, "export it again as CSV in UTF-8")
        ) from None
    if not whole and "\n" not in text and "\r" not in text:
        raise InputRefused(Problem("the first line has no end within a million bytes", name, "export it again as CSV"))
    if source and source.delimiter:
        headers = _headers(text, (source.delimiter,))
    else:
        headers = _headers(text, DELIMITERS)
        if all(len(header) == 1 for header in headers.values()):
            headers |= _headers(text, _RARE_DELIMITERS)
    if not headers:
        raise InputRefused(Problem("the first line cannot be read as CSV", name, "export it again as CSV"))
    delimiter = max(headers, key=lambda candidate: len(headers[candidate]))
    return TextFormat(encoding, delimiter, check_header(headers[delimiter], name))


def _headers(text: str, candidates: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The first line as each delimiter parts it."""
    lines, headers = io.StringIO(text, newline=""), {}
    for delimiter in candidates:
        lines.seek(0)
        try:
            headers[delimiter] = tuple(field.strip() for field in next(csv.reader(lines, delimiter=delimiter), []))
        except csv.Error:
            continue
    return headers


def check_header(header: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Refuse a first line without names, or with one name twice; by place, since it may hold a person.

    A spreadsheet that is saved as CSV may have columns without a name beyond its own: they get their place for one.
    """
    if any(header):
        header = tuple(field or f"(column {place})" for place, field in enumerate(header, start=1))
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


def has_blank_line(part: bytes) -> bool:
    """Whether a line of nothing may end in this part of a text, be it within quotation marks.

    Lines end with a line feed, a carriage return, or both in this order.
    """
    codes = np.frombuffer(part, np.uint8)
    feed = codes == 10
    if b"\r" not in part:
        # Most texts have line feeds alone, and this is a search over the whole of a large file.
        return bool((feed[:-1] & feed[1:]).any())
    back = codes == 13
    return bool((feed[:-1] & (feed[1:] | back[1:])).any() or (back[:-1] & back[1:]).any())


def check_last_line(path: Path) -> None:
    """Refuse a text whose last line is too long to read: DuckDB 1.5 leaves one of over 32 MB out without a word."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _LINE_BYTES))
        tail = stream.read().rstrip(b"\r\n")
    if len(tail) > _LINE_BYTES // 2 and b"\n" not in tail and b"\r" not in tail:
        raise InputRefused(
            Problem("the last line has no end within a million bytes", path.name, "export it again as CSV")
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
        if _UTF8_LETTER.search(head):
            # Either reading would garble the other part's names, and split what belongs together.
            raise InputRefused(
                Problem("some lines are in UTF-8 and others in Windows-1252", name, "export it again as CSV in UTF-8")
            ) from None
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
            parse_options=arrow_csv.ParseOptions(
                delimiter=form.delimiter, newlines_in_values=True, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=schema, strings_can_be_null=False, quoted_strings_can_be_null=False
            ),
        )
