"""Files that know no figure: they must be what their code makes of an edition without its figures, to the letter.

Nothing else is asked of them, so hashes, SQL and the numbers of a drawing need no rule of their own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import polars as pl

from reports.last_check.finding import Finding
from reports.openlineage import write_events
from reports.pages import PAGES
from reports.provenance import PROVENANCE, write_provenance
from reports.record import Edition
from reports.seal import EVENTS, OF_ONE_RUN, RECORD, read_record

AUDIT = "audit.html"
MADE_AGAIN = frozenset({AUDIT, PROVENANCE, EVENTS})
# About files, not about people; the rounded numbers in them are published as they stand.
_WHOLE = ("sources",)


def again(file: str, files: Mapping[str, bytes], edition: Edition, run_id: str) -> str:
    """One of MADE_AGAIN as it has to be beside the other `files`."""
    bare = without_figures(edition)
    if file == AUDIT:
        return PAGES[AUDIT](bare)
    others = {name: content for name, content in files.items() if name not in OF_ONE_RUN | {PROVENANCE}}
    if file == PROVENANCE:
        return write_provenance(bare, others).decode()
    return write_events(bare, others, run_id, _published_at(files)).decode()


def without_figures(edition: Edition) -> Edition:
    """The edition with words and marks only, save in tables about its files."""
    words = (pl.String, pl.Boolean, pl.Date)
    tables = {
        name: rows if name in _WHOLE else rows.select(column for column in rows.columns if rows[column].dtype in words)
        for name, rows in edition.tables.items()
    }
    return replace(edition, tables=tables)


def strange_beside(file: str, text: str, due: str) -> Iterator[Finding]:
    """Each line of a finished file that is not the line that is due there."""
    found, wanted = text.split("\n"), due.split("\n")
    for line, said in enumerate(found, 1):
        if line > len(wanted) or said != wanted[line - 1]:
            yield Finding(file, f"line {line}", "not as the package writes it")
    if len(found) < len(wanted):
        yield Finding(file, "whole file", "shorter than the package writes it")


def _published_at(files: Mapping[str, bytes]) -> str:
    """The time that the record names; whether it is one is asked of the record."""
    try:
        return str(read_record(files.get(RECORD, b"")).get("published_at"))
    except ValueError:
        return ""
