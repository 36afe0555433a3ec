"""What staff say, on the panel page: a table of shares with ranges and the caution; nothing without a survey."""

import pytest

from assets.release.edition_files import edition_files
from equity_audit.settings import load_settings
from reports.edition.record import Edition
from reports.pages.panel.page import render_panel
from tests.reports.conftest import make_edition
from tests.unit.populations.test_answers import ASKED, Asked, answers

ORGANISATION = "St Made-Up's NHS Trust"
RUN = "0" * 8
SCRIPT = "<script>alert(1)</script> in the last 12 months"


def asked(questions: Asked = ASKED) -> Edition:
    return make_edition(answers=answers(questions, organisation=ORGANISATION))


@pytest.fixture(scope="module")
def edition() -> Edition:
    return asked(ASKED | {SCRIPT: {"White": (500, 20), "Black": (40, 3)}})


@pytest.fixture(scope="module")
def page(edition: Edition) -> str:
    return render_panel(edition)


def cells(page: str, question: str) -> list[str]:
    """The cells of a question's row, White then BME."""
    row = page.split(f'<th scope="row">{question}</th>')[1].split("</tr>", maxsplit=1)[0]
    return [cell.split("</td>")[0] for cell in row.split("<td>")[1:]]


def test_shares_of_both_stand_with_their_ranges(page: str) -> None:
    # 600 of 1,000 and 150 of 400, and all numbers that round to these.
    assert "a survey of 31 October 2023" in page
    assert cells(page, "Heard") == ["60%<small>57% to 63%</small>", "38%<small>32% to 43%</small>"]


def test_a_share_that_may_not_be_shown_has_its_mark(page: str) -> None:
    escaped = SCRIPT.replace("<", "&lt;").replace(">", "&gt;")
    assert cells(page, escaped)[1] == '<span class="mark">not shown</span>'
    assert SCRIPT not in page


def test_the_caution_stands_beside_it(page: str) -> None:
    assert "Answers to a survey are context, not proof" in page
    assert "effects on Black, Asian and minoritised staff can be complex and not all positive" in page


def test_nothing_is_said_without_a_survey_or_without_white_and_bme() -> None:
    assert "What staff say" not in render_panel(make_edition())
    settings = load_settings()
    policy = settings.disclosure.model_copy(update={"split_levels": ("group",)})
    found = make_edition(
        answers=answers(organisation=ORGANISATION), settings=settings.model_copy(update={"disclosure": policy})
    )
    assert found.tables["survey"].height > 0
    assert "What staff say" not in render_panel(found)


def test_the_release_check_lets_the_page_pass(edition: Edition) -> None:
    assert {"tables/survey.csv", "tables/survey_measures.csv"} <= edition_files(edition, RUN).keys()
