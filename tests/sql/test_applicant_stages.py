"""core.applicant_stages, a view: the stages that follow from the furthest one."""

from datetime import date

import duckdb

from equity_audit.contracts import APPLICANT_STAGES, APPLICATIONS, ETHNICITY_LABELS, EXTRACTS, OUTCOME_LABELS
from tests.conftest import insert

EXTRACT = "a" * 16
DAY = date(2023, 5, 1)


def test_a_row_for_each_stage_up_to_the_furthest(warehouse: duckdb.DuckDBPyConnection) -> None:
    insert(warehouse, EXTRACTS, {"extract_id": EXTRACT, "stages": ["applied", "interviewed", "appointed"]})
    insert(warehouse, ETHNICITY_LABELS, {"extract_id": EXTRACT, "label": "", "wres_group": "Unknown"})
    insert(warehouse, ETHNICITY_LABELS, {"extract_id": EXTRACT, "label": "A", "wres_group": "White"})
    insert(warehouse, ETHNICITY_LABELS, {"extract_id": "b" * 16, "label": "A", "wres_group": "SECRET"})
    insert(warehouse, OUTCOME_LABELS, {"extract_id": EXTRACT, "label": "Left", "outcome": "withdrew"})
    person = {"extract_id": EXTRACT, "applied_on": DAY, "reached_on": [DAY, None, None]}
    first, second = "1" * 32, "2" * 32
    insert(
        warehouse,
        APPLICATIONS,
        person | {"application_id": first, "ethnicity_code": "A", "outcome_label": "Left", "last_order": 1},
        person | {"application_id": second, "outcome_label": "In post", "last_order": 2},
    )
    rows = warehouse.sql(
        "select replace(application_id::varchar, '-', '')[1:1], stage, stage_order, reached_on, outcome, wres_group "
        "from core.applicant_stages order by all"
    ).fetchall()
    assert rows == [
        ("1", "applied", 0, DAY, "progressed", "White"),
        ("1", "interviewed", 1, None, "withdrew", "White"),
        ("2", "applied", 0, DAY, "progressed", "Unknown"),
        ("2", "appointed", 2, None, None, "Unknown"),
        ("2", "interviewed", 1, None, "progressed", "Unknown"),
    ]


def test_the_view_has_the_columns_of_its_contract(warehouse: duckdb.DuckDBPyConnection) -> None:
    described = warehouse.sql("describe core.applicant_stages").fetchall()
    expected = {column.name: column.type.upper() for column in APPLICANT_STAGES.columns}
    assert {name: type_ for name, type_, *_ in described} == expected
