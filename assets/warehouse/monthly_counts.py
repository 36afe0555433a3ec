"""Exact counts by month, for the analyst alone: asked of the warehouse when they are needed, and kept in no table.

A series of exact counts, month after month, would give away what editions withhold: nothing made of it is published.
"""

import duckdb
import polars as pl

from assets.warehouse.tables import sql_text
from equity_audit.settings import Settings


def organisations(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The organisations that have records of applications, in order."""
    found = connection.execute("select distinct organisation from core.counted_applications order by all").fetchall()
    return [name for (name,) in found]


def monthly_counts(connection: duckdb.DuckDBPyConnection, organisation: str, settings: Settings) -> pl.DataFrame:
    """The rows of assets/sql/monthly_counts.sql for one organisation; none where nobody was decided on."""
    parameters = {"organisation": organisation, "spans": [list(span) for span in settings.comparison.spans]}
    return connection.sql(sql_text("monthly_counts"), params=parameters).pl()
