"""Whether a ratio changed between two periods, by the two figures and their intervals."""

import math

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from equity_audit.measures.change import ratio_changes

KEY = {
    "level": "group",
    "breakdown": "all",
    "breakdown_value": "all",
    "step_kind": "stage",
    "from_stage": "applied",
    "to_stage": "shortlisted",
    "group_name": "Black",
    "reference_name": "White",
    "step_order": 0,
}
Figure = tuple[float | None, float | None, float | None]
logs = st.tuples(st.floats(-2, 2), st.floats(0.05, 1.5), st.floats(0.05, 1.5))


def table(figure: Figure, **other: object) -> pl.DataFrame:
    names = ("impact_ratio", "impact_ratio_low", "impact_ratio_high")
    types = dict.fromkeys(names, pl.Float64)
    return pl.DataFrame([KEY | dict(zip(names, figure, strict=True)) | other], schema_overrides=types)


def change(now: Figure, before: Figure) -> dict[str, object]:
    return ratio_changes(table(now), table(before), 0.95).row(0, named=True)


def test_the_worked_example_of_altman_and_bland() -> None:
    """Fractures under hormone treatment: relative risk 0.67 (0.46 to 0.98) below the age of 60, above it 0.88.

    The second from 0.71 to 1.08. BMJ 2003;326:219: ratio of the two 0.76 (0.49 to 1.17), z = -0.2726 / 0.2206.
    """
    found = change((0.67, 0.46, 0.98), (0.88, 0.71, 1.08))
    assert [round(found[f"change_{name}"], 2) for name in ("ratio", "low", "high")] == [0.76, 0.49, 1.17]  # type: ignore[call-overload]
    assert found["change_reading"] == "not_clear"
    error = math.log(found["change_high"] / found["change_low"]) / (2 * 1.96)  # type: ignore[operator]
    assert error == pytest.approx(0.2206, abs=5e-4)


def test_clear_changes_have_a_direction() -> None:
    assert change((0.4, 0.35, 0.46), (0.8, 0.7, 0.91))["change_reading"] == "fell"
    assert change((0.8, 0.7, 0.91), (0.4, 0.35, 0.46))["change_reading"] == "rose"


def test_the_more_is_compared_the_less_is_clear() -> None:
    """log 1.5 and standard errors of 0.13 and 0.14 give p = 0.034: clear alone, and 0.17 among five, by Holm."""
    now, before = ((1.5, 1.5 / math.exp(1.96 * 0.13), 1.5 * math.exp(1.96 * 0.13)), (1.0, 0.76, 1.316))
    assert change(now, before)["change_reading"] == "rose"
    groups = ("Asian", "Black", "Mixed", "Other", "Unknown")
    same = (1.0, 0.8, 1.25)
    many = [table(now if name == "Asian" else same, group_name=name) for name in groups]
    earlier = [table(before if name == "Asian" else same, group_name=name) for name in groups]
    found = ratio_changes(pl.concat(many), pl.concat(earlier), 0.95)
    assert found["change_reading"].to_list() == ["not_clear"] * 5
    # Another level is another family.
    bme = [table(same, level="wres", group_name="BME")] * 2
    alone = ratio_changes(pl.concat([table(now), bme[0]]), pl.concat([table(before), bme[1]]), 0.95)
    assert alone["change_reading"].to_list() == ["rose", "not_clear"]


@given(logs, logs)
def test_seen_from_the_other_period_it_is_the_same_change(one: tuple[float, ...], other: tuple[float, ...]) -> None:
    first, second = ((math.exp(d), math.exp(d - low), math.exp(d + high)) for d, low, high in (one, other))
    there, back = change(first, second), change(second, first)
    assert there["change_ratio"] * back["change_ratio"] == pytest.approx(1)  # type: ignore[operator]
    assert there["change_low"] * back["change_high"] == pytest.approx(1)  # type: ignore[operator]
    assert {there["change_reading"], back["change_reading"]} in ({"not_clear"}, {"fell", "rose"})


@given(logs, logs, st.floats(0.01, 1))
def test_a_wider_interval_never_makes_a_change_clearer(
    one: tuple[float, ...], other: tuple[float, ...], more: float
) -> None:
    (d, low, high), (e, under, over) = one, other
    before = (math.exp(e), math.exp(e - under), math.exp(e + over))
    narrow = change((math.exp(d), math.exp(d - low), math.exp(d + high)), before)
    wide = change((math.exp(d), math.exp(d - low - more), math.exp(d + high + more)), before)
    assert wide["change_low"] < narrow["change_low"]  # type: ignore[operator]
    assert wide["change_high"] > narrow["change_high"]  # type: ignore[operator]
    assume(narrow["change_reading"] == "not_clear")
    assert wide["change_reading"] == "not_clear"


@pytest.mark.parametrize(
    "before", [(None, None, None), (0.0, 0.0, 0.3), (0.8, 0.5, None)], ids=["not shown", "nobody selected", "no end"]
)
def test_no_change_without_two_figures_and_two_intervals(before: Figure) -> None:
    for found in (change((0.5, 0.4, 0.6), before), change(before, (0.5, 0.4, 0.6))):
        assert [found[f"change_{name}"] for name in ("ratio", "low", "high", "reading")] == [None] * 4


def test_comparisons_with_another_reference_or_of_another_step_are_not_compared() -> None:
    now = table((0.5, 0.4, 0.6))
    for other in ({"reference_name": "Asian"}, {"from_stage": "registered"}, {"group_name": "Asian"}):
        found = ratio_changes(now, table((0.8, 0.7, 0.9), **other), 0.95).row(0, named=True)
        assert found["before_impact_ratio"] is None
        assert found["change_ratio"] is None
