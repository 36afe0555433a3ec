"""The descriptor by the rules of its standard, and the tables as somebody reads them who has nothing but the folder."""

import csv
import hashlib
import io
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd
import polars as pl
import pytest
from frictionless import Package

from equity_audit.contracts import DISCLOSED, DISCLOSED_DISPARITIES
from equity_audit.disclosure.estimates.finding_bounds import NOT_SETTLED
from equity_audit.measures.findings import FINDINGS
from reports.edition.csv_tables import csv_text, without_marks
from reports.edition.record import Edition
from reports.exports.data_package import data_files
from tests.reports.conftest import DEPARTMENTS, GROUPS, make_edition, showing_zeros

# Types of the standard, as pandas calls them: those that hold missing values.
DTYPES = {"string": "string", "integer": "Int64", "number": "float64", "boolean": "boolean", "date": "datetime64"}
# What pandas takes for missing, a number or a truth value if it is let, and what a CSV has to quote.
ODD_NAMES = ["NA", "None", "null", "007", "1e3", "True", 'a "b", c', "x\ny", "é"]


def renamed(edition: Edition, column: str, names: list[str]) -> Edition:
    """The same with other names in the first rows of one column of stage_counts."""
    rows = edition.tables["stage_counts"]
    values = [*names, *rows[column].to_list()[len(names) :]]
    return replace(edition, tables={**edition.tables, "stage_counts": rows.with_columns(pl.Series(column, values))})


def kind_of(dtype: pl.DataType) -> str:
    """The standard's name for what polars holds. A column of nothing but missing counts is of no type there."""
    kinds = {pl.String: "string", pl.Boolean: "boolean", pl.Date: "date", pl.Null: "integer"}
    return "integer" if dtype.is_integer() else "number" if dtype.is_float() else kinds[type(dtype)]


def read_with_pandas(resource: dict[str, Any], files: dict[str, bytes]) -> pd.DataFrame:
    """A table from its descriptor alone."""
    fields = {field["name"]: DTYPES[field["type"]] for field in resource["schema"]["fields"]}
    read = pd.read_csv(
        io.BytesIO(files[resource["path"]]),
        encoding=resource["encoding"],
        dtype={name: kind for name, kind in fields.items() if kind != "datetime64"},
        keep_default_na=False,
        na_values=resource["schema"]["missingValues"],
    )
    return read.assign(
        **{name: pd.to_datetime(read[name], format="%Y-%m-%d") for name, kind in fields.items() if kind == "datetime64"}
    )


@pytest.mark.parametrize(
    "edition",
    [
        make_edition(),
        make_edition(groups=dict.fromkeys(GROUPS, (300, 100, 30)), categories={}),
        make_edition(groups={"White": (50, 0, 0), "Asian": (50, 20, 10)}, categories={}, settings=showing_zeros()),
        renamed(make_edition(), "breakdown_value", ODD_NAMES),
        make_edition(departments=DEPARTMENTS),
    ],
    ids=["usual", "equal", "never selected", "odd names", "departments"],
)  # fmt: skip
def test_a_fresh_pandas_session_reads_every_table_right(edition: Edition) -> None:
    files = data_files(edition)
    resources = json.loads(files["datapackage.json"])["resources"]
    assert [resource["name"] for resource in resources] == [table.name for table in DISCLOSED]
    for resource in resources:
        read, rows = read_with_pandas(resource, files), edition.tables[resource["name"]]
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        assert list(read.columns) == list(fields) == rows.columns
        for name, field in fields.items():
            assert field["type"] == kind_of(rows[name].dtype)
            assert str(read[name].dtype).startswith(DTYPES[field["type"]])
            found = [
                None if pd.isna(value) else value.date() if isinstance(value, pd.Timestamp) else value
                for value in read[name]
            ]
            assert found == rows[name].to_list(), (resource["name"], name)
            allowed = field.get("constraints", {}).get("enum")
            assert allowed is None or set(found) - {None} <= set(allowed), (resource["name"], name)
        key = resource["schema"]["primaryKey"]
        assert not read[key].isna().any(axis=None)
        assert not read.duplicated(key).any()


def test_the_descriptor_keeps_the_rules_of_the_standard(edition: Edition) -> None:
    """Frictionless Data, version 1: Data Package, Data Resource, Tabular Data Resource, Table Schema."""
    files = data_files(edition)
    package = json.loads(files["datapackage.json"])
    assert package["profile"] == "tabular-data-package"
    assert re.fullmatch(r"[a-z0-9._/-]+", package["name"])
    assert package["title"] == "Recruitment equity audit: St Made-Up's NHS Trust, 1 April 2023 to 31 March 2024"
    assert package["period"] == {"start": "2023-04-01", "label": "1 April 2023 to 31 March 2024"}
    assert "licenses" not in package
    names = [resource["name"] for resource in package["resources"]]
    assert len(set(names)) == len(names) > 0
    described = {resource["path"] for resource in package["resources"]}
    assert described == {name for name in files if name.endswith(".csv")}
    for resource in package["resources"]:
        assert resource["profile"] == "tabular-data-resource"
        assert re.fullmatch(r"[a-z0-9._-]+", resource["name"])
        path = PurePosixPath(resource["path"])
        assert not path.is_absolute()
        assert ".." not in path.parts
        content = files[resource["path"]]
        assert resource["bytes"] == len(content)
        assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
        assert (resource["format"], resource["mediatype"], resource["encoding"]) == ("csv", "text/csv", "utf-8")
        fields = resource["schema"]["fields"]
        header = content.decode("utf-8").split("\n", 1)[0]
        assert ",".join(field["name"] for field in fields) == header
        for field in fields:
            assert field["type"] in {"string", "integer", "number", "boolean", "date"}
            assert len(field["description"]) > 5
            assert set(field.get("constraints", {})) <= {"required", "enum"}
        assert set(resource["schema"]["primaryKey"]) <= {field["name"] for field in fields}


def test_units_marks_and_types(edition: Edition) -> None:
    resources = json.loads(data_files(edition)["datapackage.json"])["resources"]
    fields = {(r["name"], f["name"]): f for r in resources for f in r["schema"]["fields"]}
    assert fields["stage_counts", "reached"]["unit"] == "applications"
    assert fields["selection_rates", "selection_rate"]["unit"] == "share"
    assert fields["disparities", "impact_ratio"]["unit"] == "ratio"
    assert fields["checks", "passed"]["type"] == "boolean"
    assert fields["stage_counts", "period"]["type"] == "date"
    assert fields["stage_counts", "progressed_note"]["constraints"] == {"enum": ["fewer_than", "protects_another"]}
    assert fields["disparities", "finding"]["constraints"]["enum"] == [*FINDINGS, NOT_SETTLED]


def test_no_other_word_is_in_a_contract_than_its_meaning_explains() -> None:
    for table in DISCLOSED:
        for column in table.columns:
            if column.name.endswith(("_note", "not_shown_reason")) or column.name in ("reading", "severity"):
                assert column.values
                assert all(value in column.meaning for value in column.values), column.name
    assert DISCLOSED_DISPARITIES.column("reading").values == ("less_often", "more_often", "not_clear")


def test_the_same_figures_give_the_same_descriptor_and_others_another(edition: Edition) -> None:
    first = data_files(edition)["datapackage.json"]
    assert data_files(make_edition())["datapackage.json"] == first
    assert data_files(replace(edition, period=date(2024, 4, 1)))["datapackage.json"] != first


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1 ward", "@SUM(A1)", "\tTab", "\rReturn"])
def test_no_text_of_a_csv_is_a_formula(name: str) -> None:
    """OWASP, CSV injection: no cell begins with =, +, -, @, a tab or a carriage return, not even a quoted one."""
    edition = renamed(make_edition(), "group_name", [name])
    text = data_files(edition)["tables/stage_counts.csv"].decode()
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert f"'{name}" in cells
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    again = without_marks(pl.read_csv(io.StringIO(text), infer_schema=False))
    assert again["group_name"].to_list() == edition.tables["stage_counts"]["group_name"].to_list()


def test_numbers_below_zero_stay_numbers() -> None:
    rows = pl.DataFrame({"group_name": ["White", "'tis"], "log_ratio": [-0.25, 0.5]})
    assert csv_text(rows) == "group_name,log_ratio\nWhite,-0.25\n'tis,0.5\n"


def test_others_find_every_table_as_its_descriptor_says(tmp_path: Path) -> None:
    """By frictionless, the reference implementation of Data Package: types, keys, constraints, encoding."""
    files = data_files(renamed(make_edition(departments=DEPARTMENTS), "breakdown_value", ODD_NAMES))
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    report = Package(str(tmp_path / "datapackage.json")).validate()
    assert report.flatten(["title", "message"]) == []
    assert {task.name for task in report.tasks} == {table.name for table in DISCLOSED}
    counts = tmp_path / "tables" / "stage_counts.csv"
    counts.write_text(counts.read_text(encoding="utf-8").replace(",300,", ",about 300,"), encoding="utf-8")
    assert not Package(str(tmp_path / "datapackage.json")).validate().valid
