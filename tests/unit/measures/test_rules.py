"""Tables by the rules of regulators: who is counted and compared, and that margins which differ are named."""

from typing import Any

import polars as pl
import pytest

from equity_audit.contracts import RULE_TABLES
from equity_audit.measures.rules import margin_problems, rule_tables
from equity_audit.settings import load_settings
from tests.unit.measures.test_measures import stage_counts


def counted(level: str, groups: dict[str, tuple[int, int, int, int]], **key: Any) -> pl.DataFrame:
    """Rows of out.stage_counts from {group: (selected, decided, withdrew, declined)}."""
    rows = stage_counts({name: (s, n) for name, (s, n, *_) in groups.items()}, level=level, **key)
    withdrew, declined = ([left[i] for left in groups.values()] for i in (2, 3))
    return rows.with_columns(
        withdrew=pl.Series(withdrew),
        declined=pl.Series(declined),
        reached=pl.col("decided") + pl.Series(withdrew) + pl.Series(declined),
    )


WRES_STEP = {"step_order": 5, "step_kind": "span", "from_stage": "shortlisted", "to_stage": "appointed"}
WRES = {"White": (40, 160, 10, 8), "BME": (20, 120, 5, 6), "Unknown": (3, 10, 1, 1)}
BY_GROUP = {"White": (50, 100, 4, 0), "Asian": (30, 80, 2, 0), "Other": (2, 3, 0, 0), "Unknown": (3, 7, 1, 0)}
BY_SEX = {"Female": (50, 110, 4, 0), "Male": (34, 78, 3, 0), "Not recorded": (1, 2, 0, 0)}


def tables(*more: pl.DataFrame) -> pl.DataFrame:
    parts = [
        counted("wres", WRES, **WRES_STEP),
        counted("group", BY_GROUP),
        *(
            counted("all", {"All applicants": counts}, breakdown="sex", breakdown_value=sex)
            for sex, counts in BY_SEX.items()
        ),
        *more,
    ]
    found = rule_tables(pl.concat(parts), load_settings())
    assert tuple(found.columns) == RULE_TABLES.column_names
    return found


def table(rule: str, name: str) -> dict[str, dict[str, Any]]:
    rows = tables().filter(pl.col("rule") == rule, pl.col("table_name") == name)
    return {row["category"]: row for row in rows.iter_rows(named=True)}


def test_wres_indicator_2_divides_all_shortlisted_but_those_who_declined() -> None:
    """White: 40 of 170 shortlisted who did not decline; BME: 20 of 125. Relative likelihood 0.2353 / 0.16 = 1.47."""
    rows = table("wres_indicator_2", "wres")
    assert (rows["White"]["applicants"], rows["BME"]["applicants"]) == (170, 125)
    assert rows["BME"]["relative_likelihood"] == pytest.approx((40 / 170) / (20 / 125))
    assert rows["BME"]["impact_ratio"] == pytest.approx((20 / 125) / (40 / 170))
    assert (rows["Unknown"]["applicants"], rows["Unknown"]["impact_ratio"]) == (11, None)
    assert rows["Unknown"]["left_out_reason"] == "unknown_category"


def test_wres_indicator_2_counts_international_recruits_once_and_among_all() -> None:
    split = {"breakdown": "applicant_source", "breakdown_value": "international"}
    found = tables(counted("wres", {"White": (10, 20, 0, 0), "BME": (9, 10, 0, 0)}, **WRES_STEP, **split))
    rows = found.filter(pl.col("rule") == "wres_indicator_2")
    assert dict(rows.select("category", "applicants").iter_rows()) == {"White": 170, "BME": 125, "Unknown": 11}


def test_local_law_144_compares_with_the_best_and_leaves_out_the_smallest() -> None:
    rows = table("nyc_ll144", "race_ethnicity")
    assert {name: row["applicants"] for name, row in rows.items()} == {
        "White": 104,
        "Asian": 82,
        "Other": 3,
        "Unknown": 8,
    }
    # Other, 3 of 189 in known categories, has the highest rate and is left out; its numbers stay.
    assert (rows["Other"]["selection_rate"], rows["Other"]["impact_ratio"]) == (pytest.approx(2 / 3), None)
    assert rows["Other"]["left_out_reason"] == "below_minimum_share"
    assert {row["compared_with"] for row in rows.values()} == {"White"}
    assert rows["Asian"]["impact_ratio"] == pytest.approx((30 / 82) / (50 / 104))


def test_the_uniform_guidelines_take_nobody_who_withdrew_for_an_applicant() -> None:
    rows = table("ugesp_four_fifths", "race_ethnicity")
    assert rows["Asian"]["impact_ratio"] == pytest.approx((30 / 80) / (50 / 100))
    sex = table("ugesp_four_fifths", "sex")
    assert sex["Male"]["impact_ratio"] == pytest.approx((34 / 78) / (50 / 110))
    assert sex["Not recorded"]["left_out_reason"] == "unknown_category"


def test_both_together() -> None:
    found = tables(
        *(counted("group", {"Asian": (5, 10, 0, 0)}, breakdown="sex", breakdown_value=sex) for sex in BY_SEX)
    ).filter(pl.col("table_name") == "intersectional")
    assert found["category"].to_list() == ["Female, Asian", "Male, Asian", "Not recorded, Asian"]
    assert found["left_out_reason"].to_list() == [None, None, "unknown_category"]


@pytest.mark.parametrize("untold", ["Not stated", "Prefer not to say", "Gender not known", "I do not wish to disclose"])
def test_whoever_does_not_tell_their_sex_is_counted_and_in_no_comparison(untold: str) -> None:
    """6 RCNY 5-301(b)(4): how many are left out of the ratios, because they fall within an unknown category."""
    sexes = {"Female": (50, 100, 0, 0), "Male": (40, 100, 0, 0), untold: (9, 10, 0, 0)}
    parts = [
        counted(level, {name: counts}, breakdown="sex", breakdown_value=sex)
        for level, name in (("all", "All applicants"), ("group", "Asian"))
        for sex, counts in sexes.items()
    ]
    found = rule_tables(pl.concat(parts), load_settings())
    for key, rows in found.group_by("rule", "table_name"):
        last = rows.row(-1, named=True)
        assert (last["applicants"], last["impact_ratio"], last["left_out_reason"]) == (10, None, "unknown_category"), (
            key
        )
        # The highest rate is among those who told: Female. Shares are of those too.
        assert {name[:6] for name in rows["compared_with"]} == {"Female"}
        assert rows["impact_ratio"].to_list() == [1, pytest.approx(0.8), None]
        assert rows["share_of_applicants"].to_list() == [0.5, 0.5, None]
    assert set(found["table_name"]) == {"sex", "intersectional"}


def test_a_sex_that_somebody_described_is_a_category() -> None:
    described = {"Female": (50, 100, 0, 0), "Prefer to self-describe": (45, 100, 0, 0)}
    parts = [
        counted("all", {"All applicants": n}, breakdown="sex", breakdown_value=sex) for sex, n in described.items()
    ]
    found = rule_tables(pl.concat(parts), load_settings())
    assert found["left_out_reason"].null_count() == found.height


def test_nobody_selected_has_no_ratio() -> None:
    settings = load_settings()
    found = rule_tables(counted("group", {"White": (0, 9, 0, 0), "Asian": (0, 5, 0, 0)}), settings)
    assert set(found["left_out_reason"]) == {"nobody_selected"}
    assert found["impact_ratio"].null_count() == found.height


def test_margins_that_add_up_and_margins_that_do_not() -> None:
    # 190 decided and 7 withdrawn by group and by sex alike.
    assert margin_problems(tables()) == []
    broken = tables().with_columns(
        applicants=pl.when(pl.col("category") == "Male").then(pl.col("applicants") - 1).otherwise("applicants")
    )
    assert margin_problems(broken) == [
        "nyc_ll144, applied to shortlisted: race_ethnicity adds up to 197 applicants and 85 selected, sex adds up to "
        "196 applicants and 85 selected",
        "ugesp_four_fifths, applied to shortlisted: race_ethnicity adds up to 190 applicants and 85 selected, sex adds "
        "up to 189 applicants and 85 selected",
    ]
