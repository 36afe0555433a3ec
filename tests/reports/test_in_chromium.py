"""The page in a real browser, from the disk, on a phone, a desk and paper."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.reports.conftest import wait_for_charts

# The path; folded: stages, and the one path whose stages all have single figures.
UNFOLDED, CHARTS = 1, 1 + 7 + 1
OPENED = "document.querySelectorAll('details').forEach((element) => { element.open = true; })"


@pytest.fixture
def opened(browser: Any, page_file: Path) -> Any:
    def open_at(width: int, folded: bool = False) -> tuple[Any, list[str]]:
        page = browser.new_page(viewport={"width": width, "height": 900})
        noise: list[str] = []
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("request", lambda request: noise.append(request.url) if not request.url.startswith("file:") else None)
        page.goto(page_file.as_uri())
        if not folded:
            page.evaluate(OPENED)
        wait_for_charts(page)
        return page, noise

    return open_at


@pytest.mark.parametrize("width", [360, 794, 1280])
def test_charts_are_drawn_without_a_word_on_the_console_or_a_request(opened: Any, width: int) -> None:
    page, noise = opened(width)
    assert noise == []
    assert page.locator(".chart").count() == CHARTS
    for chart in page.locator(".chart").all():
        assert chart.locator(".main-svg").count() >= 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


def test_every_chart_has_words_for_those_who_do_not_see_it(opened: Any) -> None:
    page, _ = opened(1280)
    for chart in page.locator(".chart").all():
        assert chart.get_attribute("role") == "img"
        assert len(chart.get_attribute("aria-label")) > 30
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map((h) => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    page.close()


def test_axis_labels_do_not_run_into_each_other(opened: Any) -> None:
    page, _ = opened(360)
    overlap = page.evaluate(
        """[...document.querySelectorAll('.chart')].flatMap((chart) => {
            const boxes = [...chart.querySelectorAll('.xtick text')].map((t) => t.getBoundingClientRect());
            return boxes.slice(1).filter((box, i) => box.left < boxes[i].right);
        }).length"""
    )
    assert overlap == 0
    page.close()


def test_a_folded_chart_is_drawn_when_it_is_opened(opened: Any) -> None:
    page, noise = opened(1280, folded=True)
    assert page.locator(".chart .main-svg").locator("visible=true").count() >= UNFOLDED
    assert page.locator(".chart:has(.main-svg)").count() == UNFOLDED
    page.get_by_text("How many reached each stage", exact=True).click()
    wait_for_charts(page)
    assert page.locator(".chart:has(.main-svg)").count() == UNFOLDED + 7
    widths = page.evaluate("[...document.querySelectorAll('.small .chart svg')].map((s) => s.clientWidth)")
    assert all(200 < width < 400 for width in widths)
    assert noise == []
    page.close()


PARTS = {"stages": 215, "waterfall": 330, "path": 680}


def test_on_paper_what_is_folded_stays_so_and_charts_fit(opened: Any) -> None:
    page, _ = opened(794, folded=True)
    page.get_by_text("How many reached each stage", exact=True).click()
    wait_for_charts(page)
    open_before = page.locator("details[open]").count()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(300)
    assert page.locator("details[open]").count() == open_before
    # Neither are their summaries: what cannot be opened is not announced.
    assert page.get_by_text("Which stage makes the difference").is_hidden()
    assert page.get_by_text("How many reached each stage", exact=True).is_visible()
    for name, width in PARTS.items():
        drawn = page.evaluate(f"[...document.querySelectorAll('[id^={name}-] .main-svg')].map((s) => s.clientWidth)")
        assert max(drawn, default=0) <= width + 1
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 5000), (390, 9000)])
def test_it_is_not_long_before_anything_is_opened(opened: Any, width: int, height: int) -> None:
    page, _ = opened(width, folded=True)
    assert page.evaluate("document.documentElement.scrollHeight") < height
    if width == 1280:
        # /Type /Pages is the list of them.
        assert len(re.findall(rb"/Type /Page\b", page.pdf(prefer_css_page_size=True))) <= 4
    page.close()


def test_hovering_shows_published_figures_only(opened: Any) -> None:
    page, _ = opened(1280)
    page.locator("#path-0").scroll_into_view_if_needed()
    points = page.evaluate("document.getElementById('path-0').data.flatMap((trace) => trace.text)")
    # 230 of 800 and 450 of 1500 are published as they are: 0.2875 / 0.3
    assert any(text.startswith("Applied to shortlisted: Asian: 0.96 times as likely (likely range ") for text in points)
    # BME, Asian and Black at both steps and over the path, Mixed at both: the others have no ratio.
    assert len(points) == 3 * 3 + 2
    page.close()
