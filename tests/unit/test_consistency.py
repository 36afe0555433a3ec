"""Checks of one figure by another: sound figures pass, and the smallest fault of each kind is counted."""

import polars as pl
import pytest

from equity_audit.measures.consistency import (
    bounds_that_miss,
    contributions_that_do_not_add_up,
    intervals_that_miss,
)
from tests.unit.test_paths import NOTTINGHAM, measured

ROWS = pl.DataFrame(
    {
        "ratio": [0.5, 1.0, None, 2.0],
        "ratio_low": [0.4, 1.0, None, None],
        "ratio_high": [0.6, 1.0, None, None],
    }
)


def test_a_figure_outside_its_interval_is_counted() -> None:
    assert intervals_that_miss(ROWS, "ratio") == 0
    assert intervals_that_miss(ROWS.with_columns(ratio_low=pl.lit(0.51)), "ratio") == 1
    assert intervals_that_miss(ROWS.with_columns(ratio_high=pl.lit(0.9)), "ratio") == 2


@pytest.mark.parametrize(("low", "high", "missed"), [(0.4, 0.6, 0), (0.51, 0.6, 1), (0.4, 0.49, 1), (None, 0.49, 1)])
def test_a_ratio_outside_its_bounds_is_counted(low: float | None, high: float, missed: int) -> None:
    rows = pl.DataFrame({"impact_ratio": [0.5], "unknown_low": [low], "unknown_high": [high]})
    assert bounds_that_miss(rows.cast(pl.Float64)) == missed


def test_contributions_that_are_off_or_missing_are_counted() -> None:
    paths, stages = measured(NOTTINGHAM)
    assert contributions_that_do_not_add_up(stages, paths) == 0
    assert contributions_that_do_not_add_up(stages.with_columns(pl.col("log_ratio") + 1e-6), paths) == 2
    assert contributions_that_do_not_add_up(stages.clear(), paths) == 2
    assert contributions_that_do_not_add_up(stages, paths.clear()) == 2
