"""The auditor's page: every step is on it, by eye and by keyboard, and nothing that an input holds runs on it."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from reports.charts.lineage import NODE_HEIGHT, NODE_WIDTH, draw
from reports.edition.asset_graph import Asset, statements_of
from reports.edition.record import Edition
from reports.pages.audit.page import render_audit
from reports.release_check.rebuilt import without_figures
from tests.reports.conftest import make_edition

NAMES = ["core.applicant_stages", "out.stage_counts", "disclosed.stage_counts", "edition.edition"]
EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def audit_page(edition: Edition) -> str:
    return render_audit(edition)


@pytest.fixture
def opened(browser: Any, tmp_path: Path, audit_page: str) -> Any:
    (tmp_path / "audit.html").write_text(audit_page, encoding="utf-8")

    def open_at(width: int, scripts: bool = True) -> tuple[Any, list[str]]:
        page = browser.new_page(viewport={"width": width, "height": 900}, java_script_enabled=scripts)
        noise: list[str] = []
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("request", lambda request: noise.append(request.url) if not request.url.startswith("file:") else None)
        page.goto((tmp_path / "audit.html").as_uri())
        return page, noise

    return open_at


@pytest.mark.parametrize("width", [360, 794, 1280])
def test_it_fits_and_is_silent(opened: Any, width: int) -> None:
    page, noise = opened(width)
    for folded in page.locator("details").all():
        folded.evaluate("(element) => { element.open = true; }")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert noise == []
    page.close()


def test_the_keyboard_reaches_every_table_and_shows_it(opened: Any) -> None:
    page, _ = opened(1280)
    page.locator(".scroll:has(.lineage)").focus()
    seen = []
    for _ in NAMES:
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.dataset.asset"))
        (shown,) = [card for card in page.locator(".card").all() if card.is_visible()]
        assert shown.get_attribute("data-asset") == seen[-1]
        assert shown.locator(":scope > div").is_visible()
    assert sorted(seen) == sorted(NAMES)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == f"table-{seen[-1]}"
    page.keyboard.press("Escape")
    assert all(card.is_visible() for card in page.locator(".card").all())
    page.close()


def test_what_a_table_comes_from_and_goes_into_stands_out(opened: Any) -> None:
    page, _ = opened(1280)
    page.locator(".node[data-asset='out.stage_counts']").click()
    classes = {name: page.locator(f".node[data-asset='{name}']").get_attribute("class").split() for name in NAMES}
    assert classes == {
        "core.applicant_stages": ["node", "unmet", "before"],
        "out.stage_counts": ["node", "chosen"],
        "disclosed.stage_counts": ["node", "after"],
        "edition.edition": ["node", "after"],
    }
    assert page.locator("#chosen").inner_text() == (
        "out.stage_counts: made from 1 table, directly or through others; 2 are made from it."
    )
    page.locator("[data-asset='out.stage_counts'] summary", has_text="SQL of").click()
    assert page.locator("[data-asset='out.stage_counts'] pre").inner_text().startswith("select 61")
    page.locator(".card[data-asset='out.stage_counts'] a[href='#table-core.applicant_stages']").first.click()
    page.wait_for_function("document.querySelector('.node.chosen').dataset.asset === 'core.applicant_stages'")
    page.locator("#show-all").click()
    assert page.locator(".chosen").count() == 0
    page.close()


def test_without_scripts_a_box_opens_its_table(opened: Any) -> None:
    page, _ = opened(1280, scripts=False)
    assert not page.locator("#table-out\\.stage_counts").is_visible()
    page.locator(".node[data-asset='out.stage_counts']").click()
    assert page.locator("#table-out\\.stage_counts").is_visible()
    assert not page.locator("#show-all").is_visible()
    page.close()


def test_headings_are_in_order_and_every_link_within_leads_somewhere(opened: Any) -> None:
    page, _ = opened(1280)
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map((h) => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    targets = page.evaluate("[...document.querySelectorAll('a[href^=\"#\"]')].map((a) => a.getAttribute('href'))")
    assert len(targets) > len(NAMES)
    assert [target for target in targets if page.locator(f"[id='{target[1:]}']").count() != 1] == []
    page.close()


def test_what_is_said_of_checks_marks_and_settings(opened: Any) -> None:
    page, _ = opened(1280)
    assert page.get_by_text("1 of 2 checks not met").count() == 1
    rows = page.locator("#checks ~ .scroll").first.locator("tbody tr").all_inner_texts()
    # Not met first.
    assert [row.split("\t") for row in rows] == [
        ["Every stage reached has a date", "not met", "warning", "core.applicant_stages"],
        ["Each group has each step once", "met", "critical", "out.stage_counts"],
    ]
    # At each of 3 steps everybody, White, BME and Unknown, the 5 groups and Unknown, the 19 categories of the 2021
    # standard, Unknown and the broad label of conftest.
    marks = page.locator("#not-shown ~ .scroll").first.locator("tbody tr").first.inner_text().split("\t")
    assert marks[0] == "Reached (stage counts)"
    assert sum(int(cell) for cell in marks[1:]) == 3 * (1 + 3 + 6 + 21)
    page.locator("summary", has_text="Protection of people").click()
    assert page.locator("dt:has(code:text-is('disclosure.withhold_below')) + dd strong").inner_text() == "5"
    page.close()


def test_another_organisation_of_the_same_home_is_not_named(edition: Edition, audit_page: str) -> None:
    assert edition.settings["organisation"]["name"] != edition.organisation
    assert edition.settings["organisation"]["name"] not in audit_page


def test_no_cell_is_empty(opened: Any) -> None:
    page, _ = opened(1280)
    assert page.locator("td, dd, th").count() > 100
    cells = page.evaluate("[...document.querySelectorAll('td, dd, th')].map((cell) => cell.textContent.trim())")
    assert "" not in cells
    page.close()


def test_no_text_of_the_input_becomes_markup(browser: Any, tmp_path: Path) -> None:
    edition = make_edition(organisation=EVIL)
    sources = edition.tables["sources"].with_columns(
        pl.lit(EVIL).alias("file_commitment"), pl.lit("</dl>" + EVIL).alias("mapping_commitment")
    )
    counts = edition.tables["stage_counts"].with_columns(pl.lit(EVIL).alias("breakdown_value"))
    text = render_audit(replace(edition, tables={**edition.tables, "sources": sources, "stage_counts": counts}))
    assert EVIL not in text
    (tmp_path / "audit.html").write_text(text, encoding="utf-8")
    page = browser.new_page()
    page.on("dialog", lambda _: pytest.fail("a script of the input ran"))
    page.goto((tmp_path / "audit.html").as_uri())
    # The two commitments, in words.
    assert page.locator("code.hash", has_text=EVIL).count() == 2
    page.close()


def test_the_same_figures_give_the_same_page_and_no_figure_is_on_it(edition: Edition, audit_page: str) -> None:
    assert render_audit(make_edition()) == audit_page
    assert render_audit(without_figures(edition)) == audit_page
    assert not re.search(r"\b3,?005\b", audit_page)  # all applicants, as published


def asset(name: str, *made_from: str) -> Asset:
    return Asset(name, "", "", "", "period", made_from, (), ())


def test_no_box_covers_another_and_lines_join_the_boxes_that_they_are_of() -> None:
    picture = draw([asset("intake.a"), asset("core.b", "intake.a"), asset("out.c", "core.b"), asset("out.d", "out.c")])
    places = {node.asset.name: (node.x, node.y) for node in picture.nodes}
    assert [places[name][0] for name in ("intake.a", "core.b", "out.c")] == sorted({x for x, _ in places.values()})
    assert places["out.c"][0] == places["out.d"][0]
    assert places["out.d"][1] - places["out.c"][1] > NODE_HEIGHT
    for edge in picture.edges:
        x, y = places[edge.made_from]
        assert edge.path.startswith(f"M {x + NODE_WIDTH} {y + NODE_HEIGHT // 2} C ")
        assert edge.path.endswith(f" {places[edge.made][1] + NODE_HEIGHT // 2}")
    assert {(edge.made_from, edge.made) for edge in picture.edges} == {
        ("intake.a", "core.b"),
        ("core.b", "out.c"),
        ("out.c", "out.d"),
    }


def test_views_go_with_the_table_that_reads_them() -> None:
    texts = {"out.c": "from core.view", "core.view": "from intake.other", "intake.other": "", "out.d": "from out.c"}
    assets = [asset("out.c"), asset("out.d", "out.c")]
    assert statements_of("out.c", texts, assets) == ["out.c", "core.view", "intake.other"]
    assert statements_of("out.d", texts, assets) == ["out.d"]
    assert statements_of("out.e", texts, assets) == []
