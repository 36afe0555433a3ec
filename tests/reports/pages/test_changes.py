"""What the page says of the period before and of the revision before: published figures of both, and no others."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from assets.release.edition_files import edition_files
from reports.cells.whole_path import with_whole_path
from reports.edition.earlier_editions import read_earlier, replaced_folder
from reports.edition.manifest_hash import RECORD, read_record
from reports.edition.record import Earlier, Edition
from reports.pages.panel.changes import since_last_period, why_not_comparable
from reports.pages.panel.corrections import since_last_revision
from reports.pages.panel.page import render_panel
from reports.release_check import unexpected
from tests.reports.conftest import CATEGORIES, GROUPS, make_edition, said_by, split_edition
from tests.reports.pages.test_cell_words import visible

RUN = "5c523b80-df1a-4803-9bb6-d7f86ae673f5"
ORGANISATION = "St Made-Up's NHS Trust"
# Black applicants: 60 of 600 shortlisted, 0.1 / 0.3 = 0.33 times as likely; in the edition of the conftest 0.50.
BEFORE = {**GROUPS, "Black": (600, 60, 15)}
CATEGORIES_BEFORE = {**CATEGORIES, "Black: African": (600, 60, 15)}


def published(folder: Path, period: date, made: Edition, **other: Any) -> Path:
    """An edition written to a folder, as publishing does."""
    tables = {
        name: rows.with_columns(period=pl.lit(period)) if "period" in rows.columns else rows
        for name, rows in made.tables.items()
    }
    for name, content in edition_files(replace(made, tables=tables, period=period, **other), RUN).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published") / "2022-04-01"
    made = make_edition(BEFORE, CATEGORIES_BEFORE)
    return published(folder, date(2022, 4, 1), made, period_label="1 April 2022 to 31 March 2023")


@pytest.fixture(scope="module")
def compared(before: Path) -> Edition:
    return replace(make_edition(), previous=read_earlier(before, ORGANISATION, "2022-04-01"))


def test_what_is_read_back_is_what_was_published(before: Path) -> None:
    found = read_earlier(before, ORGANISATION, "2022-04-01")
    assert found is not None
    made = make_edition(BEFORE, CATEGORIES_BEFORE)
    for name in ("stage_counts", "disparities", "overall_paths"):
        wanted, rows = made.tables[name].drop("period"), found.tables[name].drop("period")
        assert rows.columns == wanted.columns
        assert rows.cast(dict(wanted.schema)).equals(wanted)
    assert found.record_sha256 == read_record((before / RECORD).read_bytes())["record_sha256"]


@pytest.mark.parametrize("harm", ["changed", "missing", "another organisation", "another period", "no folder"])
def test_what_is_not_as_it_was_published_is_as_if_it_were_not_there(tmp_path: Path, harm: str) -> None:
    folder = published(tmp_path / "e", date(2022, 4, 1), make_edition())
    assert read_earlier(folder, ORGANISATION, "2022-04-01") is not None
    name, period = ORGANISATION, "2022-04-01"
    if harm == "changed":
        table = folder / "tables" / "disparities.csv"
        table.write_text(table.read_text().replace("0.5", "0.6", 1))
    elif harm == "missing":
        (folder / "tables" / "sources.csv").unlink()
    elif harm == "another organisation":
        name = "Another Trust"
    elif harm == "another period":
        period = "2021-04-01"
    else:
        folder = tmp_path / "nothing"
    assert read_earlier(folder, name, period) is None


def test_a_change_is_said_in_a_sentence_with_both_figures(compared: Edition) -> None:
    found = said_by(since_last_period, compared)
    # 0.5 / (1/3) = 1.5, settled the year before; 90 of 600 after 60 of 600, of White 450 of 1500. The range lies
    # above 1, but after adjustment for all that is compared this is not clear.
    assert found["sentences"][0]["who"] == "Black applicants, applied to shortlisted"
    assert found["sentences"][0]["sentence"].startswith(
        "0.50 times as likely as White applicants, 0.33 the year before. "
        "The ratio is 1.50 times what it was (likely range 1.0"
    )
    assert found["sentences"][0]["sentence"].endswith(": this may be chance.")
    # BME from shortlisting to appointment: hardly changed
    assert found["sentences"][-1]["who"] == "BME applicants, shortlisted to appointed"
    assert found["sentences"][-1]["sentence"].startswith("0.88 times as likely as White applicants")
    assert found["sentences"][-1]["sentence"].endswith(": this may be chance.")
    page = visible(render_panel(compared))
    assert "Compared with the year before" in page
    assert "comparisons that both editions show changed clearly" in page
    assert 'href="../2022-04-01/panel.html"' in render_panel(compared)


def test_an_unchanged_period_has_no_clear_change(tmp_path: Path) -> None:
    folder = published(tmp_path / "e", date(2022, 4, 1), make_edition())
    same = replace(make_edition(), previous=read_earlier(folder, ORGANISATION, "2022-04-01"))
    found = said_by(since_last_period, with_whole_path(same))
    assert found["clear_ones"] == 0
    assert found["compared"] == 2 * 3 + 1  # as in the headline
    for item in found["sentences"]:
        # Of a range of which nothing has changed, the change is a range too.
        alone = item["sentence"].startswith("between")
        assert f"The ratio is {'between' if alone else '1.00 times what it was'}" in item["sentence"]
    assert "None of 7 comparisons that both editions show changed clearly" in visible(render_panel(same))


def test_without_an_edition_of_the_period_before_the_page_says_so() -> None:
    said = "There is no published edition of the year before (1 April 2022 to 31 March 2023) to compare with."
    assert said_by(since_last_period, make_edition())["why_not"] == said
    assert said in visible(render_panel(make_edition()))


def _settings(section: str, name: str, value: object) -> Callable[[Earlier], Earlier]:
    return lambda e: replace(e, settings={**e.settings, section: {**e.settings[section], name: value}})


def _table(name: str, column: str, value: str) -> Callable[[Earlier], Earlier]:
    return lambda e: replace(e, tables={**e.tables, name: e.tables[name].with_columns(pl.lit(value).alias(column))})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_settings("comparison", "reference_group", "Asian"), "different settings (reference group)"),
        (_settings("period", "year_starts", "01-01"), "different settings (year starts)"),
        (_table("disparities", "from_stage", "registered"), "its stages are different"),
        (_table("sources", "ethnicity_classification", "us_eeo1"), "a different classification"),
        (_table("sources", "shape", "counts"), "counted by its source"),
        (lambda e: replace(e, tables={}), "different tables"),
    ],
)
def test_other_definitions_are_not_compared(
    compared: Edition, change: Callable[[Earlier], Earlier], reason: str
) -> None:
    assert compared.previous is not None
    assert why_not_comparable(compared, compared.previous) == ""
    other = replace(compared, previous=change(compared.previous))
    assert reason in said_by(since_last_period, other)["why_not"]
    assert (
        f"Not compared with the year before: {said_by(since_last_period, other)['why_not'].split(': ')[1]}"
        in visible(render_panel(other))
    )


def test_another_version_of_the_uk_classification_is_compared(compared: Edition) -> None:
    assert compared.previous is not None
    change = _table("sources", "ethnicity_classification", "ons_2021")
    assert why_not_comparable(compared, change(compared.previous)) == ""


def test_the_release_check_knows_the_period_before_and_nothing_else_of_it(compared: Edition) -> None:
    files = edition_files(compared, RUN)  # raises where anything unexpected is found
    record = read_record(files[RECORD])
    assert compared.previous is not None
    assert record["compared_with"] == {
        "period": "2022-04-01", "revision": 1, "record_sha256": compared.previous.record_sha256,
    }  # fmt: skip
    page = files["panel.html"].decode()
    for old, new in (("0.33 the year before", "9.33 the year before"), ("1.50 times what", "7.77 times what")):
        assert old in page
        found = unexpected({**files, "panel.html": page.replace(old, new).encode()}, compared, RUN)
        assert "not as the package writes it" in {one.kind for one in found}


@pytest.mark.parametrize(("current", "place"), [(2, "superseded"), (1, "edition"), (None, "superseded")])
def test_the_revision_before_lies_in_its_place_or_among_the_replaced(
    tmp_path: Path, current: int | None, place: str
) -> None:
    edition, superseded = tmp_path / "edition", tmp_path / "superseded"
    if current is not None:
        edition.mkdir()
        (edition / RECORD).write_text(f'{{"revision": {current}}}')
    wanted = edition if place == "edition" else superseded / "r1"
    assert replaced_folder(edition, superseded, 1) == wanted
    assert replaced_folder(edition, superseded, None) is None


def test_a_correction_says_how_many_published_figures_differ(tmp_path: Path) -> None:
    folder = published(tmp_path / "r1", date(2023, 4, 1), make_edition())
    first = read_earlier(folder, ORGANISATION, "2023-04-01")
    assert said_by(since_last_revision, make_edition()) == ""
    same = replace(make_edition(), revision=2, replaces=1, replaced=first)
    assert said_by(since_last_revision, same) == (
        "This is revision 2. It replaces revision 1: no published figure of this period differs."
    )
    counts = same.tables["outcome_counts"]
    # One count of outcomes is another; one that was shown is withheld.
    place = counts.with_row_index().filter(pl.col("applications").is_not_null())["index"].to_list()
    values = counts["applications"].to_list()
    for index, value in ((place[0], values[place[0]] + 5), (place[1], None)):
        values[index] = value
    other = {**same.tables, "outcome_counts": counts.with_columns(applications=pl.Series(values, dtype=pl.Int64))}
    said = said_by(since_last_revision, replace(same, tables=other))
    assert said.startswith("This is revision 2. It replaces revision 1: 2 published figures differ, including")
    assert said in visible(render_panel(replace(same, tables=other)))
    edition_files(replace(same, tables=other), RUN)


def test_a_correction_of_an_edition_with_splits_counts_their_figures_too(tmp_path: Path) -> None:
    """The page speaks of all published figures, and the release check lets it."""
    now = split_edition()
    first = read_earlier(published(tmp_path / "r1", date(2023, 4, 1), now), ORGANISATION, "2023-04-01")
    again = replace(now, revision=2, replaces=1, replaced=first)
    said = "It replaces revision 1: no published figure of this period differs."
    assert said in visible(render_panel(again))
    edition_files(again, RUN)
    rates = again.tables["selection_rates"]
    place = rates.with_row_index().filter(pl.col("breakdown") != "all", pl.col("selection_rate").is_not_null())["index"]
    withheld = pl.when(pl.int_range(pl.len()) == place[0]).then(None).otherwise(pl.col("selection_rate"))
    other = {**again.tables, "selection_rates": rates.with_columns(selection_rate=withheld)}
    assert "It replaces revision 1: 1 published figure differs" in visible(render_panel(replace(again, tables=other)))
