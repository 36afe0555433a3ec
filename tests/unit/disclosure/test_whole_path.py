"""The published whole path: a function of published figures, and its intervals hold the exact ones."""

import math

import hypothesis
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equity_audit.contracts import (
    DISCLOSED_OVERALL_PATHS,
    DISCLOSED_STAGE_CONTRIBUTIONS,
    DISCLOSED_STAGE_COUNTS,
)
from equity_audit.disclosure.publish import figures_of
from equity_audit.disclosure.table.count_rows import stage_count_rows
from equity_audit.disclosure.table.count_table import count_table_of
from equity_audit.disclosure.table.suppression_status import first_marks
from equity_audit.measures.paths import overall_paths
from equity_audit.settings import load_settings
from tests.conftest import IN_TENS
from tests.unit.disclosure.test_secondary_suppression import Ends, counts_of

POLICY = load_settings()
many = st.tuples(st.integers(0, 300), st.integers(0, 20), st.integers(0, 120), st.integers(0, 90))


def published(*organisations: dict[str, Ends]) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Exact counts of organisations; paths and contributions as published before any count is withheld to protect
    another. Figures of many at once take hardly longer than of one.
    """
    frames = [
        counts_of({"all": groups}).with_columns(organisation=pl.lit(f"Trust {place}"))
        for place, groups in enumerate(organisations)
    ]
    counts = pl.concat(stage_count_rows(first_marks(count_table_of(own), POLICY.disclosure), own) for own in frames)
    assert tuple(counts.columns) == DISCLOSED_STAGE_COUNTS.column_names
    found = figures_of(counts, POLICY)
    return pl.concat(frames), found[DISCLOSED_OVERALL_PATHS], found[DISCLOSED_STAGE_CONTRIBUTIONS]


def test_a_path_by_hand() -> None:
    """White: 1,000 of 4,000, then 600 of 1,000; Asian: 400 of 2,000, then 200 of 400: all of them multiples of 5.

    0.25 * 0.6 = 0.15 and 0.2 * 0.5 = 0.1; 0.1 / 0.15 = 2/3. Stages: 0.2 / 0.25 = 0.8 and 0.5 / 0.6 = 5/6.
    """
    _, paths, contributions = published({"White": (3000, 0, 400, 600), "Asian": (1600, 0, 200, 200)})
    asian = paths.row(by_predicate=pl.col("group_name") == "Asian", named=True)
    assert asian["overall_rate"] == pytest.approx(0.1)
    assert asian["overall_ratio"] == pytest.approx(2 / 3)
    assert asian["not_shown_reason"] is None
    parts = contributions.filter(pl.col("group_name") == "Asian").sort("step_order")
    assert parts["log_ratio"].to_list() == pytest.approx([math.log(0.8), math.log(5 / 6)])
    assert parts["log_before"].to_list() == pytest.approx([0, math.log(0.8)])
    assert asian["overall_log_ratio"] == pytest.approx(math.log(2 / 3))
    assert (parts["log_ratio_low"] < parts["log_ratio"]).all()
    assert (parts["log_ratio_high"] > parts["log_ratio"]).all()


@hypothesis.settings(IN_TENS, max_examples=15)
@given(st.lists(st.tuples(many, many), min_size=10, max_size=10))
def test_intervals_hold_the_exact_ones(pairs: list[tuple[Ends, Ends]]) -> None:
    exact, paths, contributions = published(*({"White": reference, "Asian": group} for group, reference in pairs))
    measured = overall_paths(exact, POLICY).filter(pl.col("withdrawals") == "censored")
    key = ["organisation", "level", "group_name"]
    both = paths.join(measured, on=key, suffix="_exact")
    # Nothing is published of an organisation that nobody applied to.
    assert both["organisation"].n_unique() == sum(sum(map(sum, pair)) > 0 for pair in pairs)
    for row in both.iter_rows(named=True):
        for figure in ("overall_rate", "overall_ratio"):
            if row[f"{figure}_low"] is not None:
                assert row[f"{figure}_low"] <= row[f"{figure}_low_exact"] * (1 + 1e-9)
                high = row[f"{figure}_high"]
                assert high is None or high >= row[f"{figure}_high_exact"] * (1 - 1e-9)
    sums = contributions.group_by(key).agg(pl.col("log_ratio").sum())
    for row in sums.join(paths, on=key).iter_rows(named=True):
        assert row["log_ratio"] == pytest.approx(math.log(row["overall_ratio"]))


@pytest.mark.parametrize(
    ("asian", "white", "reason", "point_reason"),
    [
        ((1600, 0, 200, 200), (3000, 0, 400, 600), None, None),
        ((160, 0, 20, 20), (300, 0, 40, 60), None, "rounding_too_coarse"),
        ((160, 0, 20, 3), (300, 0, 40, 60), "a_stage_not_shown", None),
        ((160, 0, 40, 0), (300, 0, 40, 60), "a_stage_not_shown", None),
        ((160, 0, 20, 20), (300, 0, 40, 2), "reference_not_shown", None),
    ],
)
def test_why_a_path_is_not_shown(asian: Ends, white: Ends, reason: str | None, point_reason: str | None) -> None:
    _, paths, contributions = published({"White": white, "Asian": asian})
    row = paths.row(by_predicate=(pl.col("group_name") == "Asian") & (pl.col("level") == "group"), named=True)
    assert (row["not_shown_reason"], row["overall_ratio_reason"]) == (reason, point_reason)
    assert (row["overall_ratio"] is None) == (row["overall_log_ratio"] is None) == bool(reason or point_reason)
    assert (row["overall_ratio_low"] is None) == (reason is not None)
    assert contributions.filter(pl.col("group_name") == "Asian").is_empty() == bool(reason or point_reason)


def test_stages_are_set_side_by_side_only_where_each_has_a_single_figure() -> None:
    """The second stage hangs on 10 of 15, so that its ratio has a range alone, and so has the path's."""
    _, paths, contributions = published({"White": (3000, 0, 400, 600), "Asian": (1600, 0, 5, 10)})
    assert contributions.is_empty()
    assert "rounding_too_coarse" in paths["overall_ratio_reason"].to_list()


def test_a_reference_group_that_nobody_is_known_to_be_in() -> None:
    """White is listed, as every group is; whether it is nobody or up to 4 is not said."""
    _, paths, contributions = published({"Black": (300, 0, 40, 60), "Asian": (160, 0, 20, 20)})
    reasons = dict(paths.filter(level="group").select("group_name", "not_shown_reason").iter_rows())
    assert {reasons.pop(name) for name in ("Asian", "Black")} == {"reference_not_shown"}
    assert reasons.keys() == {"Mixed", "Other", "White", "Unknown"}
    assert set(reasons.values()) == {"a_stage_not_shown"}
    assert contributions.is_empty()


def test_without_a_reference_group() -> None:
    """A table that has none, as of another classification."""
    exact = counts_of({"all": {"Black": (300, 0, 40, 60), "Asian": (160, 0, 20, 20)}})
    counts = stage_count_rows(first_marks(count_table_of(exact), POLICY.disclosure), exact)
    found = figures_of(counts.filter(pl.col("group_name").is_in(["Black", "Asian"])), POLICY)
    assert set(found[DISCLOSED_OVERALL_PATHS]["not_shown_reason"]) == {"no_reference_group"}
    assert found[DISCLOSED_STAGE_CONTRIBUTIONS].is_empty()
