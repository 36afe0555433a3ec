"""Findings from rounded counts: whatever is settled is what the exact counts give, whichever of them are true."""

import numpy as np
import polars as pl
import pytest

from equity_audit.disclosure.estimates.finding_bounds import NOT_SETTLED, settled_findings
from equity_audit.disclosure.table.count_rows import stage_count_rows
from equity_audit.disclosure.table.count_table import count_table_of
from equity_audit.disclosure.table.possible_counts import with_possible_counts
from equity_audit.disclosure.table.suppression_status import first_marks
from equity_audit.measures.disparity import disparities
from equity_audit.measures.rates import selection_rates
from equity_audit.settings import load_settings
from tests.unit.disclosure.test_secondary_suppression import Ends, counts_of

SETTINGS = load_settings()
KEY = ["organisation", "step_order", "level", "group_name"]


def both(counts: pl.DataFrame, effect: float) -> pl.DataFrame:
    """The settled finding of every comparison beside that of the exact counts."""
    shown = pl.concat(
        stage_count_rows(first_marks(count_table_of(own), SETTINGS.disclosure), own)
        for _, own in counts.group_by("organisation", maintain_order=True)
    )
    effects = counts.select("organisation", "period", "step_order").unique().with_columns(design_effect=effect)
    bounded = with_possible_counts(shown, ("progressed", "decided"), SETTINGS.disclosure)
    exact = disparities(selection_rates(counts, SETTINGS), SETTINGS, effects).filter(comparator="reference")
    return settled_findings(bounded, SETTINGS, effects).join(exact.select(*KEY, exact="finding"), on=KEY)


@pytest.mark.parametrize("effect", [1.0, 1.25, 3.0])
def test_what_is_settled_is_the_finding_of_the_exact_counts(effect: float) -> None:
    draw = np.random.default_rng(20261130)
    found = []
    for number in range(60):
        rate, size = draw.uniform(0.05, 0.95), draw.integers(20, 400)
        groups: dict[str, Ends] = {}
        for name, share in {"White": 0.5, "Asian": 0.3, "Black": 0.2}.items():
            people = int(size * share)
            passed = int(draw.binomial(people, min(rate * draw.choice([1, 0.6, 1.5]), 1)))
            end = int(draw.binomial(passed, rate))
            groups[name] = (people - passed, int(draw.integers(0, 3)), passed - end, end)
        found.append(counts_of({"all": groups}).with_columns(organisation=pl.lit(f"{number}")))
    rows = both(pl.concat(found), effect).filter(pl.col("finding") != NOT_SETTLED)
    assert rows["finding"].n_unique() >= 3
    assert rows.filter(pl.col("finding") != pl.col("exact")).is_empty()


def test_too_few_is_said_only_where_any_of_the_counts_are_too_few() -> None:
    """65 of 71 against 43 of 52, shown as 65 of 70 and 45 of 50: at 43 of 48, or 47 of 52, they are too few; not so."""
    groups: dict[str, Ends] = {"White": (9, 0, 20, 23), "Asian": (6, 0, 30, 35)}
    # With so many comparisons chance can explain any of them.
    groups |= dict.fromkeys((f"Group {number}" for number in range(20)), (10, 0, 20, 20))
    rows = both(counts_of({"all": groups}), 1.25).filter(step_order=0, group_name="Asian")
    assert rows.select("finding", "exact").rows() == [(NOT_SETTLED, "no_disparity_detected")]
