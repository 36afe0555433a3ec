"""What the first lines say, and how figures become words."""

import html
import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from equity_audit import wording
from equity_audit.settings import load_settings
from reports.cells import words
from reports.cells.whole_path import with_whole_path
from reports.edition.record import Edition
from reports.pages.first_lines import headline, unknown_line, wres_line
from reports.pages.panel.page import render_panel
from tests.reports.conftest import CATEGORIES, GROUPS, make_edition, said_by, showing_zeros


def first_lines(edition: Edition) -> Any:
    return said_by(headline, with_whole_path(edition))


def test_settled_differences_come_first_with_their_figures(edition: Edition) -> None:
    found = first_lines(edition)
    assert found["title"] == "Black applicants were less likely to be shortlisted than White applicants"
    first = found["differences"][0]
    # 90 of 600 against 450 of 1500: 0.15 / 0.30
    assert first["lead"] == "Black applicants were 0.50 times as likely as White applicants to be shortlisted"
    assert first["detail"] == (
        "Of those who applied and were decided on: 15% of Black applicants, 30% of White applicants."
    )
    assert found["compared"] == 2 * 3 + 2  # Asian and Black at two steps and over the path, Mixed at two: 10 decided on


def test_no_clear_difference_is_not_called_equality() -> None:
    level = dict.fromkeys(GROUPS, (300, 100, 30))
    edition = make_edition(level, {})
    assert first_lines(edition)["title"] == "These numbers settle no difference between groups"
    assert first_lines(edition)["differences"] == []
    assert "does not prove that groups are treated equally" in render_panel(edition)


def test_too_few_to_compare() -> None:
    edition = make_edition({"White": (8, 2, 1), "Black": (6, 1, 0)}, {})
    assert first_lines(edition)["title"] == "There are too few applications to compare groups"
    assert "No group has enough applications" in render_panel(edition)


def test_a_group_selected_more_often_is_said_so() -> None:
    edition = make_edition({"White": (1000, 200, 50), "Asian": (1000, 400, 100)}, {})
    assert first_lines(edition)["title"] == "Asian applicants were more likely to be shortlisted than White applicants"


def test_several_groups_in_a_title() -> None:
    level = {"White": (1000, 500, 100), "Asian": (900, 200, 40), "Black": (900, 200, 40), "Other": (900, 200, 40)}
    assert first_lines(make_edition(level, {}))["title"] == (
        "Asian, Black and other ethnic groups were less likely to be shortlisted than White applicants"
    )
    level.pop("Other")
    assert first_lines(make_edition(level, {}))["title"] == (
        "Asian and Black applicants were less likely to be shortlisted than White applicants"
    )


def test_a_small_difference_is_a_little_less_likely_and_a_later_step_is_named() -> None:
    """Of 40,000 shortlisted a tenth less are appointed; the step before has no difference."""
    level = {"White": (80_000, 40_000, 20_000), "Black": (80_000, 40_000, 18_000)}
    assert first_lines(make_edition(level, {}))["title"] == (
        "Black applicants, of those shortlisted, were a little less likely to be appointed than White applicants"
    )


def test_the_reference_is_named_as_the_settings_name_it() -> None:
    settings = load_settings()
    comparison = settings.comparison.model_copy(update={"reference_group": "Asian"})
    edition = make_edition(
        {"White": (1000, 200, 50), "Asian": (1000, 400, 100)},
        {},
        settings=settings.model_copy(update={"comparison": comparison}),
    )
    assert first_lines(edition)["title"] == (
        "White applicants were less likely to be shortlisted than Asian applicants"
    )


def test_what_is_clear_by_its_range_alone_is_only_possible() -> None:
    """150 of 600 beside 300 of 1,000: p is 0.03, and about 0.2 after adjustment for six comparisons."""
    edition = make_edition({"White": (1000, 300, 100), "Black": (600, 145, 48), "Asian": (600, 180, 60)}, {})
    found = first_lines(edition)
    assert found["title"] == "These numbers settle no difference between groups"
    assert found["differences"] == []
    assert [item["who"] for item in found["possible"]] == ["Black applicants, applied to shortlisted"]
    page = render_panel(edition)
    assert "Possible, but not certain enough to be stated" in page
    assert "by chance alone" not in page


def test_what_numbers_rule_out_is_said_of_every_other_headline() -> None:
    level = {"White": (80_000, 40_000, 20_000), "Black": (80_000, 40_000, 20_000), "Asian": (200, 100, 50)}
    told = {item["who"]: item["sentence"] for item in first_lines(make_edition(level, {}))["ruled_out"]}
    assert told["Black applicants, whole path (applied to appointed)"].endswith(
        "the whole range gives no cause for concern"
    )
    assert told["Asian applicants, whole path (applied to appointed)"].endswith(
        "nothing in this range can be ruled out"
    )


def test_one_group_and_no_reference_still_make_a_page() -> None:
    assert "There are too few applications to compare groups" in render_panel(make_edition({"Asian": (50, 20, 10)}, {}))


def test_a_reference_never_selected_still_makes_a_page() -> None:
    groups = {"White": (50, 0, 0), "Asian": (50, 20, 10)}
    mark = '<span class="mark">no comparison</span>'
    assert mark in render_panel(make_edition(groups, {}, settings=showing_zeros()))
    # That White applicants were never selected is not said where policy does not show zeros.
    assert mark not in render_panel(make_edition(groups, {}))


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (("suppress", "suppress", 5), "from 0 to 4"),
        (("show", "show", 5), "from 1 to 4"),
        (("show", "suppress", 8), "from 1 to 7 and from 0 to 7 within splits"),
        (("suppress", "suppress", 1), "of 0"),
        (("round", "round", 1), ""),
        (("show", "suppress", 1), "of 0 within splits"),
    ],
)
def test_which_counts_are_small(policy: tuple[str, str, int], said: str) -> None:
    names = ("zeros", "zeros_in_splits", "withhold_below")
    assert said_by(words.small_counts, dict(zip(names, policy, strict=True))) == said


def test_the_page_says_which_counts_are_withheld_and_that_chance_withholds_some(edition: Edition) -> None:
    page = visible(render_panel(edition))
    assert "counts from 0 to 4 are withheld, all others rounded to the nearest 5" in page
    assert "is a small number, or nobody at all, that is withheld" in page
    assert "because another could be inferred from it, or at random" in page
    shown = visible(render_panel(make_edition(settings=showing_zeros())))
    assert "counts from 1 to 4 are withheld, all others rounded to the nearest 5" in shown
    assert "nobody at all" not in shown


def test_wres_indicator_2_in_both_directions(edition: Edition) -> None:
    # White 130 of 450; BME 87 of 334, published as 85 of 335.
    line = said_by(wres_line, edition)
    assert line is not None
    assert (line["white_over_bme"], line["bme_over_white"]) == ("1.14", "0.88")
    assert said_by(wres_line, make_edition({"White": (50, 0, 0), "Asian": (50, 20, 10)}, {})) is None


def test_unknown_ethnicity_as_number_and_share(edition: Edition) -> None:
    assert said_by(unknown_line, edition) == {"count": "40", "share": "1%", "all": "3,005"}
    few = make_edition({**GROUPS, "Unknown": (3, 0, 0)}, {**CATEGORIES, "Unknown": (3, 0, 0)})
    assert said_by(unknown_line, few)["count"] == "fewer than 5"


@pytest.mark.parametrize(("low", "high", "said"), [(0.5, 0.7, "0.50 to 0.70"), (1.2, None, "1.20 or more")])
def test_likely_ranges(low: float, high: float | None, said: str) -> None:
    assert wording.likely_range(low, high) == said


def test_stages_of_any_source_can_be_read() -> None:
    assert wording.step_name("passed_academic", "passed_statement") == "Passed academic to passed statement"
    assert wording.to_stage("passed_statement") == "to reach “passed statement”"
    assert wording.at_stage("passed_statement") == "at “passed statement” and decided on"


def test_every_stage_in_words_is_there_for_every_reason() -> None:
    assert set(words.NOT_SHOWN) == {
        "protects_another",
        "fewer_than", "too_few_decided", "no_decisions", "reference_never_selected", "no_reference_group",
        "not_collected",
    }  # fmt: skip


class _Text(HTMLParser):
    """The visible text of a page, scripts and styles left out; unclosed elements are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(data)


def visible(page: str) -> str:
    parser = _Text()
    parser.feed(page)
    assert parser.open == []
    return " ".join(" ".join(parser.words).split())


def test_a_name_cannot_break_out_of_the_page() -> None:
    name = "</script><script>alert(1)</script> & Sons"
    page = render_panel(make_edition(organisation=name))
    assert "<script>alert(1)" not in page
    assert "& Sons" in visible(page)


def test_the_page_is_the_same_for_the_same_edition_and_well_formed(edition: Edition) -> None:
    assert render_panel(edition) == render_panel(make_edition())
    text = visible(render_panel(edition))
    for said in (
        "fewer than 5", "too few", "not shown", "Not met, a warning: every stage reached has a date", "f" * 64,
        "an export with one row per application, ethnicity as", "1 of 2 checks not met",
    ):  # fmt: skip
        assert said in text


def test_withheld_counts_appear_nowhere(edition: Edition) -> None:
    """The exact counts that are withheld or rounded are not on the page, in no chart and no table."""
    page = render_panel(edition).split("<script>", 1)[0]
    for exact in ("61", "22", "334", "1,507", "2,967", "87", "784"):
        assert f">{exact}<" not in page
        assert f'"{exact}"' not in page


def test_ratios_are_never_per_cent_and_groups_are_in_order(edition: Edition) -> None:
    text = visible(render_panel(edition))
    assert "times as likely" in text
    assert "% as likely" not in text
    _, table = text.split("Applicants who reached each stage", 1)
    names = ("All applicants", "Asian", "Black", "Mixed", "White", "Other")
    places = [table.index(f" {name} ") for name in names]
    assert places == sorted(places)


def test_a_source_that_only_knows_white_and_bme_has_a_headline() -> None:
    edition = make_edition({"White": (1500, 700, 200), "BME, group not given": (500, 100, 20)}, {})
    assert first_lines(edition)["title"] == (
        "BME applicants whose group is not given were less likely to be shortlisted than White applicants"
    )
    assert "BME, group not given" in render_panel(edition)


def test_the_page_reads_as_at_school(split: Edition) -> None:
    """Automated Readability Index (Senter and Smith, AMRL-TR-66-220, 1967), in years of school: of all, and the worst.

    The NHS's content guide asks for a reading age of 9 to 11, which is 4 to 6 years; WCAG 3.1.5 for at most 9.
    """
    page = re.sub(r"<script.*?</script>", "", render_panel(split), flags=re.DOTALL)
    said = [
        html.unescape(re.sub(r"<[^>]+>", "", text)).strip()
        for text in re.findall(r"<(?:p|li)\b[^>]*>(.*?)</(?:p|li)>", page, re.DOTALL)
    ]
    said = [text for text in said if len(text.split()) > 8]
    assert len(said) > 20
    assert years_of_school(said) < 8
    assert max(years_of_school([text]) for text in said) < 15


def years_of_school(texts: list[str]) -> float:
    sentences = sum(len(re.findall(r"[.?!](?=\s|$)", text)) or 1 for text in texts)
    words = [
        word for text in texts for word in re.findall(r"[\w'-]+", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    ]
    return 4.71 * sum(map(len, words)) / len(words) + 0.5 * len(words) / sentences - 21.43


@pytest.mark.parametrize(
    ("begins", "by", "said"),
    [
        (date(2023, 4, 1), "quarter", "Apr to Jun 2023"),
        (date(2023, 11, 1), "quarter", "Nov to Jan 2024"),
        (date(2023, 12, 1), "quarter", "Dec to Feb 2024"),
        (date(2023, 12, 1), "month", "December 2023"),
    ],
)
def test_a_quarter_may_end_in_the_year_after(begins: date, by: str, said: str) -> None:
    assert said_by(words.period_words, begins, by) == said
