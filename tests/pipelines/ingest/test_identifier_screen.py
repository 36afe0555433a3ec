"""Planted identifiers: refused by default, dropped unread on request, and then nowhere to be found."""

from pathlib import Path

import polars as pl
import pytest

from assets.warehouse.connection import look_into_warehouse
from equity_audit.synthetic import generate
from tests.pipelines.conftest import run
from tests.pipelines.homes import published

PLANTED = {
    "Full name": "Planted Person",
    "contact": "planted.person@example.org",
    "NHS Number": "943 476 5919",
    "dob": "1980-12-17",
    "where": "SW1A 1AA",
    "Panel notes": "planted remark that the candidate was very nervous on the day of the interview",
}


@pytest.fixture
def export(tmp_path: Path) -> Path:
    wide = generate(600, 21, years=1).wide
    wide.with_columns(**{name: pl.lit(value) for name, value in PLANTED.items()}).write_csv(tmp_path / "export.csv")
    return tmp_path / "export.csv"


def mapping(tmp_path: Path, drop: list[str]) -> Path:
    import assets

    text = (Path(assets.__file__).parent / "mappings" / "standard_wide.toml").read_text(encoding="utf-8")
    names = ", ".join(f'"{name}"' for name in drop)
    (tmp_path / "mine.toml").write_text(f"{text}\n[privacy]\ndrop = [{names}]\n", encoding="utf-8")
    return tmp_path / "mine.toml"


def everything_written(home: Path) -> str:
    """Every byte in the home but the keys, and every row of the warehouse decrypted."""
    texts = [
        path.read_bytes().decode("latin-1")
        for path in home.rglob("*")
        if path.is_file() and "secrets" not in path.parts
    ]
    if (home / "warehouse.duckdb").exists():
        with look_into_warehouse(home) as connection:
            tables = connection.sql("select schema_name, table_name from duckdb_tables()").fetchall()
            texts += [str(connection.sql(f"select * from {schema}.{table}").fetchall()) for schema, table in tables]
    return "\n".join(texts)


def test_the_file_is_refused_with_the_list_and_no_value(export: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    code, said = run(home, "run", export)
    assert code == 3
    for name in PLANTED:
        assert f"column {name}: may hold" in said
    for value in PLANTED.values():
        assert value not in said
        assert value not in everything_written(home)
    assert published(home) == {}


def test_the_refusal_stays_until_every_column_is_dropped(export: Path, tmp_path: Path) -> None:
    code, said = run(tmp_path / "home", "run", export, "--source", mapping(tmp_path, [*PLANTED][1:]))
    assert code == 3
    assert "column Full name: may hold names of people, by its name" in said
    assert "contact" not in said


def test_dropped_columns_are_read_by_nobody_and_found_nowhere(export: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    code, said = run(home, "run", export, "--source", mapping(tmp_path, list(PLANTED)))
    assert code == 0, said
    written = everything_written(home)
    assert "Asian: Indian" in written  # the search sees what is there
    for value in (*PLANTED.values(), "APP-0000", "VAC-0000"):
        assert value not in said
        assert value not in written


def test_one_person_far_down_in_a_detail_refuses_the_file(tmp_path: Path) -> None:
    wide = generate(3000, 23, years=1).wide
    rare = pl.when(pl.int_range(pl.len()) == 2900).then(pl.lit("ask planted.person@example.org"))
    wide.with_columns(department=rare.otherwise(pl.col("department").cast(pl.String))).write_csv(
        tmp_path / "export.csv"
    )
    home = tmp_path / "home"
    code, said = run(home, "run", tmp_path / "export.csv")
    assert code == 3
    assert "column department: may hold e-mail addresses in row 2901" in said
    assert "planted.person" not in said + everything_written(home)


def test_a_detail_of_the_post_that_holds_people_is_refused(tmp_path: Path) -> None:
    wide = generate(300, 22, years=1).wide.with_columns(department=pl.lit("planted.person@example.org"))
    wide.write_csv(tmp_path / "export.csv")
    code, said = run(tmp_path / "home", "run", tmp_path / "export.csv")
    assert code == 3
    assert "column department: may hold e-mail addresses, by its content" in said
    assert "planted" not in said


KEPT = {
    "department": "Dr Planted Person",
    "staff_group": "07700 900123",
    "pay_band": "SW1A 1AA",
    "applicant_source": "943 476 5919",
    "outcome": "Rejected by Mrs Planted",
    "ethnicity": "Other ethnic group, please describe: planted@example.org",
}


@pytest.mark.parametrize("column", KEPT)
def test_one_row_of_a_kept_column_refuses_the_file(column: str, tmp_path: Path) -> None:
    frame = generate(600, 21, years=1).wide
    row = pl.int_range(pl.len()) == 416
    frame = frame.with_columns(
        pl.when(row).then(pl.lit(KEPT[column])).otherwise(pl.col(column).cast(pl.String)).alias(column)
    )
    frame.write_csv(tmp_path / "export.csv")
    for command in ("check", "run"):
        code, said = run(tmp_path / "home", command, tmp_path / "export.csv")
        assert code == 3, said
        assert f"column {column}: may hold" in said
        assert "in row 417\n" in said
        assert KEPT[column] not in said
        assert "lanted" not in everything_written(tmp_path / "home")
