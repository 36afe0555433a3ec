"""Which editions are published, read from their folders alone.

published/<organisation>/<period>/ is an edition. Anything with another name, or without a record, is not: unfinished
folders, an index, files of others.
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from equity_audit.errors import CheckFailed, EquityAuditError, UsageError
from reports.edition.check_results import check_results, checks_in_words
from reports.edition.earlier_editions import read_earlier
from reports.edition.folder import open_edition
from reports.edition.manifest_hash import RECORD
from reports.edition.record import CheckRecord, Earlier

# Reviews of programmes are beside the editions, in folders with this prefix.
PREFIX = "programme-"
_PERIOD = re.compile(r"\d{4}-\d\d-\d\d")


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


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
