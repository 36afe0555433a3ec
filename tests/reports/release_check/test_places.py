"""Every number, and every yes or no, of every published file has a place that somebody has thought about.

places.txt has them, by what they follow from. A new one fails here: say what it follows from, or do not print it
(docs/disclosure.md, "What an edition says, and what it follows from").
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from assets.release.edition_files import edition_files
from assets.release.publish_review import programme_files
from equity_audit.contracts import DISCLOSED
from equity_audit.settings import load_settings
from reports.edition.record import Earlier
from reports.pages.index.page import render_editions, render_organisations
from tests.reports.conftest import make_edition
from tests.reports.pages.test_board_page import reviewed
from tests.reports.pages.test_index import EDITIONS
from tests.reports.pages.test_variation_page import split_by_department
from tests.reports.pages.test_workforce_page import LARGER, ORGANISATION
from tests.reports.release_check.places import places
from tests.unit.populations.test_answers import answers
from tests.unit.populations.test_staff_measures import staff, with_benchmark

RUN = "5c523b80-df1a-4803-9bb6-d7f86ae673f5"
SPLIT = "split/"
LIST = Path(__file__).with_name("places.txt")


def everything() -> dict[str, bytes]:
    """An edition that corrects another, with staff, board, survey, and a period before; another one by department; a
    review; and the indexes.
    """
    board = {"White": (30, 0), "Asian": (10, 0)}
    edition = make_edition(
        staff=staff(LARGER, board).with_columns(organisation=pl.lit(ORGANISATION)),
        answers=answers(organisation=ORGANISATION),
        settings=with_benchmark(load_settings()),
        design_effect=1.25,
    )
    keyed = {"extract_id": "a0" * 8, "file_commitment": "f0" * 32, "mapping_commitment": "e0" * 32}
    sources = edition.tables["sources"].with_columns(**{name: pl.lit(value) for name, value in keyed.items()})
    edition = replace(edition, tables={**edition.tables, "sources": sources})
    before = Earlier(date(2022, 4, 1), "1 April 2022 to 31 March 2023", 1, "0" * 64, edition.settings, edition.tables)
    edition = replace(edition, previous=before, replaced=replace(before, period=edition.period), revision=2, replaces=1)
    return {
        **edition_files(edition, RUN),
        **{f"{SPLIT}{name}": content for name, content in edition_files(split_by_department(), RUN).items()},
        **{f"review/{name}": content for name, content in programme_files(reviewed(), (2, 1), RUN).items()},
        "editions/index.html": render_editions(EDITIONS).encode(),
        "organisations/index.html": render_organisations({"a": EDITIONS, "b": EDITIONS[:1]}).encode(),
    }


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return everything()


def allowed() -> set[str]:
    return {line for line in LIST.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")}


def test_every_number_and_every_yes_or_no_has_its_place(files: dict[str, bytes]) -> None:
    """Should a place be gone, its line can go, too."""
    found = {place for name, content in files.items() for place in places(name.removeprefix(SPLIT), content)}
    assert sorted(found - allowed()) == []
    assert sorted(allowed() - found) == []
    # Every table that has rows was looked at.
    assert {table.name for table in DISCLOSED} <= {place.split(".csv")[0].rpartition("/")[2] for place in found}


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("edition.json", '"revision": 2,', '"revision": 2, "rows_set_aside": 3,'),
        ("edition.json", '"passed": true', '"passed": true, "on_exact_counts": false'),
        ("provenance.json", '"prov:label": "File 1"', '"prov:label": "File 1", "equity:rows": "12"'),
        ("openlineage.json", '"eventType": "COMPLETE"', '"eventType": "COMPLETE", "inputRows": 841'),
        ("datapackage.json", '"format": "csv"', '"format": "csv", "rows": 12'),
        ("tables/sources.csv", "shape", "bytes"),
        ("panel.html", "<dt>Revision</dt>", "<dt>Rows set aside</dt><dd>12</dd><dt>Revision</dt>"),
        ("analyst.html", "<h2>Checks</h2>", "<h2>Checks</h2><p>12 rows were set aside</p>"),
        ("audit.html", '<h2 id="checks">', '<p>3 of 12 files</p><h2 id="checks">'),
        ("review/programme.html", "</h1>", "</h1><p>The exact counts agree: yes, in 3</p>"),
        ("editions/index.html", "</h1>", "</h1><p>3 corrections refused</p>"),
    ],
)
def test_a_new_one_is_found(files: dict[str, bytes], file: str, old: str, new: str) -> None:
    text = files[file].decode()
    assert old in text
    changed = text.replace(old, new, 1)
    if file.endswith("sources.csv"):
        changed = changed.replace(",wide,", ",9000,")
    assert places(file, changed.encode()) - allowed()
