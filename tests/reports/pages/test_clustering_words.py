"""What pages say of decisions that go together."""

from dataclasses import replace

import polars as pl
import pytest

from reports.figures.printable import opened
from reports.pages.clustering import clustering
from tests.reports.conftest import make_edition


@pytest.mark.parametrize(
    ("effects", "basis", "says"),
    [
        # Square roots of 1.25 and 2.
        ((1.25, 1.25, 1.25), "estimated", "Ranges here are wider for that, by 12%, and"),
        ((1.0, 2.0, 1.25), "estimated", "by 0% to 41%, by step, and"),
        ((1.0, 1.0, 1.0), "estimated", "no range wider"),
        ((1.0, 1.0, 1.0), "independent", "every decision is taken as separate"),
    ],
)
def test_the_sentence(effects: tuple[float, ...], basis: str, says: str) -> None:
    edition = make_edition()
    rows = edition.tables["design_effects"].with_columns(design_effect=pl.Series(effects), basis=pl.lit(basis))
    said = clustering(replace(edition, tables={**edition.tables, "design_effects": rows}))
    assert says in opened(said["sentence"])
    assert [opened(step["effect"]) for step in said["steps"]] == [f"{effect:.2f}" for effect in effects]
    none = replace(edition, tables={**edition.tables, "design_effects": rows.clear()})
    assert clustering(none) == {"sentence": "", "steps": []}


def test_wider_ranges_settle_less() -> None:
    """Of the same counts."""
    plain, wider = (make_edition(design_effect=effect).tables["disparities"] for effect in (1.0, 6.0))
    assert (wider["impact_ratio_low"] <= plain["impact_ratio_low"]).drop_nulls().all()
    settled = [
        rows.filter(pl.col("finding").is_in(["disparity", "small_difference"])).height for rows in (plain, wider)
    ]
    assert settled[0] > settled[1]
    assert wider["impact_ratio"].to_list() == plain["impact_ratio"].to_list()
