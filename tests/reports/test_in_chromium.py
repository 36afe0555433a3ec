"""The page in a real browser, from the disk, on a phone, a desk and paper."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.reports.conftest import wait_for_charts

CHARTS = 7 + 3 + 1  # stages, steps, and the one path whose stages all have single figures


@pytest.fixture
def opened(browser: Any, page_file: Path) -> Any:
    def open_at(width: int) -> tuple[Any, list[str]]:
        page = browser.new_page(viewport={"width": width, "height": 900})
        noise: list[str] = []
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("request", lambda request: noise.append(request.url) if not request.url.startswith("file:") else None)
        page.goto(page_file.as_uri())
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


def test_on_paper_everything_is_open_and_charts_fit(opened: Any) -> None:
    page, _ = opened(794)
    assert page.locator("details[open]").count() == 0
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(300)
    folded = page.locator("details").count()
    assert folded == page.locator("details[open]").count() > 0
    widths = page.evaluate(
        "[...document.querySelectorAll('.chart .main-svg')].map((s) => s.getBoundingClientRect().width)"
    )
    assert max(widths) <= 331
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0
    page.close()


def test_hovering_shows_published_figures_only(opened: Any) -> None:
    page, _ = opened(1280)
    page.locator("#forest-0").scroll_into_view_if_needed()
    points = page.evaluate("document.getElementById('forest-0').data.flatMap((trace) => trace.text)")
    # 230 of 800 and 450 of 1500 are published as they are: 0.2875 / 0.3
    assert any(text.startswith("Asian: 0.96 times as likely (likely range ") for text in points)
    assert len(points) == 3  # Asian, Black, Mixed: the others have no ratio, or none above zero
    page.close()
