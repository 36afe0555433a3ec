"""Editions laid out as publishing does, with nothing in them but the counts that a programme's review is made from."""

from datetime import date
from pathlib import Path

import polars as pl

from assets.release.publish import folder_name
from equity_audit.settings import Settings
from reports.edition.csv_tables import csv_text
from reports.edition.manifest_hash import RECORD, sha256, with_manifest_hash

ORGANISATION = "Made-Up Trust"


def lay_out(published: Path, stage_counts: pl.DataFrame, settings: Settings, organisation: str = ORGANISATION) -> None:
    """A folder for each period of disclosed.stage_counts, as first revision."""
    for (period,), rows in stage_counts.group_by("period", maintain_order=True):
        assert isinstance(period, date)
        _lay_out(published / folder_name(organisation), period, rows, settings, organisation)


def _lay_out(folder: Path, period: date, rows: pl.DataFrame, settings: Settings, organisation: str) -> None:
    content = csv_text(rows.with_columns(organisation=pl.lit(organisation))).encode()
    edition = folder / period.isoformat()
    (edition / "tables").mkdir(parents=True)
    (edition / "tables" / "stage_counts.csv").write_bytes(content)
    record = {
        "organisation": organisation,
        "period": period.isoformat(),
        "period_label": f"{period.year}",
        "revision": 1,
        "replaces": None,
        "published_at": "2026-11-26T00:00:00+00:00",
        "checks": [],
        "settings": settings.model_dump(mode="json"),
        "tables": {"stage_counts": sha256(content)},
        "files": {"tables/stage_counts.csv": {"sha256": sha256(content), "bytes": len(content)}},
    }
    (edition / RECORD).write_bytes(with_manifest_hash(record))
