"""Every page by the rules of WCAG 2.2 AA, in Chromium: axe-core's rules, and what axe-core cannot see.

axe-core comes with the dev packages and is put into the page past its content security policy; no request is made.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from reports.pages.edition_pages import PAGES
from tests.reports.conftest import wait_for_charts

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# Whatever can be reached by keyboard, as the page orders it; what is folded away or hidden cannot.
CONTROLS = """() => [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }))"""
OPENED = "document.querySelectorAll('details').forEach((element) => { element.open = true; })"

Opened = Callable[..., Any]


@pytest.fixture(scope="module")
def opened(browser: Any, page_folder: Path) -> Iterator[Opened]:
    """A page at a width, opened once: tests that change it ask for one of their own with an option."""
    pages: dict[tuple[object, ...], Any] = {}

    def open_page(name: str, width: int = 1280, **options: Any) -> Any:
        key = (name, width, *options.items())
        if key not in pages:
            page = browser.new_page(viewport={"width": width, "height": 900}, bypass_csp=True, **options)
            page.goto((page_folder / name).as_uri())
            page.evaluate(OPENED)
            wait_for_charts(page)
            pages[key] = page
        return pages[key]

    yield open_page
    for page in pages.values():
        page.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(opened: Opened, name: str, width: int) -> None:
    page = opened(name, width)
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert len(found.response["passes"]) > 15  # the rules were looked at


@pytest.mark.parametrize("name", PAGES)
def test_headings_are_in_order_and_the_language_is_said(opened: Opened, name: str) -> None:
    page = opened(name)
    assert page.evaluate("document.documentElement.lang") == "en-GB"
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map((h) => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


@pytest.mark.parametrize("name", PAGES)
def test_every_control_is_reached_by_tab_and_shows_it(opened: Opened, name: str) -> None:
    page = opened(name)
    assert page.locator("[tabindex]:not([tabindex='0'], [tabindex='-1'])").count() == 0
    page.evaluate("window.reached = []")
    for place in range(1000):
        page.keyboard.press("Tab")
        line, inside = page.evaluate(
            """() => {
                const now = document.activeElement, style = getComputedStyle(now), box = now.getBoundingClientRect();
                if (now === document.body) return [null, true];
                window.reached.push(now);
                const line = style.outlineStyle !== 'none' ? Number.parseFloat(style.outlineWidth) : 0;
                return [line, box.top < innerHeight && box.bottom > 0];
            }"""
        )
        if line is None:
            break
        assert line >= 2, f"control {place} shows no focus"
        assert inside, f"control {place} has the focus out of sight"
    # The picture of the audit page shows and hides tables as its boxes get the focus: what is there in the end counts.
    missed = page.evaluate(f"({CONTROLS})().filter((element) => !window.reached.includes(element)).length")
    assert missed == 0
    assert page.evaluate("window.reached.length") > 3
    # 4 is "follows".
    assert page.evaluate("window.reached.every((e, i, all) => !i || all[i - 1].compareDocumentPosition(e) & 4)")


@pytest.mark.parametrize("name", PAGES)
def test_targets_are_large_enough_for_a_finger(opened: Opened, name: str) -> None:
    """24 by 24 pixels (WCAG 2.2, 2.5.8), links within a sentence excepted."""
    page = opened(name, 360)
    small = page.evaluate(
        f"""({CONTROLS})().filter((element) => !element.matches('p a, dd a, li a, td a, th a, .skip'))
            .map((element) => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
            .filter(([, box]) => box.width < 24 || box.height < 24).map(([text]) => text)"""
    )
    assert small == []


# 640 px is a desk's 1280 at 200%; 320 px is 1280 at 400% (WCAG 1.4.10).
@pytest.mark.parametrize("width", [320, 360, 640])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_but_wide_tables_scrolls_sideways(opened: Opened, name: str, width: int) -> None:
    page = opened(name, width)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", PAGES)
def test_letters_of_double_size_stay_within_the_page(opened: Opened, name: str) -> None:
    page = opened(name, device_scale_factor=2)
    page.add_style_tag(content="html { font-size: 200%; }")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", PAGES)
def test_nothing_moves_for_those_who_ask_for_it(opened: Opened, name: str) -> None:
    page = opened(name, reduced_motion="reduce")
    moving = page.evaluate(
        """[...document.querySelectorAll('body *')].filter((element) => {
            const style = getComputedStyle(element);
            return [style.transitionDuration, style.animationDuration].some((times) =>
                times.split(',').some((time) => Number.parseFloat(time) > 0));
        }).map((element) => element.className.baseVal ?? element.className)"""
    )
    assert moving == []
    assert page.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_said_by_colour_alone(opened: Opened, name: str) -> None:
    """Where a chart has several colours, what is drawn in them also differs in symbol or has its figure beside it."""
    page = opened(name)
    for traces in page.evaluate("[...document.querySelectorAll('.chart')].map((element) => element.data)"):
        drawn = [trace.get("marker") or trace.get("line") or {} for trace in traces]
        # A symbol for each point, or one for all of them.
        symbols = {str(style.get("symbol") or style.get("dash")) for style in drawn}
        colours = {style.get("color") for style in drawn}
        assert len(symbols) >= len(colours) or all(trace.get("text") for trace in traces)
    for label in page.evaluate("[...document.querySelectorAll('.chart')].map((e) => e.getAttribute('aria-label'))"):
        assert len(label) > 30
