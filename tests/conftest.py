"""What every kind of test may use: an empty warehouse, and rows for it that name only the columns that matter."""

import os
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

# Before any asset is imported: they take the home's policy when they are defined. No test touches ./var.
os.environ["EQUITY_AUDIT_HOME"] = tempfile.mkdtemp(prefix="equity-audit-tests-")

import duckdb
import hypothesis
import pytest

from assets.warehouse import open_warehouse
from equity_audit.contracts import APPLICANT_STAGES, Table
from equity_audit.settings import Settings, load_settings

# Machines differ in speed, and a failure must come back when it is looked into.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True)
hypothesis.settings.load_profile("house")


@pytest.fixture
def settings() -> Settings:
    return load_settings()


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_warehouse(tmp_path)
    yield connection
    connection.close()


@pytest.fixture
def stage_rows(warehouse: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The same warehouse with core.applicant_stages as a table: a test says each row, and ids may be any text."""
    warehouse.execute("drop view core.applicant_stages")
    warehouse.execute(APPLICANT_STAGES.create_sql().replace(" uuid", " varchar"))
    return warehouse


def insert(connection: duckdb.DuckDBPyConnection, table: Table, *rows: dict[str, Any]) -> None:
    """Insert rows; columns not named are null."""
    for row in rows:
        unknown = set(row) - set(table.column_names)
        assert not unknown, f"{table.full_name} has no {unknown}"
        names, values = ", ".join(row), ", ".join(f"${name}" for name in row)
        connection.execute(f"insert into {table.full_name} ({names}) values ({values})", row)


STAGES = ["applied", "shortlisted", "interviewed", "offered", "appointed"]
GROUPS_OF = {
    "White: Irish": ("White", "White"),
    "Asian: Indian": ("Asian", "BME"),
    "Black: African": ("Black", "BME"),
    None: ("Unknown", "Unknown"),
}


def path_rows(
    application_id: str,
    category: str | None,
    last_stage: str,
    outcome: str | None = None,
    *,
    applied_on: date = date(2023, 5, 1),
    extract_id: str = "a" * 16,
) -> list[dict[str, Any]]:
    """The core rows of one application that reached `last_stage` and had `outcome` there."""
    group, wres = GROUPS_OF[category]
    last = STAGES.index(last_stage)
    return [
        {
            "organisation": "Trust",
            "vacancy_id": "f" * 32,
            "application_id": application_id,
            "stage": stage,
            "stage_order": order,
            "reached_on": applied_on,
            "outcome": "progressed" if order < last else outcome,
            "ethnicity_category": category,
            "ethnicity_group": group,
            "wres_group": wres,
            "applied_on": applied_on,
            "extract_id": extract_id,
        }
        for order, stage in enumerate(STAGES[: last + 1])
    ]
