"""What a report may know: disclosed tables of one organisation and period, and how they were made. Nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from reports.edition.asset_graph import Asset


@dataclass(frozen=True)
class CheckRecord:
    """One check that the figures went through."""

    name: str
    table: str
    severity: str
    passed: bool
    meaning: str


@dataclass(frozen=True)
class Making:
    """How an edition was made, as its record says.

    statements: table -> SQL file that makes it, and the SHA-256 of its text. packages: the versions of Python and of
    every required package. statement_texts: the text of each statement. assets: every step, by layer and name.
    """

    statements: Mapping[str, Mapping[str, str]]
    packages: Mapping[str, str]
    statement_texts: Mapping[str, str]
    assets: Sequence[Asset]


@dataclass(frozen=True)
class Earlier:
    """An edition published earlier, as read from its folder: only what everybody can read.

    record_sha256: its manifest hash, the hash of its record, which lists the hash of each of its files.
    """

    period: date
    period_label: str
    revision: int
    record_sha256: str
    settings: Mapping[str, Any]
    tables: Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Edition:
    """One published set of outputs. Without times or run ids, so that the same figures give the same pages.

    tables: the `disclosed.*` tables of equity_audit.contracts by name, this organisation and period only.
    previous: the published edition of the period before; replaced: the revision that this one replaces; None if there
    is none, or if it is not as it was published.
    """

    organisation: str
    period: date
    period_label: str
    revision: int
    replaces: int | None
    tables: Mapping[str, pl.DataFrame]
    checks: Sequence[CheckRecord]
    settings: Mapping[str, Any]
    settings_sha256: str
    software: Mapping[str, str]
    made: Making
    previous: Earlier | None = None
    replaced: Earlier | None = None


def unsplit(edition: Edition) -> Edition:
    """Return the edition with only the figures of all applicants together."""
    tables = {
        name: rows.filter(pl.col("breakdown") == "all") if "breakdown" in rows.columns else rows
        for name, rows in edition.tables.items()
    }
    return replace(edition, tables=tables)
