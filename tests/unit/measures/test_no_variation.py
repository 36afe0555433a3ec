"""Organisations where nothing varies, or all that can: every figure is a number or is not shown, and can be drawn."""

import warnings
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equity_audit.disclosure.estimates.variation import disclose_variation
from equity_audit.disclosure.publish import figures_of
from equity_audit.measures.shrinkage import shrunken_rates
from equity_audit.settings import load_settings
from reports.pages.variation import side_by_side
from tests.published_rows import as_published

_SHIPPED = load_settings()
POLICY = _SHIPPED.model_copy(
    update={"disclosure": _SHIPPED.disclosure.model_copy(update={"publish_splits": ("pay_band", "department")})}
)
STEPS = (
    (0, "stage", "applied", "shortlisted"),
    (1, "stage", "shortlisted", "appointed"),
    (2, "span", "applied", "appointed"),
)
# How many of so many go on.
KINDS = {
    "nobody": lambda _, __: 0,
    "everybody": lambda n, _: n,
    "the same share": lambda n, _: n // 4,
    "nobody or everybody": lambda n, drawn: n if drawn % 2 else 0,
    "any": lambda n, drawn: drawn % (n + 1),
}
SIZES = st.sampled_from((0, 1, 5, 8, 12, 50, 400))
PARTS = st.lists(st.sampled_from(("pay_band", "department")), max_size=4)
PEOPLE = st.sampled_from((("BME", "White"), ("White",), ("BME",), ("BME", "White", "Unknown"), ("Unknown",)))


def wrong(rows: pl.DataFrame) -> list[str]:
    """Columns that hold what is no number, rather than nothing."""
    floats = [name for name, kind in rows.schema.items() if kind == pl.Float64]
    return [name for name in floats if (rows[name].is_nan() | rows[name].is_infinite()).any()]


@given(st.sampled_from(sorted(KINDS)), PARTS, PEOPLE, st.data())
def test_every_published_figure_is_a_number_or_not_shown(
    kind: str, parts: list[str], people: tuple[str, ...], data: st.DataObject
) -> None:
    goes_on, rows = KINDS[kind], []
    for breakdown, value in [("all", "all"), *((name, f"part {place}") for place, name in enumerate(parts))]:
        for group in people:
            applied = data.draw(SIZES)
            first = goes_on(applied, data.draw(st.integers(0, 400)))
            last = goes_on(first, data.draw(st.integers(0, 400)))
            of = {"organisation": "Trust", "period": date(2023, 4, 1), "level": "wres", "group_name": group}
            of |= {"breakdown": breakdown, "breakdown_value": value}
            for step, (reached, progressed) in zip(
                STEPS, ((applied, first), (first, last), (applied, last)), strict=True
            ):
                order, what, start, end = step
                of |= {"step_order": order, "step_kind": what, "from_stage": start, "to_stage": end}
                rows.append(of | {"reached": reached, "decided": reached, "progressed": progressed})
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        tables = figures_of(as_published(rows, POLICY), POLICY)
    assert {table.name: found for table, rows in tables.items() if (found := wrong(rows))} == {}


@given(st.lists(st.tuples(SIZES, st.integers(0, 400)), min_size=1, max_size=7), st.sampled_from(sorted(KINDS)), SIZES)
def test_departments_that_are_shown_have_every_figure_and_can_be_drawn(
    drawn: list[tuple[int, int]], kind: str, others: int
) -> None:
    step = {"step_order": 0, "step_kind": "stage", "from_stage": "applied", "to_stage": "shortlisted"}
    of = {"organisation": "Trust", "period": date(2023, 4, 1), "level": "wres", "group_name": "BME", **step}
    units = {f"D{place}": (n, KINDS[kind](n, number)) for place, (n, number) in enumerate(drawn)}
    n, s = (sum(column) for column in zip(*units.values(), strict=True))
    counted = [("all", "all", (n + others, s + others // 3)), *(("department", *item) for item in units.items())]
    rows = [
        {"breakdown": breakdown, "breakdown_value": name, "reached": n, "decided": n, "progressed": s, **of}
        for breakdown, name, (n, s) in counted
    ]
    found = disclose_variation(as_published(rows, POLICY), POLICY)
    assert wrong(found) == []
    shown = found.filter(pl.col("not_shown_reason").is_null())
    needed = ("shrunken_rate_low", "shrunken_rate_high", "target_rate", "place")
    assert [name for name in needed if shown[name].null_count()] == []
    alone = shown["selection_rate_reason"].is_not_null()
    assert [name for name in ("selection_rate", "shrunken_rate") if (shown[name].is_null() != alone).any()] == []
    inside = (shown["shrunken_rate_low"] <= shown["shrunken_rate"]) & (
        shown["shrunken_rate"] <= shown["shrunken_rate_high"]
    )
    assert inside.all()
    side_by_side(found, "variation", "department", POLICY.disclosure.withhold_below)


@pytest.mark.parametrize("selected", [(0, 100, 50, 12, 10), (0, 0, 60, 60, 10)])
def test_units_that_differ_as_much_as_they_can_have_an_interval(selected: tuple[int, ...]) -> None:
    """By moments the other units are worth nothing, and a beta distribution of a parameter 0 is none."""
    found = shrunken_rates(np.array(selected), np.array([50, 100, 60, 60, 10]), 0.95)
    for values in (found.values, found.low, found.high):
        assert np.isfinite(values).all()
    # Nobody of 50, and yet not sure to be nobody.
    assert found.low[0] < 0.001 < found.high[0]
