"""The tables of levels and parts of splits: all there without a script, one at a time with it, no parts on paper."""

from pathlib import Path
from typing import Any

import pytest

from assets.release.edition_files import edition_files
from reports.cells.rate_tables import part_name
from reports.edition.record import Edition
from reports.pages.panel.like_for_like import like_for_like
from reports.pages.panel.page import render_panel
from tests.reports.conftest import BANDS, said_by
from tests.reports.pages.test_cell_words import visible

ALL = {("group", "all"), ("wres", "all"), *((level, f"part-{n}") for n in range(3) for level in ("group", "wres"))}


@pytest.fixture(scope="module")
def split_page(tmp_path_factory: pytest.TempPathFactory, split: Edition) -> Path:
    path = tmp_path_factory.mktemp("split") / "panel.html"
    path.write_text(render_panel(split), encoding="utf-8")
    return path


def shown(page: Any) -> set[tuple[str, str]]:
    return {
        (element.get_attribute("data-level"), element.get_attribute("data-part"))
        for element in page.locator("details[data-level]").all()
        if element.is_visible()
    }


def test_the_release_check_lets_an_edition_with_splits_pass(split: Edition) -> None:
    edition_files(split, "5c523b80-df1a-4803-9bb6-d7f86ae673f5")


def test_every_level_and_part_has_its_table(split: Edition) -> None:
    page = visible(render_panel(split))
    for band in BANDS:
        for level in ("Five groups", "White and BME"):
            assert f"{level}, {said_by(part_name, 'pay_band', band)}" in page


@pytest.mark.parametrize("width", [360, 794, 1280])
def test_choosing_shows_one_table_by_keyboard(browser: Any, split_page: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.goto(split_page.as_uri())
    page.get_by_text("Rates and comparisons in tables").click()
    level = page.get_by_label("Compare", exact=True)
    assert page.get_by_label("Among", exact=True).is_visible()
    assert level.is_visible()
    assert shown(page) == {("group", "all")}
    level.focus()
    page.keyboard.press("w")  # White and BME
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert shown(page) == {("wres", "part-1")}
    chosen = page.locator("details[data-level=wres][data-part=part-1]")
    assert chosen.get_attribute("open") is not None
    assert "Pay band: Band 4" in chosen.locator("caption").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".filters [role=status]").inner_text() == ""
    assert noise == []
    page.close()


def test_what_is_not_published_is_said(browser: Any, split_page: Path) -> None:
    page = browser.new_page()
    page.goto(split_page.as_uri())
    page.get_by_text("Rates and comparisons in tables").click()
    # A level that the splits do not have, as categories in a real edition.
    page.evaluate("document.querySelector('#filter-level').add(new Option('Each ethnic category', 'category'))")
    page.select_option("#filter-level", "category")
    page.select_option("#filter-part", "part-2")
    assert shown(page) == set()
    said = page.locator(".filters [role=status]").inner_text()
    assert said == "Each ethnic category: not published for Pay band: Band 7, too few people."
    page.close()


def test_without_scripts_every_table_is_there(browser: Any, split_page: Path) -> None:
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(split_page.as_uri())
    page.get_by_text("Rates and comparisons in tables").click()
    assert shown(page) == ALL
    assert not page.locator(".filters").is_visible()
    assert not page.locator(".on-paper").is_visible()
    plain.close()


def test_on_paper_are_the_tables_that_were_opened(browser: Any, split_page: Path) -> None:
    """Those of every part made 21 pages of what is read in ten minutes."""
    page = browser.new_page()
    page.goto(split_page.as_uri())
    page.emulate_media(media="print")
    assert shown(page) == set()
    assert page.locator(".on-paper").is_visible()
    page.emulate_media(media="screen")
    page.get_by_text("Rates and comparisons in tables").click()
    page.emulate_media(media="print")
    # Of the tables only the one that was open.
    assert shown(page) == {("group", "all")}
    page.close()


def test_like_for_like_says_what_it_means(split: Edition) -> None:
    (found,) = said_by(like_for_like, split, 0)
    assert found["answer"].startswith("Applied to shortlisted: 0.79 times as likely as White applicants all together, ")
    assert found["name"] == "pay band"
    first = found["sentences"][0]
    # BME 340 of 1370, White 460 of 1460 where nothing is withheld: 0.248 / 0.315 = 0.79
    assert first["step"] == "Applied to shortlisted"
    assert first["sentence"].startswith("0.79 times as likely as White applicants all together, ")
    assert first["parts"].startswith("3 of 3 parts are compared, with 100% of the BME applicants")
    page = visible(render_panel(split))
    assert "Does who applies where explain the gap?" in page
    assert first["sentence"] in page
