"""Which stage makes the difference: bars that add up, and a sentence that says no more than the ranges allow."""

from dataclasses import replace
from math import log

import polars as pl
import pytest

from reports.charts.waterfall import waterfalls
from reports.pages.panel.splits import split_sections
from tests.reports.conftest import make_edition, said_by

# Of White applicants 0.25 and then 0.6 went on, of Asian ones 0.2 and then 0.5: 0.8 and 5/6 times, 2/3 together.
MANY = {"White": (4000, 1000, 600), "Asian": (2000, 400, 200)}


def test_bars_begin_where_the_one_before_ends_and_the_last_is_all_together() -> None:
    ((chart, said),) = said_by(waterfalls, make_edition(groups=MANY, categories={}))
    less, whole = chart.figure["data"]
    assert less["y"] == ["Shortlisted", "Appointed"]
    assert less["base"] == pytest.approx([0, log(0.8)])
    assert less["x"] == pytest.approx([log(0.8), log(5 / 6)])
    assert less["text"] == ["0.80", "0.83"]
    assert (whole["y"], whole["text"]) == (["Whole path"], ["0.67"])
    assert (whole["base"], whole["x"]) == ([0], pytest.approx([log(2 / 3)]))
    assert chart.alternative == (
        "Asian, times as likely as White applicants at each stage: shortlisted 0.80, appointed 0.83; together 0.67."
    )
    assert said.startswith("Asian applicants were 0.67 times as likely as White applicants to reach the end from apply")
    assert said.endswith("This is settled: they were less likely to be appointed.")


def test_a_stage_the_other_way_has_another_colour_and_is_said() -> None:
    edition = make_edition(groups={"White": (4000, 1000, 600), "Asian": (2000, 700, 200)}, categories={})
    ((chart, said),) = said_by(waterfalls, edition)
    less, more, _ = chart.figure["data"]
    assert (less["y"], more["y"]) == (["Appointed"], ["Shortlisted"])
    assert less["marker"] != more["marker"]
    assert said.endswith("This is settled: they were less likely to be appointed, and more likely to be shortlisted.")


def test_nothing_is_called_clear_that_is_not() -> None:
    ((_, said),) = said_by(
        waterfalls, make_edition(groups={"White": (400, 100, 60), "Asian": (200, 40, 20)}, categories={})
    )
    assert said.endswith("At no single stage is the difference settled.")


def test_a_path_that_is_not_shown_has_no_chart() -> None:
    assert (
        said_by(waterfalls, make_edition(groups={"White": (400, 100, 60), "Asian": (200, 40, 2)}, categories={})) == []
    )


def test_each_split_has_a_chart_of_its_parts_unless_none_can_be_shown() -> None:
    edition = make_edition(groups=MANY, categories={})
    assert said_by(split_sections, edition, 2) == []
    ratios = edition.tables["disparities"]
    whole = ratios.filter(pl.col("level") == "wres", pl.col("group_name") == "BME")
    parts = [
        whole.with_columns(breakdown=pl.lit(split), breakdown_value=pl.lit(part))
        for split, part in (("pay_band", "Band 5"), ("pay_band", "Band 2"), ("clinical", "yes"))
    ]
    parts[2] = parts[2].with_columns(impact_ratio=pl.lit(None, pl.Float64), not_shown_reason=pl.lit("fewer_than"))
    split = replace(edition, tables={**edition.tables, "disparities": pl.concat([ratios, *parts])})
    (section,) = said_by(split_sections, split, 2)
    chart = section["chart"]
    assert chart.title == "Pay band: applied to appointed"
    assert chart.figure["layout"]["yaxis"]["categoryarray"] == ["Band 2", "Band 5"]
    assert chart.alternative.startswith(
        "By pay band: Applied to appointed, times as likely as White applicants. Band 2 "
    )
