"""Departments side by side from published counts: figures against hand and plain Python, and places that hold."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from equity_audit.contracts import DISCLOSED_VARIATION
from equity_audit.disclosure.estimates.variation import disclose_variation, organisations_beside
from equity_audit.disclosure.publish import figures_of, figures_that_do_not_follow
from equity_audit.settings import Settings, load_settings
from tests.published_rows import as_published
from tests.unit.disclosure.test_like_for_like import EXACT
from tests.unit.measures.test_funnel_plot import limit_by_adding_up

POLICY = load_settings()
Unit = tuple[int, int]


def published(
    departments: Mapping[str, Unit], policy: Settings = POLICY, others: Unit = (0, 0), split: str = "department"
) -> pl.DataFrame:
    """disclosed.stage_counts of BME applicants by department, nothing withheld to protect another.

    Selected and decided of each; others: of the organisation besides.
    """
    whole = tuple(sum(column) for column in zip(*departments.values(), others, strict=True))
    step = {"step_order": 0, "step_kind": "stage", "from_stage": "applied", "to_stage": "shortlisted"}
    of = {"organisation": "Trust", "period": date(2023, 4, 1), "level": "wres", "group_name": "BME", **step}
    rows = [
        {"breakdown": breakdown, "breakdown_value": name, "reached": n, "decided": n, "progressed": s, **of}
        for breakdown, name, (s, n) in [("all", "all", whole), *((split, *item) for item in departments.items())]
    ]
    return as_published(rows, policy)


def rows_of(departments: Mapping[str, Unit], policy: Settings = POLICY, **more: Any) -> dict[str, dict[str, Any]]:
    found = disclose_variation(published(departments, policy, **more), policy)
    assert tuple(found.columns) == DISCLOSED_VARIATION.column_names
    return {row["breakdown_value"]: row for row in found.to_dicts()}


def test_limits_stand_about_the_organisations_own_rate() -> None:
    """Departments of 40 and 100 are part of an organisation that selects 60 of 300."""
    rows = rows_of({"Surgery": (20, 100), "Medicine": (14, 40)}, EXACT, others=(26, 160))
    for name, n in (("Surgery", 100), ("Medicine", 40)):
        row = rows[name]
        assert row["target_rate"] == pytest.approx(0.2)
        for pair, level in (("inner", 0.95), ("outer", 0.998)):
            for end, probability in (("low", (1 - level) / 2), ("high", (1 + level) / 2)):
                assert row[f"{pair}_{end}"] == pytest.approx(limit_by_adding_up(n, 0.2, probability), abs=1e-9)
    assert (rows["Surgery"]["selection_rate"], rows["Medicine"]["selection_rate"]) == (0.2, 0.35)
    assert (rows["Surgery"]["place"], rows["Medicine"]["place"]) == ("within", "above_inner")


def test_the_probability_of_a_count_decides_and_not_the_line_between_whole_numbers() -> None:
    """13 of 40 at 0.2 lie above the upper 95% line, 12.8, and as many or more are selected 4 times in 100."""
    row = rows_of({"Medicine": (13, 40)}, EXACT, others=(47, 260))["Medicine"]
    assert row["selection_rate"] > row["inner_high"]
    assert binomtest(13, 40, 0.2, "greater").pvalue == pytest.approx(0.0432, abs=5e-5)
    assert row["place"] == "within"


def test_spread_is_asked_of_departments_that_are_seen_whatever_they_select() -> None:
    """At 0.2 the lower 95% limit of 10 is below one person, of 100 about 12. Two large ones, 2 errors off: phi 4."""
    units = {"A": (28, 100), "B": (12, 100), "C": (9, 10)}
    policy = EXACT.model_copy(update={"disclosure": EXACT.disclosure.model_copy(update={"withhold_below": 5})})
    rows = rows_of(units, policy, others=(151, 790))
    assert {row["departments_tested"] for row in rows.values()} == {2}
    assert rows["A"]["dispersion"] == pytest.approx(4)
    # 2 x 4 on chi-squared with 2 degrees of freedom: exp(-4) = 0.018.
    assert rows["A"]["overdispersed"] is True
    # tau^2 = (8 - 1) / (2/v - 1/v) = 7 v; v = 0.0016: 0.2 +- 1.96 sqrt(8 v) is beyond 0 and 0.4217.
    assert rows["A"]["widened_inner_low"] == 0
    assert rows["A"]["widened_inner_high"] == pytest.approx(0.2 + 1.959964 * (8 * 0.0016) ** 0.5)
    assert [rows[name]["place"] for name in "ABC"] == ["within", "within", "above_outer"]


def test_of_one_department_nobody_can_tell_whether_they_vary() -> None:
    row = rows_of({"A": (30, 100)}, EXACT, others=(10, 100))["A"]
    assert (row["dispersion"], row["overdispersed"], row["widened_inner_low"]) == (None, None, None)
    assert row["place"] == "above_inner"


def test_rounding_is_no_spread() -> None:
    """Counts of 20 of 100 that are published as rounded by up to 2 are no sign of variation: (25 - 1) / 12 = 2."""
    rows = rows_of({"A": (18, 98), "B": (22, 102), "C": (23, 98), "D": (17, 102)}, others=(120, 600))
    published_counts = [(rows[name]["progressed"], rows[name]["decided"]) for name in "ABCD"]
    assert published_counts == [(20, 100), (20, 100), (25, 100), (15, 100)]
    # (0.05 / sqrt(0.0016 + 2 (1 + 0.04) / 100^2))^2 / 2: 0.0025 / 0.001808 / 2, nothing of four drawn in.
    assert rows["A"]["dispersion"] == pytest.approx(0.0025 / 0.001808 / 2, rel=1e-3)


def test_what_is_small_is_listed_and_has_no_figure() -> None:
    rows = rows_of({"A": (30, 100), "B": (3, 60), "C": (2, 8)}, others=(100, 400))
    assert [rows[name]["not_shown_reason"] for name in "ABC"] == [None, "fewer_than", "fewer_than"]
    figures = [column for column in DISCLOSED_VARIATION.columns if column.type == "double"]
    assert all(rows[name][column.name] is None for name in "BC" for column in figures)
    none = rows_of({"A": (0, 100), "B": (100, 100)}, EXACT, others=(0, 0))
    assert {row["not_shown_reason"] for row in none.values()} == {None}
    assert {row["not_shown_reason"] for row in rows_of({"A": (50, 50)}, EXACT).values()} == {"no_whole_rate"}


def test_beyond_limits_is_what_is_so_for_every_count_that_would_be_published_the_same() -> None:
    """At 0.2, 30 of 100 may be 28 of 102, with 4.3% above rather than 1.1%; 35 may be 33, with 0.22%, not 0.03%."""
    assert rows_of({"A": (30, 100)}, EXACT, others=(170, 900))["A"]["place"] == "above_inner"
    assert rows_of({"A": (30, 100)}, others=(170, 900))["A"]["place"] == "within"
    assert rows_of({"A": (35, 100)}, EXACT, others=(165, 900))["A"]["place"] == "above_outer"
    assert rows_of({"A": (35, 100)}, others=(165, 900))["A"]["place"] == "above_inner"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(10, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=8)
)
def test_a_place_outside_holds_for_the_exact_counts(units: list[Unit]) -> None:
    departments = {f"D{place}": unit for place, unit in enumerate(units)}
    for name, row in rows_of(departments, others=(200, 1000)).items():
        if row["not_shown_reason"] or row["place"] == "within" or row["overdispersed"]:
            continue
        selected, decided = departments[name]
        side, pair = row["place"].split("_")
        level = POLICY.variation.funnel_limits[pair == "outer"]
        tail = binomtest(selected, decided, row["target_rate"], "less" if side == "below" else "greater")
        assert tail.pvalue < (1 - level) / 2


def test_a_shrunken_rate_lies_between_the_departments_own_and_the_organisations() -> None:
    rows = rows_of({"A": (60, 200), "B": (10, 20), "C": (30, 300)}, others=(400, 2000))
    for row in (rows["A"], rows["C"]):
        low, high = sorted((row["selection_rate"], row["target_rate"]))
        assert low <= row["shrunken_rate"] <= high
        assert row["shrunken_rate_low"] <= row["shrunken_rate"] <= row["shrunken_rate_high"]
    # 10 of 20 may be 12 of 18.
    small = rows["B"]
    assert (small["selection_rate"], small["shrunken_rate"]) == (None, None)
    assert small["selection_rate_reason"] == "rounding_too_coarse"
    assert small["shrunken_rate_low"] < small["shrunken_rate_high"]


def test_only_published_departments_are_compared() -> None:
    of_bands = published({"Band 2": (60, 200), "Band 7": (30, 200)}, split="pay_band")
    found = disclose_variation(of_bands, POLICY)
    assert (found.height, tuple(found.columns)) == (0, DISCLOSED_VARIATION.column_names)


def test_a_figure_that_does_not_follow_is_found() -> None:
    counts = published({"A": (60, 200), "B": (30, 200)})
    tables = figures_of(counts, POLICY)
    assert figures_that_do_not_follow(counts, tables, POLICY) == 0
    changed = tables[DISCLOSED_VARIATION].with_columns(pl.col("shrunken_rate") * 1.001)
    assert figures_that_do_not_follow(counts, tables | {DISCLOSED_VARIATION: changed}, POLICY) == 2


def test_organisations_are_set_beside_all_of_them() -> None:
    """Five that select 20 of 100 and one that selects 50 of 100: 150 of 600 in all."""
    units = {**dict.fromkeys("ABCDE", (20, 100)), "F": (50, 100)}
    one_each = [published({}, others=unit).with_columns(organisation=pl.lit(name)) for name, unit in units.items()]
    rows = {row["breakdown_value"]: row for row in organisations_beside(pl.concat(one_each), POLICY).to_dicts()}
    assert list(rows) == list("ABCDEF")
    assert {row["breakdown"] for row in rows.values()} == {"organisation"}
    assert {row["target_rate"] for row in rows.values()} == {0.25}
    assert rows["A"]["inner_high"] == pytest.approx(limit_by_adding_up(100, 0.25, 0.975))
    assert (rows["A"]["place"], rows["F"]["selection_rate"]) == ("within", 0.5)
    small = pl.concat([*one_each, published({}, others=(3, 8)).with_columns(organisation=pl.lit("G"))])
    last = organisations_beside(small, POLICY).to_dicts()[-1]
    assert (last["breakdown_value"], last["not_shown_reason"], last["target_rate"]) == ("G", "fewer_than", None)
