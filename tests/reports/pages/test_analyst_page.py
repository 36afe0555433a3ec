"""The analyst's page: its words, by hand from the literal counts of the made-up trust; and what may not get onto it."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import polars as pl
import pytest

from assets.release.edition_files import edition_files
from equity_audit.disclosure.publish import figures_of
from equity_audit.settings import load_settings
from reports.cells.comparison_rows import comparison_rows
from reports.cells.path_rows import path_rows
from reports.edition.record import Edition
from reports.pages.analyst.page import render_analyst
from reports.release_check import unexpected
from tests.reports.conftest import CATEGORIES, DEPARTMENTS, GROUPS, SCRIPT, make_edition, said_by, showing_zeros

RUN = "5c523b80-df1a-4803-9bb6-d7f86ae673f5"


class _Tables(HTMLParser):
    """Rows of every table by its caption: cells with the texts in them."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[list[list[str]]]] = {}
        self.caption, self.inside = "", ""

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.tables[self.caption].append([])
        if tag in ("td", "th"):
            self.tables[self.caption][-1].append([])
        self.inside = tag if tag not in ("small", "span", "strong") else self.inside

    def handle_endtag(self, tag: str) -> None:
        self.inside = "" if tag in ("td", "th", "caption") else self.inside

    def handle_data(self, data: str) -> None:
        if self.inside == "caption":
            self.caption = data
            self.tables[data] = []
        elif self.inside in ("td", "th"):
            self.tables[self.caption][-1][-1].append(data)


def tables(page: str) -> dict[str, list[list[list[str]]]]:
    parser = _Tables()
    parser.feed(page)
    return parser.tables


@pytest.fixture(scope="module")
def page(edition: Edition) -> str:
    return render_analyst(edition)


def test_a_comparison_in_full(page: str) -> None:
    # 90 of 600 against 450 of 1,500. Ends of the range, statsmodels 0.15, confint_proportions_2indep(compare="ratio",
    # method="score", correction=False): 0.3927 of 88 in 602 and 452 in 1498; 0.6302 of 92 in 598 and 448 in 1502.
    assert tables(page)["Every comparison"][2] == [
        ["Black"], ["Group"], ["All applicants"], ["All"], ["Applied to shortlisted"], ["0.50", "0.39 to 0.63"],
        ["Less often"], ["Disparity"], ["90 of 600"], ["15%", "12% to 18%"], ["30%", "450 of 1,500"], ["2.00"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("group", "step", "said"),
    [
        # 12 shortlisted, published as 10, and 3 of them appointed; 2.88 is Koopman's upper end of 4 of 8, 128 of 452
        ("Mixed", "Shortlisted to appointed", ["between 0.00 and 2.88", "fewer than 5 of 10", "0.35 or more"]),
        # 7 applied, published as 5
        ("Other", "Applied to shortlisted", ["too few", "fewer than 5 of 5", "too few"]),
        # 2 shortlisted, 1 appointed
        ("Other", "Shortlisted to appointed", ["too few", "fewer than 5", "too few"]),
        # nobody of 40 was shortlisted, which is not told apart from 1 to 4; 0.81 is that of 4 of 38 beside 448 of 1,502
        ("Unknown", "Applied to shortlisted", ["between 0.00 and 0.81", "fewer than 5 of 40", "1.23 or more"]),
        ("Unknown", "Shortlisted to appointed", ["too few", "fewer than 5", "too few"]),
    ],
)
def test_what_is_not_shown_says_why(page: str, group: str, step: str, said: list[str]) -> None:
    assert row_of(page, group, step) == said


def row_of(page: str, group: str, step: str) -> list[str]:
    """Ratio, counts and ratio the other way round of one of the groups."""
    (found,) = [
        row
        for row in tables(page)["Every comparison"]
        if [cell[0] for cell in row[:5]] == [group, "Group", "All applicants", "All", step]
    ]
    return [found[place][0] for place in (5, 8, 11)]


def test_where_policy_shows_zeros() -> None:
    page = render_analyst(make_edition(settings=showing_zeros()))
    assert row_of(page, "Unknown", "Shortlisted to appointed") == ["none decided", "0 of 0", "none decided"]
    # nobody of 40 was shortlisted: a ratio, but none the other way round
    assert row_of(page, "Unknown", "Applied to shortlisted") == ["0.00", "0 of 40", "none"]


def test_groups_stand_in_house_order_and_splits_last() -> None:
    rows = said_by(comparison_rows, make_edition(departments=DEPARTMENTS))  # type: ignore[arg-type]
    assert [row["group"] for row in rows[:5]] == ["Asian", "Black", "Mixed", "Other", "Unknown"]
    assert list(dict.fromkeys((row["split"], row["part"]) for row in rows)) == [
        ("All applicants", "All"), ("Department", SCRIPT), ("Department", "Surgery"),
    ]  # fmt: skip


def test_no_cell_is_empty() -> None:
    for edition in (make_edition(), make_edition({"Asian": (50, 20, 10)}, {})):
        for rows in tables(render_analyst(edition)).values():
            assert all("".join(cell).strip() for row in rows for cell in row)


def test_a_reference_that_is_not_there_has_no_comparison() -> None:
    alone = make_edition({"Asian": (50, 20, 10)}, {})
    (row, *_) = said_by(comparison_rows, alone)
    assert row["counts"] == "20 of 50"
    # White is listed, with nobody in it or up to 4.
    assert (row["ratio"]["mark"], row["reference"]["mark"]) == ("too few", "too few")
    assert row["reference"]["range"] == "fewer than 5"
    # A table without it, as of another classification.
    counts = alone.tables["stage_counts"].filter(pl.col("group_name") != "White")
    figures = {table.name: rows for table, rows in figures_of(counts, load_settings()).items()}
    (row, *_) = said_by(comparison_rows, replace(alone, tables={**alone.tables, "stage_counts": counts, **figures}))
    assert row["counts"] == "20 of 50"
    assert (row["ratio"]["mark"], row["reference"]["mark"]) == ("no comparison", "no comparison")


def test_the_whole_path_and_its_parts(edition: Edition) -> None:
    # Asian: 230/800 x 60/230 = 0.075; White: 450/1500 x 130/450 = 0.0867. Ratios 0.958 and 0.903, together 0.865.
    # Logarithms: -0.043 - 0.102 = -0.145.
    paths = said_by(path_rows, edition)
    assert paths["stages"] == ["Shortlisted", "Appointed"]
    asian, black = paths["rows"][1:3]
    assert (asian["group"], asian["rate"]["value"], asian["widest"]) == ("Asian", "8%", "Appointed")
    assert (asian["whole"]["value"], asian["whole"]["log"]) == ("0.87", "log \N{MINUS SIGN}0.14")
    assert [(part["value"], part["log"]) for part in asian["parts"]] == [
        ("0.96", "log \N{MINUS SIGN}0.04"), ("0.90", "log \N{MINUS SIGN}0.10"),
    ]  # fmt: skip
    # 20 Black applicants appointed may be 18 or 22.
    assert (black["group"], black["rate"]["range"], black["parts"]) == ("Black", "", [])
    assert black["rate"]["value"].startswith("between 2% and")
    marks = {row["group"]: row["whole"]["mark"] for row in paths["rows"] if "mark" in row["whole"]}
    assert (marks["White"], marks["Mixed"]) == ("none", "a stage not shown")


def test_comparisons_are_counted_by_finding_and_by_range(page: str, edition: Edition) -> None:
    rows = [row for row in tables(page)["Every comparison"] if row[0] != ["Group"]]
    found = tables(page)
    assert sum(int(row[1][0].split()[0]) for row in found["Comparisons by finding"][1:]) == len(rows)
    # Of 10 or more decided on: of the first step Asian, Black, Mixed, BME and five categories, and unknown ethnicity
    # at three levels; of the second Asian, Black, Mixed, BME and five categories; of both all of these: 12 + 9
    # + 12. On one side of 1: at the first step and over both Black, BME and Black: African, and at the first step
    # those of unknown ethnicity.
    assert [row[1] for row in found["What the published ranges leave possible"][1:]] == [
        ["9 comparisons"], ["2 comparisons"], ["22 comparisons"],
    ]  # fmt: skip
    assert f"33 of {edition.tables['disparities'].height} comparisons can be shown" in page


def test_a_column_for_splits_only_where_there_are_any(page: str) -> None:
    assert "Within splits" not in page
    split = tables(render_analyst(make_edition(departments=DEPARTMENTS)))  # type: ignore[arg-type]
    assert split["Comparisons by finding"][0][2] == ["Within splits"]
    assert all(len(row) == 3 for row in split["Comparisons by finding"])


def test_what_the_records_were_like(page: str) -> None:
    assert "Of 3,005 applicants, 40 (1%) are of unknown ethnicity." in page
    assert "are not published: exact numbers beside rounded ones would reveal counts" in page


def test_every_check_is_there_with_its_result(page: str) -> None:
    assert [[cell[0] for cell in row] for row in tables(page)["All checks"][1:]] == [
        ["each group has each step once", "out.stage_counts", "critical", "met"],
        ["every stage reached has a date", "core.applicant_stages", "warning", "not met"],
    ]


def test_a_department_cannot_break_out_of_the_page() -> None:
    edition = make_edition(departments=DEPARTMENTS)  # type: ignore[arg-type]
    page = render_analyst(edition)
    assert "<script>alert(1)" not in page
    assert ["&lt;script&gt;alert(1)&lt;/script&gt;" in page, len(re.findall("<script", page))] == [True, 1]
    assert unexpected(edition_files(edition, RUN), edition, RUN) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<td>90 of 600</td>", "<td>91 of 600</td>"),
        ("<small>0.39 to 0.63</small>", "<small>0.39 to 0.6342</small>"),
        ('<th scope="row">All</th>', '<th scope="row">61</th>'),
        ('<td class="words">Disparity</td>', '<td class="words" data-exact="334">Disparity</td>'),
        ('<option value="">All</option>', '<option value="784">All</option>'),
        ("22 comparisons", "61 applications"),
        ("<tbody>", "<tbody><!-- 61 -->"),
        ('"use strict";', "let n = 61;"),
    ],
)
def test_an_exact_figure_on_the_page_is_found(edition: Edition, old: str, new: str) -> None:
    files = edition_files(edition, RUN)
    page = files["analyst.html"].decode()
    assert old in page
    found = unexpected(files | {"analyst.html": page.replace(old, new, 1).encode()}, edition, RUN)
    assert "not as the package writes it" in {one.kind for one in found if one.file == "analyst.html"}


def test_the_same_edition_gives_the_same_page(page: str) -> None:
    assert render_analyst(make_edition()) == page


def test_ratios_are_never_per_cent(page: str) -> None:
    for row in tables(page)["Every comparison"][1:]:
        assert "%" not in "".join(row[5] + row[11])


def test_pages_lead_to_each_other(page: str, edition: Edition) -> None:
    from reports.pages.panel.page import render_panel

    assert '<a href="panel.html">' in page
    assert '<a href="analyst.html">' in render_panel(edition)


def test_few_people_make_a_page_too() -> None:
    for groups in ({"White": (8, 2, 1), "Black": (6, 1, 0)}, {"White": (50, 0, 0), "Asian": (50, 20, 10)}):
        assert "Every comparison" in tables(render_analyst(make_edition(groups, {})))
    assert "fewer than 5" in render_analyst(
        make_edition({**GROUPS, "Unknown": (3, 0, 0)}, {**CATEGORIES, "Unknown": (3, 0, 0)})
    )
