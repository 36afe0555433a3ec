import duckdb

from tests.sql.conftest import FIRST


def test_each_label_has_a_name_at_every_level(two_extracts: duckdb.DuckDBPyConnection) -> None:
    rows = two_extracts.execute(
        "select label, level, group_name from intake.level_names "
        "where extract_id = ? and label in ('Asian', 'BME', '')",
        [FIRST],
    ).fetchall()
    assert {(label, level): name for label, level, name in rows} == {
        ("Asian", "all"): "All applicants",
        ("Asian", "wres"): "BME",
        ("Asian", "group"): "Asian",
        ("Asian", "category"): "Asian, category not given",
        ("BME", "all"): "All applicants",
        ("BME", "wres"): "BME",
        ("BME", "group"): "BME, group not given",
        ("BME", "category"): "BME, category not given",
        ("", "all"): "All applicants",
        ("", "wres"): "Unknown",
        ("", "group"): "Unknown",
        ("", "category"): "Unknown",
    }


def test_us_categories_have_no_place_in_white_and_bme(two_extracts: duckdb.DuckDBPyConnection) -> None:
    two_extracts.execute(
        "insert into intake.ethnicity_labels by name select 'u' as extract_id, 'H' as label, "
        "'Hispanic or Latino' as ethnicity_group"
    )
    rows = two_extracts.sql("select level, group_name from intake.level_names where extract_id = 'u'").fetchall()
    assert sorted(rows) == [("all", "All applicants"), ("group", "Hispanic or Latino")]
