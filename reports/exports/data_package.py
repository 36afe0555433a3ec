"""The machine-readable part of an edition: its tables as CSV, as a workbook, and a descriptor of the CSVs.

datapackage.json is a Tabular Data Package (Frictionless standard, version 1, which the R reader expects): path, size
and hash of each CSV, and type, unit, meaning and allowed values of each column. It has no licence, which is for the
organisation to give, and no date, so that the same figures give the same bytes.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from equity_audit.contracts import DISCLOSED, Column, Table
from reports.edition.csv_tables import csv_text
from reports.edition.record import Edition
from reports.exports.workbook import write_workbook

DESCRIPTOR, WORKBOOK = "datapackage.json", "tables.xlsx"
_TYPES = {
    "varchar": "string",
    "bigint": "integer",
    "integer": "integer",
    "tinyint": "integer",
    "double": "number",
    "boolean": "boolean",
    "date": "date",
}


def data_files(edition: Edition) -> dict[str, bytes]:
    """Return CSVs, workbook and descriptor by their names in the edition's folder."""
    tables = {table_path(name): csv_text(rows).encode() for name, rows in edition.tables.items()}
    return {**tables, WORKBOOK: write_workbook(edition), DESCRIPTOR: write_descriptor(edition, tables)}


def table_path(name: str) -> str:
    """Return the path of a table's CSV, relative to the edition's folder."""
    return f"tables/{name}.csv"


def write_descriptor(edition: Edition, files: Mapping[str, bytes]) -> bytes:
    """Write the descriptor of the edition's tables, whose CSVs are among `files`. It reads no value of any table."""
    about = {
        "profile": "tabular-data-package",
        "name": f"recruitment-equity-{edition.period.isoformat()}",
        "title": f"Recruitment equity audit: {edition.organisation}, {edition.period_label}",
        "description": "Published figures: counts are rounded, small ones are withheld, and everything else is "
        "calculated from them. tables.xlsx gives the policy in words, edition.json in full.",
        "organisation": edition.organisation,
        "period": {"start": edition.period.isoformat(), "label": edition.period_label},
        "revision": edition.revision,
        "resources": [
            _resource(table, edition.tables[table.name].columns, files[table_path(table.name)])
            for table in DISCLOSED
            if table.name in edition.tables
        ],
    }
    return json.dumps(about, indent=2, ensure_ascii=False).encode() + b"\n"


def _resource(table: Table, present: Sequence[str], content: bytes) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": table_path(table.name),
        "title": table.name.replace("_", " ").capitalize(),
        "description": table.grain,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {
            "fields": [_field(table.column(name), table) for name in present if name in table.column_names],
            "missingValues": [""],
            "primaryKey": list(table.key),
        },
    }


def _field(column: Column, table: Table) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "title": column.name.replace("_", " ").capitalize(),
        "type": _TYPES[column.type],
        "description": column.meaning,
    }
    if column.unit:
        field["unit"] = column.unit
    constraints: dict[str, Any] = {"required": True} if column.name in table.key else {}
    if column.values:
        constraints["enum"] = list(column.values)
    return field | ({"constraints": constraints} if constraints else {})
