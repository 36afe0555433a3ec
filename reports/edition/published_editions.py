"""Which editions are published, read from their folders alone.

published/<organisation>/<period>/ is an edition. Anything with another name, or without a record, is not: unfinished
folders, an index, files of others.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from equity_audit.contracts import DISCLOSED, Table
from equity_audit.errors import CheckFailed, EquityAuditError, UsageError
from reports.edition.check_results import check_results, checks_in_words
from reports.edition.earlier_editions import TYPES, read_earlier
from reports.edition.folder import open_edition
from reports.edition.manifest_hash import RECORD
from reports.edition.record import CheckRecord, Earlier

# Reviews of programmes are beside the editions, in folders with this prefix.
PREFIX = "programme-"
_PERIOD = re.compile(r"\d{4}-\d\d-\d\d")
# What the indexes print of the tables of an edition.
_BME_TO_WHITE = pl.col("breakdown").eq("all") & pl.col("level").eq("wres")
_OF_INDEXES = {
    "disparities": _BME_TO_WHITE & pl.col("group_name").eq("BME"),
    "overall_paths": _BME_TO_WHITE & pl.col("group_name").eq("BME"),
    "stage_counts": _BME_TO_WHITE,
}


@dataclass(frozen=True)
class Listed:
    """One edition. published: None if its files do not match its record; then nothing of it is shown.

    checks: what its pages say of all checks together.
    """

    folder: str
    organisation: str
    period_label: str
    published_on: str
    replaces: int | None
    checks: str
    files: tuple[str, ...]
    published: Earlier | None


def published_editions(organisation: Path, read: Callable[[Path], Listed | None] | None = None) -> list[Listed]:
    """Return the editions in an organisation's folder, the latest period first.

    read: how one is read from its folder; read_listed by default.
    """
    read = read or read_listed
    editions = [read(folder) for folder in organisation.iterdir() if _PERIOD.fullmatch(folder.name) and folder.is_dir()]
    return sorted(
        (edition for edition in editions if edition is not None), key=lambda edition: edition.folder, reverse=True
    )


@dataclass(frozen=True)
class ListedReview:
    """A published review of a programme: its folder, and the programme's name."""

    folder: str
    programme: str


def published_reviews(organisation: Path) -> list[ListedReview]:
    """Return the reviews in an organisation's folder, by name; those whose files are not as published are left out."""
    reviews = []
    for folder in sorted(organisation.glob(f"{PREFIX}*")):
        try:
            record = open_edition(folder).record
        except EquityAuditError:
            continue
        reviews.append(ListedReview(folder.name, record["programme"]["programme"]["name"]))
    return reviews


def published_organisations(home: Path, read: Callable[[Path], Listed | None] | None = None) -> dict[str, list[Listed]]:
    """Return editions by the folder of their organisation; folders without any are left out."""
    folders = sorted(folder for folder in home.iterdir() if folder.is_dir()) if home.is_dir() else []
    return {folder.name: editions for folder in folders if (editions := published_editions(folder, read))}


def read_listed(folder: Path) -> Listed | None:
    """Read an edition from its folder, every file of which is compared with its record; None if there is none."""
    try:
        record = open_edition(folder).record
    except UsageError:
        return None
    except CheckFailed:
        return Listed(folder.name, "", folder.name, "", None, "", (), None)
    checks = [CheckRecord(**check, meaning="") for check in record["checks"]]
    return Listed(
        folder=folder.name,
        organisation=record["organisation"],
        period_label=record["period_label"],
        published_on=_day(date.fromisoformat(record["published_at"][:10])),
        replaces=record["replaces"],
        checks=checks_in_words(check_results(checks)),
        files=tuple(sorted(name for name in (*record["files"], RECORD) if "/" not in name)),
        published=read_earlier(folder, record["organisation"], folder.name),
    )


def for_indexes(edition: Listed) -> Listed:
    """Return an edition with those rows of its tables alone that the indexes print."""
    if edition.published is None:
        return edition
    tables = {
        name: rows.filter(_OF_INDEXES[name]) for name, rows in edition.published.tables.items() if name in _OF_INDEXES
    }
    return replace(edition, published=replace(edition.published, tables=tables))


def to_json(edition: Listed) -> dict[str, Any]:
    """Return a listed edition as values that JSON has; tables by column, dates as text."""
    published = edition.published
    values = asdict(replace(edition, published=None))
    if published is not None:
        tables = {
            name: rows.with_columns(pl.col(pl.Date).dt.to_string()).to_dict(as_series=False)
            for name, rows in published.tables.items()
        }
        values["published"] = asdict(replace(published, tables={})) | {
            "period": published.period.isoformat(),
            "tables": tables,
        }
    return values


def from_json(values: Mapping[str, Any]) -> Listed:
    """Return the listed edition that `to_json` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    published = None
    if values["published"] is not None:
        contracts = {table.name: table for table in DISCLOSED}
        tables = {name: _from_columns(columns, contracts[name]) for name, columns in _tables(values).items()}
        period = date.fromisoformat(values["published"]["period"])
        published = Earlier(**values["published"] | {"period": period, "tables": tables})
    return Listed(**{**values, "files": tuple(values["files"]), "published": published})


def _tables(values: Mapping[str, Any]) -> dict[str, dict[str, list[Any]]]:
    tables: dict[str, dict[str, list[Any]]] = values["published"]["tables"]
    return tables


def _from_columns(columns: Mapping[str, list[Any]], table: Table) -> pl.DataFrame:
    types = {column.name: TYPES[column.type] for column in table.columns if column.name in columns}
    values = {
        name: [day and date.fromisoformat(day) for day in columns[name]] if kind == pl.Date else columns[name]
        for name, kind in types.items()
    }
    return pl.DataFrame(values, schema=types)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
