"""Sorting and filtering the comparisons on the analyst's page, by mouse, by keyboard and without script."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reports.pages.analyst.page import render_analyst
from tests.reports.conftest import SCRIPT, make_edition

GROUP, LEVEL, SPLIT, PART, STEP, RATIO, SELECTED, FINDING, COUNTS = range(9)


@pytest.fixture
def page(browser: Any, page_folder: Path) -> Iterator[Any]:
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    noise: list[str] = []
    opened.on("console", lambda message: noise.append(message.text))
    opened.on("pageerror", lambda error: noise.append(str(error)))
    opened.on("dialog", lambda dialog: noise.append(dialog.message))
    opened.goto((page_folder / "analyst.html").as_uri())
    yield opened
    opened.close()
    assert noise == []


def column(page: Any, place: int) -> list[str]:
    """The first words of each row's cell that is shown."""
    found: list[str] = page.evaluate(
        """(place) => [...document.querySelectorAll('#comparisons tbody tr')].filter((row) => row.checkVisibility())
            .map((row) => row.cells[place].firstChild.textContent)""",
        place,
    )
    return found


def said(page: Any) -> str:
    text: str = page.get_by_role("status").inner_text()
    return text


def test_a_heading_sorts_by_number_up_and_down_and_what_is_not_shown_stays_last(page: Any) -> None:
    heading = page.get_by_role("columnheader", name="Ratio", exact=True)
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    up = column(page, RATIO)
    numbers = [float(text) for text in up if text[0].isdigit()]
    assert numbers == sorted(numbers)
    assert not any(text[0].isdigit() for text in up[len(numbers) :])
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert [float(text) for text in column(page, RATIO)[: len(numbers)]] == sorted(numbers, reverse=True)
    assert page.locator("[aria-sort]").count() == 1


def test_numbers_with_thousands_sort_by_size(page: Any, tmp_path: Path) -> None:
    edition = make_edition({"White": (3000, 1800, 300), "Asian": (2500, 1200, 200), "Black": (2000, 500, 40)}, {})
    path = tmp_path / "analyst.html"
    path.write_text(render_analyst(edition), encoding="utf-8")
    page.goto(path.as_uri())
    page.get_by_label("Group", exact=True).select_option("Asian")
    page.get_by_role("columnheader", name="Went on, of decided").get_by_role("button").click()
    assert column(page, COUNTS) == ["200 of 1,200", "200 of 2,500", "1,200 of 2,500"]


def test_words_sort_in_house_order_and_rows_alike_keep_theirs(page: Any) -> None:
    steps = column(page, STEP)
    page.get_by_role("columnheader", name="Finding").get_by_role("button").click()
    findings = column(page, FINDING)
    order = ["Disparity", "Possible disparity", "Small difference", "No disparity detected", "Too few to say"]
    order += ["Not settled", "Not shown"]
    assert findings == sorted(findings, key=order.index)
    page.get_by_role("columnheader", name="Step").get_by_role("button").click()
    assert column(page, STEP) == sorted(steps, key=list(dict.fromkeys(steps)).index)
    first = [
        finding for finding, step in zip(column(page, FINDING), column(page, STEP), strict=True) if step == steps[0]
    ]
    assert first == sorted(first, key=order.index)


def test_filters_leave_the_rows_that_fit_and_say_how_many(page: Any) -> None:
    everything = len(column(page, GROUP))
    assert said(page) == f"Showing {everything} of {everything} comparisons"
    page.get_by_label("Level").select_option("White and BME")
    page.get_by_label("Group", exact=True).select_option("BME")
    page.get_by_label("Split", exact=True).select_option("All applicants")
    page.get_by_label("Step", exact=True).select_option("Applied to shortlisted")
    # BME: 335 of 1,465 against 450 of 1,500
    assert said(page) == f"Showing 1 of {everything} comparisons"
    assert (column(page, GROUP), column(page, COUNTS), column(page, RATIO)) == (["BME"], ["335 of 1,465"], ["0.76"])
    page.get_by_label("Finding", exact=True).select_option("Small difference")
    assert said(page) == f"Showing 0 of {everything} comparisons"
    page.get_by_role("button", name="Clear choices").click()
    assert said(page) == f"Showing {everything} of {everything} comparisons"
    assert [select.input_value() for select in page.locator("select").all()] == [""] * 7


def test_what_is_not_shown_can_be_left_out(page: Any) -> None:
    shown = [finding for finding in column(page, FINDING) if finding != "Not shown"]
    page.get_by_label("Leave out what is not shown").check()
    assert column(page, FINDING) == shown
    assert said(page).startswith(f"Showing {len(shown)} of ")


def test_choices_go_by_the_choice_above_them(page: Any) -> None:
    def choices(label: str) -> list[str]:
        found: list[str] = page.get_by_label(label, exact=True).locator("option").all_inner_texts()
        return found

    assert choices("Part of the split") == ["All", "All", SCRIPT, "Surgery"]
    page.get_by_label("Split", exact=True).select_option("Department")
    assert choices("Part of the split") == ["All", SCRIPT, "Surgery"]
    page.get_by_label("Part of the split").select_option(SCRIPT)
    assert set(column(page, PART)) == {SCRIPT}
    # A part of no department: the choice falls away with the split.
    page.get_by_label("Split", exact=True).select_option("All applicants")
    assert set(column(page, PART)) == {"All"}
    page.get_by_label("Level").select_option("White and BME")
    assert choices("Group") == ["All", "BME", "Unknown"]


def test_by_keyboard_alone(page: Any) -> None:
    page.get_by_label("Level").focus()
    page.keyboard.press("w")
    assert set(column(page, LEVEL)) == {"White and BME"}
    heading = page.locator("#comparisons").get_by_role("columnheader", name="Group")
    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Space")
    assert heading.get_attribute("aria-sort") == "descending"
    assert page.evaluate("document.activeElement.textContent") == "Group"


def test_without_script_the_table_is_whole_and_no_control_is_dead(browser: Any, page_folder: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((page_folder / "analyst.html").as_uri())
    # At each of 3 steps 5 groups, BME and Unknown, and for all applicants 19 categories and a broad label.
    assert page.locator("#comparisons tbody tr").count() == 3 * (27 + 2 * 7)  # all applicants, two departments
    assert page.locator("#comparisons tbody tr").last.is_visible()
    for control in page.locator("button, select, input").all():
        assert not control.is_visible()
    context.close()
