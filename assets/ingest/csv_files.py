"""Text exports: their encoding, delimiter and header, and how their rows are read.

DuckDB reads UTF-8 itself, in parallel, even if the file is larger than memory. Other encodings, files with blank lines
and the members of a ZIP are streamed through Arrow: no decoded copy of people's records is ever written to disk.
"""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from assets.ingest.table_start import ROWS_SEARCHED, find_table
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.steps import literal

HEAD_BYTES = 1 << 20
DELIMITERS = (",", ";", "\t", "|")
# Tried only if none of the usual ones divides the first line: column names may contain them.
_RARE_DELIMITERS = ("^", "~", "\x1f", "\x01", ":")
# DuckDB reads lines of up to two megabytes.
_LINE_BYTES = 2 << 20
# A two-byte letter or a dash or quotation mark in UTF-8. Read as Windows-1252 it would be an accented capital followed
# by a sign, which occurs in no word.
_UTF8_LETTER = re.compile(rb"[\xc3\xc4\xc5][\x80-\xbf]|\xe2\x80[\x93-\x9e]")
# As spreadsheets write it in front of the table.
_DELIMITER_LINE = re.compile(r'"?sep=(.)"?\r?\n')
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True)
class TextFormat:
    """The encoding, delimiter and column names of a text export.

    lines: how many come before the first row; end: the line after which the table ends, if notes follow it. skipped:
    what is not part of the table, in words. titles: the texts above the table.
    """

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    lines: int = 1
    end: int | None = None
    skipped: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()

    @property
    def readable_by_duckdb(self) -> bool:
        """Whether DuckDB 1.5 reads it without an extension: UTF-8, with or without a byte order mark, and no titles."""
        return self.encoding in ("utf-8", "utf-8-sig") and not self.skipped and self.lines == 1


def detect_format(head: bytes, whole: bool, name: str, mapping: Mapping | None) -> TextFormat:
    """Detect the format from the first bytes; what the mapping states comes first. Raises InputRefused."""
    source = mapping.source if mapping else None
    encoding = (source and source.encoding) or _encoding(head, name)
    try:
        # The sample may end inside a character: the incomplete one is dropped.
        text = head.decode(encoding, errors="strict" if whole else "ignore")
    except UnicodeDecodeError:
        raise InputRefused(
            Problem(f"not all of the file is in one encoding ({encoding})", name, "export it again as CSV in UTF-8")
        ) from None
    if not whole and "\n" not in text and "\r" not in text:
        raise InputRefused(
            Problem("the first line is longer than a million bytes", name, "export it again as CSV with line breaks")
        )
    needed = frozenset(mapping.needed_columns()) if mapping else frozenset[str]()
    stated = _DELIMITER_LINE.match(text)
    if stated:
        text = text[stated.end() :]
    given = (source and source.delimiter) or (stated and stated[1])
    formats = [_format(text, encoding, delimiter, needed) for delimiter in ((given,) if given else DELIMITERS)]
    if not given and all(form is None or len(form.header) == 1 or form.lines > 1 for form in formats):
        formats += [_format(text, encoding, delimiter, needed) for delimiter in _RARE_DELIMITERS]
    readable = [form for form in formats if form]
    if not readable:
        raise InputRefused(Problem("the first line cannot be read as CSV", name, "export it again as CSV"))
    form = max(readable, key=lambda form: len(form.header))
    if whole:
        form = _format(text, encoding, form.delimiter, needed, whole=True) or form
    if stated:
        line = f'the first line, which names the delimiter ("{stated[1]}"), skipped'
        end = form.end + 1 if form.end else None
        form = replace(form, lines=form.lines + 1, end=end, skipped=(line, *form.skipped))
    return replace(form, header=check_header(form.header, name))


def _format(
    text: str, encoding: str, delimiter: str, needed: frozenset[str], *, whole: bool = False
) -> TextFormat | None:
    """Return the format of a text if it is divided by a delimiter; None if its first line cannot be read so.

    whole: examine all of the text, whose table may have notes below it.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    ends: list[int] = []
    try:
        for row in reader if whole else islice(reader, ROWS_SEARCHED):
            rows.append(row)
            ends.append(reader.line_num)
    except csv.Error:
        # A later line that cannot be read is reported with its number when the rows are read.
        whole = False
    if not rows:
        return None
    table = find_table(rows, needed, whole=whole)
    if table is None:
        return TextFormat(encoding, delimiter, tuple(field.strip() for field in rows[0]))
    end = ends[table.last - 1] if table.last < len(rows) else None
    return TextFormat(encoding, delimiter, table.names, ends[table.first - 1], end, table.skipped, table.titles)


def check_header(header: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Return the header, with unnamed columns named by their position.

    A spreadsheet saved as CSV may have unnamed columns beyond its own. Raises InputRefused if no column is named, or if
    two share a name; the message gives positions and not names, since the first line may hold a person's record.
    """
    if any(header):
        header = tuple(field or f"(column {position})" for position, field in enumerate(header, start=1))
    duplicates = [str(position) for position, field in enumerate(header, start=1) if header.count(field) > 1]
    if duplicates or not any(header):
        raise InputRefused(
            Problem(
                f"columns {', '.join(duplicates)} do not have unique names" if any(header) else "no column has a name",
                name,
                "give each column a different name in the first line",
            )
        )
    return header


def read_csv_sql(path: Path, form: TextFormat) -> str:
    """Return a call of DuckDB's reader. Columns are stated, since its guess would hide a row that does not fit."""
    columns = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in form.header)
    return (
        f"read_csv({literal(str(path))}, auto_detect = false, header = true, columns = {{{columns}}}, "
        f"delim = {literal(form.delimiter)}, quote = '\"', escape = '\"', null_padding = false, strict_mode = true)"
    )


def has_blank_line(part: bytes) -> bool:
    """Return whether this part of a text may contain a blank line, even within quotation marks.

    Lines end with a line feed, a carriage return, or a carriage return and a line feed.
    """
    codes = np.frombuffer(part, np.uint8)
    feed = codes == 10
    if b"\r" not in part:
        # Most files have line feeds only, and the whole of a large file is searched.
        return bool((feed[:-1] & feed[1:]).any())
    back = codes == 13
    return bool((feed[:-1] & (feed[1:] | back[1:])).any() or (back[:-1] & back[1:]).any())


def check_last_line(path: Path) -> None:
    """Refuse a text whose last line is too long to read: DuckDB 1.5 silently drops one of more than 32 MB."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _LINE_BYTES))
        tail = stream.read().rstrip(b"\r\n")
    if len(tail) > _LINE_BYTES // 2 and b"\n" not in tail and b"\r" not in tail:
        raise InputRefused(Problem("the last line is longer than a million bytes", path.name, "export it again as CSV"))


@contextmanager
def streamed(connection: duckdb.DuckDBPyConnection, parts: Iterator[IO[bytes]], form: TextFormat) -> Iterator[str]:
    """Register the rows of one or more texts of the same format as a table of the connection during the block."""
    schema = pa.schema([(column, pa.string()) for column in form.header])
    reader = pa.RecordBatchReader.from_batches(schema, _batches(parts, form, schema))
    connection.register("source_rows", reader)
    try:
        yield "source_rows"
    finally:
        connection.unregister("source_rows")


def table_only(path: Path, form: TextFormat) -> IO[bytes]:
    """Return a text open for reading; one with notes below its table without them, and without what is above it."""
    if form.end is None:
        return path.open("rb")
    lines = io.StringIO(path.read_bytes().decode(form.encoding), newline="")
    return io.BytesIO("".join(islice(lines, form.end)).encode(form.encoding))


def _encoding(head: bytes, name: str) -> str:
    """Detect the encoding: by byte order mark, else UTF-8 if it decodes, else Windows-1252, as older systems write."""
    for mark, encoding in _BOMS.items():
        if head.startswith(mark):
            return encoding
    if b"\0" in head:
        # Without a byte order mark: in Latin letters every second byte is zero, and no other one is.
        even, odd = head[::2], head[1::2]
        for zeros, others, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
            if 0 not in others and zeros.count(0) > len(zeros) / 2:
                return encoding
        raise InputRefused(
            Problem("this is not a text file", name, "give a CSV, a ZIP of CSVs, an XLSX workbook or a Parquet file")
        )
    try:
        head[: len(head) - 4 if len(head) == HEAD_BYTES else None].decode("utf-8")
    except UnicodeDecodeError:
        if _UTF8_LETTER.search(head):
            # Either encoding would garble the lines in the other, and split one label into two.
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
                # With several threads an error does not give its row number.
                use_threads=False,
                encoding=form.encoding,
                column_names=list(form.header),
                skip_rows=form.lines,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=form.delimiter, newlines_in_values=True, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=schema, strings_can_be_null=False, quoted_strings_can_be_null=False
            ),
        )
