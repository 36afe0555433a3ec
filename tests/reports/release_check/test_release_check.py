"""Figures and identifiers that slip into finished files are found, and nothing else is."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from assets.release.edition_files import edition_files
from equity_audit.errors import DisclosureFailed
from reports.edition.record import Edition
from reports.release_check import unexpected
from reports.release_check.rebuilt import without_figures
from tests.reports.conftest import DEPARTMENTS, GROUPS, make_edition, showing_zeros

RUN = "5c523b80-df1a-4803-9bb6-d7f86ae673f5"
# These name every other file with its hash, so they miss one that is there too many.
NAME_EVERY_FILE = ("edition.json", "provenance.json", "openlineage.json")
FIRST, SECOND = DEPARTMENTS.values()
PERSON = "0f3c1d2e-9a7b-4c5d-8e6f-001122334455"


pytestmark = pytest.mark.usefixtures("remembered")


@pytest.fixture(scope="module")
def files(edition: Edition) -> dict[str, bytes]:
    return edition_files(edition, RUN)


def found(files: dict[str, bytes], edition: Edition, name: str, change: Callable[[str], str]) -> list[str]:
    """What is found in one file after it was changed; the change must be one."""
    before = files[name].decode()
    after = change(before)
    assert after != before
    return [str(one) for one in unexpected({**files, name: after.encode()}, edition, RUN) if one.file == name]


def in_figure(page: str, chart: str, change: Callable[[dict], None]) -> str:  # type: ignore[type-arg]
    """The page with one chart's figure changed."""

    def changed(match: re.Match[str]) -> str:
        figure = json.loads(match[2])
        change(figure)
        return match[1] + json.dumps(figure) + "</script>"

    return re.sub(rf'(id="{chart}-figure">)(.*?)</script>', changed, page, count=1, flags=re.DOTALL)


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"groups": {"White": (8, 2, 1), "Black": (6, 1, 0)}, "categories": {}},
        {"groups": {"Asian": (50, 20, 10)}, "categories": {}},
        {"departments": DEPARTMENTS},
        {"groups": dict.fromkeys(GROUPS, (300, 100, 30)), "categories": {}},
        {"groups": {"White": (50, 0, 0), "Asian": (50, 20, 10)}, "categories": {}, "settings": showing_zeros()},
        {"groups": {**GROUPS, "Unknown": (3, 0, 0)}, "categories": {}},
        {"shape": "counts", "classification": "nhs_2001"},
        # A ratio of exactly a fifth, whose inverse prints as 5.00: a search for numbers took that for a count.
        {"groups": {"Asian": (500, 50, 10), "White": (500, 250, 50)}, "categories": {}},
        {"departments": {"5": SECOND, "GBP 20,000 to 30,000": FIRST}},
        {"organisation": "</script><script>alert(1)</script> & Sons 24/7"},
    ],
)
def test_sound_editions_raise_no_alarm(other: dict[str, object]) -> None:
    edition = make_edition(**other)  # type: ignore[arg-type]
    assert unexpected(edition_files(edition, RUN), edition, RUN) == []


def test_the_same_figures_give_the_same_files(files: dict[str, bytes]) -> None:
    """So that it tells nothing to make a page or the workbook of one edition twice."""
    again = edition_files(make_edition(), RUN)
    assert set(again) == set(files)
    different = {name for name, content in again.items() if content != files[name]}
    assert different <= {"edition.json", "openlineage.json"}  # the time


def test_a_page_that_was_made_of_other_tables_is_found(files: dict[str, bytes], edition: Edition) -> None:
    other = edition_files(make_edition(groups={"White": (300, 100, 30), "Asian": (300, 100, 30)}, categories={}), RUN)
    for name in ("panel.html", "analyst.html", "tables.xlsx"):
        assert other[name] != files[name]
        assert name in {one.file for one in unexpected({**files, name: other[name]}, edition, RUN)}


# On the page the exact counts behind the edition: 334 BME shortlisted, 87 appointed of them, 784, 61, 3 and 22.
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<td>3,005</td>", "<td>3,007</td>"),
        ("<td>3,005</td>", "<td>3</td>"),
        ("<td>3,005</td>", "<td>٦١</td>"),
        ("<td>15%<small>", "<td>14.97%<small>"),
        ("</h1>", " 61</h1>"),
        ("Asian: applied 800", "Asian: applied 784"),
        ("<main ", '<main title="of 22" '),
        ("<main ", '<main data-n="&#54;1" '),
        ("<main ", "<main data-n61 "),
        ("<main ", '<main style="width:61px" '),
        ('id="stages-0"', 'id="stages-61"'),
        ("<main ", "<!-- 61 --><main "),
        ("95% of the time", "94% of the time"),
        # As on the audit page, where the picture has it.
        ("</h1>", '</h1><marker markerwidth="8"></marker>'),
        ("<style>", "<style>/* 61 */"),
        ('"use strict";', "let n = 61;"),
        ("Plotly.newPlot", "Plotly.newPlot/**/"),
    ],
)
def test_what_is_slipped_into_the_page(files: dict[str, bytes], edition: Edition, old: str, new: str) -> None:
    places = found(files, edition, "panel.html", lambda page: page.replace(old, new, 1))
    assert places
    assert all(place.endswith("not as the package writes it") for place in places)
    told = re.sub(r"line \d+", "", " ".join(places))
    assert not any(value in told for value in ("784", "61", "3,007"))


# The same counts where no figure belongs at all. Whatever is not as the package writes it is found.
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("audit.html", "</h1>", " 61</h1>"),
        ("audit.html", 'x="10"', 'x="61"'),
        ("audit.html", "select 61", "select 62"),
        ("audit.html", '"use strict";', '"use strict"; let n = 61;'),
        ("audit.html", "</body>", "<!-- 61 --></body>"),
        ("audit.html", "</html>", "</html>\n784"),
        ("provenance.json", '"prov:label": "panel.html"', '"prov:label": "panel.html", "equity:people": 784'),
        ("provenance.json", '"entity": {', '"entity": {"file:61": {},'),
        ("openlineage.json", '"producer"', '"rowCount": 784, "producer"'),
        ("openlineage.json", '"name": "reached"', '"name": "reached 61"'),
        ("openlineage.json", RUN, PERSON),
    ],
)
def test_what_is_slipped_into_files_that_know_no_figure(
    files: dict[str, bytes], edition: Edition, name: str, old: str, new: str
) -> None:
    places = found(files, edition, name, lambda text: text.replace(old, new, 1))
    assert any("not as the package writes it" in place for place in places)
    assert not any("784" in place or "61" in place.partition(", line ")[0] for place in places)


def test_their_own_code_could_not_leak_a_figure(edition: Edition) -> None:
    bare = without_figures(edition)
    for name, rows in bare.tables.items():
        if name != "sources":
            assert not any(dtype.is_numeric() for dtype in rows.dtypes)
    sizes = {name: rows.height for name, rows in edition.tables.items()}
    assert {name: rows.height for name, rows in bare.tables.items()} == sizes


@pytest.mark.parametrize(
    ("chart", "change"),
    [
        ("stages-1", lambda f: f["data"][0]["text"].__setitem__(1, "231")),
        ("path-0", lambda f: f["data"][0]["text"].__setitem__(0, "Black: 0.4987")),
        ("stages-1", lambda f: f["data"][0]["x"].__setitem__(1, 61 / 784)),
        ("path-0", lambda f: f["data"][0]["error_x"]["array"].__setitem__(0, 0.0987)),
        ("stages-1", lambda f: f["data"][0].update(customdata=[61])),
        ("stages-1", lambda f: f["data"][0].update({"n61": "x"})),
        ("stages-1", lambda f: f["data"][0]["marker"].update(size=61)),
        ("path-0", lambda f: f["layout"]["xaxis"]["range"].__setitem__(1, 0.784)),
        ("stages-1", lambda f: f["layout"].update(height=784)),
        ("stages-1", lambda f: f["layout"].update(title="of 784")),
    ],
)
def test_what_is_slipped_into_a_chart(
    files: dict[str, bytes], edition: Edition, chart: str, change: Callable[..., None]
) -> None:
    places = found(files, edition, "panel.html", lambda page: in_figure(page, chart, change))
    assert [place.partition(": ")[2] for place in places] == ["not as the package writes it"]


def test_a_name_said_twice_in_a_chart_hides_nothing(files: dict[str, bytes], edition: Edition) -> None:
    places = found(files, edition, "panel.html", lambda page: page.replace('"bargap":', '"bargap":61,"bargap":', 1))
    assert places
    assert places[0].endswith("not as the package writes it")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (",3005,", ",3007,", "reached: not the table's value"),
        (",3005,", ",3000,", "reached: not the table's value"),  # allowed elsewhere, wrong here
    ],
)
def test_what_is_slipped_into_a_table(files: dict[str, bytes], edition: Edition, old: str, new: str, said: str) -> None:
    assert any(
        said in one for one in found(files, edition, "tables/stage_counts.csv", lambda t: t.replace(old, new, 1))
    )


def test_a_column_too_many(files: dict[str, bytes], edition: Edition) -> None:
    places = found(files, edition, "tables/disparities.csv", lambda text: text.replace("\n", ",61\n"))
    assert "tables/disparities.csv, row 2: more or fewer cells than the table" in places


def test_rows_too_many_and_too_few(files: dict[str, bytes], edition: Edition) -> None:
    name = "tables/stage_counts.csv"
    for change in (lambda text: text + "61\n", lambda text: text[: text.rindex("\n", 0, -1) + 1]):
        assert f"{name}, whole table: more or fewer rows than the table" in found(files, edition, name, change)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"replaces": null', '"replaces": null, "seen": 61'),
        ('"replaces": null', '"replaces": 61'),
        ('"replaces": null', '"replaces": "61 people"'),
        ('"replaces": null', '"replaces": {"of 61": null}'),
        ('"replaces": null', '"replaces": null, "replaces": null'),
        ('"revision": 1', '"revision": true'),
        ('"withheld": ', '"withheld": 8'),
        ('"passed": false', '"passed": true'),
        ('"duckdb": "1.5.5"', '"duckdb": "1.5.6"'),
        ('"mapping_commitment": "e', '"mapping_commitment": "61'),
        ('"extract_id": "aaaaaaaaaaaaaaaa",', ""),
        ("+00:00", "+00:61"),
    ],
)
def test_what_is_slipped_into_the_record(files: dict[str, bytes], edition: Edition, old: str, new: str) -> None:
    places = found(files, edition, "edition.json", lambda text: text.replace(old, new, 1))
    assert any(place.endswith("not as the package writes it") for place in places)
    assert not any("61" in re.sub(r"line \d+", "", place) for place in places)


def test_a_seal_over_something_else(files: dict[str, bytes], edition: Edition) -> None:
    seal = json.loads(files["edition.json"])["record_sha256"]
    assert (
        "not as the package writes it" in found(files, edition, "edition.json", lambda t: t.replace(seal, "0" * 64))[0]
    )


def test_the_record_names_every_other_file_by_its_hash(files: dict[str, bytes], edition: Edition) -> None:
    record = json.loads(files["edition.json"])
    assert set(record["files"]) == set(files) - {"edition.json"}
    for name, said in record["files"].items():
        assert said == {"sha256": hashlib.sha256(files[name]).hexdigest(), "bytes": len(files[name])}
    assert record["tables"]["stage_counts"] == record["files"]["tables/stage_counts.csv"]["sha256"]
    changed = {**files, "tables/checks.csv": files["tables/checks.csv"] + b"\n"}
    assert "edition.json" in {one.file for one in unexpected(changed, edition, RUN)}


def test_the_seal_is_over_the_record_without_it(files: dict[str, bytes]) -> None:
    record = json.loads(files["edition.json"])
    seal = record.pop("record_sha256")
    canonical = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert seal == hashlib.sha256(canonical.encode()).hexdigest()


@pytest.mark.parametrize("name", ["tables/exact.csv", "tables.xlsx", "other.xlsx", "notes.txt", "other.html"])
def test_files_that_nobody_declared(files: dict[str, bytes], edition: Edition, name: str) -> None:
    said = unexpected({**files, name: b"61"}, edition, RUN)
    assert {one.file for one in said} == {name, *NAME_EVERY_FILE}


@pytest.mark.parametrize("written", [PERSON, PERSON.upper(), PERSON.replace("-", ""), "&#48;" + PERSON[1:]])
@pytest.mark.parametrize("place", ["<!-- {} --></main>", '<i class="{}"></i></main>', "{}</main>"])
def test_a_pseudonym_anywhere(files: dict[str, bytes], edition: Edition, written: str, place: str) -> None:
    places = found(files, edition, "panel.html", lambda page: page.replace("</main>", place.format(written), 1))
    assert any("shaped like a pseudonym" in one for one in places)


def test_a_column_that_no_contract_has_is_not_published(edition: Edition) -> None:
    counts = edition.tables["stage_counts"].with_columns(pl.lit(61).alias("exact"))
    with pytest.raises(DisclosureFailed, match="not in the contract") as caught:
        edition_files(replace(edition, tables={**edition.tables, "stage_counts": counts}), RUN)
    assert caught.value.exit_code == 5


def test_a_careless_page_is_not_published(edition: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assets.release.edition_files.PAGES", {"panel.html": lambda _: "<p>61</p>"})
    with pytest.raises(DisclosureFailed, match=r"panel.html, line 1"):
        edition_files(edition, RUN)
