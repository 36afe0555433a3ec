"""The board's page about a programme: what it says of known histories, and how it stands in a browser."""

import re
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe
from statsmodels.stats.proportion import confint_proportions_2indep

from assets.release.publish_review import programme_files
from assets.release.versions import packages
from equity_audit.programme.programme_file import Milestone, ProgrammeFile
from equity_audit.synthetic.history import WITHOUT_PROGRAMME
from reports.edition.programme_review import PAGE, ProgrammeEdition, review_editions
from reports.edition.record import Earlier
from reports.pages.board.page import render_board
from reports.release_check import unexpected_in_review
from tests.backtests.test_published_programme import PROGRAMME, by_department, policy, published
from tests.reports.pages.test_survey_page import asked
from tests.reports.pages.test_workforce_page import staffed
from tests.reports.test_accessibility import OPENED, RULES
from tests.unit.populations.test_answers import Asked

SCRIPT = "<script>alert(1)</script>"
RUN = "5c523b80-df1a-4803-9bb6-d7f86ae673f5"
TOLD = ProgrammeFile(
    programme=PROGRAMME,
    milestones=(
        Milestone(when=2019, label="Commitment", kind="commitment"),
        Milestone(when=date(2021, 5, 1), label=SCRIPT, kind="training"),
    ),
)


def editions(counts: pl.DataFrame) -> list[Earlier]:
    settings = policy().model_dump(mode="json")
    return [
        Earlier(day, f"{day.year}", 1, "0" * 64, settings, {"stage_counts": rows})
        for (day,), rows in counts.group_by("period", maintain_order=True)
        if isinstance(day, date)
    ]


def reviewed(counts: pl.DataFrame | None = None, last: int = 2025) -> ProgrammeEdition:
    own = published("effect") if counts is None else counts
    return review_editions("St Made-Up's", "fair", TOLD, editions(own.filter(pl.col("period").dt.year() < last)))


@pytest.fixture(scope="module")
def page() -> str:
    return render_board(reviewed(), (2, 1))


def test_a_review_is_what_was_handed_to_it_and_nothing_else() -> None:
    edition = reviewed()
    files = programme_files(edition, (2, 1), RUN)  # raises where anything unexpected is found
    page, trend = (files[name].decode() for name in (PAGE, "tables/trend.csv"))
    for name, changed in (
        (PAGE, page.replace("about ", "about 1", 1)),
        (PAGE, page.replace('"y":[0', '"y":[1', 1)),
        ("tables/trend.csv", re.sub(r"(?<=,)(\d+),", lambda match: f"{int(match[1]) + 1},", trend, count=1)),
        ("edition.json", files["edition.json"].decode().replace('"revision": 2', '"revision": 61')),
        ("tables/exact.csv", "61"),
        (PAGE, page.replace("</main>", "<i>0f3c1d2e-9a7b-4c5d-8e6f-001122334455</i></main>")),
    ):
        assert changed != files.get(name, b"").decode()
        found = unexpected_in_review({**files, name: changed.encode()}, edition, (2, 1), packages(), RUN)
        assert name in {one.file for one in found}, changed[:0]
    assert unexpected_in_review(files, edition, (2, 1), packages(), RUN) == []


def test_numbers_in_the_names_of_a_programme_are_names() -> None:
    told = TOLD.model_copy(
        update={
            "programme": TOLD.programme.model_copy(update={"name": "{{ 61 }} 50/50 by 2030"}),
            "milestones": (Milestone(when=2019, label="7 of 10 <b>trained</b>", kind="training"),),
        }
    )
    edition = replace(reviewed(), organisation="12", programme_file=told)
    page = programme_files(edition, (1, None), RUN)[PAGE].decode()
    assert "7 of 10 &lt;b&gt;trained&lt;/b&gt;" in page
    assert "{{ 61 }} 50/50 by 2030: did it work? 12" in page


def test_the_answer_comes_first_then_a_chart_for_each_question(page: str) -> None:
    body = page[page.index("<body") : page.index("</main>")]
    order = (
        "did “A programme” work?",
        "<h1>Rose clearly, and more than its own earlier path led to</h1>",
        "times as likely",
        "Rose clearly, and more than its own earlier path led to. A steady rise of",
        "Year by year",
        "A second look, quarter by quarter",
        "The gap for BME applicants is smaller than the years before the programme would lead us to expect",
        "How often was each group selected?",
        "How large is the change?",
        "Does the answer hold up?",
        "What happened in the programme",
        "What else could explain it",
        "When to look again",
        "How this was made, and how to check it",
    )
    places = [body.index(words) for words in order]
    assert places == sorted(places)
    assert "How likely BME applicants were to be appointed, compared with White applicants" in body
    assert "Before, 2015 to 2019" in body
    assert "Since, 2021 to 2024" in body
    assert "complex and not all positive" in body
    assert "revision 2, which replaces revision 1" in body
    assert "Private" not in body


def test_every_published_edition_is_linked(page: str) -> None:
    assert re.findall(r'href="\.\./(\d{4})-01-01/panel\.html"', page) == [str(year) for year in range(2015, 2025)]


def test_counts_are_said_to_be_about_so_many(page: str) -> None:
    cards = page[page.index('<ul class="differences') : page.index('<p class="lead">')]
    assert len(re.findall(r"about [\d,]+ of [\d,]+ BME", cards)) == 2


def test_what_was_advertised_is_told_apart(page: str) -> None:
    assert "Years, same pay band" in page
    assert "among posts of the same pay band. If" in page
    mixed = render_board(reviewed(published("advertised_mix")), (1, None))
    assert "The change follows the mix of posts advertised." in mixed


def test_departments_without_the_programme_stand_beside_or_it_says_why_not() -> None:
    told = TOLD.model_copy(update={"programme": PROGRAMME.model_copy(update={"comparator_units": WITHOUT_PROGRAMME})})
    whole, split = published("effect"), by_department("effect")
    page, without = (
        render_board(review_editions("St Made-Up's", "fair", told, editions(counts)), (1, None))
        for counts in (pl.concat([whole, split], how="diagonal_relaxed"), whole)
    )
    assert re.search(r"Without it: 1\.\d\d \(likely range 1\.\d\d to 1\.\d\d\)", page)
    assert "40 departments with the programme and 10 without it are compared." in page
    assert "not clearly different, as such a comparison requires" in page
    assert "figures by department are not published here" not in page
    assert "figures by department are not published here" in without
    assert "Without it" not in without


def test_ranges_of_a_ratio_that_drifts_are_said_to_be_too_narrow(page: str) -> None:
    edition = reviewed()
    (answer,) = edition.review.judged
    assert answer.effect.overall is not None
    effect = replace(answer.effect, overall=replace(answer.effect.overall, drifts=True), verdict="drifts_by_itself")
    drifts = replace(answer, effect=effect)
    review = replace(edition.review, judged=[drifts], answer=drifts)
    drifting = render_board(replace(edition, review=review), (1, None))
    said = "Neighbouring quarters are more alike than expected by chance, so these ranges are too narrow."
    assert said in drifting
    assert "their impact ratio drifts by itself" in drifting
    assert said not in page


def test_too_few_years_say_so_and_draw_no_effect() -> None:
    soon = render_board(reviewed(last=2022), (1, None))
    assert "<h1>Too few to tell</h1>" in soon
    assert "It is too soon to say" in soon
    assert "Does the answer hold up?" not in soon
    assert "too few years are published by pay band" not in soon


def test_labels_run_nothing(page: str) -> None:
    assert SCRIPT not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_same_editions_make_the_same_page(page: str) -> None:
    assert render_board(reviewed(), (2, 1)) == page


def with_staff() -> ProgrammeEdition:
    """The same editions; of the last two years numbers of staff, 40% of them BME in one and 36% in the other."""
    measures = staffed({"White": (30, 0), "Asian": (10, 0)}).tables["workforce_measures"]
    share = (pl.col("measure") == "share") & (pl.col("breakdown") == "all") & (pl.col("group_name") == "BME")
    earlier = measures.with_columns(
        snapshot=pl.lit(date(2023, 12, 31)), value=pl.when(share).then(0.36).otherwise(pl.col("value"))
    )
    later = measures.with_columns(snapshot=pl.lit(date(2024, 12, 31)))
    found = editions(published("effect"))
    staff = {2023: earlier, 2024: later}
    found = [
        replace(one, tables={**one.tables, "workforce_measures": staff[one.period.year]})
        if one.period.year in staff
        else one
        for one in found
    ]
    return review_editions("St Made-Up's", "fair", TOLD, found)


def test_who_works_here_is_set_beside_who_is_selected(page: str) -> None:
    """The share as in test_workforce_page: 5,280 of 13,330."""
    assert "Has the workforce changed?" not in page
    told = render_board(with_staff(), (1, None))
    assert "36% of the people in post were BME on 31 December 2023, 40% on 31 December 2024." in told
    assert "White staff are 2.88 times as likely as BME staff" in told
    assert "A change since the start of the programme does not prove" in told


def with_answers() -> ProgrammeEdition:
    """The same editions with staff; of two years answers as well, and a question that was asked only once."""
    before: Asked = {
        "Heard": {"White": (1000, 500), "Black": (300, 90)},
        "Once": {"White": (50, 20), "Black": (50, 20)},
    }
    since: Asked = {"Heard": {"White": (1000, 520), "Black": (350, 140)}}
    of = {year: asked(questions).tables["survey"] for year, questions in ((2018, before), (2024, since))}
    found = [
        replace(one, tables={**one.tables, "survey": of[year].with_columns(wave=pl.lit(date(year, 10, 31)))})
        if (year := one.period.year) in of
        else one
        for one in with_staff().editions
    ]
    return review_editions("St Made-Up's", "fair", TOLD, found)


def test_what_staff_say_is_set_beside_the_caution(page: str) -> None:
    """White staff 50% and 52%, BME staff 30% and 40%: the gap goes from -20 to -12 percentage points."""
    assert "What staff say" not in page
    told = render_board(with_answers(), (1, None))
    assert told.index("can be complex and not all positive") < told.index("What staff say") < told.index("look again")
    row = told.split('<th scope="row">Heard<small>31 October 2018 to 31 October 2024</small></th>')[1]
    cells = row.split("</tr>", maxsplit=1)[0].split("<td>")[1:]
    assert [cell.split("<small>", maxsplit=1)[0] for cell in cells] == ["10%", "2%", "8%"]
    # The lowest and highest change of all numbers that round to 90 of 300 and 140 of 350.
    low, _ = confint_proportions_2indep(138, 352, 92, 298, compare="diff", method="newcomb")
    _, high = confint_proportions_2indep(142, 348, 88, 302, compare="diff", method="newcomb")
    assert cells[0].startswith(f"10%<small>{100 * low:.0f}% to {100 * high:.0f}%</small>")
    assert '<th scope="row">Once' not in told


@pytest.fixture(scope="module", params=[360, 1280])
def opened(request: pytest.FixtureRequest, browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    file: Path = tmp_path_factory.mktemp("board") / "programme.html"
    file.write_text(render_board(with_answers(), (2, 1)), encoding="utf-8")
    found = browser.new_page(viewport={"width": request.param, "height": 900}, bypass_csp=True)
    said: list[str] = []
    found.on("console", lambda message: said.append(message.text))
    found.on("pageerror", lambda error: said.append(str(error)))
    found.goto(file.as_uri())
    charts = found.locator(".chart").count()
    assert charts == 7
    found.wait_for_function(f"document.querySelectorAll('.chart .main-svg').length >= {charts}")
    found.evaluate(OPENED)
    yield found
    assert said == []
    found.close()


def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(opened: Any) -> None:
    found = Axe().run(opened, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    levels = opened.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map((h) => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_every_chart_says_its_message(opened: Any) -> None:
    said = opened.evaluate("[...document.querySelectorAll('.chart')].map((c) => c.getAttribute('aria-label'))")
    assert all(len(words) > 40 for words in said)
    assert any("selection rate by quarter from" in words for words in said)
