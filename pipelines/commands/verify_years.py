"""The part of `verify` about several years together: it needs the edition alone, and those of other years if there.

An edition carries the counts of earlier years that it uses. So whatever it says of the years together can be recomputed
from its own tables, and its copy of each year can be compared with that year's edition.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
from pydantic import ValidationError
from rich.console import Console

from equity_audit.contracts import (
    DISCLOSED_DESIGN_EFFECTS,
    DISCLOSED_EARLIER_YEARS,
    DISCLOSED_SEVERAL_YEARS,
    DISCLOSED_STAGE_COUNTS,
    DISCLOSED_YEARS_TOGETHER,
    YEARS,
    Table,
)
from equity_audit.disclosure.estimates.several_years import disclose_several_years, earlier_rows
from equity_audit.errors import CheckFailed, Problem
from equity_audit.settings import Settings
from reports.edition.earlier_editions import read_earlier, read_table
from reports.edition.folder import EditionFolder
from reports.edition.record import Earlier
from reports.edition.table_differences import Difference, first_difference


def verify_years(edition: EditionFolder, home: Path, console: Console) -> None:
    """Recompute what is said of the years together, and compare each year with its edition; print the result.

    Raises CheckFailed with the first difference.
    """
    if not {table.name for table in (*YEARS, DISCLOSED_DESIGN_EFFECTS)} <= set(edition.record["tables"]):
        return
    earlier = read_table(edition, DISCLOSED_EARLIER_YEARS)
    try:
        settings = Settings.model_validate(edition.record["settings"])
    except ValidationError:
        return
    counts, effects = (read_table(edition, table) for table in (DISCLOSED_STAGE_COUNTS, DISCLOSED_DESIGN_EFFECTS))
    together = disclose_several_years(counts, earlier, settings, effects)
    _check(edition, _compared(edition, DISCLOSED_SEVERAL_YEARS, together), "its own counts and those of earlier years")
    if together.is_empty():
        return
    cells = together.height * together.width
    console.print(f"Match: {cells:,} values of the years together follow from the counts that the edition has.")
    for year, revision, before in _editions(edition, home):
        if before is None:
            console.print(f"Not compared with the edition of {year}, revision {revision}: it is not here", markup=False)
            continue
        period = date.fromisoformat(edition.record["period"])
        rows = pl.concat([earlier.filter(pl.col("year") != year), earlier_rows(before.tables, year, period)])
        _check(edition, _compared(edition, DISCLOSED_EARLIER_YEARS, rows), f"the edition of {year}")
        console.print(f"Match: the counts of {year} are those of its edition, revision {revision}.", markup=False)


def _editions(edition: EditionFolder, home: Path) -> Iterator[tuple[date, int, Earlier | None]]:
    """Yield each earlier year used, with its edition: beside this one, or in the home if it was replaced since."""
    years = read_table(edition, DISCLOSED_YEARS_TOGETHER).filter(pl.col("left_out_reason").is_null()).sort("year")
    beside, organisation = edition.folder.resolve().parent, edition.record["organisation"]
    for year, revision, sha256 in years.select("year", "edition_revision", "edition_hash").iter_rows():
        folders = (beside / str(year), home / "superseded" / beside.name / str(year) / f"r{revision}")
        found = (read_earlier(folder, organisation, str(year)) for folder in folders)
        yield year, revision, next((one for one in found if one and one.record_sha256 == sha256), None)


def _compared(edition: EditionFolder, table: Table, again: pl.DataFrame) -> Difference | None:
    return first_difference(table, edition.text(f"tables/{table.name}.csv"), again.select(table.column_names))


def _check(edition: EditionFolder, difference: Difference | None, of: str) -> None:
    if difference:
        raise CheckFailed(
            Problem(f"it does not follow from {of}: {difference}", str(edition.folder), "ask the publisher")
        )
