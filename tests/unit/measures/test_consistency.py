"""Checks of one figure by another: sound figures pass, and the smallest fault of each kind is counted."""

import polars as pl
import pytest

from equity_audit.measures.consistency import (
    bounds_that_miss,
    contributions_that_do_not_add_up,
    intervals_that_miss,
    mostly_known,
)
from tests.unit.measures.test_paths import NOTTINGHAM, measured

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


@pytest.mark.parametrize(
    ("everyone", "unknown", "note", "known", "expected"),
    [
        (600, 300, None, 300, True),  # exactly the share, as published: 301 of 600 would be published so, too
        (600, 305, None, 300, True),  # the one says so, if not the other
        (600, 305, None, 295, False),
        (5, None, "fewer_than", 0, False),  # 4 of 5
        (10, None, "fewer_than", 0, True),  # 4 of 10
        (600, None, "protects_another", 300, True),  # those who are known show it
        (600, None, "protects_another", 295, False),  # nothing does
        (600, None, None, 0, False),
        (None, 5, None, 600, False),
        (600, 0, None, 0, True),
    ],
)
def test_how_many_are_known_is_judged_by_published_counts_alone(
    everyone: int | None, unknown: int | None, note: str | None, known: int, expected: bool
) -> None:
    first = {"breakdown": "all", "step_order": 0}
    rows = [
        first | {"level": "all", "group_name": "All applicants", "reached": everyone, "reached_note": None},
        first | {"level": "group", "group_name": "Unknown", "reached": unknown, "reached_note": note},
        first | {"level": "group", "group_name": "White", "reached": known, "reached_note": None},
        first | {"level": "group", "group_name": "Asian", "reached": None, "reached_note": "protects_another"},
        # Later steps, other levels and splits are others.
        first | {"level": "wres", "group_name": "White", "reached": 9000, "reached_note": None},
        first | {"level": "group", "group_name": "White", "reached": 9000, "reached_note": None, "step_order": 1},
        first | {"level": "group", "group_name": "White", "reached": 9000, "reached_note": None, "breakdown": "band"},
    ]
    counts = pl.DataFrame(rows)
    assert mostly_known(counts, 0.5, 5) == expected
    if unknown == 0:
        assert mostly_known(counts.filter(pl.col("group_name") != "Unknown"), 0.5, 5)
