"""The page of New York City's table: its numbers, what it says at its top, and that it stands alone."""

import re

import polars as pl

from equity_audit.contracts import RULE_TABLES
from equity_audit.settings import load_settings
from reports.pages.analyst_private.new_york_city import render_new_york_city
from reports.pages.analyst_private.record import PRIVATE
from tests.reports.conftest import SCRIPT
from tests.reports.pages.test_private_page import words
from tests.unit.measures.test_rules import counted, tables

SETTINGS = load_settings()


def page(rows: pl.DataFrame | None = None, organisation: str = "Made-Up Bank") -> str:
    chosen = tables() if rows is None else rows
    made = render_new_york_city(organisation, "1 January 2023 to 31 December 2023", chosen, SETTINGS)
    assert made is not None
    return str(made)


def test_numbers_are_those_of_the_rules_worked_example() -> None:
    """As in tests/unit/measures/test_rules.py: who withdrew counts, and the smallest category is in no ratio."""
    said = words(page())
    # 50 of 104 White, 30 of 82 Asian applicants: 0.3659 / 0.4808 = 0.76; shares are of 189 in known categories.
    for row in (
        "White 104 50 48.1% 55.0% 1.00 White",
        "Asian 82 30 36.6% 43.4% 0.76 White",
        "Other 3 2 66.7% 1.6% too small a share to be compared",
        "Unknown 8 3 37.5% unknown: counted, not compared",
        # 50 of 114 and 34 of 81: 0.4198 / 0.4386 = 0.96.
        "Female 114 50 43.9% 58.5% 1.00 Female",
        "Male 81 34 42.0% 41.5% 0.96 Female",
        "Not recorded 2 1 50.0% unknown: counted, not compared",
    ):
        assert row in said


def test_its_top_says_that_it_is_exact_and_whose_decision_it_is() -> None:
    top = words(page()).partition("How to read the tables")[0]
    for sentence in (
        "The figures on this page are exact, and whether to publish it is for Made-Up Bank alone to decide",
        "Local Law 144 of 2021",
        "their promise does not cover this page",
        "It is not by itself the bias audit",
    ):
        assert sentence in top


def test_it_stands_alone_and_has_no_other_rule() -> None:
    both = page()
    assert re.findall(r'href="([^"]*)"', both) == ["#content"]
    assert not re.search(r"<script|<img|https?:", both)
    said = words(both)
    for other in (PRIVATE, "analyst", "Uniform Guidelines", "Workforce Race", "Panel sees", "panel"):
        assert other not in said
    # Shortlisted to appointed is of the WRES alone here: 170 White applicants.
    assert "170" not in said


def test_what_the_records_do_not_have_is_said_to_be_missing() -> None:
    without = page(tables().filter(table_name="race_ethnicity"))
    assert "The files counted here do not record sex" in words(without)
    assert "The files counted here do not record sex" not in words(page())


def test_without_rows_of_this_rule_there_is_no_page() -> None:
    rows = tables().filter(pl.col("rule") != "nyc_ll144")
    assert render_new_york_city("T", "2023", rows, SETTINGS) is None
    assert tuple(rows.columns) == RULE_TABLES.column_names


def test_a_name_is_never_code() -> None:
    sexes = counted("all", {"All applicants": (5, 10, 0, 0)}, breakdown="sex", breakdown_value=SCRIPT)
    assert SCRIPT not in page(tables(sexes), SCRIPT)
