"""Departments on an exact funnel plot: limits, places and rates drawn in, against scipy and the funnel of one group."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy.stats import binomtest

from equity_audit.measures.funnel_plot import funnel
from equity_audit.measures.units import exact_variation
from equity_audit.settings import load_settings

SETTINGS = load_settings()


def counts(units: dict[str, tuple[int, int]], group: str = "BME") -> pl.DataFrame:
    """Rows of out.stage_counts: the whole, and each department's progressed and decided."""
    whole = tuple(map(sum, zip(*units.values(), strict=True)))
    key = {"period": date(2023, 4, 1), "level": "wres", "step_order": 0, "step_kind": "stage", "from_stage": "applied"}
    return pl.DataFrame(
        [
            key
            | {"to_stage": "shortlisted", "group_name": group, "breakdown": breakdown, "breakdown_value": value}
            | {"progressed": selected, "decided": decided}
            for breakdown, value, (selected, decided) in (
                ("all", "all", whole),
                *(("department", name, unit) for name, unit in units.items()),
            )
        ]
    )


def test_a_unit_is_beyond_by_the_exact_probability_of_its_count() -> None:
    units = {"all of 3": (3, 3), "all of 70": (70, 70), "few": (1, 12), "as expected": (180, 200), "none there": (0, 0)}
    # Limits are not widened, whatever the spread.
    policy = SETTINGS.variation.model_copy(update={"dispersion_level": 0.0})
    rows = exact_variation(counts(units), SETTINGS.model_copy(update={"variation": policy}))
    assert set(rows["breakdown_value"]) == set(units) - {"none there"}
    target = rows["target_rate"][0]
    assert target == pytest.approx(254 / 285)
    for row in rows.iter_rows(named=True):
        sides = [
            binomtest(row["progressed"], row["decided"], target, alternative=side).pvalue
            for side in ("less", "greater")
        ]
        inner, outer = (min(sides) < (1 - level) / 2 for level in SETTINGS.variation.funnel_limits)
        assert (row["place"] != "within") == inner, row
        assert row["place"].endswith("outer") == outer, row
    assert rows.filter(breakdown_value="all of 3")["place"][0] == "within"


def test_the_limits_are_those_of_the_funnel_plot() -> None:
    units = {"a": (5, 40), "b": (30, 60), "c": (10, 50), "d": (45, 60)}
    rows = exact_variation(counts(units), SETTINGS)
    selected, decided = (np.array(column) for column in zip(*units.values(), strict=True))
    found = funnel(selected, decided, SETTINGS.variation)
    assert found.adjusted is not None
    assert rows["overdispersed"].all()
    assert rows["outer_low"].to_list() == found.limits[1][0].tolist()
    assert rows["widened_inner_high"].to_list() == found.adjusted[0][1].tolist()
    # Drawn in: each estimate lies between the unit's own rate and the target.
    between = pl.col("shrunken_rate").is_between(
        pl.min_horizontal("selection_rate", "target_rate"), pl.max_horizontal("selection_rate", "target_rate")
    )
    assert rows.select(between.all()).item()


def test_where_everybody_or_nobody_was_selected_there_is_nothing_to_compare() -> None:
    assert exact_variation(counts({"a": (5, 5), "b": (7, 7)}), SETTINGS).is_empty()
    assert exact_variation(counts({"a": (0, 5), "b": (0, 7)}), SETTINGS).is_empty()
    assert exact_variation(counts({"a": (1, 5), "b": (2, 7)}, "Unknown"), SETTINGS).is_empty()
