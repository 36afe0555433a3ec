"""A figure that rounding leaves too uncertain stands as its range in words: on pages, in charts, CSVs, the workbook."""

import csv
import io
import json
from typing import Any

import polars as pl
import pytest

from equity_audit.contracts import DISCLOSED
from reports.cells.comparison_rows import comparison_rows
from reports.cells.not_shown import RANGE_ONLY, cell
from reports.cells.path_rows import path_rows
from reports.charts.sparkline import Point, sparkline
from reports.charts.stage_charts import forest_chart
from reports.charts.waterfall import waterfalls
from reports.edition.csv_tables import csv_text
from reports.edition.record import Edition
from reports.exports.data_package import data_files
from reports.figures.printable import opened, ratio
from reports.figures.shown_numbers import shown_rows, shown_value
from reports.pages.first_lines import headline, wres_line
from reports.pages.panel.page import render_panel
from reports.pages.variation import side_by_side
from reports.release_check.values import values_not_shown
from tests.reports.conftest import make_edition

# Black applicants are shortlisted clearly less often: 11 of 90 beside 70 of 200. What is published as 10 of 90 may be 8
# of 92, or 12 of 88.
SMALL = {
    "Asian": (120, 31, 11),
    "Black": (90, 11, 5),
    "Mixed": (7, 2, 1),
    "White": (200, 70, 26),
    "Other": (6, 2, 1),
    "Unknown": (9, 3, 1),
}


@pytest.fixture(scope="module")
def small() -> Edition:
    return make_edition(SMALL, {})


@pytest.fixture(scope="module")
def page(small: Edition) -> str:
    return render_panel(small)


def row_of(edition: Edition, group: str, step: int = 0, table: str = "disparities") -> dict[str, Any]:
    rows = edition.tables[table].filter(group_name=group, step_order=step, level="group", breakdown="all")
    return shown_rows(rows, table)[0]


def words_of(row: dict[str, Any], figure: str = "impact_ratio") -> str:
    return f"between {row[f'{figure}_low']:.2f} and {row[f'{figure}_high']:.2f}"


def test_the_edition_has_what_these_tests_are_about(small: Edition) -> None:
    row = row_of(small, "Black")
    assert (row["impact_ratio"], row["impact_ratio_reason"]) == (None, "rounding_too_coarse")
    assert (row["not_shown_reason"], row["reading"]) == (None, "less_often")


def test_a_title_and_cards_have_single_figures_alone(small: Edition, page: str) -> None:
    first = headline(small)
    assert first["differences"] == []
    assert first["title"] == "These numbers settle no difference between groups"
    assert [opened(item["sentence"]) for item in first["possible"]] == [
        f"{words_of(row_of(small, 'Black'))} times as likely as White applicants"
    ]
    assert '<ul class="differences">' not in page


def test_a_range_stands_in_the_tables_of_the_page(small: Edition, page: str) -> None:
    row = row_of(small, "Black")
    assert f"<strong>{words_of(row)}</strong>" in page
    rate = row_of(small, "Black", table="selection_rates")
    assert rate["selection_rate"] is None
    low, high = (f"{100 * rate[f'selection_rate_{end}']:.0f}%" for end in ("low", "high"))
    assert f"<td>between {low} and {high}<small></small></td>" in page


def test_a_chart_draws_the_range_and_no_point(small: Edition) -> None:
    rows = [row_of(small, group) for group in ("Asian", "Black")]
    chart = forest_chart("forest", rows)
    black = next(trace for trace in chart.figure["data"] if "Black" in trace["y"])
    place = black["y"].index("Black")
    assert black["marker"]["opacity"][place] == 0
    middle, error = black["x"][place], black["error_x"]
    assert middle - error["arrayminus"][place] == pytest.approx(rows[1]["impact_ratio_low"])
    assert middle + error["array"][place] == pytest.approx(rows[1]["impact_ratio_high"])
    assert error["width"] > 0
    assert opened(black["text"][place]) == f"Black: {words_of(rows[1])} times as likely"
    assert f"Black {words_of(rows[1])}, with no single figure" in opened(chart.alternative)


def test_a_point_is_drawn_as_before(edition: Edition) -> None:
    rows = [row_of(edition, "Black")]
    trace = forest_chart("forest", rows).figure["data"][0]
    assert trace["marker"]["opacity"] == [1]
    assert trace["x"] == [rows[0]["impact_ratio"]]
    assert "(likely range" in opened(trace["text"][0])


def test_stages_that_do_not_add_up_have_a_sentence_and_no_bars(small: Edition, page: str) -> None:
    paths = small.tables["overall_paths"].filter(level="group", group_name="Asian")
    row = shown_rows(paths, "overall_paths")[0]
    assert row["overall_ratio"] is None
    drawn = waterfalls(small)
    assert [chart for chart, _ in drawn] == [None] * len(drawn)
    assert any(f"{words_of(row, 'overall_ratio')} times as likely" in opened(sentence) for _, sentence in drawn)
    assert "ranges do not add up" in page
    path = next(row for row in path_rows(small)["rows"] if row["group"] == "Asian")
    assert opened(path["whole"]["value"]) == words_of(row, "overall_ratio")
    assert path["parts"] == []


def test_the_indicator_of_the_standard_is_a_range_both_ways_round(small: Edition) -> None:
    line = wres_line(small)
    if line is not None:
        assert line["range"] == ""
        assert opened(line["white_over_bme"]).startswith("between")
    reverse = next(row for row in comparison_rows(small) if (row["group"], row["level"]) == ("Black", "Group"))
    black = row_of(small, "Black")
    ends = sorted(1 / black[f"impact_ratio_{end}"] for end in ("low", "high"))
    assert opened(reverse["reverse"]["value"]) == f"between {ends[0]:.2f} and {ends[1]:.2f}"


def test_a_csv_has_the_reason_and_the_workbook_a_mark(small: Edition) -> None:
    rows = csv.DictReader(io.StringIO(csv_text(small.tables["disparities"])))
    black = next(row for row in rows if (row["group_name"], row["step_order"]) == ("Black", "0"))
    assert (black["impact_ratio"], black["rate_difference"], black["relative_likelihood"]) == ("", "", "")
    assert black["impact_ratio_reason"] == "rounding_too_coarse"
    assert float(black["impact_ratio_low"]) < float(black["impact_ratio_high"]) < 1
    table = next(table for table in DISCLOSED if table.name == "disparities")
    row, policy = row_of(small, "Black"), small.settings["disclosure"]
    for name in ("impact_ratio", "rate_difference", "relative_likelihood"):
        assert cell(table, table.column(name), row, policy) == RANGE_ONLY
    assert cell(table, table.column("impact_ratio_reason"), row, policy).startswith("range only: fewer than 95%")


def test_the_check_of_finished_files_finds_nothing(small: Edition) -> None:
    files = data_files(small)
    assert [f for name, content in files.items() for f in values_not_shown(name, content, small.tables, small)] == []


def test_every_point_has_a_reason_where_only_its_range_is_shown(small: Edition) -> None:
    for table in (table for table in DISCLOSED if table.name in small.tables):
        rows = small.tables[table.name]
        for column in (column for column in table.columns if column.point_reason and column.name in rows.columns):
            both = pl.col(column.name).is_not_null() & pl.col(column.point_reason).is_not_null()
            assert rows.filter(both).is_empty(), (table.name, column.name)


def test_a_line_over_time_is_interrupted_by_a_range() -> None:
    low, middle, high = (shown_value(value, "disparities.impact_ratio") for value in (0.4, 0.8, 1.3))
    drawn = sparkline([Point(middle, low, high), Point(None, low, high), Point(middle, low, high)], (0.3, 2), "words")
    assert drawn.count("<circle") == 2
    assert drawn.count('class="range"') == 3
    assert 'class="line"' not in drawn
    assert 'class="missing"' not in drawn


def test_a_small_department_is_a_line_without_a_point() -> None:
    paths = {"Ward": (60, 20, 10), "Theatres": (400, 100, 50), "Surgery": (400, 90, 45), "Others": (1000, 250, 125)}
    own = {name: dict.fromkeys(("White", "Asian"), path) for name, path in paths.items()}
    groups = dict.fromkeys(("White", "Asian"), (1860, 460, 230))
    edition = make_edition(groups, {}, departments=own)
    rows = edition.tables["variation"].filter(pl.col("selection_rate_reason").is_not_null())
    assert not rows.is_empty()
    steps = side_by_side(edition.tables["variation"], "variation", "department", 5)
    assert any('class="alone"' in str(group["drawn"]) for step in steps for group in step["groups"])
    cells = [row for step in steps for group in step["groups"] for row in group["rows"]]
    assert any(row["rate"].get("mark") == RANGE_ONLY and "between" in row["shrunken"]["value"] for row in cells)


def test_a_figure_in_a_page_of_json_is_none_that_is_withheld(small: Edition, page: str) -> None:
    """The ratio of the rounded counts, 10 * 200 / (70 * 90), is nowhere on the page."""
    counts = {name: row_of(small, name, table="stage_counts") for name in ("Black", "White")}
    black, white = counts["Black"], counts["White"]
    point = black["progressed"] * white["decided"] / (white["progressed"] * black["decided"])
    assert f">{point:.2f}<" not in page
    assert json.dumps(point)[:8] not in page
    assert opened(ratio(shown_value(point, "disparities.impact_ratio"))) not in (words_of(row_of(small, "Black")),)
