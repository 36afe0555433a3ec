from datetime import date

import duckdb

from assets.warehouse.tables import sql_text
from equity_audit.contracts import ANSWERS, SURVEY
from tests.conftest import insert
from tests.sql.conftest import SECOND
from tests.sql.test_counted_answers import JUNE, OCTOBER, answer

PERIOD = {"period_start": date(2023, 4, 1), "period_end": date(2024, 4, 1)}
INDIAN = {"ethnicity_code": "Asian: Indian"}


def test_answers_of_the_last_survey_of_the_period_by_question_level_and_group(
    two_extracts: duckdb.DuckDBPyConnection,
) -> None:
    insert(
        two_extracts,
        ANSWERS,
        answer(OCTOBER, 30, 12),
        answer(OCTOBER, 9, 4, **INDIAN),
        answer(OCTOBER, 7, 0, **INDIAN, item="Safe"),
        answer(JUNE, 1000, 1000),
        answer(date(2024, 4, 1), 1000, 1000, SECOND),
    )
    rows = two_extracts.sql(sql_text("survey"), params=PERIOD).pl()
    assert set(rows.columns) == set(SURVEY.column_names)
    assert set(rows["wave"]) == {OCTOBER}
    key = ("breakdown_value", "level", "group_name")
    found = {tuple(row[k] for k in key): (row["answered"], row["agreed"]) for row in rows.to_dicts()}
    assert found == {
        ("Heard", "all", "All staff"): (39, 16),
        ("Heard", "wres", "White"): (30, 12),
        ("Heard", "wres", "BME"): (9, 4),
        ("Heard", "group", "White"): (30, 12),
        ("Heard", "group", "Asian"): (9, 4),
        ("Safe", "all", "All staff"): (7, 0),
        ("Safe", "wres", "BME"): (7, 0),
        ("Safe", "group", "Asian"): (7, 0),
    }
