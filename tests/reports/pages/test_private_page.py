"""The analyst's private page and workbook: exact figures, what the panel sees beside them, and marked as private."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe

from equity_audit.contracts import SURVEY, WORKFORCE, WORKFORCE_MEASURES
from equity_audit.measures.disparity import disparities
from equity_audit.measures.paths import overall_paths, stage_contributions
from equity_audit.measures.rates import selection_rates
from equity_audit.measures.rules import rule_tables
from equity_audit.measures.stratified import stratified_disparities
from equity_audit.measures.units import exact_variation
from equity_audit.populations.measured import exact_measures
from equity_audit.populations.staff import STAFF
from equity_audit.programme.trend import trend
from equity_audit.settings import load_settings
from reports.edition.record import Earlier, Edition
from reports.pages.analyst_private.page import render_exact
from reports.pages.analyst_private.record import PRIVATE, ExactReport
from reports.pages.analyst_private.workbook import write_exact_workbook
from tests.reports.conftest import DEPARTMENTS, SCRIPT, exact_counts, make_edition, wait_for_charts
from tests.reports.test_accessibility import OPENED, RULES
from tests.unit.measures.test_stratified import sums

SETTINGS = load_settings()
# Black applicants, then White: selected, not selected. All together there is no gap; in each department there is.
OPPOSED = {"Surgery": (30, 270, 90, 210), "Medicine": (90, 210, 30, 270)}
TYPES = {"varchar": pl.String, "date": pl.Date, "bigint": pl.Int64, "double": pl.Float64}
NOBODY = {
    table.name: pl.DataFrame(schema={column.name: TYPES[column.type] for column in table.columns})
    for table in (WORKFORCE, WORKFORCE_MEASURES, SURVEY)
}


def exact_tables(counts: pl.DataFrame, stratified: pl.DataFrame | None = None) -> dict[str, pl.DataFrame]:
    rates = selection_rates(counts, SETTINGS)
    crude, paths = disparities(rates, SETTINGS), overall_paths(counts, SETTINGS)
    none = sums({"a": (1, 2, 1, 2)}, "pay_band").clear()
    return {
        "stage_counts": counts,
        "design_effects": effects_of(counts),
        "disparities": crude,
        "stratified_disparities": stratified_disparities(
            none if stratified is None else stratified, counts, crude, SETTINGS
        ),
        "overall_paths": paths,
        "stage_contributions": stage_contributions(counts, paths, SETTINGS),
        "rule_tables": rule_tables(counts, SETTINGS),
        **NOBODY,
    }


def effects_of(counts: pl.DataFrame) -> pl.DataFrame:
    """A design effect of 1.5 at every step."""
    return counts.select("from_stage", "to_stage").unique().with_columns(design_effect=pl.lit(1.5))


def report(tables: dict[str, pl.DataFrame], edition: Edition | None = None, **changes: Any) -> ExactReport:
    """A report without records by month, unless `changes` brings them."""
    made = ExactReport(
        organisation="St Made-Up's NHS Trust",
        period=date(2023, 4, 1),
        period_label="1 April 2023 to 31 March 2024",
        run_id="1f2e3d4c",
        settings=SETTINGS,
        tables=tables,
        trend=trend(months(), "3mo", SETTINGS),
        departments=exact_variation(tables["stage_counts"], SETTINGS),
        edition=None if edition is None else Earlier(edition.period, edition.period_label, 3, "a" * 64,
                                                     edition.settings, edition.tables),
        withheld={"applicants": [{"level": "group", "split": "department", "part": SCRIPT, "group": "Mixed",
                                  "count": "reached applied", "what": "withheld", "because": "of another"}]},
    )  # fmt: skip
    return replace(made, **changes)


def months() -> pl.DataFrame:
    quarters = pl.date_range(date(2021, 4, 1), date(2024, 1, 1), "3mo", eager=True)
    step = {"level": "wres", "step_order": 0, "from_stage": "applied", "to_stage": "appointed"}
    return pl.DataFrame(
        [
            step | {"period": day, "group_name": group, "decided": 200, "progressed": 20 + number}
            for number, day in enumerate(quarters)
            for group in ("BME", "White")
        ]
    )


def departments() -> pl.DataFrame:
    parts = [
        exact_counts(own, {}).with_columns(breakdown=pl.lit("department"), breakdown_value=pl.lit(name))
        for name, own in DEPARTMENTS.items()
    ]
    whole: dict[str, Any] = {
        name: tuple(map(sum, zip(*(own[name] for own in DEPARTMENTS.values()), strict=True)))
        for name in DEPARTMENTS[SCRIPT]
    }
    return pl.concat([exact_counts(whole, {}), *parts])


def words(page: str) -> str:
    """The page's words, without scripts and style."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.fixture(scope="module")
def page() -> str:
    return render_exact(report(exact_tables(departments()), make_edition()))


def test_it_is_marked_private_at_head_and_foot_on_the_screen_and_on_paper(page: str) -> None:
    assert page.count(f'<p class="private">{PRIVATE}</p>') == 2
    assert f"<title>{PRIVATE}" in page
    for place in ("@top-center", "@bottom-center"):
        assert re.search(rf'{place} {{ content: "{PRIVATE}"', page)


def test_figures_are_exact_and_the_panels_stand_beside_them(page: str) -> None:
    said = words(page)
    # 90 of 600 Black applicants, 450 of 1,500 White ones: 0.15 / 0.30.
    assert "Black Applied to shortlisted 0.50 0.41 to 0.61" in said
    assert "1.50 90 of 600 450 of 1,500" in said
    # The panel's edition shows the same from rounded counts, with a wider range.
    shown = make_edition().tables["disparities"].filter(
        breakdown="all", level="group", group_name="Black", from_stage="applied", to_stage="shortlisted"
    ).row(0, named=True)  # fmt: skip
    seen = f"{shown['impact_ratio']:.2f} ({shown['impact_ratio_low']:.2f} to {shown['impact_ratio_high']:.2f})"
    assert f"0.50 0.41 to 0.61 {seen} disparity" in said
    assert "revision 3 of the published edition" in said
    # Seven applicants are fewer than the panel may see a rate of.
    assert re.search(r"Other Applied to shortlisted 0\.95 [\d.]+ to [\d.]+ (not shown|too few)", said)


def test_without_an_edition_the_panel_sees_nothing() -> None:
    said = words(render_exact(report(exact_tables(departments()))))
    assert "This period has no published edition" in said
    assert "0.50 0.41 to 0.61 not published" in said


def test_a_name_is_never_code(page: str) -> None:
    assert SCRIPT not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_opposite_gaps_are_said_to_be_so_and_never_explained() -> None:
    from tests.unit.measures.test_stratified import rows

    total = tuple(map(sum, zip(*OPPOSED.values(), strict=True)))
    counts = pl.concat([rows("all", "all", total), *(rows("department", name, own) for name, own in OPPOSED.items())])
    tables = exact_tables(counts, sums(OPPOSED, "department"))
    (finding,) = tables["stratified_disparities"]["stratified_finding"]
    assert finding == "differs_between"
    said = words(render_exact(report(tables)))
    assert "The gap differs between parts" in said
    assert "the gap is not the same in every department (Breslow-Day p below 0.001)" in said
    assert "Lowest in Surgery 0.33 (0.23 to 0.48), highest in Medicine 3.00" in said
    assert "clearly below 1 in 1 part, clearly above 1 in 1 part." in said
    assert "explains the gap, or most of it" not in said


def test_opposite_gaps_are_named_even_where_they_could_not_be_tested() -> None:
    from tests.unit.measures.test_stratified import rows

    total = tuple(map(sum, zip(*OPPOSED.values(), strict=True)))
    counts = pl.concat([rows("all", "all", total), *(rows("department", name, own) for name, own in OPPOSED.items())])
    tables = exact_tables(counts, sums(OPPOSED, "department"))
    untested = tables["stratified_disparities"].with_columns(
        stratified_finding=pl.lit("nothing_to_explain"),
        homogeneity_p_value=pl.lit(None, pl.Float64),
        homogeneity_reason=pl.lit("strata_too_small"),
    )
    said = words(render_exact(report(tables | {"stratified_disparities": untested})))
    assert "not tested: parts are too small" in said
    assert "neither shows a clear gap. Lowest in Surgery 0.33" in said


def test_a_quarter_that_breaks_a_rule_is_said_to(page: str) -> None:
    # Twelve quarters in a row, one more is selected each time: a trend in the rates, and none in the ratio of 1.
    said = words(page)
    assert "one of a long rise or fall" in said
    assert "April to June" not in said
    assert "Apr to Jun 2021 20 of 200 10.0%" in said


def test_without_bme_applicants_there_is_no_chart_over_time() -> None:
    # Unknown compared with White has a ratio, and no chart.
    people = months().with_columns(pl.col("group_name").replace({"BME": "Unknown"}))
    page = render_exact(report(exact_tables(departments()), trend=trend(people, "3mo", SETTINGS)))
    assert "quarters-0" not in page


def test_every_sheet_is_marked_and_a_text_is_never_a_formula() -> None:
    made = exact_tables(
        departments().with_columns(breakdown_value=pl.col("breakdown_value").replace("Surgery", "=1+1"))
    )
    content = write_exact_workbook(report(made, make_edition()))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) > 5
    for sheet in sheets:
        assert f"<oddHeader>&amp;C&amp;B{PRIVATE}</oddHeader>" in sheet
        assert PRIVATE in sheet.split("<oddFooter>")[1]
        assert "<f>" not in sheet
    read = pl.read_excel(content, sheet_id=0, has_header=False, raise_if_empty=False)
    assert {frame.item(0, 0) for frame in read.values()} == {PRIVATE}
    comparisons = pl.read_excel(content, sheet_name="Comparisons", read_options={"header_row": 2})
    row = comparisons.filter(
        pl.col("breakdown") == "all", pl.col("group name") == "Black", pl.col("to stage") == "shortlisted"
    ).row(0, named=True)
    assert (row["group selected"], row["reference decided"], row["impact ratio"]) == (90, 1500, pytest.approx(0.5))
    assert row["panel sees"].startswith("0.50 (")


def test_in_a_browser_it_is_accessible_and_draws_every_chart(page: str, browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "analyst.html"
    file.write_text(page, encoding="utf-8")
    opened = browser.new_page(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(file.as_uri())
    wait_for_charts(opened)
    opened.evaluate(OPENED)
    found = Axe().run(opened, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert errors == []
    opened.close()


def board_page(executive: bool) -> str:
    """The page of a trust with 40 staff, 10 of them BME, a board of 12, and, if the source says, its executives."""
    people = {("all", "all"): (30, 10), ("board", "voting members"): (9, 3)}
    if executive:
        people |= {
            ("board_executive", "executive members"): (5, 1),
            ("board_executive", "other voting members"): (5, 2),
        }
    key = {"organisation": "T", "period": date(2023, 4, 1), "snapshot": date(2024, 3, 31)}
    rows = [
        key | {"level": level, "breakdown": part[0], "breakdown_value": part[1], "group_name": group, "headcount": many}
        for part, (white, bme) in people.items()
        for level, group, many in (("wres", "White", white), ("wres", "BME", bme), ("all", "All staff", white + bme))
    ]
    workforce = pl.DataFrame(rows, schema=NOBODY["workforce"].schema)
    measured = exact_measures(STAFF, workforce, SETTINGS, departments())
    tables = {"workforce": workforce, "workforce_measures": measured}
    return words(render_exact(report(exact_tables(departments()) | tables)))


def test_indicator_9_has_voting_and_executive_members_beside_each_other() -> None:
    said = board_page(executive=True)
    # 3 of 12, 1 of 6 and 10 of 40; voting members have exactly the share of all staff.
    assert re.search(r"voting members of the board 9 panel: not published 3 panel: not published 0 25\.0% \+0\.0", said)
    executive = "executive members of the board voting or not 5 panel: not published 1 panel: not published 0 16.7%"
    assert f"{executive} \N{MINUS SIGN}8.3" in said
    assert "all staff 30 panel: not published 10 panel: not published 0 25.0%" in said
    assert "not in the source" not in said
    # Indicator 1 is of staff.
    assert "board executive: executive members" not in said.partition("Indicator 9")[0]


def test_a_source_without_executive_members_says_so_rather_than_none() -> None:
    said = board_page(executive=False)
    assert "executive members of the board not in the source" in said
    assert "voting members of the board 9" in said
