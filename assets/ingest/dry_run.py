"""Dry run of loading a file: in a temporary home, under keys that are thrown away."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from assets.ingest.date_formats import cells_of, zoned_columns
from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.source_files import SourceFile, open_source
from assets.ingest.source_mappings import load_mapping
from assets.warehouse.connection import open_warehouse
from assets.warehouse.extract_register import extract_id, organisation_of
from equity_audit.contracts import POPULATION_TABLES
from equity_audit.intake.faults import RULES
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.pseudonyms import new_key
from equity_audit.periods import period_label, period_start
from equity_audit.settings import Settings

_LABELS = """
    select label, coalesce(ethnicity_category, ethnicity_group, wres_group) from intake.ethnicity_labels order by all
"""
_FAULTS = "select rule, column_name, count(*) from intake.rejected_rows group by all order by all"


@dataclass(frozen=True)
class DryRun:
    """What loading a file would result in."""

    extract: dict[str, Any]
    faults: list[tuple[str, str, int]]
    facts: list[tuple[str, int]]
    labels: list[tuple[str, str]]
    periods: list[str]
    beside_recruitment: list[str]
    date_notes: list[str]

    def lines(self) -> list[str]:
        """The findings, one line each."""
        return [
            *(f"{rows:,} invalid rows: {RULES[rule]} (column {column})" for rule, column, rows in self.faults),
            *(f"{applications:,} applications: {meaning}" for meaning, applications in self.facts),
            *(f'ethnicity "{label}" is read as {meaning}' for label, meaning in self.labels),
            *(f"has applications in {period}" for period in self.periods),
            *self.beside_recruitment,
            *self.date_notes,
        ]


def dry_run(path: Path, mapping_reference: str, settings: Settings) -> DryRun:
    """Read, match and validate a file as loading it would, and keep nothing. Raises the errors that loading would."""
    mapping = load_mapping(mapping_reference)
    with tempfile.TemporaryDirectory(prefix="equity-audit-check-") as folder:
        connection = open_warehouse(Path(folder))
        try:
            file = open_source(connection, path, mapping, settings.intake)
            organisation = organisation_of(mapping, settings)
            name = extract_id(file.sha256, mapping, settings, new_key())
            today = datetime.now(UTC).date()
            connection.execute("begin")
            extract = load_extract(connection, file, mapping, Load(name, organisation, "", new_key(), today, settings))
            connection.execute("commit")
            months = connection.sql(
                "select distinct date_trunc('month', applied_on)::date from core.applications "
                "union select distinct period from core.group_counts"
            ).fetchall()
            return DryRun(
                extract,
                connection.sql(_FAULTS).fetchall(),
                connection.sql("select meaning, applications from intake.extract_facts").fetchall(),
                connection.sql(_LABELS).fetchall(),
                _periods([month for (month,) in months], settings),
                list(_beside_recruitment(connection, settings)),
                list(_date_notes(connection, file, mapping)),
            )
        finally:
            connection.close()


def _beside_recruitment(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[str]:
    """Yield the periods of numbers of staff and of survey answers."""
    for people in POPULATION_TABLES:
        days = connection.sql(f"select distinct {people.day} from {people.received.full_name}").fetchall()
        yield from (f"has {people.numbers} in {period}" for period in _periods([day for (day,) in days], settings))


def _date_notes(connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping) -> Iterator[str]:
    """Yield what was assumed about dates: the time zone, and the day from which a workbook counts."""
    if file.serial_epoch and file.serial_epoch.year == 1904 and mapping.date_columns():
        yield "dates stored as numbers are counted from 1 January 1904, as the workbook says"
    if mapping.date_columns() and (
        columns := zoned_columns(connection, file, mapping, cells_of(connection, file, mapping))
    ):
        assumed = (
            "" if mapping.source.time_zone else ", which is assumed: set source.time_zone in the mapping to change it"
        )
        yield f"times with a time zone count by the date in {mapping.time_zone}{assumed} (column {', '.join(columns)})"


def _periods(months: list[date], settings: Settings) -> list[str]:
    starts = sorted({period_start(month, settings.period) for month in months})
    return [period_label(start, settings.period) for start in starts]
