"""What slips into the finished workbook and the descriptor is found, and is not repeated where it is told.

334 BME shortlisted and 3 Mixed appointed are exact counts behind the edition; 61 and 784 too.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from xlsxwriter import Workbook

from assets.release.edition_files import edition_files
from equity_audit.errors import DisclosureFailed
from reports.edition.record import Edition
from reports.release_check import unexpected
from tests.reports.conftest import make_edition

RUN = "5c523b80-df1a-4803-9bb6-d7f86ae673f5"
PERSON = "0f3c1d2e-9a7b-4c5d-8e6f-001122334455"
COUNTS, TEXTS, BOOK = "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml", "xl/workbook.xml"


pytestmark = pytest.mark.usefixtures("remembered")
W = "not as the package writes it"


@pytest.fixture(scope="module")
def files(edition: Edition) -> dict[str, bytes]:
    return edition_files(edition, RUN)


def entries(workbook: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def zipped(parts: dict[str, str], comment: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def told(files: dict[str, bytes], edition: Edition, name: str, content: bytes) -> list[str]:
    """What is found in the changed file itself; the record and others that name it by its hash notice it too."""
    assert content != files[name]
    places = [str(one) for one in unexpected({**files, name: content}, edition, RUN) if one.file == name]
    assert places
    assert not re.search("334|784", " ".join(places))
    return places


def edited(
    files: dict[str, bytes], edition: Edition, part: str, old: str, new: str, more: dict[str, str] | None = None
) -> list[str]:
    """What is found after one part of the workbook was edited by hand, and `more` parts added."""
    parts = entries(files["tables.xlsx"])
    assert re.search(old, parts[part]) or not old
    return told(
        files, edition, "tables.xlsx", zipped({**parts, part: re.sub(old, new, parts[part], count=1), **(more or {})})
    )


def test_the_tests_own_zipping_changes_nothing(files: dict[str, bytes]) -> None:
    assert zipped(entries(files["tables.xlsx"])) == files["tables.xlsx"]


VALUE = r'(<c r="{}"[^>]*>)<v>[^<]*</v>'


@pytest.mark.parametrize(
    ("cell", "new", "said"),
    [
        ("O2", r"\1<v>784</v>", "Stage counts, row 2, progressed: not the table's value"),
        ("O2", r"\1<v>3005</v>", "row 2, progressed: not the table's value"),  # right elsewhere
        ("O2", r"\1<v>-785</v>", "row 2, progressed: not the table's value"),
        ("O2", r"\1<v>785.000001</v>", "row 2, progressed: not the table's value"),
        ("O2", r"\1<f>700+84</f><v>785</v>", W),
        ("O2", r'<c r="O2" t="inlineStr"><is><t>785</t></is>', W),
        ("O2", r"\1<v></v>", W),
        ("O2", '<c r="O2">', "row 2, progressed: not the table's value"),
        ("B2", r"\1<v>45018</v>", "row 2, period: not the table's value"),
        ("P2", r"\1<v>0</v>", "row 2, progressed_note: not the table's value"),
        ("P2", r'\1<v>44</v></c><c r="Q2"><v>334</v>', "row 2: more or fewer cells than the table"),
        ("P94", r'\1<v>44</v></c></row><row r="95"><c r="A95"><v>334</v>', "more or fewer rows than the table"),
        ("P2", r'<c r="P2"><v>334</v></c>\1<v>44</v>', W),
    ],
)  # fmt: skip
def test_what_is_slipped_into_a_cell(files: dict[str, bytes], edition: Edition, cell: str, new: str, said: str) -> None:
    places = edited(files, edition, COUNTS, VALUE.format(cell), new)
    assert any(said in place for place in places), places


def test_a_mark_at_a_wrong_place(files: dict[str, bytes], edition: Edition) -> None:
    """ "withheld" where "fewer than 5" is due tells that the number is not small."""
    sheet, texts = entries(files["tables.xlsx"])[COUNTS], entries(files["tables.xlsx"])[TEXTS]
    words = re.findall(r"<si><t[^>]*>([^<]*)</t></si>", texts)
    small, other = words.index("fewer than 5"), words.index("withheld")
    places = edited(files, edition, COUNTS, f"<v>{small}</v>", f"<v>{other}</v>")
    assert f"<v>{small}</v>" in sheet
    assert any("not the table's value" in place for place in places)


def test_a_row_too_few(files: dict[str, bytes], edition: Edition) -> None:
    places = edited(files, edition, COUNTS, '<row r="94".*?</row>', "")
    assert any("more or fewer rows than the table" in place for place in places)


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (TEXTS, "</sst>", "<si><t>334 were shortlisted</t></si></sst>"),
        (TEXTS, "<t>Mark</t>", "<t>334</t>"),
        (TEXTS, "<t>Mark</t>", "<r><t>Mark</t></r>"),
        (TEXTS, "fewer than 5", "fewer than 4"),
        ("xl/worksheets/sheet1.xml", "</sheetData>", '<row r="999"><c r="H999"><v>334</v></c></row></sheetData>'),
        ("xl/worksheets/sheet1.xml", r"\Z", "<!-- 334 -->"),
        (COUNTS, 'width="23', 'width="61'),
        (COUNTS, "</sheetData>", '</sheetData><conditionalFormatting sqref="A1"/>'),
        (COUNTS, "</sheetData>", '</sheetData><dataValidations count="334"/>'),
        (COUNTS, "</sheetData>", '</sheetData><hyperlinks><hyperlink ref="A1" location="n334"/></hyperlinks>'),
        (BOOK, '<sheet name="Checks"', '<sheet name="Checks" state="hidden"'),
        (BOOK, '<sheet name="Checks"', '<sheet name="Checks 334"'),
        (BOOK, "</sheets>", '<sheet name="n61" sheetId="11" r:id="rId2"/></sheets>'),
        (BOOK, "</sheets>", '</sheets><definedNames><definedName name="n">334</definedName></definedNames>'),
        ("docProps/core.xml", "<dc:creator>", "<dc:creator>334"),
        ("docProps/core.xml", "1980-01-01T00:00:00Z", "2024-03-04T10:33:40Z"),
        ("docProps/app.xml", "<Company>", "<Company>334"),
        ("xl/styles.xml", "0.0%", "0.0&quot;of 334&quot;"),
        ("xl/tables/table5.xml", "totalsRowShown", 'comment="334" totalsRowShown'),
        ("xl/theme/theme1.xml", "Office Theme", "334"),
    ],
)  # fmt: skip
def test_what_is_slipped_in_beside_the_cells(
    files: dict[str, bytes], edition: Edition, part: str, old: str, new: str
) -> None:
    edited(files, edition, part, old, new)


@pytest.mark.parametrize("name", ["xl/comments1.xml", "docProps/custom.xml", "xl/worksheets/sheet11.xml", "n334.txt"])
def test_a_part_too_many(files: dict[str, bytes], edition: Edition, name: str) -> None:
    places = edited(files, edition, COUNTS, "", "", {name: "<comment>334</comment>"})
    assert places == [f"tables.xlsx, part {len(entries(files['tables.xlsx'])) + 1}: not as the package writes it"]


def test_a_part_twice_and_a_part_too_few(files: dict[str, bytes], edition: Edition) -> None:
    buffer = io.BytesIO(files["tables.xlsx"])
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("docProps/app.xml", "<n>334</n>")
    told(files, edition, "tables.xlsx", buffer.getvalue())
    parts = entries(files["tables.xlsx"])
    del parts["docProps/core.xml"]
    told(files, edition, "tables.xlsx", zipped(parts))


@pytest.mark.parametrize("change", [lambda b: b"334" + b, lambda b: b + b"334", lambda b: zipped(entries(b), b"334")])
def test_what_is_slipped_in_beside_the_parts(
    files: dict[str, bytes], edition: Edition, change: Callable[[bytes], bytes]
) -> None:
    assert "tables.xlsx, whole file: not as the package writes it" in told(
        files, edition, "tables.xlsx", change(files["tables.xlsx"])
    )


def test_another_programs_workbook(files: dict[str, bytes], edition: Edition) -> None:
    """With a comment, a hidden sheet, a name, a property and a formula, all as a spreadsheet program makes them."""
    buffer = io.BytesIO()
    with Workbook(buffer) as book:
        sheet, hidden = book.add_worksheet("Notes"), book.add_worksheet("Stage counts")
        sheet.write_formula("A1", "=300+34", None, 334)
        sheet.write_comment("A1", "334")
        hidden.write_number("A1", 334)
        hidden.write_string("B1", "a text")
        hidden.hide()
        book.define_name("seen", "=334")
        book.set_custom_property("seen", 334)
    places = told(files, edition, "tables.xlsx", buffer.getvalue())
    assert sum(bool(re.fullmatch(r"tables.xlsx, part \d+: .*", place)) for place in places) >= 3
    assert "tables.xlsx, Stage counts, whole table: more or fewer rows than the table" in places


def test_a_pseudonym_in_a_cell(edition: Edition) -> None:
    """Even one that a disclosed table has: the tables are what all else is measured by, but no id belongs there."""
    rows = edition.tables["checks"].with_columns(pl.lit(f"for {PERSON}").alias("partition_key"))
    with pytest.raises(DisclosureFailed, match=r"tables\.xlsx, line \d+"):
        edition_files(replace(edition, tables={**edition.tables, "checks": rows}), RUN)


def changed(text: bytes, change: Callable[[dict[str, Any]], Any]) -> bytes:
    described = json.loads(text)
    change(described)
    return json.dumps(described, indent=2, ensure_ascii=False).encode() + b"\n"


def counts_of(described: dict[str, Any]) -> dict[str, Any]:
    return described["resources"][0]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: counts_of(d).update(bytes=334),
        lambda d: counts_of(d).update(hash="sha256:" + "0" * 64),
        lambda d: counts_of(d).update(path="tables/checks.csv"),
        lambda d: counts_of(d).pop("hash"),
        lambda d: counts_of(d).update(rows=334),
        lambda d: d.update(seen=[334]),
        lambda d: d.update(n334=None),
        lambda d: d.update(licenses=[{"name": "CC0-1.0"}]),
        lambda d: d.update(revision=334),
        lambda d: d.update(title="334 shortlisted"),
        lambda d: counts_of(d)["schema"]["fields"][10].update(description="784"),
        lambda d: counts_of(d)["schema"]["missingValues"].append("334"),
        lambda d: counts_of(d)["schema"]["fields"].pop(),
        lambda d: d["resources"].pop(),
        lambda d: d["resources"].append(dict(counts_of(d))),
        lambda d: d.update(seen=[]),
        lambda d: d.update(revision=True),
        lambda d: d.update(resources=334),
    ],
)
def test_what_is_slipped_into_the_descriptor(
    files: dict[str, bytes], edition: Edition, change: Callable[[dict[str, Any]], Any]
) -> None:
    told(files, edition, "datapackage.json", changed(files["datapackage.json"], change))


@pytest.mark.parametrize("content", [b"{", b"[]", b"334"])
def test_no_descriptor_at_all(files: dict[str, bytes], edition: Edition, content: bytes) -> None:
    told(files, edition, "datapackage.json", content)


def test_a_name_said_twice_in_the_descriptor(files: dict[str, bytes], edition: Edition) -> None:
    told(
        files,
        edition,
        "datapackage.json",
        files["datapackage.json"].replace(b'"revision"', b'"revision": 334, "revision"'),
    )


@pytest.mark.parametrize(
    "other", [{"organisation": "=cmd|' /C calc'!A0"}, {"organisation": "a_x0041_b\r\n\x01 <&> 24/7"}]
)
def test_names_that_are_hard_to_write_raise_no_alarm(other: dict[str, str]) -> None:
    edition = make_edition(**other)  # type: ignore[arg-type]
    assert unexpected(edition_files(edition, RUN), edition, RUN) == []
