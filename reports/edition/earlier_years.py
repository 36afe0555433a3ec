"""The earlier years that are combined with a year: what their editions published, or why a year is left out.

They are read from the editions' own folders, not from the warehouse: its shown tables may be ahead of what anybody has
published, and sums of counts that nobody can read would reveal something new.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from equity_audit.contracts import DISCLOSED_EARLIER_YEARS, DISCLOSED_YEARS_TOGETHER, Table
from equity_audit.disclosure.estimates.several_years import earlier_rows
from equity_audit.periods import period_start
from equity_audit.settings import Settings
from reports.edition.comparable import why_left_out
from reports.edition.earlier_editions import TYPES, read_earlier
from reports.edition.record import Earlier


def earlier_years(
    folder_of: Callable[[str], Path], period: date, tables: Mapping[str, pl.DataFrame], settings: Settings
) -> dict[Table, pl.DataFrame]:
    """Return disclosed.years_together and disclosed.earlier_years of a year; without rows if periods are not years.

    folder_of: the folder of an organisation's editions. tables: stage_counts and sources of the year itself, of every
    organisation. Only consecutive years are combined: no year before one that is left out is used.
    """
    years: list[dict[str, Any]] = []
    rows: list[pl.DataFrame] = []
    policy = settings.model_dump(mode="json")
    for organisation in tables["stage_counts"]["organisation"].unique().sort():
        own = {name: frame.filter(pl.col("organisation") == organisation) for name, frame in tables.items()}
        reason = ""
        for year in _years_before(period, settings):
            before = read_earlier(folder_of(organisation) / year.isoformat(), organisation, year.isoformat())
            reason = "year_after_left_out" if reason else _why_left_out(policy, own, before)
            years.append(
                {
                    "organisation": organisation,
                    "period": period,
                    "year": year,
                    "edition_revision": before.revision if before else None,
                    "edition_hash": before.record_sha256 if before else None,
                    "left_out_reason": reason or None,
                }
            )
            if before and not reason:
                rows.append(earlier_rows(before.tables, year, period))
    return {
        DISCLOSED_YEARS_TOGETHER: _table(DISCLOSED_YEARS_TOGETHER, [pl.DataFrame(years)] if years else []),
        DISCLOSED_EARLIER_YEARS: _table(DISCLOSED_EARLIER_YEARS, rows),
    }


def _why_left_out(policy: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], before: Earlier | None) -> str:
    return "not_published" if before is None else why_left_out(policy, tables, before)


def _years_before(period: date, settings: Settings) -> Iterator[date]:
    """Yield the first days of the years before, the latest first."""
    if settings.period.unit == "year":
        for _ in range(settings.comparison.years_together - 1):
            period = period_start(period - timedelta(days=1), settings.period)
            yield period


def _table(table: Table, parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Return rows with the types of the contract."""
    schema: pl.Schema = pl.Schema({column.name: TYPES[column.type] for column in table.columns})
    return pl.concat([pl.DataFrame(schema=schema), *(part.select(schema.names()).cast(schema) for part in parts)])
