"""The panel's page is for ten minutes: what it says in which order, what is folded, and one figure for one thing."""

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import polars as pl
import pytest

from assets.release.edition_files import edition_files
from reports.cells.whole_path import path_ratios, with_whole_path
from reports.edition.check_results import check_results, checks_in_words
from reports.edition.published_editions import Listed
from reports.edition.record import Earlier, Edition
from reports.figures.printable import opened, ratio
from reports.figures.shown_numbers import shown_rows
from reports.pages.analyst.page import render_analyst
from reports.pages.audit.page import render_audit
from reports.pages.first_lines import headline
from reports.pages.index.page import render_editions
from reports.pages.panel import page as panel
from reports.pages.panel.changes import changes, since_last_period
from reports.pages.panel.page import path_section, render_panel
from reports.pages.panel.splits import not_published
from reports.release_check import unexpected_in_index
from tests.reports.conftest import exact_counts, make_edition, said_by, split_edition
from tests.reports.pages.test_cell_words import visible
from tests.reports.pages.test_workforce_page import LARGER
from tests.unit.populations.test_answers import answers
from tests.unit.populations.test_staff_measures import staff


class _Outline(HTMLParser):
    """What is seen before anything is opened: headings, summaries, tables, charts, and words; "+" is folded."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.charts: list[str] = []
        self._folded = 0
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "details":
            self._folded += 1
        if tag in ("h2", "summary"):
            self._within = []
        if "data-figure" in names and not self._folded:
            self.charts.append(str(names["id"]))
        if tag == "table" and not self._folded:
            self.seen.append("table")

    def handle_data(self, data: str) -> None:
        self._within.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "details":
            self._folded -= 1
        elif tag == "h2" and not self._folded:
            self.seen.append("".join(self._within))
        elif tag == "summary" and self._folded == 1:
            self.seen.append(f"+ {''.join(self._within)}")


def outline(page: str) -> _Outline:
    found = _Outline()
    found.feed(page)
    return found


@pytest.fixture(scope="module")
def everything() -> Edition:
    """An edition with splits, staff and a survey, and the year before."""
    split = split_edition()
    board = {"White": (30, 0), "Asian": (10, 0)}
    beside = make_edition(
        staff=staff(LARGER, board).with_columns(organisation=pl.lit(split.organisation)),
        answers=answers(organisation=split.organisation),
    )
    names = ("workforce", "workforce_measures", "survey", "survey_measures")
    tables = {**split.tables, **{name: beside.tables[name] for name in names}}
    before = Earlier(date(2022, 4, 1), "1 April 2022 to 31 March 2023", 1, "0" * 64, split.settings, tables)
    return replace(split, tables=tables, previous=before)


@pytest.fixture(scope="module")
def page(everything: Edition) -> str:
    return render_panel(everything)


def test_the_answer_comes_first_and_what_is_not_read_in_ten_minutes_is_folded(page: str) -> None:
    found = outline(page)
    assert found.seen == [
        "+ What these numbers can and cannot rule out",
        "+ How to read this page",
        "The path, step by step",
        "Where it differs",
        "+ Charts of every part",
        "+ Like for like at every step",
        "Compared with the year before",
        "+ Every comparison, beside the year before",
        "What these figures cannot show",
        "Questions for the panel",
        "Who works here",
        "+ Who is in which band, the board, and what today’s rates lead to",  # noqa: RUF001
        "What staff say",
        "+ Every question",
        "All figures",
        "+ How many reached each stage",
        "+ Rates and comparisons in tables: every group, and every part of the organisation",
        "+ Which stage makes the difference",
        "+ What happened to applications at each step",
        "How this was made",
        "+ Files, protection, settings and software",
    ]
    # One chart, and not a single table, before anything is opened.
    assert found.charts == ["path-0"]


def test_it_can_be_read_in_ten_minutes(page: str) -> None:
    """Words before anything is opened: at 200 a minute six minutes, which leaves four for the chart."""
    text = re.sub(r"<(script|style)\b.*?</\1>", "", page.split("<body", 1)[1], flags=re.DOTALL)
    while "<details" in text:
        text = re.sub(r"<details(?:(?!<details).)*?</details>", "", text, flags=re.DOTALL)
    assert 300 < len(re.sub(r"<[^>]+>", " ", text).split()) < 1200


def test_one_chart_has_every_step_with_every_group_that_can_be_shown(edition: Edition) -> None:
    section = said_by(path_section, with_whole_path(edition))
    lines = section["chart"].figure["layout"]["yaxis"]
    assert [(key, text) for key, text in zip(lines["categoryarray"], lines["ticktext"], strict=True) if not text] == [
        ("Applied to shortlisted", ""),
        ("Shortlisted to appointed", ""),
        ("Whole path", ""),
    ]
    assert lines["ticktext"] == ["", "BME", "Asian", "Black", "Mixed"] * 3
    # Of 60 mixed and 40 others too few are decided on; of the others at every step.
    assert section["unable"] == ["Other"]
    assert [said[:2] for said in section["reached"]] == [
        ("Applied", "3,005"),
        ("Shortlisted", "785"),
        ("Appointed", "215"),
    ]
    # 90 of 600 beside 450 of 1,500.
    notes = {note["y"]: note["text"] for note in section["chart"].figure["layout"]["annotations"]}
    assert notes["Applied to shortlisted: Black"] == "0.50"
    assert "Applied to shortlisted, times as likely as White applicants. BME " in section["chart"].alternative


def test_a_chart_of_the_path_is_as_long_as_there_is_something_to_show() -> None:
    few = make_edition({"White": (60, 20, 6), "Black": (30, 8, 2), "Asian": (7, 2, 0)}, {})
    section = said_by(path_section, with_whole_path(few))
    assert "Asian" in section["unable"]
    assert not [line for line in section["chart"].figure["layout"]["yaxis"]["categoryarray"] if "Asian" in line]
    none = make_edition({"White": (8, 2, 1), "Black": (6, 1, 0)}, {})
    assert said_by(path_section, with_whole_path(none))["chart"] is None
    assert "path-0" not in render_panel(none)


def test_however_much_there_is_to_say_the_page_stays_short(
    everything: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    level = dict.fromkeys(("Asian", "Black", "Mixed", "Other"), (4000, 800, 100)) | {"White": (4000, 1600, 400)}
    edition = make_edition(level, {})
    settled = edition.tables["disparities"].filter(pl.col("level") == "group", pl.col("finding") == "disparity")
    assert settled.height > 6
    told = said_by(since_last_period, with_whole_path(replace(edition, previous=earlier(edition))))
    # Those of the first step, and indicator 2.
    assert [item["who"].split(", ")[1] for item in told["sentences"]] == [
        *["applied to shortlisted"] * 3,
        "shortlisted to appointed",
    ]
    assert len(said_by(headline, with_whole_path(edition))["differences"]) == 3
    many = [{"who": f"Group {letter}", "sentence": "possible"} for letter in "ABCDEF"]
    monkeypatch.setattr(panel, "headline", lambda of: {**headline(of), "possible": many})
    page = render_panel(everything)
    seen, folded = page.split("<summary>Others that are possible</summary>")
    assert [letter for letter in "ABCDEF" if f"Group {letter}" in seen] == list("ABCD")
    assert [letter for letter in "ABCDEF" if f"Group {letter}" in folded.split("</details>")[0]] == ["E", "F"]


def withdrawn() -> Edition:
    """Of 2,000 Asian applicants shortlisted 800 withdrew, and 300 of the 1,200 decided on were appointed: a quarter, as
    of 4,000 White applicants. Whole path 0.4 x 0.25 for both; of those decided on from start to end, 300 of 4,200
    beside 1,000 of 10,000.
    """
    exact = exact_counts({"White": (10_000, 4000, 1000), "Asian": (5000, 2000, 300)}, {})
    after = pl.col("group_name").is_in(("All applicants", "BME", "Asian")) & (pl.col("step_order") > 0)
    changed = {"decided": pl.col("decided") - 800, "rejected": pl.col("rejected") - 800, "withdrew": pl.lit(800)}
    return make_edition(
        exact=exact.with_columns(
            pl.when(after).then(value.cast(exact.schema[name])).otherwise(name).alias(name)
            for name, value in changed.items()
        )
    )


def test_a_withheld_number_of_everybody_stands_after_its_stage() -> None:
    edition = make_edition({"White": (60, 20, 6), "Black": (30, 8, 2)}, {})
    counts = edition.tables["stage_counts"]
    hidden = (pl.col("level") == "all") & (pl.col("from_stage") == "shortlisted")
    shown = counts.with_columns(
        reached=pl.when(~hidden).then("reached"),
        reached_note=pl.when(hidden).then(pl.lit("protects_another")).otherwise("reached_note"),
    )
    page = render_panel(with_whole_path(replace(edition, tables={**edition.tables, "stage_counts": shown})))
    assert "All applicants together: 90 applied, shortlisted: withheld, 10 appointed." in page


def test_there_is_one_figure_for_the_whole_path_and_it_is_that_of_its_stages() -> None:
    edition = withdrawn()
    span = edition.tables["disparities"].filter(level="group", step_order=2, group_name="Asian")
    assert opened(ratio(shown_rows(span, "disparities")[0]["impact_ratio"])) == "0.71"
    (path,) = path_ratios(edition.tables).filter(level="group", step_kind="path", group_name="Asian").to_dicts()
    assert path["impact_ratio"] == pytest.approx(1)
    # The span is settled, but the path's range is on both sides of 1: nothing is settled.
    assert span["finding"][0] == "disparity"
    assert (path["finding"], path["reading"]) == (None, "not_clear")
    assert said_by(headline, with_whole_path(edition))["title"] == "These numbers settle no difference between groups"
    told = replace(edition, previous=earlier(edition))
    page = render_panel(told)
    assert "0.71" not in visible(page)
    assert "0.71" not in page.split('id="path-0-figure">')[1].split("</script>")[0]
    compared = changes(with_whole_path(told)).filter(step_kind="path", level="group", group_name="Asian")
    assert compared.select("impact_ratio", "before_impact_ratio").row(0) == pytest.approx((1, 1))
    listed = Listed("2023-04-01", "T", edition.period_label, "", None, "", ("panel.html",), earlier(edition))
    index = visible(render_editions([listed]))
    assert "Whole path 1.00 times as likely" in index
    assert "0.71" not in index
    # The release check knows that these are figures of disclosed.overall_paths.
    edition_files(told, "5c523b80-df1a-4803-9bb6-d7f86ae673f5")
    organisations = {"trust": [listed]}
    assert unexpected_in_index("trust/index.html", render_editions([listed]), organisations) == []
    # The analyst has both, each by its name.
    assert "0.71" in visible(render_analyst(edition))


def test_a_settled_span_is_stated_with_the_figure_of_the_path() -> None:
    """Of those decided on at each step a tenth less, and nobody withdrew: only the path is settled."""
    edition = make_edition({"White": (9000, 4500, 2250), "Black": (3000, 1375, 580)}, {})
    found = said_by(headline, with_whole_path(edition))
    rows = with_whole_path(edition).tables["disparities"].filter(step_kind="path", level="group", group_name="Black")
    assert rows["finding"][0] in ("disparity", "small_difference")
    overall = edition.tables["overall_paths"].filter(level="group", group_name="Black")["overall_ratio"][0]
    lead = f"Black applicants were {overall:.2f} times as likely as White applicants to be appointed"
    assert lead in [item["lead"] for item in found["differences"]]
    whole = next(item for item in found["differences"] if item["lead"] == lead)
    assert whole["detail"].startswith("Over the whole path: 19% of Black applicants, 25% of White applicants.")


def earlier(edition: Edition) -> Earlier:
    return Earlier(edition.period, edition.period_label, 1, "0" * 64, edition.settings, edition.tables)


def test_pages_say_the_same_of_one_thing(edition: Edition) -> None:
    panel, analyst, audit = (visible(render(edition)) for render in (render_panel, render_analyst, render_audit))
    checks = checks_in_words(check_results(edition.checks))
    listed = Listed("2023-04-01", "T", edition.period_label, "1 May 2026", None, checks, (), earlier(edition))
    index = visible(render_editions([listed]))
    for page in (panel, audit, index):
        assert "1 of 2 checks not met" in page
        assert "critical checks passed" not in page
    for page in (panel, analyst, audit):
        assert "1 April 2023 to 31 March 2024" in page
        assert "rounded to the nearest 5" in page
    for page in (panel, analyst):
        assert "contain the true figure 95% of the time" in page.replace("contains", "contain")
    # 40 of 3,005 applicants, 1%.
    assert "unknown ethnicity: 40 (1%) of 3,005 applicants" in panel
    assert "Of 3,005 applicants, 40 (1%) are of unknown ethnicity" in analyst


def test_a_check_that_ran_on_several_files_is_one_check(edition: Edition) -> None:
    """As many are counted on the panel's page as on the auditor's."""
    twice = replace(edition, checks=[*edition.checks, *edition.checks])
    for render in (render_panel, render_audit):
        assert "1 of 2 checks not met" in visible(render(twice))
    rows = visible(render_analyst(twice)).split("All checks What is checked")[1]
    assert rows.split("Marks")[0].count("every stage reached has a date") == 1
    met = replace(edition, checks=[check for check in edition.checks if check.passed])
    for render in (render_panel, render_audit):
        assert "1 check met" in visible(render(met))


def test_what_is_left_out_is_named_categories_too(everything: Edition) -> None:
    assert said_by(not_published, make_edition()) == (
        "Nothing is shown by pay band: the records do not hold it, or too much of it would have to be withheld."
    )
    assert said_by(not_published, everything) == (
        "Nothing is shown by ethnic category, or by ethnic category within pay band: the records do not hold it, "
        "policy does not publish it, or too much of it would have to be withheld."
    )
    counts = everything.tables["stage_counts"]
    no_groups = counts.filter((pl.col("breakdown") == "all") | (pl.col("level") != "group"))
    assert "or by group within pay band, or by" in said_by(
        not_published, replace(everything, tables={**everything.tables, "stage_counts": no_groups})
    )
    assert said_by(not_published, everything) in visible(render_panel(everything))
