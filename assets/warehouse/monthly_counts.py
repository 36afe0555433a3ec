"""Exact counts by month, for the analyst only: queried when they are needed and not kept in a table.

A series of exact monthly counts would disclose what editions withhold, so nothing made from it is published.
"""

import duckdb
import polars as pl

from assets.warehouse.tables import sql_text
from equity_audit.settings import Settings


def organisations(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the organisations that have records of applications, in order."""
    rows = connection.execute("select distinct organisation from core.counted_applications order by all").fetchall()
    return [name for (name,) in rows]


def monthly_counts(connection: duckdb.DuckDBPyConnection, organisation: str, settings: Settings) -> pl.DataFrame:
    """Return the rows of assets/sql/monthly_counts.sql for one organisation; no rows for a month without decisions."""
    parameters = {"organisation": organisation, "spans": [list(span) for span in settings.comparison.spans]}
    return connection.sql(sql_text("monthly_counts"), params=parameters).pl()
