"""Which editions are published, read from their folders alone.

published/<organisation>/<period>/ is an edition. Anything with another name, or without a record, is not: unfinished
folders, an index, files of others.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from equity_audit.errors import CheckFailed, EquityAuditError, UsageError
from reports.edition.earlier_editions import read_earlier
from reports.edition.folder import open_edition
from reports.edition.manifest_hash import RECORD
from reports.edition.record import Earlier
from reports.figures.shown_numbers import shown_rows

# Reviews of programmes are beside the editions, in folders with this prefix.
PREFIX = "programme-"
_PERIOD = re.compile(r"\d{4}-\d\d-\d\d")
# A step of the path, from one stage to another.
Step = tuple[str, str]


@dataclass(frozen=True)
class Listed:
    """One edition. published: None if its files do not match its record; then nothing of it is shown."""

    folder: str
    organisation: str
    period_label: str
    published_on: str
    replaces: int | None
    warnings: int
    files: tuple[str, ...]
    published: Earlier | None

    def ratios(self) -> Mapping[Step, dict[str, Any]]:
        """Return the row of disclosed.disparities for BME to White at each step; empty if there is no such table."""
        if self.published is None or "disparities" not in self.published.tables:
            return {}
        rows = self.published.tables["disparities"].filter(
            pl.col("breakdown") == "all", pl.col("level") == "wres", pl.col("group_name") == "BME"
        )
        return {(row["from_stage"], row["to_stage"]): row for row in shown_rows(rows.sort("step_order"), "disparities")}


def published_editions(organisation: Path) -> list[Listed]:
    """Return the editions in an organisation's folder, the latest period first."""
    editions = [
        _listed(folder) for folder in organisation.iterdir() if folder.is_dir() and _PERIOD.fullmatch(folder.name)
    ]
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


def published_organisations(home: Path) -> dict[str, list[Listed]]:
    """Return editions by the folder of their organisation; folders without any are left out."""
    folders = sorted(folder for folder in home.iterdir() if folder.is_dir()) if home.is_dir() else []
    return {folder.name: editions for folder in folders if (editions := published_editions(folder))}


def _listed(folder: Path) -> Listed | None:
    try:
        record = open_edition(folder).record
    except UsageError:
        return None
    except CheckFailed:
        return Listed(folder.name, "", folder.name, "", None, 0, (), None)
    failed = [check for check in record["checks"] if not check["passed"] and check["severity"] == "warning"]
    return Listed(
        folder=folder.name,
        organisation=record["organisation"],
        period_label=record["period_label"],
        published_on=_day(date.fromisoformat(record["published_at"][:10])),
        replaces=record["replaces"],
        warnings=len(failed),
        files=tuple(sorted(name for name in (*record["files"], RECORD) if "/" not in name)),
        published=read_earlier(folder, record["organisation"], folder.name),
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
